"""Judged scenes: sittings told sentence by sentence, each with how welcome help would be, as one judge saw it.

They ship with this package. People's labels are few (ten traces to train on) and every trace stands for one sort
of work; the scenes cover many. They were imagined, and judged by a written rubric, without a look at any labelled
trace; docs/gate.md says what that does not exclude.

A file holds one JSON object a line::

    {"scene": "code-001", "domain": "code", "topic": "flask 500 error", "events": [[0, "The user opens …", 2], …]}

with each event's seconds since the one before, its sentence, and its level: ten times the probability that, of
five sensible offers, at least one would be wanted by each of three people.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import orjson
from attrs import frozen

from proactive_collectors.events import Event, Observed, Source
from proactive_collectors.trace import Trace
from proactive_training.errors import DataError

HIGHEST = 10
_START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)  # nothing rests on the date


@frozen
class Scene:
    """A told sitting with a level for every event."""

    trace: Trace
    domain: str
    topic: str
    levels: tuple[int, ...]  #: 0 to :data:`HIGHEST`, one for each event

    @property
    def sentences(self) -> list[str]:
        """What is told, in order."""
        return sentences_of(self.trace)


def sentences_of(trace: Trace) -> list[str]:
    """The sentences of a trace's told events."""
    return [event.data.sentence for event in trace.events if isinstance(event.data, Observed)]


def read_scenes(path: Path | None = None) -> tuple[Scene, ...]:
    """The scenes of a file, by default those that ship.

    Raises:
        DataError: the file is missing, or a line is not a scene; the message names the line.
    """
    name = str(path) if path else "the shipped scenes"
    try:
        content = (path or files("proactive_training") / "data" / "judged_scenes.jsonl").read_bytes()
    except OSError as error:
        raise DataError(f"{name} cannot be read ({error.strerror})") from error
    scenes = []
    for number, line in enumerate(content.splitlines(), 1):
        if line.strip():
            try:
                scenes.append(_scene(orjson.loads(line)))
            except (KeyError, TypeError, ValueError) as error:
                raise DataError(f"{name}, line {number}: not a scene ({error})") from error
    if not scenes:
        raise DataError(f"{name}: no scene in it")
    return tuple(scenes)


def _scene(plain: dict[str, object]) -> Scene:
    now = _START
    events, levels = [], []
    rows = plain["events"]
    if not isinstance(rows, list) or not rows:
        raise ValueError("'events' is not a list of [seconds, sentence, level]")
    for after, sentence, level in rows:
        if not isinstance(sentence, str) or not sentence.strip():
            raise ValueError("a sentence is empty")
        if not isinstance(level, int) or not 0 <= level <= HIGHEST:
            raise ValueError(f"the level {level!r} is not a whole number from 0 to {HIGHEST}")
        now += timedelta(seconds=max(float(after), 0.0))
        events.append(Event(now, Source.DATASET, Observed(sentence)))
        levels.append(level)
    trace = Trace(str(plain["scene"]), tuple(events))
    return Scene(trace, str(plain["domain"]), str(plain.get("topic", "")), tuple(levels))
