"""Generates answers token by token with a causal language model of the transformers library.

The loop is our own for three reasons: what a schema forces is read in one step instead of token by token; the
beginning that all prompts share, the instructions, is read once; several answers to one prompt share its reading.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from proactive_inference.models.constrained import SchemaAnswer

if TYPE_CHECKING:
    import torch


@frozen
class Generated:
    """One answer as tokens."""

    tokens: tuple[int, ...]
    finished: bool  #: false if it was stopped at the most tokens
    answer: SchemaAnswer | None = None  #: where a schema was followed


@define
class _Row:
    """One of the answers that are generated side by side."""

    answer: SchemaAnswer | None
    tokens: list[int] = field(factory=list)
    unread: list[int] = field(factory=list)  # chosen, or forced, and not yet read by the model
    finished: bool = False


class Generator:
    """A causal language model, ready to answer. Not thread-safe."""

    def __init__(self, model: Any, ends: Sequence[int]) -> None:
        """``ends`` are the tokens that end an answer."""
        self._model = model
        self._ends = frozenset(ends)
        parameters = inspect.signature(model.forward).parameters
        # The name changed in transformers 5.2x; models that keep their state otherwise take neither.
        self._cache_name = "cache" if "cache" in parameters else "past_key_values"
        self._keeps_logits = "logits_to_keep" in parameters
        self._prefix: tuple[tuple[int, ...], Any] = ((), None)

    def generate(
        self,
        prompt: Sequence[int],
        *,
        shared: int = 0,
        count: int = 1,
        max_tokens: int,
        temperature: float = 0.0,
        seed: int | None = None,
        answer: Callable[[], SchemaAnswer] | None = None,
    ) -> list[Generated]:
        """``count`` answers to a prompt.

        Args:
            prompt: its tokens, at least one.
            shared: how many of the first ones come again in other prompts; what was read of them is kept.
            count: how many answers; they differ only where ``temperature`` is above 0.
            max_tokens: of each answer.
            temperature: 0 takes the likeliest token.
            seed: of the draws; without one they differ each time.
            answer: makes the schema's answer that each follows.
        """
        import torch

        rows = [_Row(answer() if answer is not None else None) for _ in range(count)]
        draws = torch.Generator()
        if seed is None:
            draws.seed()
        else:
            draws.manual_seed(seed)
        with torch.inference_mode():
            begun: list[int] = []
            for row in rows:
                if row.answer is not None:
                    begun = row.answer.begin()  # the same for all of them
                    row.tokens += begun
            logits, cache = self._read_prompt([*prompt, *begun], shared, count)
            while True:
                for number, row in enumerate(rows):
                    if not row.unread and not row.finished and len(row.tokens) < max_tokens:
                        self._choose(row, logits[number], temperature, draws)
                going = [row for row in rows if not row.finished and len(row.tokens) < max_tokens]
                if not going:
                    break
                logits, cache = self._read_rows(rows, going, cache)
        return [Generated(tuple(row.tokens), row.finished, row.answer) for row in rows]

    def _choose(self, row: _Row, logits: torch.Tensor, temperature: float, draws: torch.Generator) -> None:
        import torch

        logits = logits.float().cpu()
        if row.answer is not None:
            logits = row.answer.allowed(logits)
        if temperature > 0:
            token = int(torch.multinomial(torch.softmax(logits / temperature, -1), 1, generator=draws))
        else:
            token = int(logits.argmax())
        if row.answer is not None:
            written = row.answer.write(token)  # what is forced may run over the limit: it costs nothing to tell
            row.finished = row.answer.done
        elif token in self._ends:
            row.finished = True
            return
        else:
            written = [token]
        row.tokens += written
        row.unread += written

    def _read_prompt(self, prompt: list[int], shared: int, count: int) -> tuple[torch.Tensor, Any]:
        import torch

        shared = min(shared, len(prompt) - 1)
        cache = None
        if shared > 0:
            beginning = tuple(prompt[:shared])
            if self._prefix[0] != beginning:
                _, kept = self._forward(torch.tensor([beginning]), None)
                self._prefix = (beginning, kept)
            cache = copy.deepcopy(self._prefix[1])
        logits, cache = self._forward(torch.tensor([prompt[max(0, shared) :]]), cache)
        if count > 1:
            cache.reorder_cache(torch.zeros(count, dtype=torch.long, device=logits.device))
            logits = logits.repeat_interleave(count, dim=0)
        return logits, cache

    def _read_rows(self, rows: list[_Row], going: list[_Row], cache: Any) -> tuple[torch.Tensor, Any]:
        """Read as many tokens as every row that goes on has; those that are done read anything."""
        import torch

        width = min(len(row.unread) for row in going)
        batch = []
        for row in rows:
            read, row.unread = row.unread[:width], row.unread[width:]
            batch.append(read + [0] * (width - len(read)))
        return self._forward(torch.tensor(batch), cache)

    def _forward(self, tokens: torch.Tensor, cache: Any) -> tuple[torch.Tensor, Any]:
        """The logits (rows, vocabulary) after the last token, and the cache with these tokens in it."""
        asked: dict[str, Any] = {"use_cache": True, self._cache_name: cache}
        if self._keeps_logits:
            asked["logits_to_keep"] = 1
        found = self._model(input_ids=tokens.to(self._model.device), **asked)
        return found.logits[:, -1], getattr(found, self._cache_name)
