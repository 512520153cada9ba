"""Sends requests to a model's server, and sends them again where that may help.

A busy server is asked again after a while. Where the question can be taken back, so is one that cannot be reached,
and once one that broke off. The key goes into one header, nowhere else.
"""

from __future__ import annotations

import functools
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
from attrs import define

from proactive_inference.errors import ModelError, UnavailableError
from proactive_inference.models import endpoint_errors as errors
from proactive_inference.models.asking import Asking
from proactive_inference.models.chat_stream import BadStreamError, ChatStream, StreamedError
from proactive_inference.models.endpoint_protocol import (
    BUSY,
    KEYLESS,
    LONGEST_WAIT_SECONDS,
    QUOTA,
    Address,
    error_text,
    seconds_to_wait,
)
from proactive_inference.models.exchange import Reply, TooMuchError, exchange
from proactive_inference.models.keys import KEY_VARIABLE, checked_key

TRIES = 4
"""How often a server is asked that is busy or, where a question has a deadline, cannot be reached."""

CONNECT_SECONDS = 10.0
"""How long connecting may take."""

FIRST_REST_SECONDS = 0.25
"""Before a server that could not be reached is tried again; twice as long each time."""


@define
class _Troubles:
    """What went wrong so far with one request."""

    tries: int = 1
    broke_off: bool = False


class EndpointClient:
    """The way to one server; several threads may use it."""

    def __init__(
        self,
        address: Address,
        *,
        key: str | None = None,
        find_key: Callable[[Asking | None], str | None] = lambda asking: None,
        timeout: float,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """``find_key`` is asked once, where there is no ``key``: before the first request to another machine, or
        when a server on this one wants a key.

        Raises:
            ModelError: a key, or a login, would be sent in the clear; or the key cannot be one.
        """
        if (key or address.login) and not address.private:
            raise errors.in_the_clear(address)
        self.address = address
        self._key = None if key is None else checked_key(key, f"what {KEY_VARIABLE} holds")
        self._find_key = find_key
        self._may_find_key = self._key is None and address.login is None and address.private
        self._timeout = timeout
        self._transport = transport
        self._sleep = sleep
        self._lock = threading.Lock()

    def send(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        asking: Asking | None = None,
        stream: Callable[[], ChatStream] | None = None,
        tries: int = TRIES,
    ) -> tuple[Reply, ChatStream | None]:
        """The server's answer, whatever its status; and what ``stream`` made, if it came as a stream of events.

        Raises:
            UnwantedError: the question was taken back.
            UnavailableError: the server cannot be reached, is too slow or busy, or broke off.
            ModelError: it is no server of this kind, or its certificate is not trusted.
        """
        if not self.address.loopback:
            self._look_for_key(asking)
        troubles = _Troubles()
        while True:
            if asking is not None:
                asking.check()
                asking.put = True
            reader = stream() if stream is not None else None
            try:
                reply = exchange(
                    self._client,
                    lambda client: client.build_request(method, self.address.url + path, json=body),
                    asking=asking,
                    reader=reader,
                )
                if reply.streamed and reader is not None and not reader.whole:
                    raise httpx.RemoteProtocolError(BROKE_OFF) if reader.begun else BadStreamError
            except (TooMuchError, BadStreamError) as error:
                raise errors.nonsense(self.address) from error
            except StreamedError as error:
                failure = errors.failed_midway(self.address, error, self._secrets)
                self._after_breaking_off(failure, troubles, asking)
            except httpx.HTTPError as error:
                if reader is not None and reader.whole:
                    return Reply(200, httpx.Headers(), b"", streamed=True), reader
                self._after(error, troubles, asking, tries)
            else:
                if reply.status in KEYLESS and self._look_for_key(asking):
                    continue
                if reply.status not in BUSY or troubles.tries >= tries or QUOTA in error_text(reply.body):
                    return reply, reader if reply.streamed else None
                self._wait(seconds_to_wait(reply.headers, troubles.tries - 1), reply, asking)
                troubles.tries += 1

    def error(self, reply: Reply, model: str) -> ModelError:
        """What to raise for an answer of another status than 200; ``model`` is the one that was asked."""
        return errors.refused(self.address, reply, model, self._secrets)

    @property
    def _secrets(self) -> tuple[str, ...]:
        login = self.address.login
        return tuple(secret for secret in (self._key, login and login[1]) if secret)

    def _client(self) -> httpx.AsyncClient:
        with self._lock:
            key = self._key
        headers = {"Accept-Encoding": "identity"}  # a stream is told as it comes
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        return httpx.AsyncClient(
            headers=headers,
            auth=None if key is not None else self.address.login,
            timeout=httpx.Timeout(self._timeout, connect=min(CONNECT_SECONDS, self._timeout)),
            transport=self._transport,
            trust_env=not self.address.loopback,  # what is for this machine is no proxy's business
            verify=_trusted(),
        )

    def _look_for_key(self, asking: Asking | None) -> bool:
        """Look for a key where none is known, once; whether there is a new one."""
        with self._lock:
            if not self._may_find_key:
                return False
            self._key = self._find_key(asking)
            self._may_find_key = False
            return self._key is not None

    def _after(self, error: httpx.HTTPError, troubles: _Troubles, asking: Asking | None, tries: int) -> None:
        """Get ready for another try after a failed one, or raise what there is to say."""
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
            if "CERTIFICATE" in str(error):
                raise errors.untrusted(self.address, error) from error
            seconds = FIRST_REST_SECONDS * 2.0 ** (troubles.tries - 1)
            if asking is None or troubles.tries >= tries or _no_time(asking, seconds):
                raise errors.unreachable(self.address, error) from error
            asking.rest(seconds)
            troubles.tries += 1
        elif isinstance(error, httpx.TimeoutException):
            raise errors.silent(self.address, self._timeout) from error
        elif _broke_off(error):
            self._after_breaking_off(errors.broke_off(self.address), troubles, asking)
        else:
            raise errors.nonsense(self.address) from error

    def _after_breaking_off(self, error: ModelError, troubles: _Troubles, asking: Asking | None) -> None:
        again = isinstance(error, UnavailableError) and not troubles.broke_off
        if asking is None or not again or _no_time(asking, FIRST_REST_SECONDS):
            raise error
        troubles.broke_off = True
        asking.again()
        asking.rest(FIRST_REST_SECONDS)

    def _wait(self, seconds: float, reply: Reply, asking: Asking | None) -> None:
        if asking is None:
            self._sleep(min(seconds, LONGEST_WAIT_SECONDS))
            return
        if seconds > LONGEST_WAIT_SECONDS or _no_time(asking, seconds):
            raise errors.busy_for_long(self.address, reply.status, seconds)
        asking.rest(seconds)


BROKE_OFF = "peer closed connection"


def _no_time(asking: Asking, seconds: float) -> bool:
    """Whether there is no use in waiting that long."""
    return asking.seconds_left is not None and asking.seconds_left <= seconds


def _broke_off(error: httpx.HTTPError) -> bool:
    """Whether the server ended the connection, as against saying something that is not HTTP."""
    if isinstance(error, httpx.RemoteProtocolError):
        return str(error).startswith((BROKE_OFF, "Server disconnected"))
    return isinstance(error, httpx.NetworkError)


@functools.cache
def _trusted() -> ssl.SSLContext:
    """Whose certificates are trusted; reading them takes a while, so it is done once."""
    return httpx.create_ssl_context()
