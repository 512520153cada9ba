"""A language model on a server that speaks OpenAI's chat completions: vLLM, Ollama, llama.cpp, a provider.

Servers understand different parts of that protocol. What one refuses is left out from then on: log-probabilities,
the JSON schema, the seed, streaming. An answer is read tolerantly anyway.
"""

from __future__ import annotations

import functools
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx

from proactive_inference.errors import ModelError
from proactive_inference.models.answer_text import plain_key
from proactive_inference.models.asking import Asking
from proactive_inference.models.chat import MOST_TOKENS, ChatModel, Completion
from proactive_inference.models.chat_stream import ChatStream
from proactive_inference.models.endpoint_client import EndpointClient
from proactive_inference.models.endpoint_errors import nonsense
from proactive_inference.models.endpoint_protocol import (
    ALTERNATIVES,
    REFUSED,
    Address,
    count_steps,
    counted,
    message_of,
    probability_of_yes,
    refused_part,
    says_no_model,
    shaped_question,
    text_of,
)
from proactive_inference.models.forks import AGENT_FORK, JUDGE_FORK, Fork, fork_of
from proactive_inference.models.keys import kept_key, key_of_environment
from proactive_inference.models.messages import Message
from proactive_inference.models.token_estimate import estimated_prompt_tokens, estimated_tokens

TIMEOUT_SECONDS = 120.0
"""How long a server may be silent, for a question without a deadline of its own."""

LIST_SECONDS = 10.0
"""How long a server may take to name its models when it is opened."""

CHARACTERS_PER_TOKEN = 16
"""An answer is cut where it has more than these for each token that it was given: its server does not count."""


class EndpointModel(ChatModel):
    """A model on a server; several threads may ask it.

    A question with an :class:`Asking` is answered piece by piece where the server can. Its deadline holds over
    everything, and taking it back closes the connection at once.
    """

    def __init__(
        self,
        address: Address,
        *,
        key: str | None = None,
        find_key: Callable[[Asking | None], str | None] = lambda asking: None,
        timeout: float = TIMEOUT_SECONDS,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Nothing is sent before the first question, unless the address names no model.

        ``transport`` and ``sleep`` stand in for the network and for waiting, in tests; the rest is as
        :class:`EndpointClient` says.

        Raises:
            UnavailableError: the server cannot be asked for its models now.
            ModelError: a key, or a login, would be sent in the clear; or the server does not say its models.
        """
        self._client = EndpointClient(
            address, key=key, find_key=find_key, timeout=timeout, transport=transport, sleep=sleep
        )
        self._left_out: set[str] = set()  # parts of the protocol that this server refuses
        self._lock = threading.Lock()
        self._model = address.model or self._first_model(Asking(min(LIST_SECONDS, timeout)), tries=1)

    @classmethod
    def open(
        cls, address: str, *, timeout: float = TIMEOUT_SECONDS, transport: httpx.AsyncBaseTransport | None = None
    ) -> EndpointModel:
        """The model at an address, with the key of the environment, else of the system's keyring, if there is one.

        Raises:
            UnavailableError: the server cannot be asked now.
            ModelError: it is no address, or the server cannot be asked.
        """
        parsed = Address.parse(address)
        return cls(
            parsed,
            key=key_of_environment(),
            find_key=functools.partial(kept_key, parsed.origin),
            timeout=timeout,
            transport=transport,
        )

    @property
    def name(self) -> str:
        """The model's name on its server, and the server."""
        return f"{self._model}@{self._client.address.host}"

    @property
    def fingerprint(self) -> str:
        """The model's name and the address: a server does not say when its files change."""
        return f"{self._model}@{self._client.address.url}"

    @property
    def left_out(self) -> frozenset[str]:
        """The parts of the protocol that the server refused so far: ``stream``, ``json_schema``, ``logprobs``…"""
        with self._lock:
            return frozenset(self._left_out)

    def complete(
        self,
        messages: Sequence[Message],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int = MOST_TOKENS,
        temperature: float = 0.0,
        seed: int | None = None,
        count: int = 1,
        asking: Asking | None = None,
    ) -> list[Completion]:
        """As :meth:`ChatModel.complete` says; whether ``schema`` and ``seed`` are heeded is up to the server.

        Tokens that the server does not count are estimated.
        """
        found: list[Completion] = []
        while len(found) < count:
            asked: dict[str, Any] = {
                "messages": [message.as_dict() for message in messages],
                "max_tokens": max_tokens,
                "temperature": temperature,
            }
            if count - len(found) > 1:
                asked["n"] = count - len(found)
            if seed is not None:
                asked["seed"] = seed + len(found)
            fork = fork_of(schema) if schema is not None else None
            if fork is not None:
                asked |= {"logprobs": True, "top_logprobs": ALTERNATIVES}
            if asking is not None:
                asked |= {"stream": True, "stream_options": {"include_usage": True}}
            value = self._ask(asked, schema, asking, tells=not found)
            found += self._completions(value, fork, messages, max_tokens)
        if asking is not None and asking.taken_back:
            asking.check()
        return found[:count]

    def _ask(
        self, asked: dict[str, Any], schema: Mapping[str, Any] | None, asking: Asking | None, tells: bool
    ) -> Any:
        """Ask until the server takes the question, with fewer and fewer parts of the protocol."""
        left_out = set(self.left_out)
        stream = functools.partial(
            ChatStream,
            keys=None if schema is None else frozenset(plain_key(key) for key in schema.get("required", ())),
            most_characters=CHARACTERS_PER_TOKEN * asked["max_tokens"],
            told=asking.told if asking is not None and tells else lambda piece: None,
        )
        while True:
            with self._lock:
                model = self._model
            body = {"model": model, **shaped_question(asked, schema, left_out)}
            reply, streamed = self._client.send(
                "POST",
                "/chat/completions",
                body,
                asking=asking,
                stream=functools.partial(stream, count=body.get("n", 1)) if body.get("stream") else None,
            )
            if reply.status == 200:
                with self._lock:
                    self._left_out |= left_out
                value = self._value(reply.body) if streamed is None else streamed.value()
                if streamed is None and asking is not None and tells:
                    asking.told(_first_text(value))
                return value
            said = message_of(reply.body)
            if says_no_model(reply.status, said) and self._changed_model(model, asking):
                continue
            if reply.status not in REFUSED:
                raise self._client.error(reply, model)
            refused = refused_part(said, asked, schema, left_out)
            if refused is None:
                raise self._client.error(reply, model)
            left_out.add(refused)

    def _changed_model(self, model: str, asking: Asking | None) -> bool:
        """Whether the server has another model now, where the address left it the choice."""
        if self._client.address.model:
            return False
        newer = self._first_model(asking)
        with self._lock:
            self._model = newer
        return newer != model

    def _first_model(self, asking: Asking | None, **settings: Any) -> str:
        reply, _ = self._client.send("GET", "/models", asking=asking, **settings)
        if reply.status != 200:
            raise self._client.error(reply, self._client.address.model)
        try:
            return str(self._value(reply.body)["data"][0]["id"])
        except (KeyError, IndexError, TypeError) as error:
            url = self._client.address.url
            raise ModelError(f"the server {url} does not say which models it has; name one: {url}#NAME") from error

    def _value(self, body: bytes) -> Any:
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise nonsense(self._client.address) from error

    def _completions(
        self, value: Any, fork: Fork | None, messages: Sequence[Message], max_tokens: int
    ) -> list[Completion]:
        try:
            usage = value.get("usage")
            choices = value["choices"]
            prompt = counted(usage, "prompt_tokens") or estimated_prompt_tokens(messages)
            found = []
            for choice in choices:
                text = text_of(choice["message"].get("content"))
                tokens = counted(usage, "completion_tokens") // len(choices) or count_steps(choice.get("logprobs"))
                probability = probability_of_yes(choice.get("logprobs"), fork) if fork is not None else None
                most = CHARACTERS_PER_TOKEN * max_tokens
                found.append(
                    Completion(
                        text[:most],
                        probability_of_speaking=probability if fork is AGENT_FORK else None,
                        probability_of_accepting=probability if fork is JUDGE_FORK else None,
                        prompt_tokens=prompt,
                        tokens=tokens or estimated_tokens(text),
                        finished=choice.get("finish_reason") != "length" and len(text) <= most,
                    )
                )
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise nonsense(self._client.address) from error
        if not found:
            raise nonsense(self._client.address)
        return found


def _first_text(value: Any) -> str:
    try:
        return text_of(value["choices"][0]["message"].get("content"))
    except (KeyError, IndexError, TypeError, AttributeError):
        return ""
