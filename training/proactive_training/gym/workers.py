"""Lots of sittings, worked on in several processes or on a Ray cluster, with what comes of them in order.

Only so many lots are read ahead of what is done, so that memory does not grow with the history.
"""

from __future__ import annotations

import atexit
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Generic, TypeVar

from attrs import define, frozen

from proactive_training.gym.engine import Engine
from proactive_training.gym.git_objects import Git
from proactive_training.gym.linters import First, Linter
from proactive_training.gym.runs import TestRunner
from proactive_training.gym.work import SittingWork

LOT = 24
"""How many sittings are handed out at a time."""

AHEAD = 3
"""How many lots a process are handed out before the first is done."""

Lot = list[SittingWork]
Result = TypeVar("Result")


@frozen
class Tools:
    """What a process works with."""

    git: Git
    linter: Linter | None
    runner: TestRunner | None = None


Job = Callable[[Tools, Lot, Any], Result]
"""Works on a lot; the last argument is the run's options. It is a module's function: processes must find it."""


def linters(typescript: Path | None = None) -> Linter:
    """Real diagnostics: ruff for Python, the compiler for TypeScript where there is one, parsers elsewhere.

    Args:
        typescript: the compiler's ``tsserver.js``.

    Raises:
        DataError: there is no ruff, or no node to run ``tsserver.js``.
    """
    from proactive_training.gym.linters.parsers import Parsers
    from proactive_training.gym.linters.ruff_server import RuffServer

    if typescript is None:
        return First(RuffServer(), Parsers())
    from proactive_training.gym.linters.typescript_server import TypeScriptServer

    return First(RuffServer(), TypeScriptServer(typescript), Parsers())


def _at_hand(typescript: Path | None) -> None:
    from proactive_training.gym.linters.ruff_server import ruff
    from proactive_training.gym.linters.typescript_program import check_version

    ruff()
    if typescript is not None:
        check_version(typescript)


@define
class Workers(Generic[Result]):
    """Processes that all do the same job; with one, it is done in this process. A context manager.

    Args:
        jobs: how many processes; on a Ray cluster there are as many as it has processors.
        job: what they do.
        options: the job's last argument.
        diagnostics: whether they have linters.
        typescript: the ``tsserver.js`` to ask.
        python: the interpreter that runs the repositories' tests; ``None``: nothing is run.
    """

    jobs: int
    job: Job[Result]
    options: Any
    diagnostics: bool = True
    typescript: Path | None = None
    python: Path | None = None
    engine: Engine = Engine.LOCAL
    _pool: Executor | None = None

    def __enter__(self) -> Workers[Result]:
        self.jobs = max(self.jobs, 1)
        if self.diagnostics:
            _at_hand(self.typescript)  # what is missing is told here: a pool that cannot begin says nothing of why
        if self.engine is Engine.RAY:
            from proactive_training.gym.on_ray import RayExecutor

            pool = RayExecutor()
            self._pool, self.jobs = pool, pool.workers
        elif self.jobs > 1:
            self._pool = ProcessPoolExecutor(
                self.jobs,
                get_context("spawn"),
                initializer=_begin,
                initargs=(self.diagnostics, self.typescript, self.python),
            )
        else:
            _begin(self.diagnostics, self.typescript, self.python)
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        else:
            _state.end()

    def lots(
        self, folder: Path, sittings: Iterable[SittingWork], known: Callable[[Lot], Result | None] | None = None
    ) -> Iterator[tuple[Lot, Result]]:
        """Each lot of a repository's sittings with what came of it, in order.

        Args:
            folder: the repository's.
            sittings: to be worked on.
            known: what came of a lot in an earlier run; ``None`` if it has to be done.
        """
        waiting: deque[tuple[Lot, Result | Future[Result]]] = deque()
        rest = iter(sittings)
        while lot := list(islice(rest, LOT)):
            done = known(lot) if known is not None else None
            waiting.append((lot, done if done is not None else self._submit(folder, lot)))
            if len(waiting) > self.jobs * AHEAD:
                yield _finished(*waiting.popleft())
        while waiting:
            yield _finished(*waiting.popleft())

    def _submit(self, folder: Path, lot: Lot) -> Result | Future[Result]:
        if self._pool is None:
            return _work(self.job, folder, lot, self.options)
        if self.engine is Engine.RAY:
            setup = (self.diagnostics, self.typescript, self.python)
            return self._pool.submit(_work_anywhere, setup, self.job, folder, lot, self.options)
        return self._pool.submit(_work, self.job, folder, lot, self.options)


def _finished(lot: Lot, result: Result | Future[Result]) -> tuple[Lot, Result]:
    return lot, (result.result() if isinstance(result, Future) else result)


# --- in the process ------------------------------------------------------------------------------------------

Setup = tuple[bool, Path | None, Path | None]


@define
class _State:
    """What a process keeps between lots."""

    linter: Linter | None = None
    runner: TestRunner | None = None
    git: Git | None = None
    setup: Setup | None = None  #: what it was begun with

    def repository(self, folder: Path) -> Git:
        if self.git is None or self.git.folder != folder:
            if self.git is not None:
                self.git.__exit__(None, None, None)
            self.git = Git(folder).__enter__()
        return self.git

    def end(self) -> None:
        if self.linter is not None:
            self.linter.close()
        if self.git is not None:
            self.git.__exit__(None, None, None)
        self.linter = self.git = None


_state = _State()


def _begin(diagnostics: bool, typescript: Path | None, python: Path | None) -> None:
    _state.end()
    _state.linter = linters(typescript) if diagnostics else None
    _state.runner = TestRunner(python) if python is not None else None
    _state.setup = (diagnostics, typescript, python)
    atexit.register(_state.end)


def _work(job: Job[Result], folder: Path, lot: Lot, options: Any) -> Result:
    return job(Tools(_state.repository(folder), _state.linter, _state.runner), lot, options)


def _work_anywhere(setup: Setup, job: Job[Result], folder: Path, lot: Lot, options: Any) -> Result:
    """The same in a process that may have served another run."""
    if _state.setup != setup:
        _begin(*setup)
    return _work(job, folder, lot, options)
