"""Generates answers token by token with a causal language model of the transformers library.

The loop is our own for three reasons: what a schema forces is read in one step instead of token by token; what
prompts have in common at their beginning is read once, and of the instructions kept; several answers to one prompt
share its reading.
"""

from __future__ import annotations

import copy
import functools
import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from proactive_inference.models.constrained import SchemaAnswer

if TYPE_CHECKING:
    import torch


CHUNK = 256
"""How many tokens of a prompt are read at once, where it is read alone: between them it can be taken back."""


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
    draws: torch.Generator
    tokens: list[int] = field(factory=list)
    unread: list[int] = field(factory=list)  # chosen, or forced, and not yet read by the model
    finished: bool = False


@define
class _Read:
    """What the model has read."""

    logits: Any  # (rows, vocabulary) after the last token
    cache: Any
    mask: Any  # (rows, tokens) 0 at padding; None without any


class Generator:
    """A causal language model, ready to answer. Not thread-safe."""

    def __init__(self, model: Any, ends: Sequence[int]) -> None:
        """``ends`` are the tokens that end an answer."""
        self._model = model
        self._ends = frozenset(ends)
        parameters = inspect.signature(model.forward).parameters
        # The name changed in transformers 5.2x.
        self._cache_name = "cache" if "cache" in parameters else "past_key_values"
        self._keeps_logits = "logits_to_keep" in parameters
        self._pads = "position_ids" in parameters and not getattr(model, "_is_stateful", False)
        self._prefix: tuple[tuple[int, ...], Any] = ((), None)

    def generate(
        self,
        prompts: Sequence[Sequence[int]],
        *,
        shared: int = 0,
        count: int = 1,
        max_tokens: int,
        temperature: float = 0.0,
        seed: int | None = None,
        answer: Callable[[], SchemaAnswer] | None = None,
        check: Callable[[], None] | None = None,
        told: Callable[[Sequence[int], SchemaAnswer | None], None] | None = None,
    ) -> list[list[Generated]]:
        """``count`` answers to each prompt, all side by side: a step costs little more for several than for one.

        Args:
            prompts: their tokens, at least one each.
            shared: how many of the first tokens are the same in all of them, and come again in later ones; what
                was read of them is kept.
            count: how many answers to each; they differ only where ``temperature`` is above 0.
            max_tokens: of each answer.
            temperature: 0 takes the likeliest token.
            seed: of the draws, the same for a prompt alone or beside others; without one they differ each time.
            answer: makes the schema's answer that each follows.
            check: called before each step, of reading as well; what it raises ends the answering.
            told: called after each step with the first answer to the first prompt, as far as it has come.
        """
        import torch

        if len(prompts) > 1 and not self._can_pad(max(map(len, prompts)) + max_tokens):
            alone = functools.partial(
                self.generate,
                shared=shared,
                count=count,
                max_tokens=max_tokens,
                temperature=temperature,
                seed=seed,
            )
            return [
                alone([one], answer=answer, check=check, told=None if number else told)[0]
                for number, one in enumerate(prompts)
            ]
        rows = [
            _Row(answer() if answer is not None else None, _draws(seed, n)) for _ in prompts for n in range(count)
        ]
        with torch.inference_mode():
            begun: list[int] = []
            for row in rows:
                if row.answer is not None:
                    begun = row.answer.begin()  # the same for all of them
                    row.tokens += begun
            check = check if check is not None else lambda: None
            check()
            read = self._read_prompts([[*prompt, *begun] for prompt in prompts], shared, count, check)
            while True:
                for number, row in enumerate(rows):
                    if not row.unread and not row.finished and len(row.tokens) < max_tokens:
                        self._choose(row, read.logits[number], temperature)
                if told is not None:
                    told(rows[0].tokens, rows[0].answer)
                going = [row for row in rows if not row.finished and len(row.tokens) < max_tokens]
                if not going:
                    break
                check()
                read = self._read_rows(rows, going, read)
        found = [Generated(tuple(row.tokens), row.finished, row.answer) for row in rows]
        return [found[n : n + count] for n in range(0, len(found), count)]

    def _can_pad(self, length: int) -> bool:
        """Whether prompts may be padded to one length: padding would fill a window, or be read as text."""
        window = getattr(self._model.config, "sliding_window", None)
        return self._pads and not (isinstance(window, int) and length > window)

    def _choose(self, row: _Row, logits: torch.Tensor, temperature: float) -> None:
        import torch

        logits = logits.float().cpu()
        if row.answer is not None:
            logits = row.answer.allowed(logits)
        if temperature > 0:
            token = int(torch.multinomial(torch.softmax(logits / temperature, -1), 1, generator=row.draws))
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

    def _read_prompts(self, prompts: list[list[int]], shared: int, count: int, check: Callable[[], None]) -> _Read:
        import torch

        shortest = min(map(len, prompts)) - 1  # one token at least is read for the logits
        shared = max(0, min(shared, shortest))
        read = _Read(None, None, None)
        if shared > 0:
            beginning = tuple(prompts[0][:shared])
            if self._prefix[0] != beginning:
                self._prefix = (beginning, self._forward(torch.tensor([beginning]), read).cache)
            read = _Read(None, copy.deepcopy(self._prefix[1]), None)
        alike = shared
        if len(prompts) > 1:
            alike = max(shared, min(_alike(prompts), shortest))
            read = self._read_on(torch.tensor([prompts[0][shared:alike]]), read, check)
            if alike:
                read.cache.reorder_cache(torch.zeros(len(prompts), dtype=torch.long, device=self._model.device))
        rests = [prompt[alike:] for prompt in prompts]
        width = max(map(len, rests))
        tokens = torch.tensor([[0] * (width - len(rest)) + rest for rest in rests])
        if any(len(rest) < width for rest in rests):
            read.mask = torch.tensor([[1] * alike + [0] * (width - len(rest)) + [1] * len(rest) for rest in rests])
        read = self._read_on(tokens, read, check)
        if count > 1:
            each = torch.arange(len(prompts)).repeat_interleave(count)
            read.cache.reorder_cache(each.to(self._model.device))
            read.logits = read.logits[each]
            read.mask = None if read.mask is None else read.mask[each]
        return read

    def _read_on(self, tokens: torch.Tensor, read: _Read, check: Callable[[], None]) -> _Read:
        """Read tokens (rows, width) of prompts; one row part by part, so that it can be taken back."""
        size = CHUNK if len(tokens) == 1 and self._pads else max(1, tokens.shape[1])
        for start in range(0, tokens.shape[1], size):
            check() if start else None
            read = self._forward(tokens[:, start : start + size], read)
        return read

    def _read_rows(self, rows: list[_Row], going: list[_Row], read: _Read) -> _Read:
        """Read as many tokens as every row that goes on has; those that are done read anything."""
        import torch

        width = min(len(row.unread) for row in going)
        batch = []
        for row in rows:
            tokens, row.unread = row.unread[:width], row.unread[width:]
            batch.append(tokens + [0] * (width - len(tokens)))
        if read.mask is not None:
            read.mask = torch.cat([read.mask, read.mask.new_ones(len(rows), width)], dim=1)
        return self._forward(torch.tensor(batch), read)

    def _forward(self, tokens: torch.Tensor, before: _Read) -> _Read:
        """Read tokens (rows, width) after what was read; a mask covers both."""
        device = self._model.device
        asked: dict[str, Any] = {"use_cache": True, self._cache_name: before.cache}
        if self._keeps_logits:
            asked["logits_to_keep"] = 1
        if before.mask is not None:
            places = (before.mask.cumsum(1) - 1).clamp(min=0)[:, -tokens.shape[1] :]
            asked |= {"attention_mask": before.mask.to(device), "position_ids": places.to(device)}
        found = self._model(input_ids=tokens.to(device), **asked)
        return _Read(found.logits[:, -1], getattr(found, self._cache_name), before.mask)


def _alike(prompts: Sequence[Sequence[int]]) -> int:
    """How many tokens at their beginning all prompts have in common."""
    return next(
        (n for n, tokens in enumerate(zip(*prompts, strict=False)) if len(set(tokens)) > 1), min(map(len, prompts))
    )


def _draws(seed: int | None, number: int) -> torch.Generator:
    """What the answer of this number to a prompt draws by."""
    import torch

    draws = torch.Generator()
    if seed is None:
        draws.seed()
    else:
        draws.manual_seed((1_000_003 * seed + number) % 2**63)
    return draws
