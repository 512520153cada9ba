"""The language model and the judge that the settings name, opened when they are first needed; for one thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proactive_server.settings import LanguageModelSettings

if TYPE_CHECKING:
    from proactive_inference.advice import Adviser, Judges
    from proactive_inference.models.chat import ChatModel
    from proactive_inference.models.shared.limits import Limits


class ServedModels:
    """Opens what the settings name; not thread-safe."""

    def __init__(self) -> None:
        self._settings = LanguageModelSettings()
        self._model: ChatModel | None = None
        self._adviser: Adviser | None = None

    def configure(self, settings: LanguageModelSettings) -> None:
        """Take new settings; what they do not change stays open."""
        before, self._settings = self._settings, settings
        if (before.name, before.memory_megabytes, before.idle_minutes) != (
            settings.name,
            settings.memory_megabytes,
            settings.idle_minutes,
        ):
            self.close()
        self._adviser = None

    def model(self) -> ChatModel:
        """The language model.

        Raises:
            ModelError: it cannot be opened.
        """
        if self._model is None:
            from proactive_inference.models.resolve import open_served_model

            self._model = open_served_model(self._settings.name, self._limits())
        return self._model

    def adviser(self) -> Adviser:
        """Who answers inquiries.

        Raises:
            ModelError: the model or the judge cannot be opened.
            JudgeError: the judge's settings are damaged.
        """
        if self._adviser is None:
            from proactive_inference.advice import Adviser

            model = self.model()
            self._adviser = Adviser(
                model,
                self._judges(model),
                best_of=self._settings.best_of,
                question_tokens=self._settings.question_tokens,
            )
        return self._adviser

    def close(self) -> None:
        """Give back what was opened."""
        close = getattr(self._model, "close", None)
        self._model = self._adviser = None
        if close is not None:
            close()

    def _judges(self, model: ChatModel) -> Judges:
        from proactive_inference.advice import Judges
        from proactive_inference.judge.generative import GenerativeJudge

        slow = GenerativeJudge(model) if self._settings.second_thought else None
        if not self._settings.judge:
            return Judges(slow=slow)
        from proactive_inference.judge.resolve import open_served_judge
        from proactive_inference.judge.settings import Kind

        judge = open_served_judge(self._settings.judge, self._limits())
        return Judges(slow=judge) if judge.settings.kind is Kind.GENERATIVE else Judges(judge, slow)

    def _limits(self) -> Limits:
        from proactive_inference.models.shared.limits import Limits

        settings = self._settings
        return Limits(memory=settings.memory_megabytes * 1_000_000, idle_seconds=settings.idle_minutes * 60)
