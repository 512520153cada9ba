"""What the record has of an act itself in a simulated scene: a typed event where there is one, else a sentence."""

from __future__ import annotations

from datetime import datetime, timedelta

from proactive_collectors.events import (
    DocumentClosed,
    DocumentFocused,
    DocumentOpened,
    DocumentSaved,
    EditBurst,
    Event,
    GitCommitted,
    IdleBegan,
    IdleEnded,
    Observed,
    Payload,
    Source,
    Where,
)
from proactive_collectors.languages import language_of
from proactive_training.gym.acts import Act, Close, Commit, Do, Focus, Open, Put, Rest, Run, Save, Say, Type
from proactive_training.gym.replay_workspace import FOLDER, uri_of

IDLE = timedelta(minutes=5)
"""After so long without a sign of activity an editor says that the person paused."""


def events_of_act(act: Act, now: datetime) -> list[Event]:
    """The events of an act that ends at ``now``, whatever comes of it."""
    match act:
        case Do(what=what):
            return [observed(now, what)]
        case Say(answer=answer):
            return [observed(now, f"The user answers: {answer}")]
        case Run(command=command):
            return [observed(now, f"The user runs '{command}'.")]  # how it ends is the environment's to say
        case Rest(lasts=lasts) if lasts >= IDLE.total_seconds():
            return idle(lasts, now)
        case Commit(commit=commit, subject=subject, branch=branch):
            return [Event(now, Source.GIT, GitCommitted(commit, subject, branch), Where(workspace=FOLDER))]
        case Open(path=path):
            return [_document(now, DocumentOpened(), path)]
        case Focus(path=path):
            return [_document(now, DocumentFocused(), path)]
        case Save(path=path):
            return [_document(now, DocumentSaved(), path)]
        case Close(path=path):
            return [_document(now, DocumentClosed(), path)]
        case Type(path=path):
            burst = EditBurst(act.changes, act.manner, act.keystrokes, act.lasts, act.in_comment)
            return [_document(now, burst, path)]
        case Put(path=path, text=text):
            return [observed(now, f"The file '{path}' {'is gone' if text is None else 'was changed by a tool'}.")]
        case _:
            return []


def idle(lasts: float, now: datetime) -> list[Event]:
    """A long rest that ends at ``now``, as an editor tells it; ``lasts`` in seconds."""
    began = now - timedelta(seconds=lasts) + IDLE
    return [
        Event(began, Source.CLIENT, IdleBegan(), Where()),
        Event(now, Source.CLIENT, IdleEnded(lasts - IDLE.total_seconds()), Where()),
    ]


def observed(time: datetime, sentence: str) -> Event:
    """An event that is known by its sentence alone."""
    return Event(time, Source.DATASET, Observed(sentence))


def _document(now: datetime, data: Payload, path: str) -> Event:
    where = Where(uri=uri_of(path), workspace=FOLDER, language=language_of(path))
    return Event(now, Source.LSP, data, where)
