"""One message of a chat with a language model."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

Role = Literal["system", "user", "assistant"]


@frozen
class Message:
    """Who says what."""

    role: Role
    content: str

    def as_dict(self) -> dict[str, str]:
        """As chat templates and servers take it: ``{"role": …, "content": …}``."""
        return {"role": self.role, "content": self.content}
