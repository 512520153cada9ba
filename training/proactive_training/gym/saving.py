"""Keeps an episode between two turns and goes on with it later: the same acts, events and answers come.

What is kept is plain JSON. It holds for a loop that is set up again in the same way: the same scene, models and
seeds.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

import orjson

from proactive_training.errors import DataError
from proactive_training.gym.loop import Awaited, Episode, Loop
from proactive_training.gym.plain import plain, structured

VERSION = 1


@runtime_checkable
class Resumable(Protocol):
    """An environment, user or assistant that can be kept."""

    def state(self) -> dict[str, Any]:
        """All that must be known to go on, as plain JSON.

        Raises:
            DataError: it cannot be kept as it is.
        """

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from there.

        Raises:
            DataError: it is no such state.
        """


def saved(loop: Loop) -> bytes:
    """A loop between two turns (:meth:`~proactive_training.gym.loop.Loop.turn`), as JSON on one line.

    Raises:
        DataError: a part of it cannot be kept, such as the agent of the language server.
    """
    whole = {
        "version": VERSION,
        "now": plain(loop.now),
        "awaited": plain(loop.awaited) if loop.awaited is not None else None,
        "episode": plain(loop.episode),
        **{name: _part(part).state() for name, part in _parts(loop).items()},
    }
    return orjson.dumps(whole)


def resume(loop: Loop, line: bytes | str) -> None:
    """Have a loop that was just set up go on from where another was saved.

    Raises:
        DataError: it is no saved episode, or of other parts than these.
    """
    try:
        whole = orjson.loads(line)
        if whole["version"] != VERSION:
            raise DataError("the episode was saved by another version; begin it anew")
        for name, part in _parts(loop).items():
            _part(part).restore(whole[name])
        awaited = structured(whole["awaited"], Awaited) if whole["awaited"] is not None else None
        loop.resume(structured(whole["now"], datetime), awaited, structured(whole["episode"], Episode))
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise DataError(f"this is no saved episode of such a loop ({error!r}); begin it anew") from error


def _parts(loop: Loop) -> dict[str, object]:
    return {"environment": loop.environment, "user": loop.user, "assistant": loop.assistant}


def _part(part: object) -> Resumable:
    if not isinstance(part, Resumable):
        raise DataError(
            f"an episode with a {type(part).__name__} cannot be saved midway; run it anew from its seed"
        )
    return part
