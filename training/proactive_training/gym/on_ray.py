"""Work handed to a Ray cluster (the extra ``ray``) as it is handed to processes of this machine: an executor.

The cluster is there already: ``ray start --head`` begins one, ``RAY_ADDRESS`` names another. Its machines have
this program installed, and see the same files under the same paths. What a lost worker was doing is done again.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

from attrs import frozen

from proactive_collectors.errors import ProactiveError
from proactive_training.errors import DataError
from proactive_training.gym.transcript import Purse, Spent, StoppedError, Terms

TRIES_AFTER_LOSS = 5
"""How often a piece of work is begun anew when its worker was lost."""

REACH_SECONDS = 10.0
"""That a cluster has to answer."""

_T = TypeVar("_T")


@frozen
class _Raised:
    """An error of this project's, sent as it is: Ray would wrap it in a traceback."""

    error: ProactiveError


class RayExecutor(Executor):
    """Runs functions of modules on a cluster.

    Args:
        cpus: how much of a processor a call takes; calls that wait for a server take little.
    """

    def __init__(self, cpus: float = 1.0) -> None:
        """Connect.

        Raises:
            DataError: Ray is not installed, or there is no cluster.
        """
        self._ray = connected()
        self._call = self._ray.remote(num_cpus=cpus, max_retries=TRIES_AFTER_LOSS)(_call)

    @property
    def workers(self) -> int:
        """How many processors the cluster has."""
        return max(1, int(self._ray.cluster_resources().get("CPU", 1)))

    def submit(self, fn: Callable[..., _T], /, *args: Any, **kwargs: Any) -> Future[_T]:
        """As :meth:`Executor.submit`; arguments and result travel, and so are copies.

        The future raises :class:`DataError` where the cluster, or the worker again and again, was lost.
        """
        outer: Future[_T] = Future()
        self._call.remote(fn, args, kwargs).future().add_done_callback(lambda inner: self._pass_on(inner, outer))
        return outer

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let the cluster go, which ends what is under way; the cluster stays as it was."""
        self._ray.shutdown()

    def _pass_on(self, inner: Future[Any], outer: Future[Any]) -> None:
        if not outer.set_running_or_notify_cancel():
            return
        error = inner.exception()
        if error is None:
            result = inner.result()
            if isinstance(result, _Raised):
                outer.set_exception(result.error)
            else:
                outer.set_result(result)
        elif isinstance(error, self._ray.exceptions.RayTaskError):
            outer.set_exception(error)
        else:
            outer.set_exception(
                DataError(
                    f"the Ray cluster failed ({type(error).__name__}), or lost a worker {TRIES_AFTER_LOSS + 1} "
                    "times; look at it with 'ray status'. The same command goes on from what is done"
                )
            )


def _call(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    try:
        return fn(*args, **kwargs)
    except ProactiveError as error:
        return _Raised(error)


def connected() -> Any:
    """The module ``ray``, connected to the cluster that ``RAY_ADDRESS`` names or that runs on this machine.

    Raises:
        DataError: Ray is not installed, or there is no cluster.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is told to anybody
    try:
        import ray
    except ImportError as error:
        raise DataError("--engine ray needs Ray; install it by: pip install 'proactive-lsp[ray]'") from error
    address = os.environ.get("RAY_ADDRESS") or "auto"
    try:
        _reach(address)
        ray.init(
            address=address,
            log_to_driver=False,
            logging_level=logging.ERROR,
            ignore_reinit_error=True,
        )
    except (OSError, RuntimeError, ValueError) as error:
        raise DataError(
            f"no Ray cluster can be reached ({str(error).splitlines()[0]}); start one with 'ray start --head', "
            "or name one in RAY_ADDRESS"
        ) from error
    return ray


def _reach(address: str) -> None:
    """See whether anybody listens there: Ray itself tries for minutes.

    Raises:
        OSError: nobody does.
    """
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if host and port.isdigit():
        socket.create_connection((host.strip("[]"), int(port)), timeout=REACH_SECONDS).close()


# --- a purse for all workers ---------------------------------------------------------------------------------


class SharedPurse:
    """A :class:`Purse` in a process of the cluster; copies of it, in any process, are the same purse."""

    def __init__(self, terms: Terms, spent: Spent) -> None:
        """Make one in a cluster that is :func:`connected`."""
        import ray

        self.terms = terms
        self._bank = ray.remote(num_cpus=0)(_Bank).remote(terms, spent)

    @property
    def spent(self) -> Spent:
        """What is spent by all."""
        found: Spent = self._asked("spent")
        return found

    @property
    def stopped(self) -> bool:
        """Whether nobody may ask any more."""
        return bool(self._asked("stopped"))

    def stop(self) -> None:
        """Let nobody ask any more."""
        self._asked("stop")

    def check(self) -> None:
        """See :meth:`Purse.check`."""
        if not self._asked("may_ask"):
            raise StoppedError("nothing more may be asked in this run")

    def add(self, spent: Spent) -> None:
        """Count an answer."""
        self._asked("add", spent)

    def _asked(self, what: str, *args: Any) -> Any:
        import ray

        return ray.get(getattr(self._bank, what).remote(*args))


class _Bank:
    """Holds the purse."""

    def __init__(self, terms: Terms, spent: Spent) -> None:
        self._purse = Purse(terms, spent)

    def spent(self) -> Spent:
        return self._purse.spent

    def stopped(self) -> bool:
        return self._purse.stopped

    def stop(self) -> None:
        self._purse.stop()

    def may_ask(self) -> bool:
        return not (self._purse.empty or self._purse.stopped)

    def add(self, spent: Spent) -> None:
        self._purse.add(spent)
