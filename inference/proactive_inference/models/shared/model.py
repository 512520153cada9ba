"""A language model in a process that all editors of the user share, as the language server asks it."""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from attrs import evolve

from proactive_inference.models.asking import Asking
from proactive_inference.models.chat import MOST_TOKENS, Completion, SideBySide
from proactive_inference.models.messages import Message
from proactive_inference.models.model_files import ModelFiles, most_tokens_of
from proactive_inference.models.model_settings import ModelSettings
from proactive_inference.models.shared.call import AskAgainError, Call, Greeting, call_worker
from proactive_inference.models.shared.held import find_held
from proactive_inference.models.shared.limits import Limits
from proactive_inference.models.shared.lock import holder
from proactive_inference.models.shared.pause import Pause, SetupError, WorkerError
from proactive_inference.models.shared.places import (
    LOCK,
    LOG,
    Announcement,
    absolute,
    program_version,
    worker_folder,
)
from proactive_inference.models.shared.questions import Question
from proactive_inference.models.shared.starting import Wanted, end_process, start
from proactive_inference.models.shared.wire import PROTOCOL, WireError

TRIES = 4
"""How often a question is asked of workers that end just then."""

END_SECONDS = 5.0
"""How long a worker that is replaced may take to end."""

LOOK_SECONDS = 0.1

STRANGER_SECONDS = 2.0
"""How long one that is announced and does not hold its lock, so is most likely dead, may be silent at its port."""


class SharedModel(SideBySide):
    """A model by its name; several threads and processes may ask it, one at a time is answered, in turns.

    Nothing is started before the first question. A worker that runs is used, with the limits that it was started
    with; one of an older program, or of files that have changed since, is replaced. After a failure the next
    question starts a new one (:class:`pause.Pause`).
    """

    def __init__(
        self,
        model: str | Path,
        limits: Limits | None = None,
        *,
        device: str | None = None,
        dtype: str | None = None,
        pause: Pause | None = None,
    ) -> None:
        """Look for the files of a model, which is named as :mod:`model_files` says.

        Raises:
            ModelError: there is no such model.
        """
        self._named = absolute(model)
        self._limits = limits if limits is not None else Limits()
        self._device, self._dtype = device, dtype
        self._pause = pause if pause is not None else Pause()
        self._client = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._files = find_held(self._named)
        self._most_tokens: int | None = None

    @property
    def name(self) -> str:
        """Of its folder or file."""
        return self._files.name

    @property
    def settings(self) -> ModelSettings:
        """How the model is to be asked."""
        return self._files.settings

    @property
    def fingerprint(self) -> str:
        """Changes with its files, its number format and its threshold."""
        return f"{self._files.fingerprint}/{self._dtype or 'usual'}/{self.settings.speaking_threshold}"

    @property
    def most_tokens(self) -> int | None:
        """How many tokens it reads and writes together at most: as its files say, or it does when it answers."""
        return self._most_tokens if self._most_tokens is not None else most_tokens_of(self._files)

    def complete_many(
        self,
        many: Sequence[Sequence[Message]],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int = MOST_TOKENS,
        temperature: float = 0.0,
        seed: int | None = None,
        count: int = 1,
        asking: Asking | None = None,
    ) -> list[list[Completion]]:
        """Answer several questions side by side, as :meth:`LocalModel.complete_many` does."""
        asking = asking if asking is not None else Asking()
        asking.check()
        files = self._files = find_held(self._named)  # it may have been trained anew
        self._pause.check(files.fingerprint)
        question = Question(tuple(map(tuple, many)), schema, max_tokens, temperature, seed, count)
        try:
            found = self._answer(files, question, asking)
        except (SetupError, WorkerError) as error:
            self._pause.failed(files.fingerprint, error)
            raise
        self._pause.worked()
        return found

    def _answer(self, files: ModelFiles, question: Question, asking: Asking) -> list[list[Completion]]:
        for _ in range(TRIES):
            try:
                with closing(self._reach(files, asking)) as call:
                    timed = evolve(question, seconds=asking.seconds_left)
                    found = call.ask(timed, self._client, asking)
                    self._most_tokens = call.most_tokens
                    return found
            except AskAgainError:
                asking.check()
                asking.again()
        raise WorkerError(
            f"the worker of {files.name} ends again and again; {self._wanted(files).folder / LOG} says why"
        )

    def _wanted(self, files: ModelFiles) -> Wanted:
        folder = worker_folder(files, device=self._device, dtype=self._dtype)
        return Wanted(self._named, folder, self._limits, self._device, self._dtype)

    def _reach(self, files: ModelFiles, asking: Asking) -> Call:
        """A connection to the worker, which is started where there is none."""
        wanted = self._wanted(files)
        wait_for_lock = 0.0
        passed: Announcement | None = None  # of one that is gone: whoever has its port is not called again
        end = time.monotonic() + wanted.limits.start_seconds
        while True:
            asking.check()
            announced = Announcement.read(wanted.folder)
            if announced is not None and (announced != passed or _lives(announced, wanted)):
                call = self._call(announced, wanted, asking)
                if call is not None and _fits(call.greeting, files):
                    return call
                if call is not None:
                    _replace(call)
                    wait_for_lock = END_SECONDS
                else:
                    passed = announced
            if time.monotonic() > end:
                self._give_up(wanted)
            if not start(wanted, asking, wait_for_lock=wait_for_lock):
                asking.rest(LOOK_SECONDS)
            wait_for_lock = 0.0

    def _call(self, announced: Announcement, wanted: Wanted, asking: Asking) -> Call | None:
        """Call a worker; ``None`` if it is gone. One that lives but does not say a word is ended."""
        left = asking.seconds_left
        patience = wanted.limits.start_seconds
        if not _lives(announced, wanted):
            patience = min(patience, STRANGER_SECONDS)
        try:
            return call_worker(announced, patience if left is None else min(patience, left))
        except ConnectionRefusedError:
            return None
        except TimeoutError:
            asking.check()
            if _lives(announced, wanted):
                end_process(announced.pid)
            return None

    def _give_up(self, wanted: Wanted) -> None:
        """One process is in the place of the worker, and cannot be reached: end it."""
        pid = holder(wanted.folder / LOCK)
        if pid is not None:
            end_process(pid)
        raise WorkerError(
            f"the worker of {self.name} cannot be reached, and was ended; ask again, and look into "
            f"{wanted.folder / LOG}"
        )


def _lives(announced: Announcement, wanted: Wanted) -> bool:
    """Whether the worker that is announced holds its lock, as it does while it lives."""
    return holder(wanted.folder / LOCK) == announced.pid


def _replace(call: Call) -> None:
    """Have a worker make room for another one."""
    with closing(call), suppress(WireError):  # it is going already
        call.request(END_SECONDS, stop="replaced")


def _fits(greeting: Greeting, files: ModelFiles) -> bool:
    """Whether a worker is of this program, or a newer one, and of the files as they are now.

    Raises:
        SetupError: it is of a newer program that this one does not understand.
    """
    if greeting.protocol > PROTOCOL:
        raise SetupError(
            f"the model's worker is of proactive-lsp {greeting.version}, this is {program_version()}; update this "
            "one, or end the worker with 'proactive model stop'"
        )
    older = (greeting.protocol, _order(greeting.version)) < (PROTOCOL, _order(program_version()))
    return not older and greeting.fingerprint == files.fingerprint


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])
