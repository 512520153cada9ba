"""Has a language model answer what the agent wants to know, beside all else, and what the user has it write.

One question at a time: a newer inquiry takes the place of an older one, and what the user asked for goes before
both. Whatever goes wrong with the model ends here, as a line of the status; the plays go on without it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from proactive_server.served_models import ServedModels
from proactive_server.settings import LanguageModelSettings
from proactive_server.worker import Worker

if TYPE_CHECKING:
    from proactive_inference.availability import Availability
    from proactive_inference.budget import Budget
    from proactive_inference.inquiry import Advice, Inquiry
    from proactive_inference.models.asking import Asking
    from proactive_inference.models.chat import ChatModel
    from proactive_inference.models.tally import Tally

log = logging.getLogger(__name__)

_T = TypeVar("_T")


class Consultant:
    """For the event loop alone, but for what it does in its own thread; that is there only once a model is asked.

    Args:
        advised: takes what came of an inquiry.
        changed: called when `status` has changed.
        in_loop: has something called in the loop, from another thread.
        folders: the workspace's; of all editors that have one of them open, one asks at a time.
        clock: the time, in UTC.
    """

    def __init__(
        self,
        advised: Callable[[Advice], None],
        changed: Callable[[], None],
        in_loop: Callable[[Callable[[], None]], None],
        folders: Callable[[], Sequence[Path]],
        clock: Callable[[], datetime],
    ) -> None:
        self._advised = advised
        self._changed = changed
        self._in_loop = in_loop
        self._folders = folders
        self._clock = clock
        self._settings = LanguageModelSettings()
        self._worker: Worker[ServedModels] | None = None
        self._asked: tuple[Inquiry, Asking] | None = None
        self._writing = 0
        self._budget: Budget | None = None
        self._availability: Availability | None = None

    def configure(self, settings: LanguageModelSettings) -> None:
        """Take new settings."""
        before, self._settings = self._settings, settings
        if settings == before:
            return
        if settings.name != before.name or not settings.asks:
            self._take_back()
            self._availability = None
        if self._budget is not None:
            self._budget.calls, self._budget.tokens = settings.calls_per_hour, settings.tokens_per_hour
        if self._worker is not None:
            self._worker.put(lambda models: models.configure(settings))

    def close(self, timeout: float = 2.0) -> None:
        """Take all questions back and end the thread; waits that many seconds at most."""
        self._take_back()
        if self._worker is not None:
            self._worker.close(timeout)

    @property
    def busy(self) -> bool:
        """Whether a model is being asked."""
        return self._asked is not None or self._writing > 0

    def status(self) -> dict[str, Any] | None:
        """How it stands with the model, for ``proactive/status``; ``None`` if there is none."""
        settings = self._settings
        if not settings.asks:
            return None
        calls, tokens = self._budget.used(self._clock()) if self._budget is not None else (0, 0)
        problem = self._availability.problem if self._availability is not None else ""
        spent = self._budget.exhausted(self._clock()) if self._budget is not None else None
        if self._writing:
            state = "writing"
        elif self._asked is not None:
            state = "asking"
        elif problem:
            state = "offline"
        else:
            state = "spent" if spent else "ready"
        from proactive_inference.models.naming import shown_name

        status: dict[str, Any] = {
            "name": shown_name(settings.name),
            "state": state,
            "calls": calls,
            "callsPerHour": settings.calls_per_hour,
            "tokens": tokens,
            "tokensPerHour": settings.tokens_per_hour,
        }
        if problem or spent:
            status["problem"] = problem or spent
        return status

    # --- inquiries --------------------------------------------------------------------------------------

    def follow(self, inquiry: Inquiry | None, wanted: str | None) -> None:
        """Put an inquiry to the model; take back the one under way if another, or none, is ``wanted`` now."""
        if self._asked is not None and self._asked[0].id != wanted:
            self._take_back()
        if inquiry is not None and inquiry.id == wanted and self._settings.asks:
            self._inquire(inquiry)

    def _inquire(self, inquiry: Inquiry) -> None:
        from proactive_inference.decision import Reason

        now = self._clock()
        budget, availability = self._accounts()
        if (spent := budget.exhausted(now)) is not None:
            self._silent(inquiry, Reason.MODEL_SPENT, spent)
            return
        if not availability.may_ask(now):
            self._silent(inquiry, Reason.MODEL_UNAVAILABLE, availability.problem)
            return
        from proactive_inference.models.asking import Asking

        asking = Asking(self._settings.patience_seconds)
        self._asked = (inquiry, asking)
        self._put(
            asking,
            lambda models: models.adviser().advise(inquiry, asking),
            lambda advice: self._answered(inquiry, advice),
            lambda error: self._failed(inquiry, asking, error),
        )
        self._changed()

    def _answered(self, inquiry: Inquiry, advice: Advice) -> None:
        budget, availability = self._accounts()
        budget.spend(self._clock(), advice.calls, advice.tokens)
        availability.answered()
        if self._is_asked(inquiry):
            self._asked = None
            self._advised(advice)
        self._changed()

    def _failed(self, inquiry: Inquiry, asking: Asking, error: Exception) -> None:
        from proactive_inference.decision import Reason
        from proactive_inference.errors import UnwantedError

        budget, availability = self._accounts()
        budget.spend(self._clock(), int(asking.put), 0)
        unwanted = isinstance(error, UnwantedError)
        if not unwanted:
            self._note_failure(error)
        if self._is_asked(inquiry):
            self._asked = None
            # One that nobody took back is unwanted since others about the workspace were asked all the while.
            self._silent(inquiry, Reason.MODEL_UNAVAILABLE, str(error) if unwanted else availability.problem)
        self._changed()

    def _is_asked(self, inquiry: Inquiry) -> bool:
        return self._asked is not None and self._asked[0] is inquiry

    def _silent(self, inquiry: Inquiry, reason: Any, detail: str) -> None:
        from proactive_inference.decision import Silence
        from proactive_inference.inquiry import Advice

        self._advised(Advice(inquiry.id, self._settings.name, silence=Silence(reason, detail)))

    def _take_back(self) -> None:
        if self._asked is not None:
            asked, self._asked = self._asked, None
            asked[1].take_back()
            self._changed()

    # --- what the user asks for -------------------------------------------------------------------------

    async def write(self, work: Callable[[ChatModel, Asking, Tally], _T], told: Callable[[str], None]) -> _T:
        """Have the model do what the user asked for; an inquiry under way is taken back for it.

        Cancel the waiting to take it back.

        Args:
            work: asks the model and counts what it costs; called in the thread.
            told: called in the loop with each piece of text as it comes.

        Raises:
            ProactiveError: the model cannot be opened or asked.
        """
        from proactive_inference.models.asking import Asking
        from proactive_inference.models.tally import Tally

        self._take_back()
        tally = Tally()
        done: asyncio.Future[_T] = asyncio.get_running_loop().create_future()
        asking = Asking(self._settings.writing_seconds, told=lambda piece: self._in_loop(lambda: told(piece)))

        def finish(value: _T) -> None:
            budget, availability = self._accounts()
            budget.spend(self._clock(), tally.calls, tally.tokens)
            availability.answered()
            if not done.done():
                done.set_result(value)

        def fail(error: Exception) -> None:
            self._accounts()[0].spend(self._clock(), tally.calls + int(asking.put), tally.tokens)
            self._note_failure(error)
            if not done.done():
                done.set_exception(error)

        self._writing += 1
        self._changed()
        try:
            self._put(asking, lambda models: work(models.model(), asking, tally), finish, fail)
            return await done
        finally:
            asking.take_back()
            self._writing -= 1
            self._changed()

    # --- parts ------------------------------------------------------------------------------------------

    def _note_failure(self, error: Exception) -> None:
        from proactive_collectors.errors import ProactiveError
        from proactive_inference.errors import UnavailableError, UnwantedError

        if isinstance(error, UnwantedError):
            return
        known = isinstance(error, ProactiveError)
        availability = self._accounts()[1]
        if not known:
            log.error("a language model could not be asked", exc_info=error)
        elif availability.well:  # said once; what follows is the same again
            log.warning("%s", error)
        seconds = error.seconds if isinstance(error, UnavailableError) else None
        availability.failed(
            self._clock(),
            str(error) if known else "the language model failed; the log says how",
            None if seconds is None else timedelta(seconds=seconds),
        )

    def _accounts(self) -> tuple[Budget, Availability]:
        if self._budget is None:
            from proactive_inference.budget import Budget

            self._budget = Budget(self._settings.calls_per_hour, self._settings.tokens_per_hour)
        if self._availability is None:
            from proactive_inference.availability import Availability

            self._availability = Availability()
        return self._budget, self._availability

    def _put(
        self,
        asking: Asking,
        work: Callable[[ServedModels], _T],
        done: Callable[[_T], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Do something in the thread when it is this workspace's turn, and say in the loop what came of it."""
        folders = self._folders()
        if self._worker is None:
            settings = self._settings

            def build() -> ServedModels:
                models = ServedModels()
                models.configure(settings)
                return models

            self._worker = Worker(build, lambda models: models.close())
            self._worker.start()

        def job(models: ServedModels) -> None:
            from proactive_inference.models.shared.workspace_turn import workspace_turn

            try:
                with workspace_turn(folders, asking):
                    value = work(models)
            except Exception as problem:  # whatever it is, the thread goes on
                error = problem
                self._in_loop(lambda: failed(error))
            else:
                self._in_loop(lambda: done(value))

        self._worker.put(job)
