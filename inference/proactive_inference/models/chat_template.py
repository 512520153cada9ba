"""Turns messages into the text and the tokens that a model was trained to read: its tokenizer's chat template.

Training and generation both come here, so that a model reads at work what it read when it learned.

A base model has no template. It is told the same in plain words::

    INSTRUCTIONS

    User: {"Observations": …}
    Assistant:
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from proactive_inference.errors import ModelError, first_line
from proactive_inference.models.messages import Message

_NAMES = {"user": "User", "assistant": "Assistant"}


def has_template(tokenizer: Any) -> bool:
    """Whether the tokenizer of a model knows how to write a chat."""
    return bool(getattr(tokenizer, "chat_template", None))


def prompt_text(tokenizer: Any, messages: Sequence[Message], *, answer: str | None = None) -> str:
    """The text up to where the assistant begins; with an ``answer``, that too and what ends the assistant's turn.

    A template that takes no system message gets the instructions at the beginning of the first user message.

    Raises:
        ModelError: the template cannot be used.
    """
    if not has_template(tokenizer):
        return _plain(tokenizer, messages, answer)
    try:
        return _templated(tokenizer, messages, answer)
    except Exception as first:  # a template is a program of the model's maker, with errors of its own
        if not any(message.role == "system" for message in messages):
            raise _unusable(first) from first
    try:
        return _templated(tokenizer, _without_system(messages), answer)
    except Exception as error:
        raise _unusable(error) from error


def prompt_tokens(tokenizer: Any, messages: Sequence[Message], *, answer: str | None = None) -> list[int]:
    """The same as tokens. Only the plain form gets the marks that the tokenizer puts around every text.

    Raises:
        ModelError: the template cannot be used.
    """
    text = prompt_text(tokenizer, messages, answer=answer)
    if has_template(tokenizer):
        return list(tokenizer.encode(text, add_special_tokens=False))
    beginning = getattr(tokenizer, "bos_token_id", None)
    tokens = list(tokenizer.encode(text, add_special_tokens=False))
    return tokens if beginning is None else [beginning, *tokens]


def _templated(tokenizer: Any, messages: Sequence[Message], answer: str | None) -> str:
    said = [message.as_dict() for message in messages]
    if answer is not None:
        said.append({"role": "assistant", "content": answer})
    # Models that can think aloud are asked not to: the answer has its own place for thoughts.
    text = tokenizer.apply_chat_template(
        said, tokenize=False, add_generation_prompt=answer is None, enable_thinking=False
    )
    return str(text)


def _without_system(messages: Sequence[Message]) -> list[Message]:
    told = "\n\n".join(message.content for message in messages if message.role == "system")
    rest = [message for message in messages if message.role != "system"]
    if not rest:
        return [Message("user", told)]
    return [Message(rest[0].role, f"{told}\n\n{rest[0].content}"), *rest[1:]]


def _plain(tokenizer: Any, messages: Sequence[Message], answer: str | None) -> str:
    parts = []
    for message in messages:
        name = _NAMES.get(message.role)
        parts.append(f"{name}: {message.content}" if name else f"{message.content}\n")
    if answer is None:
        return "\n".join([*parts, "Assistant: "])
    return "\n".join([*parts, f"Assistant: {answer}"]) + (getattr(tokenizer, "eos_token", None) or "")


def _unusable(error: Exception) -> ModelError:
    detail = first_line(error)
    return ModelError(
        f"the model's chat template cannot be used ({detail}); "
        "mend chat_template.jinja in its folder, or use an instruct model"
    )
