"""What is said when a model's server cannot be asked: one sentence with the next step, without the key.

What may pass by itself is an :class:`UnavailableError`; the rest stays until somebody acts.
"""

from __future__ import annotations

import httpx

from proactive_inference.errors import MidwayError, ModelError, UnavailableError
from proactive_inference.models.chat_stream import StreamedError
from proactive_inference.models.endpoint_protocol import (
    BUSY,
    KEYLESS,
    QUOTA,
    REFUSED,
    Address,
    error_text,
    message_of,
    wanted_wait,
)
from proactive_inference.models.exchange import Reply
from proactive_inference.models.keys import KEY_VARIABLE


def in_the_clear(address: Address) -> ModelError:
    """A key, or a login, would be sent so that others can read it."""
    return ModelError(
        f"{address.url} would get your key unencrypted; use https, or unset {KEY_VARIABLE} for this server"
    )


def nonsense(address: Address) -> ModelError:
    """The answer makes no sense."""
    return ModelError(
        f"what {address.url} answers is no chat completion; "
        "give the address of an OpenAI-compatible server, with /v1"
    )


def refused(address: Address, reply: Reply, model: str, secrets: tuple[str, ...] = ()) -> ModelError:
    """The answer has another status than 200; ``model`` is the one that was asked."""
    status, url = reply.status, address.url
    if status in KEYLESS:
        return ModelError(
            f"the server {url} wants a key ({status}); set the environment variable {KEY_VARIABLE}, "
            f"or keep one by 'proactive model key set {url}'"
        )
    if status == 404:
        return ModelError(
            f"the server {url} knows no such address or model (404); check both: {url}#{model or 'NAME'}"
        )
    if QUOTA in error_text(reply.body):
        return ModelError(f"your quota at the server {url} is used up ({status}); look there for the terms")
    if status in BUSY:
        return UnavailableError(
            f"the server {url} is busy ({status}), after several tries; try again later",
            seconds=wanted_wait(reply.headers),
        )
    if 300 <= status < 400:
        return ModelError(f"the server {url} points elsewhere ({status}); give the address that it points to")
    text = f"the server {url} refused the question ({status}): {_without(secrets, message_of(reply.body))}"
    return UnavailableError(text) if status >= 500 and status not in REFUSED else ModelError(text)


def busy_for_long(address: Address, status: int, seconds: float) -> UnavailableError:
    """It wants to be left alone for longer than there is time or patience."""
    return UnavailableError(
        f"the server {address.url} is busy ({status}), and wants to be asked again in {seconds:g} s; "
        "try again later",
        seconds=seconds,
    )


def unreachable(address: Address, error: httpx.HTTPError) -> UnavailableError:
    """Nobody is there."""
    return UnavailableError(
        f"the model's server {address.url} cannot be reached ({type(error).__name__}); "
        "start it, or check the address"
    )


def untrusted(address: Address, error: httpx.HTTPError) -> ModelError:
    """Its certificate is not trusted."""
    return ModelError(
        f"the certificate of {address.url} is not trusted ({error}); check the address, or set SSL_CERT_FILE"
    )


def silent(address: Address, seconds: float) -> UnavailableError:
    """It says nothing for so long."""
    return UnavailableError(
        f"the model's server {address.url} did not answer within {seconds:g} s; "
        "ask a smaller model, or one that is not busy"
    )


def broke_off(address: Address) -> UnavailableError:
    """It ended the connection before its answer was over."""
    return UnavailableError(
        f"the model's server {address.url} broke off its answer; ask again, or look at what it says where it runs"
    )


def failed_midway(address: Address, error: StreamedError, secrets: tuple[str, ...] = ()) -> ModelError:
    """It says in the middle of its answer that something went wrong."""
    text = _without(secrets, message_of(error.value))
    said = f"the server {address.url} broke off its answer: {text}"
    code = error.value.get("code") if isinstance(error.value, dict) else None
    return ModelError(said) if code in (*REFUSED, *KEYLESS, 404) else MidwayError(said)


def _without(secrets: tuple[str, ...], text: str) -> str:
    for secret in secrets:
        text = text.replace(secret, "…")
    return text
