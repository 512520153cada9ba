"""From single changes to edit bursts: what a person did to a document between two short rests.

Changes that touch are joined into one net change (:func:`join`); :class:`BurstBuilder` collects them and says
when a burst is over.

A burst has one manner, and a change made in another manner begins the next burst:

* *pasted*: one change that inserts what no single key or completion does, see :func:`is_pasted`.
* *undone*: a change that exactly reverts a net change of this document's last :data:`HISTORY` ones, and is more
  than the rubbing out of one character. A redo reverts the undo and counts as well.
* *applied*: changes at one instant in places more than :data:`DISTANT_LINES` apart, unless each of them is the
  same single key, which is how several cursors type, or some of them are keys one after the other, which a busy
  machine delivers together. A completion that also adds its import is of this kind.
* *typed*: all else.

A burst that comes to nothing (typed and rubbed out) is still a burst, with no changes and its number of
keystrokes: hesitation says something too.
"""

from __future__ import annotations

import re
from collections import deque

from proactive_collectors.changes import Net, absorb, join, net_of
from proactive_collectors.events import EditBurst, Manner
from proactive_collectors.text import Change, Range

__all__ = ["BURST_LONGEST", "BURST_REST", "BurstBuilder", "is_pasted", "join"]

BURST_REST = 1.5
"""Seconds without a change after which a burst is over."""

BURST_LONGEST = 30.0
"""Seconds after which a burst ends though the typing goes on, so that what is known never lags far behind."""

PLACES = 8
"""How many separate places a burst holds unless it was applied by a tool; another one begins the next burst."""

APPLIED_PLACES = 1000
"""How many separate places a burst holds that a tool applied."""

INSTANT = 0.02
"""Seconds within which changes count as simultaneous: one notification, or two that one command sends."""

DISTANT_LINES = 1
"""Simultaneous changes further apart than this many lines are a tool's; nearer, they may be an indentation."""

PASTE_LENGTH = 8
"""A single-line insertion shorter than this (in characters) may be a few quick keys that came as one change."""

WORD_LENGTH = 40
"""A completion of one word is at most this long, in characters."""

HISTORY = 64
"""How many net changes are remembered for telling an undo."""

LONGEST_REMEMBERED = 20_000
"""A net change of more characters than this is not remembered, so that the history stays small."""

# One dotted or slashed name, as completions insert it; separators and names share no character, so it is linear.
_WORD = re.compile(r"[\w.$@#-]+(?:(?:::|/)[\w.$@#-]+)*")
_AROUND_WORD = " \t\r\n()[]{}<>\"'`=;:,/"


def is_pasted(change: Change) -> bool:
    """Whether a change inserts what neither a key nor an editor's small helpers do.

    Those helpers are: a closing bracket or quote, indentation and comment leaders on a new line, a few keys sent
    together (below :data:`PASTE_LENGTH`), and the completion of one word with the brackets behind it. So one
    pasted word passes for typed. Multi-line snippets pass for pasted.
    """
    new = change.new_text
    if len(new) < 2:
        return False
    # Only what is really new counts: a client may send a whole line for one character in it.
    old = change.old_text
    head = _shared(old, new)
    tail = _shared(old[head:][::-1], new[head:][::-1]) if old else 0
    added = new[head : len(new) - tail]
    if not any(map(str.isalnum, added)):
        return False
    word = added.strip(_AROUND_WORD)
    if len(word) <= WORD_LENGTH and "://" not in word and _WORD.fullmatch(word):
        return False
    return len(added) >= PASTE_LENGTH or "\n" in added or "\r" in added


def _shared(one: str, other: str) -> int:
    """The length of the common beginning; by halving, since a change can be as long as a file."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


class BurstBuilder:
    """Collects the changes of one document and hands out its bursts. Not thread-safe.

    ``EditBurst.in_comment`` is left for whoever knows the text.
    """

    def __init__(self) -> None:
        self.last_time: float | None = None  #: the monotonic time of the last change, in seconds
        self._nets: tuple[Net, ...] = ()
        self._manner = Manner.TYPED
        self._keystrokes = 0
        self._began = 0.0
        # The instant that goes on: when it began, the burst as it stood before, and the changes since.
        self._instant_began = 0.0
        self._before: tuple[tuple[Net, ...], int, float] = ((), 0, 0.0)
        self._instant: list[Change] = []
        self._one_key = True
        self._key_by_key = False
        self._history: deque[_Reverse] = deque(maxlen=HISTORY)

    @property
    def pending(self) -> bool:
        """Whether a burst is going on."""
        return self._keystrokes > 0

    def add(self, change: Change, seconds: float) -> EditBurst | None:
        """Take in a change made at monotonic time ``seconds``; the burst that is over by it, if one is.

        Changes come in the order in which they apply, each in the text the one before has left.
        """
        if not self._keystrokes or self.last_time is None:
            return self._renew(change, seconds, self._manner_of(change))
        if seconds - self._instant_began <= INSTANT:
            return self._add_at_once(change, seconds)
        manner = self._manner_of(change)
        if (
            seconds - self.last_time > BURST_REST
            or seconds - self._began > BURST_LONGEST
            or manner is not self._manner
        ):
            return self._renew(change, seconds, manner)
        nets = absorb(self._nets, change, PLACES)
        if len(nets) > PLACES:
            return self._renew(change, seconds, manner)
        self._begin_instant(change, seconds, (self._nets, self._keystrokes, self.last_time))
        self._nets = nets
        self._keystrokes += 1
        return None

    def finish(self) -> EditBurst | None:
        """End the burst that is going on, if one is."""
        if not self._keystrokes or self.last_time is None:
            return None
        burst = self._close(self._nets, self._keystrokes, self.last_time)
        self._nets, self._keystrokes, self._instant = (), 0, []
        return burst

    def _add_at_once(self, change: Change, seconds: float) -> EditBurst | None:
        """Take in a change that is simultaneous with the last one, and see whether a tool is at work."""
        decided = self._manner in (Manner.APPLIED, Manner.UNDONE)
        nets = absorb(self._nets, change, 1 if decided else PLACES)
        if len(nets) > APPLIED_PLACES:
            return self._renew(change, seconds, self._manner)
        by_tool = False
        if not decided:
            first = self._instant[0]
            self._one_key = self._one_key and _same_key(first, change)
            self._key_by_key = self._key_by_key or _next_key(self._instant[-1], change)
            self._instant.append(change)
            apart = len(nets) > 1 and not self._one_key
            by_tool = len(nets) > PLACES or (apart and not self._key_by_key and _distant(first, change))
        if not by_tool:
            self._nets = nets
            self._keystrokes += 1
            self.last_time = seconds
            return None
        # The tool's changes are a burst of their own, and what was typed before is over.
        before, keystrokes, last = self._before
        finished = self._close(before, keystrokes, last) if keystrokes else None
        self._nets = ()
        for one in self._instant:
            self._nets = absorb(self._nets, one, 1)
        self._keystrokes = len(self._instant)
        self._manner = Manner.APPLIED
        self._began, self.last_time, self._instant = self._instant_began, seconds, []
        return finished

    def _renew(self, change: Change, seconds: float, manner: Manner) -> EditBurst | None:
        """End the burst that goes on and begin one with this change."""
        finished = self.finish()
        if manner is Manner.UNDONE and (key := _reversing(change)) in self._history:
            self._history.remove(key)
        self._begin_instant(change, seconds, ((), 0, seconds))
        self._nets = (net_of(change),)
        self._manner = manner
        self._keystrokes = 1
        self._began = seconds
        return finished

    def _begin_instant(self, change: Change, seconds: float, before: tuple[tuple[Net, ...], int, float]) -> None:
        self._before = before
        self._instant = [change]
        self._one_key = True
        self._key_by_key = False
        self._instant_began = self.last_time = seconds

    def _close(self, nets: tuple[Net, ...], keystrokes: int, last: float) -> EditBurst:
        kept = [net for net in nets if net.change.old_text != net.change.new_text]
        self._history.extend(_reverse(net) for net in kept if _length(net.change) <= LONGEST_REMEMBERED)
        return EditBurst(
            changes=tuple(net.change for net in kept),
            manner=self._manner,
            keystrokes=keystrokes,
            seconds=max(0.0, last - self._began),
        )

    def _manner_of(self, change: Change) -> Manner:
        if _length(change) > 1:
            key = _reversing(change)
            if key in self._history or any(_reverse(net) == key for net in self._nets):
                return Manner.UNDONE
            if is_pasted(change):
                return Manner.PASTED
        return Manner.TYPED


_Reverse = tuple[str, str, Range]
"""What a change must be to take another one back: its texts, which differ soonest, and its range."""


def _length(change: Change) -> int:
    return len(change.old_text) + len(change.new_text)


def _reversing(change: Change) -> _Reverse:
    return (change.old_text, change.new_text, change.range)


def _reverse(net: Net) -> _Reverse:
    return (net.change.new_text, net.change.old_text, Range(net.change.range.start, net.end))


def _distant(one: Change, other: Change) -> bool:
    above, below = (one, other) if one.range.start.line <= other.range.start.line else (other, one)
    # Either may have been made first, so the upper one's text may stand as before or as after.
    end = max(above.range.end.line, above.new_end.line)
    return below.range.start.line - end > DISTANT_LINES


def _same_key(one: Change, other: Change) -> bool:
    """Whether both are the same key pressed: one character written, or one removed."""
    if one.new_text:
        return len(one.new_text) == 1 and one.new_text == other.new_text
    return not other.new_text and len(one.old_text) == len(other.old_text) == 1


def _next_key(one: Change, other: Change) -> bool:
    """Whether both write one character, the second right behind the first."""
    return len(one.new_text) == len(other.new_text) == 1 and other.range.empty and other.range.start == one.new_end
