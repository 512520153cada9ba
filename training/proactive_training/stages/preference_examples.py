"""What people said of offers and silences: accepted or not; the examples of preference training.

From labelled data: each offer with its verdict; silence, welcome where no help was needed and unwelcome where it
was. From the journal: what was shown, and what became of it. Taken, or done by the person alone, is welcome;
dismissed is not. What was left unanswered says little, and counts as unwelcome only if that is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from attrs import frozen

from proactive_collectors.events import SuggestionEvent
from proactive_collectors.journal import Journal
from proactive_collectors.trace import Window, window_at
from proactive_inference.models.agent_answer import AgentAnswer
from proactive_inference.models.agent_prompt import agent_messages
from proactive_training.bench.feedback import LIVES, Fate, Made, fates, made, open_journal
from proactive_training.stages.agent_examples import AgentExample, records_of

_WELCOME = {Fate.ACCEPTED: True, Fate.DONE_ALONE: True, Fate.DISMISSED: False}


@frozen
class PreferenceExample:
    """An answer at a moment, and whether the person wanted it."""

    example: AgentExample
    welcome: bool


def from_data(
    folders: Sequence[Path],
    *,
    split: str | None,
    most_events: int,
    set_aside: Callable[[str], object] | None = None,
) -> list[PreferenceExample]:
    """The verdicts in labelled folders; ``set_aside`` is told of what could not be read.

    Raises:
        DataError: a folder cannot be read.
    """
    found: list[PreferenceExample] = []
    for folder in folders:
        records, problems = records_of(folder, split)
        if set_aside is not None:
            for problem in problems:
                set_aside(problem)
        for record in records:
            events = record.sitting.trace.events
            silences: dict[int, bool] = {}
            offers: dict[tuple[int, str], bool] = {}
            for one in record.examples:
                if one.label.need is not None:
                    silences[one.index] = silences.get(one.index, False) or one.label.need
                if one.offer is not None and one.label.accepted is not None:
                    offers[one.index, one.offer.task] = one.label.accepted
            verdicts: list[tuple[int, str | None, bool]] = [(at, None, not need) for at, need in silences.items()]
            verdicts += [(at, task, accepted) for (at, task), accepted in offers.items()]
            for index, task, welcome in sorted(verdicts, key=lambda v: (v[0], v[1] or "")):
                window = window_at(events, index)
                told = _example(record.sitting.name, record.sitting.together, index, window, task, most_events)
                found.append(PreferenceExample(told, welcome))
    return found


def from_journal(path: Path, *, most_events: int, ignored: bool = False) -> list[PreferenceExample]:
    """What the person of a journal said.

    Raises:
        DataError: there is no journal.
        JournalError: it cannot be read.
    """
    journal = open_journal(path)
    welcome = {**_WELCOME, **({Fate.IGNORED: False} if ignored else {})}
    try:
        fate_of = fates(journal.events(kinds=LIVES))
        return [
            PreferenceExample(
                _example(
                    f"{one.time:%Y-%m-%d}",
                    f"{one.time:%Y-%m-%d}",
                    number,
                    _window(journal, one),
                    one.task,
                    most_events,
                ),
                welcome[fate_of[one.id]],
            )
            for number, one in enumerate(made(journal.decisions()))
            if fate_of.get(one.id) in welcome
        ]
    finally:
        journal.close()


def _window(journal: Journal, suggestion: Made) -> Window:
    """What was known when the suggestion was made: nothing of its own fate."""
    events = journal.window(suggestion.time).events
    return Window(
        tuple(
            e for e in events if not (isinstance(e.data, SuggestionEvent) and e.data.suggestion == suggestion.id)
        )
    )


def _example(
    trace: str, group: str, index: int, window: Window, task: str | None, most_events: int
) -> AgentExample:
    messages = agent_messages(window, most_events=most_events)
    return AgentExample(trace, group, index, messages, AgentAnswer(task=task, response=task or ""))
