"""Notices that the client's process has ended, without asking again and again."""

from __future__ import annotations

import asyncio
import logging
import os
import select
import threading
from collections.abc import Callable
from typing import Any

log = logging.getLogger(__name__)


def watch_process(pid: int, gone: Callable[[], None]) -> Callable[[], None]:
    """Call ``gone`` in the running loop once the process ``pid`` has ended; what is returned stops the watching.

    A client may run where its process number means nothing (in another container, on another machine): a number
    that names no process is passed over, and the end of the connection alone ends the server.
    """
    loop = asyncio.get_running_loop()
    if pid <= 0 or pid == os.getpid():
        return lambda: None
    try:
        if hasattr(os, "pidfd_open"):
            return _watch_descriptor(loop, os.pidfd_open(pid), gone)
        if os.name == "nt":
            return _watch_handle(loop, pid, gone)
        if hasattr(select, "kqueue"):
            return _watch_kqueue(loop, pid, gone)
    except (OSError, NotImplementedError) as error:
        log.info("the client's process %d cannot be watched: %s", pid, error)
    return lambda: None


def _watch_descriptor(
    loop: asyncio.AbstractEventLoop, descriptor: int, gone: Callable[[], None]
) -> Callable[[], None]:
    open_ = True

    def stop() -> None:
        nonlocal open_
        if open_:
            open_ = False
            loop.remove_reader(descriptor)
            os.close(descriptor)

    def ended() -> None:
        stop()
        gone()

    loop.add_reader(descriptor, ended)
    return stop


def _watch_kqueue(loop: asyncio.AbstractEventLoop, pid: int, gone: Callable[[], None]) -> Callable[[], None]:
    bsd: Any = select  # what this system has is not what the type checker's has
    queue = bsd.kqueue()
    event = bsd.kevent(pid, bsd.KQ_FILTER_PROC, bsd.KQ_EV_ADD, bsd.KQ_NOTE_EXIT)
    queue.control([event], 0, 0)
    return _watch_descriptor(loop, os.dup(queue.fileno()), gone)


def _watch_handle(loop: asyncio.AbstractEventLoop, pid: int, gone: Callable[[], None]) -> Callable[[], None]:
    import ctypes

    windows: Any = ctypes
    kernel = windows.windll.kernel32
    synchronize = 0x00100000
    handle = kernel.OpenProcess(synchronize, False, pid)
    if not handle:
        raise OSError(f"no process {pid}")
    stopped = False

    def wait() -> None:
        kernel.WaitForSingleObject(handle, 0xFFFFFFFF)
        kernel.CloseHandle(handle)
        if not stopped:
            loop.call_soon_threadsafe(gone)

    def stop() -> None:
        nonlocal stopped
        stopped = True

    threading.Thread(target=wait, name="client-process", daemon=True).start()
    return stop
