"""A throw-away copy of a real Python project, in which tests and linters really run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
from attrs import Factory, evolve, frozen

from proactive_collectors.events import DiagnosticAppeared, Severity
from proactive_training.errors import DataError
from proactive_training.python_modules import dotted, imported, is_test
from proactive_training.throwaway import RUN_LIMIT, Outcome, fill, run_python

LARGEST = 60_000
"""Longer files (bytes) are not worked on: each keystroke's linting would take too long."""

QUICK = 3.0
"""A check that takes more processor time (seconds) is not used."""

MOST_TESTS = 8
"""How many test files are tried at most."""

_SKIPPED = shutil.ignore_patterns(".git", ".venv", "venv", "node_modules", "__pycache__", ".tox", "build", "dist")


@frozen
class Check:
    """A command that passes on the project as it is, and the modules it exercises."""

    shown: str  #: as a person types it
    arguments: tuple[str, ...]  #: to the interpreter
    modules: tuple[str, ...]  #: paths relative to the root


@frozen
class ProjectCopy:
    """The copy: its folder, its modules, prose and checks."""

    name: str
    root: Path
    modules: tuple[str, ...]
    prose: tuple[str, ...]
    checks: tuple[Check, ...] = ()
    texts: dict[str, str] = Factory(dict)  #: as copied, to start each sitting afresh
    changed: dict[str, str] = Factory(dict)  #: files that stand otherwise on disk now
    _runs: dict[tuple[object, ...], Outcome] = Factory(dict)
    _lints: dict[tuple[str, str], list[DiagnosticAppeared]] = Factory(dict)

    def write(self, path: str, text: str) -> None:
        """Write a file of the copy."""
        (self.root / path).write_text(text, "utf-8")
        self.changed[path] = text
        if text == self.texts.get(path):
            del self.changed[path]

    def run(self, arguments: tuple[str, ...]) -> Outcome:
        """Run the interpreter with these arguments in the copy; the same run of the same files is made once."""
        key = (arguments, frozenset(self.changed.items()))
        if key not in self._runs:
            self._runs[key] = run_python(arguments, self.root, plugins=False)  # our plugins are not the project's
        return self._runs[key]

    def lint(self, path: str, text: str) -> list[DiagnosticAppeared]:
        """What ruff says of this text: syntax errors and pyflakes' rules; the same text is looked at once."""
        if (path, text) not in self._lints:
            self._lints[path, text] = self._lint(path, text)
        return self._lints[path, text]

    def _lint(self, path: str, text: str) -> list[DiagnosticAppeared]:
        done = subprocess.run(
            [_ruff(), "check", "--isolated", "--no-cache", "--select", "E9,F", "--output-format", "json",
             "--stdin-filename", path, "-"],
            input=text, text=True, capture_output=True, cwd=self.root, timeout=RUN_LIMIT, check=False,
        )  # fmt: skip
        found = orjson.loads(done.stdout or "[]")
        return [
            DiagnosticAppeared(item["message"], _severity(item.get("code")), item.get("code"), "Ruff")
            for item in found
        ]


def _severity(code: str | None) -> Severity:
    grave = code in (None, "invalid-syntax", "F821", "F822", "F823") or str(code).startswith("E9")
    return Severity.ERROR if grave else Severity.WARNING


def _ruff() -> str:
    beside = Path(sys.executable).with_name("ruff")
    found = str(beside) if beside.exists() else shutil.which("ruff")
    if found is None:
        raise DataError("replaying activity needs ruff for real diagnostics; pip install ruff")
    return found


@contextmanager
def project_copy(source: Path, name: str | None = None) -> Iterator[ProjectCopy]:
    """Copy a project folder, or the newest commit of a git repository (also a bare one), and look it over.

    Args:
        source: the folder or repository.
        name: what to call the project; the folder's own name if not given.

    Raises:
        DataError: it is neither, or has no Python module.
    """
    with TemporaryDirectory(prefix="proactive-sitting-") as folder:
        root = Path(folder).resolve() / "project"
        _fill(root, source)
        texts = dict(_texts(root))
        modules = tuple(path for path in texts if path.endswith(".py") and not is_test(path))
        modules = tuple(path for path in modules if texts[path].count("\n") >= 15)
        prose = tuple(path for path in texts if path.endswith((".md", ".rst", ".txt")))
        if not modules:
            raise DataError(
                f"{source} has no Python module to work on; give a Python project's folder or repository"
            )
        copy = ProjectCopy(name or source.name, root, modules, prose, (), texts)
        yield evolve(copy, checks=tuple(_checks(copy)))


def _fill(root: Path, source: Path) -> None:
    if (source / ".git").exists() or (source / "objects").is_dir():
        fill(root, source)
    elif source.is_dir():
        shutil.copytree(source, root, ignore=_SKIPPED, symlinks=True)
    else:
        raise DataError(f"{source} is neither a project folder nor a git repository")


def _texts(root: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root).as_posix()
        if path.is_symlink() or not path.is_file() or path.suffix not in (".py", ".md", ".rst", ".txt"):
            continue
        if path.stat().st_size > LARGEST or relative.startswith(("docs/conf", "setup", "build/")):
            continue
        try:
            yield relative, path.read_text("utf-8")
        except UnicodeDecodeError:
            continue


def _checks(copy: ProjectCopy) -> Iterator[Check]:
    names = {dotted(path): path for path in copy.modules}
    tests = sorted(path for path in copy.texts if is_test(path) and Path(path).name.startswith("test_"))
    kept = 0
    for test in tests[: 2 * MOST_TESTS]:
        about = Path(test).stem.removeprefix("test_")
        named = {path for path in copy.modules if Path(path).stem.strip("_") == about}
        modules = tuple(sorted({names[name] for name in imported(copy.texts[test]) if name in names} | named))
        arguments = ("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", test)
        if modules and kept < MOST_TESTS and _passes_quickly(copy, arguments):
            kept += 1
            yield Check(f"pytest -q {test}", arguments, modules)
    most = kept + max(3, MOST_TESTS - kept)
    for name, path in list(names.items())[:40]:
        if kept >= most:
            return
        one_line = ("-c", f"import {name}")
        if _passes_quickly(copy, one_line):
            kept += 1
            yield Check(f"python -c 'import {name}'", one_line, (path,))


def _passes_quickly(copy: ProjectCopy, arguments: tuple[str, ...]) -> bool:
    outcome = copy.run(arguments)
    return outcome.exit_code == 0 and outcome.work < QUICK
