"""What questions to language models cost."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define

from proactive_inference.models.chat import Completion


@define
class Tally:
    """Calls, and tokens read and written; a question is one call and read once, however many answers it gets."""

    calls: int = 0
    tokens: int = 0

    def add(self, completions: Sequence[Completion]) -> None:
        """Count one call."""
        self.calls += 1
        self.tokens += max((one.prompt_tokens for one in completions), default=0)
        self.tokens += sum(one.tokens for one in completions)
