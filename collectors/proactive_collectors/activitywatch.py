"""Web, window, idle and editor activity from a local ActivityWatch server.

ActivityWatch (https://docs.activitywatch.net/en/latest/rest.html) keeps *buckets* of events
``{timestamp, duration, data}``; a watcher's heartbeats prolong the newest one as long as its data stays the same.
What each bucket type holds::

    web.tab.current      url, title, audible, incognito   -> WebVisited or WebSearched; incognito tabs are dropped
    currentwindow        app, title                       -> WindowFocused
    afkstatus            status: afk | not-afk            -> IdleBegan, IdleEnded
    app.editor.activity  file, project, language          -> DocumentFocused

An event is told when it begins, and once. Where heartbeats prolong it, or one with the same meaning follows (the
same page with another title, say), there is no second event.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from attrs import evolve, frozen

from proactive_collectors.errors import SourceError
from proactive_collectors.events import (
    DocumentFocused,
    Event,
    IdleBegan,
    IdleEnded,
    Payload,
    Source,
    WebVisited,
    Where,
    WindowFocused,
)
from proactive_collectors.uris import to_uri
from proactive_collectors.websearch import search_of

if TYPE_CHECKING:
    import httpx

DEFAULT_URL = "http://127.0.0.1:5600"
"""Where ActivityWatch listens unless told otherwise."""

REQUEST_SECONDS = 3.0
"""How long one request may take."""

POLL_SECONDS = 10.0
"""How long one poll may take in all."""

HISTORY_SECONDS = 120.0
"""How long it may take to read all of a long time."""

LATE = timedelta(minutes=1)
"""How long after it began an event may arrive and still be told (idling has no such limit: it is noticed late)."""

OLDEST = timedelta(days=1)
"""Nothing that began longer ago is asked for."""

MAX_BUCKETS = 64
MAX_ROWS = 1000
"""How many events of one bucket are read in one poll, the newest."""

MAX_IDLE_ROWS = 20
MAX_BYTES = 8_000_000
"""How large an answer may be."""

MAX_CHARACTERS = 2000
"""Longer titles are cut, longer addresses dropped."""

_AHEAD = timedelta(minutes=1)  # a row this far in the future is nonsense, and would end all polling up to then
_TYPES = frozenset(["web.tab.current", "currentwindow", "afkstatus", "app.editor.activity"])


def _now() -> datetime:
    return datetime.now(UTC)


class ActivityWatch:
    """Reads one ActivityWatch server. Keep it between polls, and `aclose` it in the end.

    Args:
        url: where the server listens.
        key: sent as a Bearer key, where the server asks for one.
        transport: in place of the network.
        allow_remote: whether ``url`` may be another machine.
        clock: the present time.

    Raises:
        SourceError: ``url`` is not an address, or not one of this machine.
    """

    def __init__(
        self,
        url: str = DEFAULT_URL,
        key: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        *,
        allow_remote: bool = False,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        _check(url, allow_remote)
        self.url = url.rstrip("/")
        self._key = key
        self._transport = transport
        self._clock = clock
        self._http: httpx.AsyncClient | None = None
        self._first: datetime | None = None
        self._buckets: dict[str, _Bucket] = {}

    async def poll(self, since: datetime) -> tuple[list[Event], datetime]:
        """What began after ``since``, oldest first, and the time to pass next.

        Raises:
            SourceError: the server is missing, slow, wants another key, or is no ActivityWatch.
        """
        since = max(since, self._clock() - OLDEST)
        self._first = self._first or since
        try:
            async with asyncio.timeout(POLL_SECONDS):
                return await self._poll(since, self._first)
        except TimeoutError as error:
            raise SourceError(
                f"ActivityWatch at {self.url} takes longer than {POLL_SECONDS:.0f} s to answer; restart it"
            ) from error

    async def history(self, since: datetime, until: datetime) -> list[Event]:
        """All that began after ``since`` and up to ``until``, oldest first, however much it is.

        Stands apart from `poll`: neither knows what the other has told.

        Raises:
            SourceError: as for `poll`.
        """
        try:
            async with asyncio.timeout(HISTORY_SECONDS):
                events: list[Event] = []
                for name, kind in await self._listing():
                    rows = await self._all_rows(name, since, min(until, self._clock() + _AHEAD))
                    events += _Bucket(kind).take(rows, since)
        except TimeoutError as error:
            raise SourceError(
                f"ActivityWatch at {self.url} takes longer than {HISTORY_SECONDS:.0f} s to tell its history; "
                "ask for less of it"
            ) from error
        events.sort(key=lambda event: event.time)
        return events

    async def _all_rows(self, name: str, since: datetime, until: datetime) -> list[_Row]:
        """The rows of a bucket that began after ``since``, oldest first; the server tells the newest first."""
        found: dict[tuple[datetime, str], _Row] = {}
        end = until
        while True:
            bounds = {"limit": MAX_ROWS, "start": since.isoformat(), "end": end.isoformat()}
            answer = await self._rows_of(name, bounds)
            rows = [row for row in map(_row, answer) if row is not None and since < row.time <= end]
            before = len(found)
            for row in rows:
                found.setdefault(
                    row.key, row
                )  # the server cuts what goes on after ``end``; the first told is whole
            if len(answer) < MAX_ROWS or len(found) == before:
                return sorted(found.values(), key=lambda row: row.time)
            end = min(row.time for row in rows)

    async def aclose(self) -> None:
        """Close the connections."""
        http, self._http = self._http, None
        if http is not None:
            await http.aclose()

    async def _poll(self, since: datetime, first: datetime) -> tuple[list[Event], datetime]:
        listing = await self._listing()
        events: list[Event] = []
        newest = since
        latest = self._clock() + _AHEAD
        for name, kind in listing:
            start = (since - LATE).replace(microsecond=0)
            bounds: dict[str, Any] = {"limit": MAX_ROWS, "start": start.isoformat()}
            if kind == "afkstatus":
                bounds = {"limit": MAX_IDLE_ROWS}
            answer = await self._rows_of(name, bounds)
            rows = [row for row in map(_row, answer) if row is not None and row.time <= latest]
            rows.sort(key=lambda row: row.time)
            if kind != "afkstatus":
                # The server cuts events that began before ``start`` to begin there; they are known already.
                rows = [row for row in rows if row.time > start]
            events += self._buckets.setdefault(name, _Bucket(kind)).take(rows, first)
            newest = max([newest, *(row.time for row in rows)])
        events.sort(key=lambda event: event.time)
        return events, newest

    async def _listing(self) -> list[tuple[str, str]]:
        """The buckets that are of use, each with its type."""
        listing = await self._get("/api/0/buckets/", {})
        if not isinstance(listing, dict):
            raise self._garbled("its list of buckets is no object")
        kinds = {name: kind for name, kind in map(_bucket, listing.items()) if kind is not None}
        return list(kinds.items())[:MAX_BUCKETS]

    async def _rows_of(self, name: str, bounds: dict[str, Any]) -> list[Any]:
        answer = await self._get(f"/api/0/buckets/{quote(name, safe='')}/events", bounds, gone=[])
        if not isinstance(answer, list):
            raise self._garbled(f"the events of its bucket {name!r} are no list")
        return answer

    async def _get(self, path: str, query: dict[str, Any], gone: Any = None) -> Any:
        if self._http is None:
            self._http = await asyncio.to_thread(self._connect)
        import httpx

        try:
            async with self._http.stream("GET", self.url + path, params=query) as response:
                if response.status_code == 404 and gone is not None:
                    return gone
                if response.status_code in (401, 403):
                    advice = "set the right key" if self._key else "set its key"
                    raise SourceError(f"ActivityWatch at {self.url} asks for a key; {advice} in the settings")
                if response.status_code != 200:
                    raise self._garbled(f"it answers with status {response.status_code}")
                body = bytearray()
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > MAX_BYTES:
                        raise self._garbled(f"its answer is larger than {MAX_BYTES} bytes")
            return json.loads(body.decode("utf-8", "replace"))
        except httpx.TimeoutException as error:
            raise SourceError(
                f"ActivityWatch at {self.url} takes longer than {REQUEST_SECONDS:.0f} s to answer; restart it"
            ) from error
        except httpx.ConnectError as error:
            raise SourceError(
                f"ActivityWatch does not answer at {self.url}; start it, or correct its address in the settings"
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._garbled(f"{type(error).__name__}: {error}") from error
        except (ValueError, RecursionError) as error:
            raise self._garbled("its answer is not JSON") from error

    def _connect(self) -> httpx.AsyncClient:
        import httpx

        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        return httpx.AsyncClient(
            # Proxies and credentials of the environment are not for a server on this machine.
            trust_env=False,
            transport=self._transport
            or httpx.AsyncHTTPTransport(verify=self.url.startswith("https:"), retries=1, trust_env=False),
            headers=headers,
            timeout=REQUEST_SECONDS,
        )

    def _garbled(self, what: str) -> SourceError:
        return SourceError(
            f"what answers at {self.url} is not ActivityWatch as we know it ({what}); check the address"
        )


def _check(url: str, allow_remote: bool) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https"):
        raise SourceError(f"{url!r} is not the address of an ActivityWatch server; use one like {DEFAULT_URL}")
    if not (allow_remote or _is_loopback(host)):
        raise SourceError(
            f"{host} is another machine; use an ActivityWatch server on this one, like {DEFAULT_URL}"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


# --- what the server keeps ---------------------------------------------------------------------------------


@frozen
class _Row:
    time: datetime
    seconds: float
    data: dict[str, Any]

    @property
    def key(self) -> tuple[datetime, str]:
        """Stays the same while heartbeats prolong the event, and over restarts; identifiers need not."""
        return self.time, json.dumps(self.data, sort_keys=True)


class _Bucket:
    """What is known of one bucket between polls."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._seen: set[tuple[datetime, str]] = set()
        self._last: object = None
        self._idle_since: datetime | None = None

    def take(self, rows: list[_Row], first: datetime) -> list[Event]:
        """The events that begin with those rows (oldest first) which are new and later than ``first``."""
        events: list[Event] = []
        for row in rows:
            if row.key in self._seen:
                continue
            found = self._idle(row) if self._kind == "afkstatus" else self._activity(row, grows=row is rows[-1])
            if found is not None and row.time > first:
                events.append(Event(row.time, Source.ACTIVITYWATCH, *found))
        self._seen = {row.key for row in rows}
        return events

    def _idle(self, row: _Row) -> tuple[Payload, Where] | None:
        status = row.data.get("status")
        if status == "afk" and self._idle_since is None:
            self._idle_since = row.time
            return IdleBegan(), Where()
        if status == "not-afk" and self._idle_since is not None:
            began, self._idle_since = self._idle_since, None
            return IdleEnded(seconds=max((row.time - began).total_seconds(), 0.0)), Where()
        return None

    def _activity(self, row: _Row, *, grows: bool) -> tuple[Payload, Where] | None:
        meaning = _MEANINGS[self._kind](row.data)
        if meaning is None:
            return None
        payload, where = meaning
        # Pages change their titles while they load and live.
        identity = payload.url if isinstance(payload, WebVisited) else meaning
        if identity == self._last:
            return None
        self._last = identity
        if isinstance(payload, WebVisited) and not grows and row.seconds > 0:
            payload = evolve(payload, seconds=row.seconds)
        return payload, where


def _bucket(item: tuple[Any, Any]) -> tuple[str, str | None]:
    """A bucket's name and type; no type if it is of no use: of another sort, or copied from another machine."""
    name, about = item
    kind = about.get("type") if isinstance(about, dict) else None
    named = name.isprintable() and name not in ("", ".", "..") and "-synced-from-" not in name
    usable = named and isinstance(kind, str) and kind in _TYPES
    return name, kind if usable else None


def _row(plain: Any) -> _Row | None:
    try:
        time = datetime.fromisoformat(plain["timestamp"])
        seconds, data = float(plain.get("duration") or 0.0), plain["data"]
        usable = time.tzinfo is not None and math.isfinite(seconds) and isinstance(data, dict)
        return _Row(time.astimezone(UTC), seconds, data) if usable else None
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
        return None


def _text(data: dict[str, Any], key: str) -> str:
    value = data.get(key)
    return value.encode("utf-8", "replace").decode()[:MAX_CHARACTERS] if isinstance(value, str) else ""


def _web(data: dict[str, Any]) -> tuple[Payload, Where] | None:
    url = data.get("url")
    if data.get("incognito") or not isinstance(url, str) or len(url) > MAX_CHARACTERS:
        return None
    url = _text(data, "url")
    if not url.startswith(("http://", "https://")):
        return None
    return search_of(url) or WebVisited(url=url, title=_text(data, "title")), Where()


def _window(data: dict[str, Any]) -> tuple[Payload, Where] | None:
    app, title = _text(data, "app"), _text(data, "title")
    return (WindowFocused(app=app, title=title), Where()) if app or title else None


def _editor(data: dict[str, Any]) -> tuple[Payload, Where] | None:
    file, project, language = (_text(data, key) for key in ("file", "project", "language"))
    if not Path(file).is_absolute() or "\0" in file:
        return None  # watchers send ``unknown`` for a tab that is no file
    workspace = to_uri(project) if Path(project).is_absolute() else None
    language_or_none = language if language and language != "unknown" else None
    return DocumentFocused(), Where(uri=to_uri(file), workspace=workspace, language=language_or_none)


_MEANINGS: dict[str, Callable[[dict[str, Any]], tuple[Payload, Where] | None]] = {
    "web.tab.current": _web,
    "currentwindow": _window,
    "app.editor.activity": _editor,
}
