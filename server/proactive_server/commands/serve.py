"""``proactive serve``: runs the language server over standard input and output, or a loopback socket."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

_TCP_HELP = "Listen on this loopback address instead, for one client: 127.0.0.1:PORT; port 0 takes a free one."
_LOG_HELP = "Write the log to this file; without it, it goes to standard error."

_PATIENCE_SECONDS = 8.0
"""How long a process that was told to end may take; as its own end is given 5, and a locked journal 1."""

_LOOPBACK_ONLY = (
    "the server listens on loopback addresses only, since whoever reaches it sees what you type; "
    "give --tcp 127.0.0.1:PORT, and reach it from elsewhere through ssh -L"
)


def run(argv: Sequence[str]) -> int:
    """Serve until the client is gone; the exit code. This is the way an editor starts it, so it imports little."""
    if argv in ([], ["--stdio"]):
        _log_to(None)
        return serve()
    import argparse

    parser = argparse.ArgumentParser(prog="proactive serve", description=__doc__, add_help=False)
    parser.add_argument("--stdio", action="store_true")  # what some editors append of themselves
    parser.add_argument("--tcp", metavar="HOST:PORT", help=_TCP_HELP)
    parser.add_argument("--log-file", type=Path, help=_LOG_HELP)
    options, unknown = parser.parse_known_args(argv)
    # Editors add options of their own (--clientProcessId=…); only those that are surely mistakes are turned down.
    if any(not word.startswith("--") for word in unknown):
        parser.error(f"what is {' '.join(unknown)}? See 'proactive serve --help'")
    address = None
    if options.tcp is not None:
        try:
            address = loopback(options.tcp)
        except ValueError as error:
            print(f"proactive: {error}", file=sys.stderr)  # noqa: T201
            return 2
    try:
        _log_to(options.log_file)
    except OSError as error:
        print(f"proactive: cannot write the log to {options.log_file}: {error.strerror}", file=sys.stderr)  # noqa: T201
        return 2
    return serve(address)


def serve(address: tuple[str, int] | None = None) -> int:
    """Run the server; on ``address``, or over standard input and output."""
    import asyncio

    from proactive_server import transport
    from proactive_server.server import Application

    async def main() -> int:
        app = Application()
        connection = app.connect()
        _end_on_signals(connection.end)
        try:
            if address is None:
                return await transport.serve_stdio(connection, app.language_server)
            return await transport.serve_tcp(connection, app.language_server, *address)
        finally:
            await app.close()

    try:
        return asyncio.run(main())
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        print(f"proactive: cannot serve: {error.strerror or error}", file=sys.stderr)  # noqa: T201
        return 1


def _end_on_signals(end: Callable[[int], None]) -> None:
    """Have a signal that ends a process call ``end`` in the running loop: what was seen is kept.

    The loop may be held up, by a client that does not read what it is told; after a while the process ends anyway.
    """
    import asyncio
    import os
    import signal
    import threading

    loop = asyncio.get_running_loop()

    def told(number: int, _: object) -> None:
        code = 128 + number
        timer = threading.Timer(_PATIENCE_SECONDS, os._exit, (code,))
        timer.daemon = True
        timer.start()
        with contextlib.suppress(RuntimeError):  # the loop has ended by itself
            loop.call_soon_threadsafe(end, code)

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has one of them
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # as nohup has it
            signal.signal(number, told)


def loopback(text: str) -> tuple[str, int]:
    """Read ``HOST:PORT`` (or a port alone).

    Raises:
        ValueError: it is no address, or not one of this machine alone; the message says what to do.
    """
    import ipaddress

    host, _, port = text.rpartition(":")
    host = host.strip("[]") or "127.0.0.1"
    if not port.isdecimal() or int(port) > 65535:
        raise ValueError(f"'{text}' is no address; give --tcp 127.0.0.1:PORT")
    if host == "localhost":
        host = "127.0.0.1"
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise ValueError(_LOOPBACK_ONLY)
    return host, int(port)


def _log_to(path: Path | None) -> None:
    handler: logging.Handler = logging.StreamHandler(sys.stderr)
    if path is not None:
        handler = logging.FileHandler(path, encoding="utf-8", delay=False)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.WARNING)
    logging.getLogger("pygls").setLevel(logging.ERROR)  # its lower levels carry the text of documents


def __getattr__(name: str) -> Any:
    # The command line's library is only wanted for --help; the server starts without it.
    if name != "app":
        raise AttributeError(name)
    return _app()


def _app() -> Any:
    import typer

    app = typer.Typer(add_completion=False)

    @app.command()
    def command(
        # As defaults, not within the annotations: those are read where this function's imports are not seen.
        tcp: str | None = typer.Option(None, help=_TCP_HELP, metavar="HOST:PORT"),
        log_file: str | None = typer.Option(None, help=_LOG_HELP, metavar="FILE"),
    ) -> None:
        """Run the language server, as an editor does: over standard input and output, unless told otherwise."""
        argv = [*(["--tcp", tcp] if tcp else []), *(["--log-file", log_file] if log_file else [])]
        raise typer.Exit(run(argv))

    return app
