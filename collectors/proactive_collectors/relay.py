"""How a wrapped run reaches the language servers of its workspace: a local socket that only its user may open.

Every server listens on a Unix-domain socket of its own in a folder that only the user can enter. A sender offers
its event to all of them; each knows its workspace folders as they are now, so it answers itself whether the event
is one of its own. Nothing that could go stale is written down.

The protocol: the sender writes one event a line, in the JSON form of :mod:`proactive_collectors.event_json`, with
the kind ``terminal.run``; the server answers each line with ``1`` (taken), ``0`` (ran outside its folders) or
``!`` (no such event), and a line feed. A line ``?/a/folder`` asks whether a run there would be taken.

On Windows nothing listens, and nobody is reached: runs go to the journal.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
import re
import secrets
import selectors
import socket
import stat
import struct
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import attrs

from proactive_collectors.errors import BadEventError, SourceError
from proactive_collectors.event_json import from_json, to_json
from proactive_collectors.events import Event, TerminalRun
from proactive_collectors.uris import to_uri

MAX_LINE = 1 << 20
"""Bytes of one event."""

SEND_SECONDS = 0.2
"""How long a sender waits for all servers together."""

IDLE_SECONDS = 10.0
"""How long a server keeps a connection on which nothing comes."""

MAX_CONNECTIONS = 32
"""At once; further ones are closed unheard."""

STALE_SECONDS = 60.0
"""Age at which a socket that refuses connections is removed even though its process number is in use (again)."""

_MAX_PATH = 100
"""Bytes of a socket's path: the system's limit is 104 (macOS) or 108 (Linux), its end included."""

_NAME = re.compile(r"^(?P<pid>\d{1,10})-[0-9a-f]{8}\.sock$")
_NAME_BYTES = 10 + 1 + 8 + 5
_log = logging.getLogger(__name__)


def runtime_folder() -> Path:
    """Where the sockets are: below ``$PROACTIVE_STATE_DIR`` if that is set, else in the user's runtime folder."""
    if state := os.environ.get("PROACTIVE_STATE_DIR"):
        folder = Path(state).expanduser().absolute() / "run"
    else:
        from platformdirs import user_runtime_path

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it is not set, over ssh or in a container, is no one's mistake
            folder = user_runtime_path("proactive-lsp", appauthor=False)
    if len(os.fsencode(folder)) + 1 + _NAME_BYTES > _MAX_PATH:
        digest = hashlib.blake2b(os.fsencode(folder), digest_size=6).hexdigest()
        temporary = tempfile.gettempdir()
        if len(os.fsencode(temporary)) > 40:
            temporary = "/tmp"
        folder = Path(temporary) / f"proactive-{os.getuid()}-{digest}"
    return folder


def _is_private(folder: Path) -> bool:
    """Whether nobody but this user can have put a socket there."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077


def _sockets(folder: Path) -> Iterator[tuple[Path, int]]:
    with contextlib.suppress(OSError):
        for path in sorted(folder.iterdir()):
            if match := _NAME.match(path.name):
                yield path, int(match["pid"])


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _remove_if_stale(path: Path, pid: int) -> None:
    """Remove a socket that refused a connection, unless its server may be just about to listen."""
    with contextlib.suppress(OSError):
        if not _alive(pid) or time.time() - path.lstat().st_mtime > STALE_SECONDS:
            path.unlink()


class RelayServer:
    """Takes the runs of the workspace folders and hands them to ``on_event``, in the event loop.

    ``folders`` is asked anew for each run; the event's ``where.workspace`` becomes the folder that it ran in.
    An ``on_event`` that raises is logged.
    """

    def __init__(self, folders: Callable[[], Sequence[Path]], on_event: Callable[[Event], None]) -> None:
        self._folders = folders
        self._on_event = on_event
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self.path: Path | None = None

    async def start(self) -> None:
        """Listen. On Windows it says in the log that runs cannot be relayed, and does nothing.

        Raises:
            SourceError: the folder for the socket cannot be made, or is not the user's own.
        """
        if sys.platform == "win32":
            _log.info("runs under 'proactive exec' reach the journal only: there are no local sockets on Windows")
            return
        folder = runtime_folder()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if folder.stat().st_uid == os.getuid() and not folder.is_symlink():
                folder.chmod(0o700)
        except OSError as error:
            raise SourceError(f"cannot make {folder} ({error.strerror}); runs are not relayed") from error
        if not _is_private(folder):
            raise SourceError(
                f"{folder} is not a folder of this user alone; remove it, and runs are relayed again"
            )
        for path, pid in _sockets(folder):
            if not _alive(pid):
                _remove_if_stale(path, pid)
        path = folder / f"{os.getpid()}-{secrets.token_hex(4)}.sock"
        try:
            self._server = await asyncio.start_unix_server(self._accept, path, limit=MAX_LINE)
            path.chmod(0o600)
        except OSError as error:
            raise SourceError(f"cannot listen at {path} ({error.strerror}); runs are not relayed") from error
        self.path = path

    async def close(self) -> None:
        """Stop listening and remove the socket. May be called twice."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
            for task in list(self._connections):
                task.cancel()
            await asyncio.gather(*self._connections, return_exceptions=True)
            await server.wait_closed()
        if self.path is not None:
            with contextlib.suppress(OSError):
                self.path.unlink()
            self.path = None

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            if len(self._connections) <= MAX_CONNECTIONS and _same_user(writer):
                await self._serve(reader, writer)
        except (OSError, TimeoutError, asyncio.CancelledError):
            pass  # the peer's affair, or ours at the end
        finally:
            self._connections.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                line = await asyncio.wait_for(reader.readline(), IDLE_SECONDS)
            except ValueError:  # longer than allowed: what follows cannot be told from its rest
                writer.write(b"!\n")
                await writer.drain()
                return
            if not line.endswith(b"\n"):
                return
            writer.write(self._take(line) + b"\n")
            await asyncio.wait_for(writer.drain(), IDLE_SECONDS)

    def _take(self, line: bytes) -> bytes:
        if line.startswith(b"?"):
            return b"1" if self._folder_of(os.fsdecode(line[1:-1])) else b"0"
        try:
            event = from_json(line)
        except BadEventError as error:
            _log.info("a relayed event makes no sense: %s", error)
            return b"!"
        if not isinstance(event.data, TerminalRun) or event.data.cwd is None:
            return b"!"
        try:
            folder = self._folder_of(event.data.cwd)
            if folder is None:
                return b"0"
            self._on_event(attrs.evolve(event, where=attrs.evolve(event.where, workspace=to_uri(folder))))
        except Exception:
            _log.exception("a relayed run could not be taken")
        return b"1"

    def _folder_of(self, cwd: str) -> Path | None:
        """The innermost folder that ``cwd`` lies in, links followed."""
        try:
            resolved = Path(cwd).resolve()
            around = [folder for folder in self._folders() if resolved.is_relative_to(folder.resolve())]
        except (OSError, ValueError, RuntimeError):
            return None
        return max(around, key=lambda folder: len(folder.resolve().parts), default=None)


def _same_user(writer: asyncio.StreamWriter) -> bool:
    """Whether the peer is this user, where the system tells; elsewhere the folder's permissions must do."""
    peer = writer.get_extra_info("socket")
    option = getattr(socket, "SO_PEERCRED", None)
    if peer is None or option is None:
        return True
    _, uid, _ = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, option, struct.calcsize("3i")))
    return bool(uid == os.getuid())


def send(event: Event, cwd: Path, *, seconds: float = SEND_SECONDS) -> int:
    """Offer a run to all servers of this user; how many took it, because their folders contain ``cwd``.

    Never raises, and takes no longer than ``seconds`` whatever the servers do.
    """
    if sys.platform == "win32" or not isinstance(event.data, TerminalRun):
        return 0
    if event.data.cwd != str(cwd):
        event = attrs.evolve(event, data=attrs.evolve(event.data, cwd=str(cwd)))
    try:
        line = to_json(event) + b"\n"
    except (TypeError, ValueError):
        return 0
    return _offer(line, seconds) if len(line) <= MAX_LINE else 0


def serving(folder: Path, *, seconds: float = SEND_SECONDS) -> int:
    """How many servers would take a run in ``folder``. Never raises, and takes no longer than ``seconds``."""
    line = b"?" + os.fsencode(folder.absolute()) + b"\n"
    return 0 if sys.platform == "win32" or b"\n" in line[:-1] else _offer(line, seconds)


def _offer(line: bytes, seconds: float) -> int:
    """Write the line to every socket and count the ones that answer ``1``, all at the same time."""
    deadline = time.monotonic() + seconds
    try:
        folder = runtime_folder()
    except (OSError, RuntimeError):
        return 0
    if not _is_private(folder):
        return 0
    taken = 0
    with contextlib.ExitStack() as stack, selectors.DefaultSelector() as selector:
        left: dict[int, bytes] = {}
        for path, pid in _sockets(folder):
            peer = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            peer.setblocking(False)
            try:
                peer.connect(os.fspath(path))
            except ConnectionRefusedError:
                _remove_if_stale(path, pid)
                continue
            except OSError:  # its queue is full, since it hangs
                continue
            left[peer.fileno()] = line
            selector.register(peer, selectors.EVENT_READ | selectors.EVENT_WRITE)
        while left and (remaining := deadline - time.monotonic()) > 0:
            for key, events in selector.select(remaining):
                peer = key.fileobj  # type: ignore[assignment]
                try:
                    if events & selectors.EVENT_WRITE:
                        left[key.fd] = left[key.fd][peer.send(left[key.fd]) :]
                        if not left[key.fd]:
                            selector.modify(peer, selectors.EVENT_READ)
                    if not events & selectors.EVENT_READ:
                        continue
                    taken += peer.recv(1) == b"1"
                except BlockingIOError:
                    continue
                except OSError:
                    pass
                selector.unregister(peer)
                del left[key.fd]
    return taken
