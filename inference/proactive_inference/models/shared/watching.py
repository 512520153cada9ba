"""When a worker is to end by itself, and what those who wait are told then."""

from __future__ import annotations

from attrs import frozen

from proactive_inference.models.shared.answering import State
from proactive_inference.models.shared.limits import Limits, gigabytes

HEARD_SECONDS = 20.0
"""How long a worker that could not load its model waits for somebody to tell it to."""

FAR_OVER = 1.25
"""Times the memory limit at which the worker ends at once, where the system does not refuse memory by itself."""


@frozen
class Ending:
    """Why a worker ends."""

    why: str  #: for the log
    error: str  #: for those who wait
    kind: str = "again"  #: of the error, as :mod:`call` understands it

    @property
    def frame(self) -> dict[str, str]:
        """The last thing that those who wait hear."""
        return {"error": self.error, "kind": self.kind}


@frozen
class Seen:
    """A worker at one moment."""

    name: str  #: of its model
    announced: bool  #: its file is there
    state: State
    since: float  #: seconds that it has been in this state
    memory: int  #: bytes in use
    weighed: bool  #: more than the libraries is being loaded, or is
    asked: bool  #: somebody waits for an answer
    idle: float  #: seconds since somebody did
    failure: Ending | None  #: why the model could not be loaded


def reason_to_end(seen: Seen, limits: Limits) -> Ending | None:
    """Why the worker has to end now, if it has to."""
    name, limit, taken = seen.name, gigabytes(limits.memory), gigabytes(seen.memory)
    if not seen.announced:
        return Ending("its file is gone", "the model's worker ended; ask again")
    if seen.state is State.FAILED:
        return seen.failure if seen.since > HEARD_SECONDS else None
    if seen.state is State.LOADING:
        if seen.since > limits.load_seconds:
            text = (
                f"loading {name} took longer than {limits.load_seconds:g} s; see whether its disk answers, allow "
                "more time, or take a smaller model"
            )
            return Ending("loading took too long", text, "worker")
        if seen.weighed and seen.memory > limits.memory:
            text = (
                f"loading {name} took {taken} of memory, and the limit is {limit}; raise the limit, or take a "
                "smaller model"
            )
            return Ending("loading took too much memory", text, "setup")
        return None
    if seen.memory > FAR_OVER * limits.memory or (seen.memory > limits.memory and not seen.asked):
        text = (
            f"the worker of {name} took {taken} of memory, and the limit is {limit}; it starts again when it is "
            "asked again; tell it fewer events, or raise the limit"
        )
        return Ending("it took too much memory", text, "worker")
    if not seen.asked and seen.idle > limits.idle_seconds:
        return Ending("nobody asks it", "the model's worker ended; ask again")
    return None
