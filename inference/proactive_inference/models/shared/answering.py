"""Holds the model and answers one question after the other, in a thread of its own."""

from __future__ import annotations

import enum
import logging
import os
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from proactive_inference.errors import JudgeError, ModelError, UnavailableError, UnwantedError
from proactive_inference.judge.as_model import JudgeModel
from proactive_inference.models.asking import Asking
from proactive_inference.models.gguf_reading import read_once
from proactive_inference.models.local import LocalModel
from proactive_inference.models.model_files import ModelFiles
from proactive_inference.models.shared.held import judge_in
from proactive_inference.models.shared.limits import Limits, gigabytes
from proactive_inference.models.shared.memory import give_back, numbers, used_memory, wall_off
from proactive_inference.models.shared.questions import Question, completions_frame
from proactive_inference.models.shared.turns import Turns

GRACE_SECONDS = 1.0
"""After a question's deadline: whoever asked hangs up first, if they still can."""

_log = logging.getLogger(__name__)

Tell = Callable[[dict[str, Any]], None]


class State(enum.StrEnum):
    """What a worker is doing."""

    LOADING = "loading"
    IDLE = "idle"
    ANSWERING = "answering"
    FAILED = "failed"


class Waiting:
    """A question on its way."""

    def __init__(self, question: Question, tell: Tell, on_step: Callable[[], None]) -> None:
        """``tell`` hands frames to whoever asked, from any thread."""
        self.question = question
        self.tell = tell
        seconds = question.seconds
        self.asking = _Stepping(
            None if seconds is None else seconds + GRACE_SECONDS, lambda piece: tell({"told": piece}), on_step
        )


class _Stepping(Asking):
    def __init__(self, seconds: float | None, told: Callable[[str], None], on_step: Callable[[], None]) -> None:
        super().__init__(seconds, told=told)
        self._on_step = on_step

    def check(self) -> None:
        super().check()
        self._on_step()


class Answering:
    """The model, and the questions that wait for it."""

    def __init__(
        self,
        files: ModelFiles,
        limits: Limits,
        *,
        device: str | None = None,
        dtype: str | None = None,
        on_failure: Callable[[str, str], None],
    ) -> None:
        """``on_failure`` hears that it cannot be loaded: why, for the log, and what to say to those who ask."""
        self.state = State.LOADING
        self.since = time.monotonic()  #: the state is what it is
        self.steps = 0  #: of generation so far, prompts included
        self.answered = 0  #: questions
        self.weighed = False  #: the weights were found to be small enough
        self.turns: Turns[Waiting] = Turns()
        self.current: Waiting | None = None
        self._files = files
        self._limits = limits
        self._device, self._dtype = device, dtype
        self._on_failure = on_failure
        self._walled = False

    def start(self) -> None:
        """Load the model, then answer."""
        threading.Thread(target=self._run, name="answering", daemon=True).start()

    def wait(self, question: Question, tell: Tell) -> Waiting:
        """A question that can be put into :attr:`turns`."""
        return Waiting(question, tell, self._step)

    def _run(self) -> None:
        try:
            model = self._load()
        except ModelError as error:
            self._enter(State.FAILED)
            self._on_failure(f"loading failed: {type(error.__cause__ or error).__name__}", str(error))
            return
        except BaseException as error:
            self._enter(State.FAILED)
            _log_trace(error)
            text = f"the model {self._files.name} cannot be loaded ({type(error).__name__}); its log has more"
            self._on_failure("loading failed", text)
            return
        self._enter(State.IDLE)
        while True:
            waiting = self.turns.take()
            if waiting is None:
                return
            self.current = waiting
            self._enter(State.ANSWERING)
            last = self._answer(model, waiting)
            self.current = None
            self.answered += 1
            self._enter(State.IDLE)
            waiting.tell(last)

    def _enter(self, state: State) -> None:
        self.state, self.since = state, time.monotonic()

    def _load(self) -> LocalModel | JudgeModel:
        from proactive_inference.models.loading import chosen_format

        start = time.monotonic()
        device, dtype = chosen_format(self._device, self._dtype)
        import torch
        import transformers.modeling_utils  # noqa: F401 - most of what the libraries take, loaded late

        torch.set_num_threads(self._limits.threads_used)
        with read_once(self._files):
            model = self._loaded_within_limits(device, dtype)
        give_back()
        _log.info("loaded in %.1f s, %s in use", time.monotonic() - start, gigabytes(used_memory()))
        return model

    def _loaded_within_limits(self, device: str, dtype: Any) -> LocalModel | JudgeModel:
        from proactive_inference.models.loading import folder_of

        libraries = used_memory()
        weights = self._weights(folder_of) * int(dtype.itemsize)
        name, limit = self._files.name, self._limits.memory
        if libraries + weights > limit:
            raise ModelError(
                f"{name} needs {gigabytes(libraries + weights)} of memory ({gigabytes(weights)} for its weights "
                f"in {str(dtype).removeprefix('torch.')}, the rest for the libraries), and the limit is "
                f"{gigabytes(limit)}; raise the limit, or take a smaller model"
            )
        self.weighed = True
        self._walled = device == "cpu" and wall_off(limit)
        try:
            return self._open(device)
        except ModelError as error:
            if self._out_of_memory(error):
                raise ModelError(
                    f"loading {name} takes more memory than the limit of {gigabytes(limit)}; raise the limit, "
                    "take a smaller model, or one that need not be unpacked (no GGUF)"
                ) from error
            raise

    def _open(self, device: str) -> LocalModel | JudgeModel:
        if judge_in(Path(self._files.place)) is None:
            return LocalModel.open(self._files, device=device, dtype=self._dtype)
        from proactive_inference.judge.resolve import load_judge

        try:
            return JudgeModel(load_judge(self._files.place))
        except JudgeError as error:
            raise ModelError(str(error)) from error

    def _weights(self, folder_of: Callable[[ModelFiles], Path]) -> int:
        files: ModelFiles | None = self._files
        found = 0
        while files is not None:
            found += numbers(files, folder_of(files)) or 0
            files = files.base
        return found

    def _answer(self, model: LocalModel | JudgeModel, waiting: Waiting) -> dict[str, Any]:
        """The last frame of an answer."""
        asked = waiting.question
        waiting.tell({"state": State.ANSWERING, "most_tokens": model.most_tokens})
        try:
            found = model.complete_many(
                asked.many,
                schema=asked.schema,
                max_tokens=asked.max_tokens,
                temperature=asked.temperature,
                seed=asked.seed,
                count=asked.count,
                asking=waiting.asking,
            )
            return completions_frame(found)
        except UnwantedError as error:
            return {"error": str(error), "kind": "unwanted"}
        except UnavailableError as error:
            return {"error": str(error), "kind": "unavailable"}
        except ModelError as error:
            text = self._too_much() if self._out_of_memory(error) else str(error)
        except Exception as error:
            _log_trace(error)
            text = f"{self._files.name} failed while answering ({type(error).__name__}); ask again, or restart it"
        give_back()
        return {"error": text, "kind": "model"}

    def _step(self) -> None:
        self.steps += 1
        if used_memory() > self._limits.memory:
            raise ModelError(self._too_much())

    def _too_much(self) -> str:
        return (
            f"to answer, {self._files.name} would take more memory than the limit of "
            f"{gigabytes(self._limits.memory)}; tell it fewer events, or raise the limit"
        )

    def _out_of_memory(self, error: ModelError) -> bool:
        from proactive_inference.models.loading import is_out_of_memory

        return self._walled and error.__cause__ is not None and is_out_of_memory(error.__cause__)


def _log_trace(error: BaseException) -> None:
    """Where an error came from, but not what it says: that might be of a question."""
    _log.error("%s\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))


def set_threads(count: int) -> None:
    """How many threads the libraries take, which read it when they are loaded; without work they sleep."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"):
        os.environ[name] = str(count)
    os.environ |= {"OMP_WAIT_POLICY": "passive", "TOKENIZERS_PARALLELISM": "false"}
