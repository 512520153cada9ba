"""A language model on a server that speaks OpenAI's chat completions: vLLM, Ollama, llama.cpp, a provider.

Servers understand different parts of that protocol. What one refuses is left out from then on: log-probabilities,
the JSON schema, the seed. An answer is read tolerantly anyway.

The key comes from the environment variable ``PROACTIVE_API_KEY`` and goes into one header, nowhere else; it is not
sent over a plain connection to another machine.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx

from proactive_inference.errors import ModelError
from proactive_inference.models.asking import Asking
from proactive_inference.models.chat import MOST_TOKENS, ChatModel, Completion
from proactive_inference.models.endpoint_protocol import (
    ALTERNATIVES,
    REFUSED,
    Address,
    message_of,
    probability_of_yes,
    refused_part,
    seconds_to_wait,
    shaped_question,
    text_of,
)
from proactive_inference.models.forks import AGENT_FORK, JUDGE_FORK, Fork, fork_of
from proactive_inference.models.messages import Message

KEY_VARIABLE = "PROACTIVE_API_KEY"
TIMEOUT_SECONDS = 120.0
"""How long an answer may take."""

TRIES = 4
"""How often a server that is busy is asked."""

_BUSY = (429, 503)


class EndpointModel(ChatModel):
    """A model on a server; several threads may ask it."""

    def __init__(
        self,
        address: Address,
        *,
        key: str | None = None,
        timeout: float = TIMEOUT_SECONDS,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Nothing is sent before the first question, unless the address names no model.

        Raises:
            ModelError: a key, or a login, would be sent in the clear; or the server does not say its models.
        """
        if (key or address.login) and not address.private:
            raise ModelError(
                f"{address.url} would get your key unencrypted; use https, or unset {KEY_VARIABLE} for this server"
            )
        self._address = address
        self._key = key
        self._sleep = sleep
        self._timeout = timeout
        self._left_out: set[str] = set()  # parts of the protocol that this server refuses
        self._lock = threading.Lock()
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.Client(
            headers=headers,
            auth=None if key else address.login,
            timeout=httpx.Timeout(timeout, connect=min(10.0, timeout)),
            transport=transport,
            trust_env=not address.loopback,  # what is for this machine is no proxy's business
        )
        self._model = address.model or self._first_model()

    @classmethod
    def open(
        cls, address: str, *, timeout: float = TIMEOUT_SECONDS, transport: httpx.BaseTransport | None = None
    ) -> EndpointModel:
        """The model at an address, with the key of the environment if there is one.

        Raises:
            ModelError: it is no address, or the server cannot be asked.
        """
        key = os.environ.get(KEY_VARIABLE, "").strip() or None
        return cls(Address.parse(address), key=key, timeout=timeout, transport=transport)

    @property
    def name(self) -> str:
        """The model's name on its server, and the server."""
        return f"{self._model}@{self._address.host}"

    @property
    def fingerprint(self) -> str:
        """The model's name and the address: a server does not say when its files change."""
        return f"{self._model}@{self._address.url}"

    def close(self) -> None:
        """Give connections back."""
        self._client.close()

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
        """As :meth:`ChatModel.complete` says; whether ``schema`` and ``seed`` are heeded is up to the server."""
        found: list[Completion] = []
        while len(found) < count:
            if asking is not None:
                asking.check()
            asked: dict[str, Any] = {
                "model": self._model,
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
            found += self._answers(self._ask(asked, schema), fork)
        return found[:count]

    def _ask(self, asked: dict[str, Any], schema: Mapping[str, Any] | None) -> Any:
        """Ask until the server takes the question, with fewer and fewer parts of the protocol."""
        while True:
            with self._lock:
                left_out = set(self._left_out)
            response = self._send("POST", "/chat/completions", shaped_question(asked, schema, left_out))
            if response.status_code not in REFUSED:
                return self._content(response)
            refused = refused_part(message_of(response), asked, schema, left_out)
            if refused is None:
                raise self._error(response)
            with self._lock:
                self._left_out.add(refused)

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        for attempt in range(TRIES):
            try:
                response = self._client.request(method, self._address.url + path, json=body)
            except httpx.TimeoutException as error:
                raise ModelError(
                    f"the model's server {self._address.url} did not answer within {self._timeout:g} s; "
                    "ask a smaller model, or one that is not busy"
                ) from error
            except httpx.HTTPError as error:
                raise ModelError(
                    f"the model's server {self._address.url} cannot be reached ({type(error).__name__}); "
                    "start it, or check the address"
                ) from error
            if response.status_code not in _BUSY or attempt == TRIES - 1:
                return response
            self._sleep(seconds_to_wait(response, attempt))
        raise AssertionError("unreachable")

    def _first_model(self) -> str:
        response = self._send("GET", "/models")
        try:
            return str(self._content(response)["data"][0]["id"])
        except (KeyError, IndexError, TypeError) as error:
            raise ModelError(
                f"the server {self._address.url} does not say which models it has; "
                f"name one: {self._address.url}#NAME"
            ) from error

    def _content(self, response: httpx.Response) -> Any:
        if response.status_code != 200:
            raise self._error(response)
        try:
            return response.json()
        except ValueError as error:
            raise self._nonsense() from error

    def _answers(self, value: Any, fork: Fork | None) -> list[Completion]:
        try:
            usage = value.get("usage") or {}
            choices = value["choices"]
            found = []
            for choice in choices:
                probability = probability_of_yes(choice.get("logprobs"), fork) if fork is not None else None
                found.append(
                    Completion(
                        text_of(choice["message"].get("content")),
                        probability_of_speaking=probability if fork is AGENT_FORK else None,
                        probability_of_accepting=probability if fork is JUDGE_FORK else None,
                        prompt_tokens=int(usage.get("prompt_tokens") or 0),
                        tokens=int(usage.get("completion_tokens") or 0) // len(choices),
                        finished=choice.get("finish_reason") != "length",
                    )
                )
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise self._nonsense() from error
        if not found:
            raise self._nonsense()
        return found

    def _error(self, response: httpx.Response) -> ModelError:
        status, url = response.status_code, self._address.url
        if status in (401, 403):
            return ModelError(
                f"the server {url} wants a key ({status}); set the environment variable {KEY_VARIABLE}"
            )
        if status == 404:
            return ModelError(
                f"the server {url} knows no such address or model (404); check both: {url}#{self._known_name}"
            )
        if status in _BUSY:
            return ModelError(f"the server {url} is busy ({status}), after {TRIES} tries; try again later")
        if 300 <= status < 400:
            return ModelError(f"the server {url} points elsewhere ({status}); give the address that it points to")
        return ModelError(f"the server {url} refused the question ({status}): {self._without_key(response)}")

    def _without_key(self, response: httpx.Response) -> str:
        text = message_of(response)
        return text.replace(self._key, "…") if self._key else text

    @property
    def _known_name(self) -> str:
        return getattr(self, "_model", "") or self._address.model or "NAME"

    def _nonsense(self) -> ModelError:
        return ModelError(
            f"what {self._address.url} answers is no chat completion; "
            "give the address of an OpenAI-compatible server, with /v1"
        )
