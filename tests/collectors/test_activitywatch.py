"""ActivityWatch against a real aw-server, and against small real servers for what that one never does."""

import json
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activity_watch_server import BASE, at
from activity_watch_server import ActivityWatchServer as Server
from proactive_collectors.activitywatch import ActivityWatch
from proactive_collectors.errors import SourceError
from proactive_collectors.event_json import from_json, to_json
from proactive_collectors.events import (
    DocumentFocused,
    Event,
    IdleBegan,
    IdleEnded,
    Source,
    WebSearched,
    WebVisited,
    WindowFocused,
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("aw-home")) as server:
        yield server


@pytest.fixture
def server(running: Server) -> Iterator[Server]:
    """The running server, empty before and after."""
    yield running
    for name in httpx.get(f"{running.url}/api/0/buckets/", trust_env=False).json():
        httpx.delete(f"{running.url}/api/0/buckets/{name}", params={"force": 1}, trust_env=False)


@pytest.fixture
async def watch(server: Server) -> AsyncIterator[ActivityWatch]:
    watch = ActivityWatch(server.url)
    yield watch
    await watch.aclose()


def told(events: list[Event]) -> list[Any]:
    return [event.data for event in events]


async def test_an_empty_server_tells_nothing(watch: ActivityWatch) -> None:
    assert await watch.poll(BASE) == ([], BASE)


async def test_pages_searches_and_private_tabs(server: Server, watch: ActivityWatch) -> None:
    server.bucket("web", "web.tab.current")
    page = {"title": "asyncio", "audible": False, "incognito": False}
    for second in (1, 3, 5):
        server.beat("web", second, url="https://docs.python.org/3/library/asyncio.html", **page)
    server.beat("web", 7, url="https://secret.example.org/", **{**page, "incognito": True})
    server.beat("web", 8, url="https://www.google.com/search?q=asyncio+timeout", **page)
    server.beat("web", 9, url="chrome://settings", **page)
    server.beat("web", 10, url="https://example.org/", **page)
    events, since = await watch.poll(BASE)
    assert told(events) == [
        WebVisited("https://docs.python.org/3/library/asyncio.html", "asyncio", 4.0),
        WebSearched("asyncio timeout", "google.com"),
        WebVisited("https://example.org/", "asyncio"),
    ]
    assert [event.time for event in events] == [at(1), at(8), at(10)]
    assert {event.source for event in events} == {Source.ACTIVITYWATCH}
    assert since == at(10)


async def test_heartbeats_over_polls_are_one_event(server: Server, watch: ActivityWatch) -> None:
    server.bucket("window", "currentwindow")
    since, found = BASE, []
    for second in range(1, 100, 4):
        server.beat("window", second, app="kitty", title="vim")
        events, since = await watch.poll(since)
        found += events
    assert told(found) == [WindowFocused("kitty", "vim")]
    server.beat("window", 103, app="kitty", title="less")
    server.beat("window", 104, app="kitty", title="vim")
    events, since = await watch.poll(since)
    assert told(events) == [WindowFocused("kitty", "less"), WindowFocused("kitty", "vim")]
    assert await watch.poll(since) == ([], since)


async def test_the_same_page_with_another_title_or_sound_is_no_new_visit(
    server: Server, watch: ActivityWatch
) -> None:
    server.bucket("web", "web.tab.current")
    server.beat("web", 1, url="https://example.org/", title="Loading…", audible=False, incognito=False)
    events, since = await watch.poll(BASE)
    assert told(events) == [WebVisited("https://example.org/", "Loading…")]
    server.beat("web", 2, url="https://example.org/", title="Song", audible=True, incognito=False)
    assert told((await watch.poll(since))[0]) == []


async def test_idling_begins_late_and_ends(server: Server, watch: ActivityWatch) -> None:
    server.bucket("afk", "afkstatus")
    server.bucket("window", "currentwindow")
    server.beat("afk", 1, status="not-afk")
    server.beat("window", 900, app="kitty", title="vim")
    events, since = await watch.poll(BASE)
    assert told(events) == [WindowFocused("kitty", "vim")]
    server.beat("afk", 300, status="afk")  # noticed after minutes, dated back to the last key
    events, since = await watch.poll(since)
    assert [(event.time, event.data) for event in events] == [(at(300), IdleBegan())]
    server.beat("afk", 1500, status="afk")
    events, since = await watch.poll(since)
    assert events == []
    server.beat("afk", 1800, status="not-afk")
    events, since = await watch.poll(since)
    assert [(event.time, event.data) for event in events] == [(at(1800), IdleEnded(seconds=1500.0))]


async def test_a_start_in_the_middle_of_idling_knows_when_it_began(server: Server) -> None:
    server.bucket("afk", "afkstatus")
    server.beat("afk", 100, status="afk")
    server.beat("afk", 700, status="not-afk")
    watch = ActivityWatch(server.url)
    events, _ = await watch.poll(at(600))
    assert told(events) == [IdleEnded(seconds=600.0)]
    await watch.aclose()


async def test_editor_activity(server: Server, watch: ActivityWatch, tmp_path: Path) -> None:
    server.bucket("editor", "app.editor.activity")
    file = tmp_path / "a b.py"
    server.beat("editor", 1, file=str(file), project=str(tmp_path), language="python")
    server.beat("editor", 2, file="unknown", project="unknown", language="unknown")
    server.beat("editor", 3, file=str(tmp_path / "b"), project="app", language="unknown")
    events, _ = await watch.poll(BASE)
    assert told(events) == [DocumentFocused(), DocumentFocused()]
    assert events[0].where.uri == file.as_uri()
    assert (events[0].where.workspace, events[0].where.language) == (tmp_path.as_uri(), "python")
    assert (events[1].where.workspace, events[1].where.language) == (None, None)


async def test_only_what_began_after_the_given_time(server: Server) -> None:
    server.bucket("window", "currentwindow")
    for second, title in ((1, "old"), (30, "running"), (32, "running"), (40, "new")):
        server.beat("window", second, app="x", title=title)
    watch = ActivityWatch(server.url)
    assert told((await watch.poll(at(31)))[0]) == [WindowFocused("x", "new")]
    await watch.aclose()


async def test_events_of_several_buckets_are_in_order_and_late_ones_not_lost(
    server: Server, watch: ActivityWatch
) -> None:
    server.bucket("window", "currentwindow")
    server.bucket("web", "web.tab.current")
    server.beat("window", 3, app="firefox", title="b")
    server.beat("web", 2, url="https://example.org/2", title="", incognito=False)
    server.beat("window", 9, app="firefox", title="c")
    events, since = await watch.poll(BASE)
    assert [event.time for event in events] == [at(2), at(3), at(9)]
    server.beat("web", 7.5, url="https://example.org/7", title="", incognito=False)
    events, since = await watch.poll(since)
    assert told(events) == [WebVisited("https://example.org/7", "")]
    assert since == at(9)


async def test_a_long_history_is_told_whole(
    server: Server, watch: ActivityWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("proactive_collectors.activitywatch.MAX_ROWS", 7)
    server.bucket("window", "currentwindow")
    server.bucket("web", "web.tab.current")
    rows = [
        {"timestamp": at(second).isoformat(), "duration": 1.5, "data": {"app": "x", "title": str(second)}}
        for second in range(0, 120, 2)
    ]
    server.post("window/events", rows)
    server.beat("web", 31, url="https://example.org/", title="", incognito=False)
    events = await watch.history(at(10), at(100))
    assert [event.time for event in events] == [at(s) for s in sorted([*range(12, 101, 2), 31])]
    assert await watch.history(at(10), at(100)) == events
    assert await watch.history(at(200), at(300)) == []


async def test_buckets_of_no_use_are_passed_over(server: Server, watch: ActivityWatch) -> None:
    for name, kind in (("other", "os.hid.input"), ("window-synced-from-laptop", "currentwindow")):
        server.bucket(name, kind)
        server.beat(name, 1, app="x", title="y")
    server.bucket("window", "currentwindow")
    server.beat("window", 1, app=["not", "text"], title=None)
    future = {"timestamp": "9999-01-01T00:00:00+00:00", "duration": 0, "data": {"app": "x", "title": "never"}}
    server.post("window/events", [future])
    assert await watch.poll(BASE) == ([], at(1))


async def test_the_server_goes_away_and_comes_back(tmp_path: Path) -> None:
    server = Server(tmp_path)
    watch = ActivityWatch(server.url)
    with pytest.raises(SourceError, match="start it"):
        await watch.poll(BASE)
    server.start()
    try:
        server.bucket("window", "currentwindow")
        server.beat("window", 1, app="x", title="before")
        events, since = await watch.poll(BASE)
        assert told(events) == [WindowFocused("x", "before")]
        server.stop()
        with pytest.raises(SourceError, match="start it"):
            await watch.poll(since)
        server.start()
        server.beat("window", 2, app="x", title="before")
        server.beat("window", 3, app="x", title="after")
        events, since = await watch.poll(since)
        assert told(events) == [WindowFocused("x", "after")]
    finally:
        server.stop()
        await watch.aclose()


# --- servers that answer otherwise -------------------------------------------------------------------------


Respond = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def serve() -> Iterator[Callable[[Respond], str]]:
    """Starts a real HTTP server that answers as the given function does, and gives its address."""
    servers: list[ThreadingHTTPServer] = []

    def start(respond: Respond) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                respond(self)

            def log_message(self, *_: Any) -> None:
                pass

        http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        http.daemon_threads = True
        servers.append(http)
        threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{http.server_port}"

    yield start
    for http in servers:
        http.shutdown()
        http.server_close()


def answer(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


async def poll(url: str, key: str | None = None) -> tuple[list[Event], datetime]:
    watch = ActivityWatch(url, key)
    try:
        return await watch.poll(BASE)
    finally:
        await watch.aclose()


async def test_the_key_is_passed_and_kept_out_of_messages(serve: Callable[[Respond], str]) -> None:
    keys: list[str | None] = []

    def respond(handler: BaseHTTPRequestHandler) -> None:
        keys.append(handler.headers.get("Authorization"))
        answer(handler, b"{}", 200 if keys[-1] == "Bearer open sesame" else 401)

    url = serve(respond)
    assert await poll(url, "open sesame") == ([], BASE)
    with pytest.raises(SourceError, match="set its key"):
        await poll(url)
    with pytest.raises(SourceError, match="set the right key") as caught:
        await poll(url, "wrong-key")
    assert "wrong-key" not in str(caught.value)
    assert keys == ["Bearer open sesame", None, "Bearer wrong-key"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"<html>", 200),
        (b"[]", 200),
        (b"", 200),
        (b"\xff\xfe", 200),
        (b"[" * 200_000, 200),
        (b"{}", 500),
        (b"{}", 302),
        (b'{"w": {"type": "currentwindow"}}', 200),
        (b'"' + b"x" * 9_000_000 + b'"', 200),
    ],
)
async def test_something_else_answers(serve: Callable[[Respond], str], body: bytes, status: int) -> None:
    def respond(handler: BaseHTTPRequestHandler) -> None:
        with suppress(ConnectionError):  # the reader may have enough
            answer(handler, body, status, Location="http://example.org/")

    with pytest.raises(SourceError, match="check the address"):
        await poll(serve(respond))


async def test_a_connection_cut_short(serve: Callable[[Respond], str]) -> None:
    def respond(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"{")

    with pytest.raises(SourceError, match="check the address"):
        await poll(serve(respond))


@pytest.mark.parametrize("trickle", [False, True])
async def test_a_server_that_is_slow(
    serve: Callable[[Respond], str], monkeypatch: pytest.MonkeyPatch, trickle: bool
) -> None:
    monkeypatch.setattr("proactive_collectors.activitywatch.REQUEST_SECONDS", 0.3 if not trickle else 5.0)
    monkeypatch.setattr("proactive_collectors.activitywatch.POLL_SECONDS", 0.3 if trickle else 5.0)
    done = threading.Event()

    def respond(handler: BaseHTTPRequestHandler) -> None:
        with suppress(ConnectionError):
            if trickle:
                handler.send_response(200)
                handler.send_header("Content-Length", "100000")
                handler.end_headers()
            while not done.wait(0.05):
                if trickle:
                    handler.wfile.write(b" ")

    try:
        with pytest.raises(SourceError, match="restart it"):
            await poll(serve(respond))
    finally:
        done.set()


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("http://example.org:5600", "another machine"),
        ("http://192.168.1.5:5600", "another machine"),
        ("http://localhost.example.org", "another machine"),
        ("http://127.0.0.1@example.org/", "another machine"),
        ("ftp://127.0.0.1", "use one like"),
        ("127.0.0.1:5600", "use one like"),
        ("http://127.0.0.1:99999", "use one like"),
        ("http://[", "use one like"),
        ("", "use one like"),
    ],
)
def test_addresses_that_are_refused(url: str, advice: str) -> None:
    with pytest.raises(SourceError, match=advice):
        ActivityWatch(url)


@pytest.mark.parametrize("url", ["http://localhost:5600", "http://127.1.2.3", "http://[::1]:5600/"])
def test_addresses_of_this_machine(url: str) -> None:
    assert ActivityWatch(url).url == url.rstrip("/")


def test_another_machine_only_on_request() -> None:
    assert ActivityWatch("http://example.org:5600", allow_remote=True).url == "http://example.org:5600"


async def test_the_environment_names_no_proxy(
    serve: Callable[[Respond], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert await poll(serve(lambda handler: answer(handler, b"{}"))) == ([], BASE)


def test_httpx_is_loaded_only_when_needed() -> None:
    code = (
        "import sys, proactive_collectors.activitywatch as a; a.ActivityWatch(); sys.exit('httpx' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.just("afk")
    | st.just("\ud800"),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["url", "app", "title", "status", "file", "incognito", "x"]), inner, max_size=4
        )
    ),
    max_leaves=6,
)
ROWS = st.lists(
    JSON
    | st.fixed_dictionaries(
        {
            "timestamp": JSON
            | st.sampled_from([at(1).isoformat(), at(2).isoformat(), "0001-01-01T00:00:00+14:00"]),
            "duration": JSON,
            "data": JSON,
        }
    ),
    max_size=5,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(["web.tab.current", "currentwindow", "afkstatus", "app.editor.activity"]), ROWS)
async def test_any_rows_give_events_that_can_be_kept(kind: str, rows: list[Any]) -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        listing = {"b": {"type": kind}, "c": 1, "\ud800": {"type": kind}, "..": {"type": kind}, "d": {"type": []}}
        body = listing if request.url.path.endswith("/buckets/") else rows
        return httpx.Response(200, content=json.dumps(body).encode())

    watch = ActivityWatch(transport=httpx.MockTransport(respond))
    events, since = await watch.poll(BASE)
    assert since >= BASE
    for event in events:
        assert from_json(to_json(event)) == event
    assert await watch.poll(since) == ([], since)
    await watch.aclose()
