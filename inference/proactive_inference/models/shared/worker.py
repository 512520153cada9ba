"""The process that holds a model: ``python -m proactive_inference.models.shared.worker WANTED WAIT_FOR_LOCK``.

It says one line on its output, ``{}`` once it listens, ``{"busy": true}`` or ``{"error": …}``, and nothing after
that. See :mod:`starting` for who starts it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Any

from proactive_inference.errors import ModelError
from proactive_inference.models.shared.answering import Answering, set_threads
from proactive_inference.models.shared.held import find_held
from proactive_inference.models.shared.lock import ProcessLock
from proactive_inference.models.shared.log import log_to
from proactive_inference.models.shared.places import LOCK, program_version
from proactive_inference.models.shared.service import SIGNALLED, Service
from proactive_inference.models.shared.starting import Wanted
from proactive_inference.models.shared.wire import new_token

_log = logging.getLogger("proactive_inference.models.shared.worker")


def main() -> None:
    """Serve until nobody wants it any more."""
    wanted, wait_for_lock = Wanted.from_json(sys.argv[1]), float(sys.argv[2])
    _go_last(wanted.limits.niceness)
    set_threads(wanted.limits.threads_used)
    os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}  # nothing is fetched behind anyone's back
    log_to(wanted.folder)
    lock = ProcessLock(wanted.folder / LOCK)
    try:
        if not lock.acquire(wait_for_lock):
            _say({"busy": True})
            return
        asyncio.run(_serve(wanted))
    except OSError as error:
        _say({"error": _no_room(wanted, error)})
    except ModelError as error:
        _say({"error": str(error)})
    logging.shutdown()
    os._exit(0)  # the model's thread may be in the middle of a step


def _go_last(niceness: int) -> None:
    """Let other programs go first.

    Linux may share the processor among sessions before it looks at the processes in them; a worker has a session
    of its own: that is to stand back as well.
    """
    if hasattr(os, "nice"):
        os.nice(niceness)
    with contextlib.suppress(OSError):  # another system, or not shared so
        Path("/proc/self/autogroup").write_text(str(niceness), encoding="ascii")


async def _serve(wanted: Wanted) -> None:
    loop = asyncio.get_running_loop()
    files = find_held(wanted.model)

    def on_failure(why: str, text: str) -> None:
        loop.call_soon_threadsafe(service.fail, why, text)

    limits = wanted.limits
    answering = Answering(files, limits, device=wanted.device, dtype=wanted.dtype, on_failure=on_failure)
    service = Service(files, limits, wanted.folder, answering)
    if os.name != "nt":
        loop.add_signal_handler(signal.SIGTERM, service.end, SIGNALLED)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    server, announced = await service.listen(new_token())
    _log.info("proactive-lsp %s serves %s at port %d", program_version(), files.name, announced.port)
    _say({})
    answering.start()
    _log.info("ends: %s", await service.run(server))


def _say(frame: dict[str, Any]) -> None:
    """Tell who started it, if they still listen, and nothing after that."""
    with contextlib.suppress(OSError):
        print(json.dumps(frame), flush=True)  # noqa: T201 - this is the answer
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.close(silent)


def _no_room(wanted: Wanted, error: OSError) -> str:
    return (
        f"the worker of {wanted.model} cannot be set up in {wanted.folder} ({error.strerror or error}); make room "
        "there or mend its permissions, or set PROACTIVE_STATE_DIR to another folder of yours"
    )


if __name__ == "__main__":
    main()
