"""A language model in this process, on the CPU or a GPU, by the transformers library."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from proactive_inference.errors import ModelError, first_line
from proactive_inference.models.asking import Asking
from proactive_inference.models.chat import MOST_TOKENS, Completion, SideBySide
from proactive_inference.models.chat_template import prompt_tokens
from proactive_inference.models.constrained import SchemaAnswer, Vocabulary
from proactive_inference.models.forks import AGENT_FORK, JUDGE_FORK, fork_of
from proactive_inference.models.generation import Generated, Generator
from proactive_inference.models.loading import Loaded, is_out_of_memory, load
from proactive_inference.models.messages import Message
from proactive_inference.models.model_files import ModelFiles, find_model
from proactive_inference.models.model_settings import ModelSettings
from proactive_inference.models.telling import Teller

WORTH_SHARING = 16
"""How many tokens prompts must have in common at their beginning for the reading of them to be kept."""


class LocalModel(SideBySide):
    """A model in memory; several threads may ask it, one at a time is answered.

    Where the schema is the agent's, ``settings.speaking_threshold`` decides whether it speaks; without one its
    answer's likeliest token does.
    """

    def __init__(
        self, loaded: Loaded, name: str, *, settings: ModelSettings | None = None, fingerprint: str = ""
    ) -> None:
        self._loaded = loaded
        self._name = name
        self._fingerprint = fingerprint or name
        self.settings = settings if settings is not None else ModelSettings()
        self._generator = Generator(loaded.model, _ends(loaded))
        self._vocabulary: Vocabulary | None = None
        self._shared: dict[tuple[Message, ...], list[int]] = {}
        self._lock = threading.Lock()

    @classmethod
    def open(
        cls,
        model: str | Path | ModelFiles,
        *,
        device: str | None = None,
        dtype: str | None = None,
        download: bool = False,
    ) -> LocalModel:
        """Load a model by name or path (:mod:`model_files`); for the rest see :func:`loading.load`.

        Raises:
            ModelError: it cannot be found or loaded.
        """
        files = model if isinstance(model, ModelFiles) else find_model(model)
        loaded = load(files, device=device, dtype=dtype, download=download)
        settings = files.settings
        return cls(loaded, files.name, settings=settings, fingerprint=f"{files.fingerprint}/{loaded.model.dtype}")

    @property
    def name(self) -> str:
        """Of its folder or file."""
        return self._name

    @property
    def fingerprint(self) -> str:
        """Changes with its files, its number format and its threshold."""
        return f"{self._fingerprint}/{self.settings.speaking_threshold}"

    @property
    def most_tokens(self) -> int | None:
        """How many tokens it reads and writes together at most, if it says so."""
        value = getattr(self._loaded.model.config, "max_position_embeddings", None)
        return value if isinstance(value, int) else None

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """How many tokens a question has."""
        return len(prompt_tokens(self._loaded.tokenizer, messages))

    def complete_many(
        self,
        many: Sequence[Sequence[Message]],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int = MOST_TOKENS,
        temperature: float = 0.0,
        seed: int | None = None,
        count: int = 1,
        asking: Asking | None = None,
    ) -> list[list[Completion]]:
        """Answer several questions side by side, ``count`` times each: far quicker than one after the other.

        With a ``schema`` the answer always is whole and follows it, even where it was stopped at ``max_tokens``:
        then it is closed as briefly as can be, and a decision that it had not come to is silence. What is told
        while it is written is the first answer to the first question.
        """
        teller = Teller(asking.told) if asking is not None else None
        with self._lock:
            prompts = [prompt_tokens(self._loaded.tokenizer, messages) for messages in many]
            self._check_length(max(map(len, prompts)), max_tokens)
            before = {tuple(messages[:-1]) for messages in many}
            try:
                found = self._generator.generate(
                    prompts,
                    shared=self._shared_tokens(before.pop(), prompts) if len(before) == 1 else 0,
                    count=count,
                    max_tokens=max_tokens,
                    temperature=temperature,
                    seed=seed,
                    answer=(lambda: self._answer(schema)) if schema is not None else None,
                    check=asking.check if asking is not None else None,
                    told=(lambda *so_far: teller.upto(self._text(*so_far))) if teller is not None else None,
                )
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise ModelError(f"{self._name} failed while answering: {first_line(error)}") from error
                raise ModelError(
                    f"the memory is too small for {self._name} to answer; "
                    "tell it fewer events, or use a smaller model"
                ) from error
            completions = [
                [self._completion(one, len(prompt), schema) for one in answers]
                for prompt, answers in zip(prompts, found, strict=True)
            ]
            if teller is not None:
                teller.upto(completions[0][0].text, whole=True)
            return completions

    def _text(self, tokens: Sequence[int], answer: SchemaAnswer | None) -> str:
        """An answer as far as it has come."""
        return answer.text if answer is not None else self._decoded(tokens)

    def _decoded(self, tokens: Sequence[int]) -> str:
        return str(self._loaded.tokenizer.decode(tokens, skip_special_tokens=True))

    def _answer(self, schema: Mapping[str, Any]) -> SchemaAnswer:
        if self._vocabulary is None:
            self._vocabulary = Vocabulary(self._loaded.tokenizer)
        fork = fork_of(schema)
        threshold = self.settings.speaking_threshold if fork is AGENT_FORK else None
        return self._vocabulary.answer(schema, fork=fork, threshold=threshold)

    def _completion(self, found: Generated, prompt: int, schema: Mapping[str, Any] | None) -> Completion:
        if found.answer is None:
            return Completion(
                self._decoded(found.tokens),
                prompt_tokens=prompt,
                tokens=len(found.tokens),
                finished=found.finished,
            )
        fork, probability = fork_of(schema or {}), found.answer.probability
        return Completion(
            found.answer.closing(),
            probability_of_speaking=probability if fork is AGENT_FORK else None,
            probability_of_accepting=probability if fork is JUDGE_FORK else None,
            prompt_tokens=prompt,
            tokens=len(found.tokens),
            finished=found.finished,
        )

    def _shared_tokens(self, before: tuple[Message, ...], prompts: Sequence[Sequence[int]]) -> int:
        """How many tokens of the prompts come from the messages before the last, whatever the last says."""
        if not before:
            return 0
        if before not in self._shared:
            one, other = (prompt_tokens(self._loaded.tokenizer, [*before, Message("user", t)]) for t in ("{", "a"))
            length = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
            self._shared = {before: one[:length]}
        shared = self._shared[before]
        same = all(list(prompt[: len(shared)]) == shared for prompt in prompts)
        return len(shared) if same and len(shared) >= WORTH_SHARING else 0

    def _check_length(self, prompt: int, max_tokens: int) -> None:
        if self.most_tokens is not None and prompt + max_tokens > self.most_tokens:
            raise ModelError(
                f"the question has {prompt} tokens and the answer up to {max_tokens}, but {self._name} takes "
                f"{self.most_tokens} in all; tell it fewer events"
            )


def _ends(loaded: Loaded) -> list[int]:
    """The tokens that end an answer, as the model and its tokenizer say."""
    ends: list[int] = []
    config = getattr(loaded.model, "generation_config", None)
    for value in (getattr(config, "eos_token_id", None), loaded.tokenizer.eos_token_id):
        ends += value if isinstance(value, list) else [] if value is None else [value]
    return ends
