"""Holds a language model's answer to a JSON schema while it is generated, and reads off how it would decide.

At each step the tokens that would break the schema are ruled out (llguidance), so that what was generated is
always the beginning of a right answer; :meth:`SchemaAnswer.closing` completes it without the model where it was
stopped early. What the schema leaves no choice about, such as keys, is told ahead and need not be generated.

JSON is written in one way, ``{"a": 1, "b": 2}``: tokens depend on the blanks, and answers are taught so.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from proactive_inference.errors import ModelError
from proactive_inference.models.forks import Fork

if TYPE_CHECKING:
    import torch

LONGEST_CLOSING = 2000
"""How many tokens the completion of an answer may take; a schema that needs more is not one of ours."""

_JSON_FORM = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}


class Vocabulary:
    """A tokenizer, prepared once for all the answers of a model."""

    def __init__(self, tokenizer: Any, size: int | None = None) -> None:
        """Prepare a tokenizer of the transformers library; ``size`` is how many logits the model gives.

        Raises:
            ModelError: the extra is missing, or the tokenizer is of a sort that cannot be used.
        """
        try:
            from llguidance.hf import from_tokenizer
        except ImportError as error:
            raise ModelError(
                "answers in a JSON schema need the package 'llguidance'; "
                "install it with pip install 'proactive-lsp[local]'"
            ) from error
        try:
            self.guide = from_tokenizer(tokenizer, n_vocab=size)
        except (ValueError, AttributeError, TypeError) as error:
            raise ModelError(
                f"this model's tokenizer cannot hold answers to a JSON schema ({error}); "
                "use a model whose folder has a tokenizer.json"
            ) from error
        self._grammars: dict[str, str] = {}

    @functools.cached_property
    def shortest_first(self) -> tuple[int, ...]:
        """All tokens, in the order in which they bring an answer's end nearest."""
        costs = [_cost(bytes(self.guide.decode_bytes([token]))) for token in range(self.guide.vocab_size)]
        return tuple(sorted(range(len(costs)), key=costs.__getitem__))

    def answer(
        self, schema: Mapping[str, Any], *, fork: Fork | None = None, threshold: float | None = None
    ) -> SchemaAnswer:
        """A new answer in the schema, empty so far. For ``threshold`` see :class:`SchemaAnswer`.

        Raises:
            ModelError: the schema cannot be followed.
        """
        from llguidance import LLMatcher

        key = json.dumps(schema, sort_keys=False)
        if key not in self._grammars:
            self._grammars[key] = LLMatcher.grammar_from_json_schema(key, overrides=_JSON_FORM)
        matcher = LLMatcher(self.guide, self._grammars[key], log_level=0)
        if matcher.is_error():
            raise ModelError(f"the JSON schema cannot be followed: {matcher.get_error().splitlines()[0]}")
        return SchemaAnswer(self, matcher, fork, threshold)


class SchemaAnswer:
    """One answer in the making."""

    def __init__(self, vocabulary: Vocabulary, matcher: Any, fork: Fork | None, threshold: float | None) -> None:
        """With a ``fork``, ``probability`` is known once it was passed; with a ``threshold`` as well, the answer
        goes the way of *yes* exactly where the probability of it is at least that.
        """
        self._vocabulary = vocabulary
        self._matcher = matcher
        self._fork = fork
        self._threshold = threshold
        self._written = bytearray()
        self._closed: bool | None = None  # a way that the decision left out, while both may still be written
        self.probability: float | None = None  #: of *yes* against *no*, at temperature 1

    @property
    def text(self) -> str:
        """What was written so far; a character that is not whole yet is replaced."""
        return self._written.decode("utf-8", "replace")

    @property
    def done(self) -> bool:
        """Whether the answer is whole."""
        return bool(self._matcher.is_stopped())

    def allowed(self, logits: torch.Tensor) -> torch.Tensor:
        """The logits (vocabulary,) with minus infinity at every token that may not come next.

        Where the decision is made, its probability is read from them.
        """
        import torch

        mask = torch.frombuffer(bytearray(self._matcher.compute_logit_bias()), dtype=torch.uint8).bool()
        mask = _to_length(mask, logits.shape[-1]).to(logits.device)
        if self._fork is not None and (self.probability is None or self._closed is not None):
            found = self._ways(mask.nonzero().flatten().tolist())
            if found is None:
                self._closed = None
            else:
                kept = self._kept(logits, *found)
                mask = torch.zeros_like(mask).index_fill(0, torch.tensor(kept, device=mask.device), True)
        return logits.masked_fill(~mask, -math.inf)

    def write(self, token: int) -> list[int]:
        """Take a token, and with it those that must follow; returns all of them, ``token`` first.

        Raises:
            ModelError: the token was not allowed.
        """
        self._take([token])
        forced = [] if self.done else list(self._matcher.compute_ff_tokens())
        if forced:
            self._take(forced)
        return [token, *forced]

    def begin(self) -> list[int]:
        """The tokens that every answer begins with. Call it once, before the first :meth:`allowed`."""
        forced = list(self._matcher.compute_ff_tokens())
        if forced:
            self._take(forced)
        return forced

    def closing(self) -> str:
        """Complete the answer without the model, as briefly as can be; returns the whole text.

        A decision that was not come to is *no*, empty strings and the first of several values are taken.

        Raises:
            ModelError: the schema asks for more than a short end.
        """
        for _ in range(LONGEST_CLOSING):
            if self.done or self._matcher.is_accepting():
                return self.text
            forced = list(self._matcher.compute_ff_tokens())
            self._take(forced or [self._shortest()])
        raise ModelError("the answer cannot be completed in its JSON schema; allow more tokens")

    def _take(self, tokens: Sequence[int]) -> None:
        if not self._matcher.consume_tokens(list(tokens)):
            error = (self._matcher.get_error() or "not allowed").splitlines()[0]
            raise ModelError(f"the answer left its JSON schema: {error}")
        self._written += self._bytes(tokens)

    def _bytes(self, tokens: Sequence[int]) -> bytes:
        return bytes(self._vocabulary.guide.decode_bytes(list(tokens)))

    def _ways(self, tokens: Sequence[int]) -> tuple[list[int], list[int], list[int]] | None:
        """Which tokens mean yes, which no, and which leave it open; ``None`` away from the fork.

        A token that runs over the place where the value begins is none of them: the two ways start at one place.
        """
        assert self._fork is not None
        mark = self._fork.mark
        place = self._written.rfind(mark)
        if place >= 0:
            value = bytes(self._written[place + len(mark) :]).lstrip()
            if value.startswith((self._fork.yes, self._fork.no)):
                return None
            yes: list[int] = []
            no: list[int] = []
            other: list[int] = []
            for token in tokens:
                begun = value + self._bytes([token]) if value else self._bytes([token]).lstrip()
                way = yes if begun.startswith(self._fork.yes) else no if begun.startswith(self._fork.no) else other
                way.append(token)
            return yes, no, other
        before = next(
            (n for n in range(len(mark) - 1, 0, -1) if self._written.endswith(mark[:n])),
            0,
        )
        if before < 2:  # a lone quote ends every string
            return None
        rest = mark[before:]
        within = [token for token in tokens if len(self._bytes([token])) <= len(rest)]
        return ([], [], within) if within else None

    def _kept(self, logits: torch.Tensor, yes: list[int], no: list[int], other: list[int]) -> list[int]:
        """Which of the tokens may come, once the decision that is made here, if it is, was made.

        Where one way has a token of its own and the other begins with a blank alone, the blank stands for the
        other: a tokenizer that has the longer token never writes the blank before it.
        """
        if self._closed is not None:
            return [*(no if self._closed else yes), *other] or [*yes, *no]
        if yes and no:
            return self._decide(logits, yes, no)
        if (yes or no) and other:
            kept = self._decide(logits, yes or other, no or other)
            if set(other) & set(kept):
                self._closed = bool(yes)
            return kept
        return other or [*yes, *no]

    def _decide(self, logits: torch.Tensor, yes: list[int], no: list[int]) -> list[int]:
        import torch

        scores = logits.float()
        difference = torch.logsumexp(scores[yes], 0) - torch.logsumexp(scores[no], 0)
        self.probability = float(torch.sigmoid(difference))
        if self._threshold is None:
            return [*yes, *no]
        return yes if self.probability >= self._threshold else no

    def _shortest(self) -> int:
        """The token that brings the end nearest, as far as can be told from itself."""
        bias = self._matcher.compute_logit_bias()
        allowed: Iterable[int] = self._vocabulary.shortest_first
        if self._fork is not None and self.probability is None:
            found = self._ways([token for token, allows in enumerate(bias) if allows])
            if found is not None and self._written.rfind(self._fork.mark) >= 0:
                yes, no, other = found
                ways = set(no or other or yes)
                allowed = (token for token in allowed if token in ways)
        for token in allowed:
            if token < len(bias) and bias[token]:
                return token
        raise ModelError("the answer cannot be completed in its JSON schema; allow more tokens")


def _cost(piece: bytes) -> tuple[int, int, bytes]:
    ends = (b'"', b"}", b"]")
    return (0 if piece in ends else 1, len(piece) or 99, piece)


def _to_length(mask: torch.Tensor, length: int) -> torch.Tensor:
    """The mask for as many logits as the model gives: it may have more or fewer than its tokenizer has tokens."""
    import torch

    if len(mask) >= length:
        return mask[:length]
    return torch.cat([mask, torch.zeros(length - len(mask), dtype=torch.bool)])
