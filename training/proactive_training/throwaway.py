"""A throw-away folder in which a project's own code really runs: filled from git, with time and output limited.

What runs there has a home of its own, and the interpreter and the system's programs on ``PATH``; but it is no
prison: it can reach whatever this user can, the network too.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tarfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from attrs import frozen

from proactive_collectors.events import Failure
from proactive_collectors.failures import parse_failures
from proactive_collectors.terminal_text import plain
from proactive_training.errors import DataError

RUN_LIMIT = 20.0
"""Seconds after which a run is given up."""

MOST_OUTPUT = 400_000
"""How much is kept of what a run prints (bytes): one half from the beginning, one from the end."""

KEPT_OUTPUT = 4_000
"""How much of the end of it (characters) goes into an event."""

LARGEST_TREE = 200_000_000
"""A tree of more bytes is not written out."""

GAVE_UP = -9
"""The exit code of a run that was given up."""


@frozen
class Outcome:
    """What a run came to."""

    exit_code: int
    output: str  #: the end of what was printed, without escape sequences
    failures: tuple[Failure, ...]
    work: float = 0.0  #: CPU seconds: unlike waiting, they do not hang on how busy the machine is


def fill(root: Path, repository: Path, commit: str = "HEAD", environment: Mapping[str, str] | None = None) -> None:
    """Write out a commit's files. Links and paths that lead out of the folder are left out.

    What the repository's attributes keep out of archives (``export-ignore``) is not there.

    Args:
        root: the folder; made if need be.
        repository: a git directory or a work tree; nothing of it is changed.
        commit: which one.
        environment: git's.

    Raises:
        DataError: git cannot give them, or they are too large.
    """
    root.mkdir(parents=True, exist_ok=True)
    command = ["git", "-C", str(repository), "archive", "--format=tar", commit]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        assert process.stdout is not None
        size = 0
        try:
            with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
                for member in archive:
                    size += member.size
                    if size > LARGEST_TREE:
                        raise DataError(f"{repository} has too many files at {commit} to be written out")
                    with contextlib.suppress(tarfile.FilterError):
                        archive.extract(member, root, filter="data")
        except (tarfile.TarError, OSError) as error:
            raise DataError(
                f"the files of {commit} in {repository} cannot be written out; see 'git archive {commit}'"
            ) from error
        finally:
            process.kill()


def run_python(
    arguments: Sequence[str],
    root: Path,
    *,
    python: Path | None = None,
    home: Path | None = None,
    plugins: bool = True,
    limit: float = RUN_LIMIT,
) -> Outcome:
    """Run an interpreter in a folder and read what it prints; whatever it started ends with it.

    Args:
        arguments: to the interpreter.
        root: the folder; modules are found in it and in its ``src``.
        python: the interpreter; this one if not given.
        home: the home that it sees; ``root``'s parent if not given.
        plugins: whether pytest may load the plugins that are installed beside it.
        limit: seconds.
    """
    program = str(python or sys.executable)
    where = home or root.parent
    environment = {
        **{key: value for key, value in os.environ.items() if key in ("SYSTEMROOT", "LANG")},
        "PATH": os.pathsep.join([str(Path(program).parent), *os.defpath.split(os.pathsep)]),
        "HOME": str(where),
        "TMPDIR": str(where),
        "PYTHONPATH": os.pathsep.join([str(root), str(root / "src")]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "NO_COLOR": "1",
        **({} if plugins else {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}),
    }
    before = os.times()
    exit_code, printed = _run([program, *arguments], root, environment, limit)
    after = os.times()
    work = after.children_user + after.children_system - before.children_user - before.children_system
    printed = plain(printed)
    failures = parse_failures(printed, " ".join(arguments)) if exit_code not in (0, GAVE_UP) else ()
    return Outcome(exit_code, printed[-KEPT_OUTPUT:], failures, work)


def _run(command: Sequence[str], root: Path, environment: Mapping[str, str], limit: float) -> tuple[int, str]:
    with subprocess.Popen(
        command, cwd=root, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        kept = bytearray()
        reader = threading.Thread(target=_read, args=(process.stdout, kept), daemon=True)
        reader.start()
        try:
            exit_code = process.wait(limit)
        except subprocess.TimeoutExpired:
            exit_code = GAVE_UP
        finally:
            _end(process)
        reader.join(2.0)
        return exit_code, bytes(kept).decode("utf-8", "replace").replace("\r\n", "\n")


def _read(printed: IO[bytes], kept: bytearray) -> None:
    half = MOST_OUTPUT // 2
    while chunk := printed.read1(1 << 16):  # type: ignore[attr-defined]
        kept += chunk
        if len(kept) > MOST_OUTPUT:
            kept[half : len(kept) - half] = b"\n"


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and all of its group that is left."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
