"""The place in an answer where a model decides: to speak or not, accepted or rejected."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from proactive_inference.models.agent_answer import TASK_KEY
from proactive_inference.models.judge_answer import JUDGEMENT_KEY


@frozen
class Fork:
    """The place where the value of ``key`` begins in one of two ways."""

    key: str
    yes: bytes  #: how the value begins that means yes
    no: bytes

    @property
    def mark(self) -> bytes:
        """What stands before the value. (It cannot stand inside a string, where quotes are escaped.)"""
        return f'"{self.key}":'.encode()

    def value_of(self, text: str) -> str | None:
        """What is there of the value in the beginning of an answer, before it is decided; ``None`` elsewhere."""
        found = re.search(rf'{self._before}("?)$', text)
        return found[2] if found and not found[2].encode().startswith((self.yes, self.no)) else None

    def place(self, written: str) -> int:
        """The character of a whole answer whose token decides.

        It is the first by which the two values differ; where they differ from their beginning, it is the blank
        before them, which many tokens have in common with what follows it.

        Raises:
            ValueError: the answer has no such value.
        """
        found = re.search(self._before, written)
        if found is None:
            raise ValueError(f"there is no {self.key!r} in {written!r}")
        both = enumerate(zip(self.yes, self.no, strict=False))
        alike = next(place for place, (yes, no) in both if yes != no)
        return found.end() + alike if alike else found.end(1)

    @property
    def _before(self) -> str:
        return rf'("{re.escape(self.key)}"\s*:)\s*'


AGENT_FORK = Fork(TASK_KEY, b'"', b"n")
"""A task against null: to speak or not."""

JUDGE_FORK = Fork(JUDGEMENT_KEY, b'"a', b'"r')
"""Accepted against rejected."""


def fork_of(schema: Mapping[str, Any]) -> Fork | None:
    """The decision in answers of a schema, if it is one of ours."""
    keys = schema.get("properties", {})
    return next((fork for fork in (AGENT_FORK, JUDGE_FORK) if fork.key in keys), None)
