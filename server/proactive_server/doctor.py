"""What is installed, configured and reachable, and what to do about what is not."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from attrs import frozen

from proactive_collectors.errors import ProactiveError
from proactive_server.settings import Settings

TOOL_SECONDS = 5.0
"""How long a tool may take to tell its version."""


class State(StrEnum):
    """How a check came out."""

    OK = "ok"
    NOTE = "note"  #: fine, but worth knowing
    PROBLEM = "problem"  #: something will not work until it is mended


@frozen
class Check:
    """One thing that was looked at."""

    name: str
    state: State
    found: str
    todo: str = ""  #: the next step, where there is one


def examine(folder: Path) -> Iterator[Check]:
    """Look at everything, in the order in which a person would; ``folder`` is the project to start from."""
    yield _installation()
    yield _command()
    yield _gate()
    settings, problems = _settings(folder)
    yield from problems
    yield _journal(settings)
    yield _terminal(folder, settings)
    yield _git(folder)
    yield _activity_watch(settings)
    yield from _editors()
    yield Check("model", State.OK, "none: suggestions come from the embedded plays, offline")


def _installation() -> Check:
    from importlib.metadata import version

    found = f"proactive-lsp {version('proactive-lsp')} on Python {platform.python_version()}, {platform.system()}"
    return Check("installation", State.OK, found)


def _command() -> Check:
    path = shutil.which("proactive")
    if path:
        return Check("command", State.OK, path)
    own = Path(sys.executable).parent / "proactive"
    return Check("command", State.NOTE, "'proactive' is not on your PATH", f"in editors, write {own} instead")


def _gate() -> Check:
    from proactive_collectors.trace import Window
    from proactive_inference.gate import LearnedGate

    try:
        need = LearnedGate.load().need(Window())
    except ProactiveError as error:
        return Check("gate", State.PROBLEM, str(error), "install proactive-lsp again")
    return Check(
        "gate", State.OK, f"weights load; where nothing happens, help is wanted with p = {need.probability:.3f}"
    )


def _settings(folder: Path) -> tuple[Settings, list[Check]]:
    from proactive_collectors.project_file import PROJECT_FILE, project_files
    from proactive_server.configuration import Configuration

    told: list[str] = []
    configuration = Configuration(told.append)
    configuration.load_project([folder])
    if told:
        return configuration.current, [
            Check("settings", State.PROBLEM, text, f"mend {PROJECT_FILE}") for text in told
        ]
    files = [str(path) for path in project_files(folder) if path.is_file()]
    found = (
        f"sound: {', '.join(files)}" if files else f"no {PROJECT_FILE} here; defaults and the editor's own apply"
    )
    return configuration.current, [
        Check("settings", State.OK, found, "" if files else "'proactive settings' lists them")
    ]


def _journal(settings: Settings) -> Check:
    from proactive_collectors.journal import Journal, default_path

    if not settings.journal.enabled:
        return Check("journal", State.NOTE, "switched off for this project; nothing is kept")
    try:
        path = default_path()
    except ProactiveError as error:
        return Check("journal", State.PROBLEM, str(error))
    if not path.exists():
        ground = next(parent for parent in path.parents if parent.exists())
        if not ground.is_dir() or not os.access(ground, os.W_OK):
            return Check(
                "journal",
                State.PROBLEM,
                f"{ground} {'cannot be written' if ground.is_dir() else 'is not a folder'}",
                "set PROACTIVE_STATE_DIR to a folder of yours",
            )
        return Check("journal", State.OK, f"empty; it will be {path}")
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        return Check("journal", State.PROBLEM, f"others can read {path}", f"chmod 600 {path}")
    journal = Journal.open()
    try:
        stats = journal.stats()
    except ProactiveError as error:
        return Check("journal", State.PROBLEM, str(error))
    finally:
        journal.close()
    found = (
        f"{stats.events} events, {stats.bytes / 1e6:.1f} MB, kept {settings.journal.retention_days} days: {path}"
    )
    return Check(
        "journal", State.OK, found, "'proactive events list' shows them, 'proactive events purge' deletes"
    )


def _terminal(folder: Path, settings: Settings) -> Check:
    from proactive_collectors.relay import serving

    if os.name != "posix":
        return Check(
            "terminal", State.NOTE, "'proactive exec' needs a Unix terminal", "use an editor plug-in's terminal"
        )
    servers = serving(folder)
    if servers:
        return Check("terminal", State.OK, f"'proactive exec' reaches {servers} server(s) of this folder")
    kept = settings.journal.enabled and settings.sources.terminal
    what = "keeps runs in the journal" if kept else "keeps nothing, as the project wants it"
    return Check(
        "terminal", State.NOTE, f"no server runs for this folder; 'proactive exec' {what}",
        "open a file of this project in your editor",
    )  # fmt: skip


def _git(folder: Path) -> Check:
    version = _version("git", "--version")
    if version is None:
        return Check(
            "git", State.NOTE, "git is not installed; commits are still seen, conflicted files are not listed"
        )
    inside = any((parent / ".git").exists() for parent in (folder, *folder.parents))
    return Check(
        "git", State.OK if inside else State.NOTE, version + ("" if inside else "; this folder is no repository")
    )


def _activity_watch(settings: Settings) -> Check:
    from datetime import UTC, datetime, timedelta

    from proactive_collectors.activitywatch import ActivityWatch

    url = settings.sources.activity_watch.url

    async def ask() -> int:
        watch = ActivityWatch(url)
        try:
            events, _ = await watch.poll(datetime.now(UTC) - timedelta(hours=1))
            return len(events)
        finally:
            await watch.aclose()

    try:
        seen = asyncio.run(ask())
    except ProactiveError:
        return Check("activitywatch", State.OK, f"none runs at {url}; web and window activity is not seen")
    return Check(
        "activitywatch", State.OK, f"{url} tells of {seen} events in the last hour",
        "they are seen only if your editor's settings switch sources.activityWatch.enabled on",
    )  # fmt: skip


def _editors() -> Iterator[Check]:
    found = False
    for name, command in (("neovim", "nvim"), ("vscode", "code"), ("emacs", "emacs"), ("helix", "hx")):
        version = _version(command, "--version")
        if version is None:
            continue
        found = True
        too_old = name == "neovim" and _numbers(version) < (0, 11)
        yield Check(
            name, State.NOTE if too_old else State.OK, version,
            "Neovim 0.11 or newer is needed" if too_old else "docs/editors.md says how to set it up",
        )  # fmt: skip
    if not found:
        yield Check(
            "editors", State.NOTE, "no editor of ours on your PATH", "any LSP editor works: docs/editors.md"
        )


def _version(command: str, *arguments: str) -> str | None:
    """The first line a tool prints; ``None`` if it is not there or does not answer."""
    path = shutil.which(command)
    if path is None:
        return None
    try:
        run = subprocess.run(
            [path, *arguments],
            capture_output=True,
            text=True,
            timeout=TOOL_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = run.stdout.splitlines()
    return lines[0].strip() if lines else None


def _numbers(version: str) -> tuple[int, ...]:
    word = next((word for word in version.split() if word.lstrip("v")[:1].isdigit()), "0")
    return tuple(int(part) for part in word.lstrip("v").split("-")[0].split(".") if part.isdigit())
