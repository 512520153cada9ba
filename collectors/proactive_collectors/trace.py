"""Ordered runs of events: a whole sitting (`Trace`) and its last stretch (`Window`)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from attrs import frozen

from proactive_collectors.events import Event, Payload

WINDOW_EVENTS = 64
"""How many events a window holds at most."""

WINDOW_SPAN = timedelta(minutes=45)
"""How far back a window reaches at most."""


@frozen
class Trace:
    """The events of one sitting, oldest first."""

    name: str
    events: tuple[Event, ...] = ()

    def window(self, index: int) -> Window:
        """What was known at event ``index``; see :func:`window_at`."""
        return window_at(self.events, index)


@frozen
class Window:
    """The last stretch of a trace, oldest event first: what a model sees."""

    events: tuple[Event, ...] = ()

    def __len__(self) -> int:
        return len(self.events)

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)

    @property
    def last(self) -> Event | None:
        """The newest event."""
        return self.events[-1] if self.events else None

    def latest(self, *kinds: type[Payload]) -> Event | None:
        """The newest event whose payload is of one of these kinds."""
        return next((event for event in reversed(self.events) if isinstance(event.data, kinds)), None)

    def since(self, time: datetime) -> Window:
        """The events at or after ``time``."""
        return Window(tuple(event for event in self.events if event.time >= time))


def window_at(events: Sequence[Event], index: int) -> Window:
    """The window as it stood when event ``index`` had come, as a :class:`RollingWindow` would have it: that event
    and those before it, at most `WINDOW_EVENTS`, no further back than `WINDOW_SPAN`.

    Args:
        events: oldest first.
        index: of its last event.
    """
    first, oldest = max(0, index + 1 - WINDOW_EVENTS), events[index].time - WINDOW_SPAN
    while events[first].time < oldest:
        first += 1
    return Window(tuple(events[first : index + 1]))


class RollingWindow:
    """Keeps the window of a sitting that goes on. Not thread-safe."""

    def __init__(self, *, size: int = WINDOW_EVENTS, span: timedelta = WINDOW_SPAN) -> None:
        self._span = span
        self._events: deque[Event] = deque(maxlen=size)

    def append(self, event: Event) -> None:
        """Add an event; those too old beside it fall out. Late events are put where they belong."""
        late: list[Event] = []
        while self._events and self._events[-1].time > event.time:
            late.append(self._events.pop())
        self._events.append(event)
        self._events.extend(reversed(late))
        oldest = self._events[-1].time - self._span
        while self._events[0].time < oldest:
            self._events.popleft()

    def view(self) -> Window:
        """The window as it stands."""
        return Window(tuple(self._events))
