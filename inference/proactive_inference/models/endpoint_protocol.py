"""The parts of OpenAI's chat completions: where a server is, what is asked, what its answers and refusals say."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

import httpx
from attrs import field, frozen

from proactive_inference.errors import ModelError
from proactive_inference.models.forks import Fork

ALTERNATIVES = 20
"""For how many of the likeliest tokens a server is asked to tell the probability; more than this none takes."""

LONGEST_WAIT_SECONDS = 30.0
"""Between two tries at a busy server."""

REFUSED = (400, 422, 501)
"""The statuses by which servers refuse a part of the protocol."""

BUSY = (408, 429, 502, 503, 504, 529)
"""The statuses by which a server, or what stands before it, says that it can be asked later."""

KEYLESS = (401, 403)
"""The statuses by which a server wants a key."""

QUOTA = "insufficient_quota"
"""What a busy server says that will not be less busy later: it wants to be paid."""

_PARTS = ("max_tokens", "temperature", "logprobs", "seed", "n", "stream_options", "stream")
_NO_MODEL = re.compile(r"model.{0,80}not.{0,20}(found|exist|loaded|available)|model_not_found", re.IGNORECASE)
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@frozen
class Address:
    """Where a server is and which of its models is meant."""

    url: str  #: up to and with ``/v1``, without a key, a query and a fragment
    model: str = ""  #: empty: the first that the server names
    login: tuple[str, str] | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read ``http://HOST:PORT/v1#MODEL``; ``/v1`` is added where there is no path.

        Raises:
            ModelError: it is no such address.
        """
        try:
            url = httpx.URL(text)
        except httpx.InvalidURL as error:
            raise ModelError(f"{text!r} is no address of a server ({error}); give http://HOST:PORT/v1") from error
        if url.scheme not in ("http", "https") or not url.host:
            raise ModelError("this is no address of a server; give http://HOST:PORT/v1 or https://HOST/v1")
        path = url.path.rstrip("/").removesuffix("/chat/completions") or "/v1"
        login = (url.username, url.password) if url.username or url.password else None
        plain = url.copy_with(username=None, password=None, query=None, fragment=None, path=path)
        return cls(str(plain), url.fragment, login)

    @property
    def host(self) -> str:
        """The host alone."""
        return httpx.URL(self.url).host

    @property
    def origin(self) -> str:
        """Scheme, host and port: whose key it takes."""
        url = httpx.URL(self.url)
        return f"{url.scheme}://{url.netloc.decode()}"

    @property
    def loopback(self) -> bool:
        """Whether it is on this machine."""
        return self.host in _LOOPBACK

    @property
    def private(self) -> bool:
        """Whether nobody on the way can read what is sent."""
        return self.loopback or httpx.URL(self.url).scheme == "https"


def shaped_question(asked: dict[str, Any], schema: Mapping[str, Any] | None, left_out: set[str]) -> dict[str, Any]:
    """The question without the parts that the server refuses."""
    body = {key: value for key, value in asked.items() if key not in left_out}
    if "stream" in left_out:
        body.pop("stream_options", None)
    if "logprobs" in left_out:
        body.pop("top_logprobs", None)
    if "max_tokens" in left_out:
        body["max_completion_tokens"] = asked["max_tokens"]
    if schema is not None and "json_schema" not in left_out:
        form = {"name": "answer", "schema": schema, "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": form}
    elif schema is not None and "json_object" not in left_out:
        body["response_format"] = {"type": "json_object"}
    return body


def refused_part(
    message: str, asked: dict[str, Any], schema: Mapping[str, Any] | None, left_out: set[str]
) -> str | None:
    """What to leave out next, by what the server complains of; ``None`` if nothing is left to leave out."""
    present = [part for part in _PARTS if part in asked and part not in left_out]
    if "stream" in left_out:
        present = [part for part in present if part != "stream_options"]
    said = message.lower()
    if "max_completion_tokens" in said and "max_tokens" in present:
        return "max_tokens"
    for part in present:
        if part not in ("max_tokens", "n") and re.search(rf"(?<![a-z]){part}", said):
            return part
    if "n" in present:  # nothing is lost with it: answers are asked for one by one
        return "n"
    if schema is not None:
        for form in ("json_schema", "json_object"):
            if form not in left_out:
                return form
    return next((part for part in ("logprobs", "stream_options", "stream") if part in present), None)


def says_no_model(status: int, message: str) -> bool:
    """Whether a server says that it does not have the model that was asked for."""
    return status == 404 or (status == 400 and bool(_NO_MODEL.search(message)))


def wanted_wait(headers: httpx.Headers) -> float | None:
    """After how many seconds a busy server wants to be asked again; ``None`` where it does not say."""
    try:
        wanted = float(headers.get("Retry-After", ""))
    except ValueError:
        return None
    return max(wanted, 0.0) if math.isfinite(wanted) else LONGEST_WAIT_SECONDS


def seconds_to_wait(headers: httpx.Headers, attempt: int) -> float:
    """How long to wait before a busy server is asked again: as it says, else ever longer."""
    wanted = wanted_wait(headers)
    return 2.0**attempt if wanted is None else wanted


def error_text(body: bytes) -> str:
    """The beginning of what a server says of its refusal, as it came."""
    return body[:20_000].decode(errors="replace")


def message_of(said: bytes | Any) -> str:
    """What a server says of its refusal, in bytes or as a value: on one line and not too long."""
    try:
        value = json.loads(error_text(said)) if isinstance(said, bytes) else said
        error = value.get("error", value) if isinstance(value, dict) else value
        text = error.get("message") or error.get("detail") or error if isinstance(error, dict) else error
    except (ValueError, RecursionError):
        text = error_text(said)
    return " ".join(str(text).split())[:300]


def text_of(content: Any) -> str:
    """A message's text; empty where there is none."""
    if isinstance(content, list):  # in parts
        return "".join(part.get("text", "") for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def counted(usage: Any, key: str) -> int:
    """What a server counted; 0 where it did not."""
    value = usage.get(key) if isinstance(usage, dict) else None
    return value if isinstance(value, int) and value > 0 else 0


def count_steps(logprobs: Any) -> int:
    """For how many tokens a server gave alternatives."""
    steps = logprobs.get("content") if isinstance(logprobs, dict) else None
    return len(steps) if isinstance(steps, list) else 0


def probability_of_yes(logprobs: Any, fork: Fork) -> float | None:
    """The probability of the fork's *yes* from the alternatives that a server gives for each token.

    ``None`` where they do not say, or cannot be understood: the answer counts without.
    """
    try:
        return _probability_of_yes(logprobs, fork)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _probability_of_yes(logprobs: Any, fork: Fork) -> float | None:
    written = ""
    for step in (logprobs or {}).get("content") or []:
        value = fork.value_of(written)
        if value is not None:
            yes = no = 0.0
            for other in step.get("top_logprobs") or []:
                begun = (value + str(other["token"])).lstrip().encode()
                share = math.exp(min(0.0, float(other["logprob"])))
                yes += share if begun.startswith(fork.yes) else 0.0
                no += share if begun.startswith(fork.no) else 0.0
            if yes or no:
                return yes / (yes + no)
        written += str(step["token"])
    return None
