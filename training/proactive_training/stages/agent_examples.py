"""The examples that teach an agent: moments of which the right answer is known, a task or silence.

Silence is right where nobody saw a need; a task is right where it was accepted. Moments where help was needed and
no welcome task is known are left out. The share of silences is reached by weights: no example is dropped or
repeated for it, so that it costs nothing. With a limit on the number, examples are drawn to that share as far as
there are enough.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Sequence
from pathlib import Path

from attrs import evolve, frozen

from proactive_inference.models.agent_answer import AgentAnswer
from proactive_inference.models.agent_prompt import agent_messages
from proactive_inference.models.messages import Message
from proactive_training.bench.dataset import Record
from proactive_training.bench.example import Example
from proactive_training.bench.labelled import TRAIN, WANTED, open_labelled
from proactive_training.errors import DataError

MOST_EVENTS = 8
"""How many of the last events a small model is told."""


@frozen
class AgentExample:
    """One moment, what is asked there and what is right to answer."""

    trace: str  #: the sitting's name
    group: str  #: what must never be split between training and test
    index: int  #: of the last event in its sitting
    messages: tuple[Message, ...]
    answer: AgentAnswer
    weight: float = 1.0  #: in the loss
    alone: bool = (
        False  #: the decision alone is taught: what would be offered is not known, or is another's matter
    )
    right: bool = True  #: false of the less likely answer where both are taught: nothing is measured by it

    @property
    def speaks(self) -> bool:
        """Whether a task is right."""
        return self.answer.task is not None


@frozen
class AgentData:
    """All examples, and of which data they are."""

    examples: tuple[AgentExample, ...]
    fingerprint: str
    left_out: int = 0  #: moments of which no right answer is known
    problems: tuple[str, ...] = ()

    @property
    def groups(self) -> list[str]:
        """What can be held out, in a settled order."""
        return sorted({example.group for example in self.examples})

    def of(self, groups: Iterable[str]) -> tuple[AgentExample, ...]:
        """The examples of some groups."""
        wanted = set(groups)
        return tuple(example for example in self.examples if example.group in wanted)


def read_agent_data(
    folders: Sequence[Path],
    *,
    split: str | None = None,
    most_events: int = MOST_EVENTS,
    tasks: int = 1,
    softness: float = 0.0,
) -> AgentData:
    """The examples of some folders, each in ProactiveBench's published layout or a dataset of ours.

    Args:
        folders: at least one.
        split: of datasets and published files; by default a dataset's ``train`` where there is one, else all.
        most_events: how many of the last events the model is told.
        tasks: how many accepted tasks of a moment are taught at most, the best liked first.
        softness: how far the decision that is taught follows the share of votes that accepted a task at the
            moment, rather than the label alone, 0 to 1.

    Raises:
        DataError: a folder cannot be read, or no right answer is known of any moment.
    """
    examples: list[AgentExample] = []
    problems: list[str] = []
    left_out = 0
    for folder in folders:
        records, trouble = records_of(folder, split)
        problems += trouble
        for record in records:
            found, unknown = _of_record(record, most_events, tasks, softness)
            examples += found
            left_out += unknown
    tasks_known = any(example.speaks for example in examples)
    if not tasks_known or all(example.speaks for example in examples):
        names = ", ".join(folder.name for folder in folders)
        missing = "silences" if tasks_known else "accepted tasks"
        first = f" (the first of {len(problems)} problems: {problems[0]})" if problems else ""
        raise DataError(
            f"{names}: of no moment there are {missing} right{first}; training needs accepted tasks and silences: "
            f"{WANTED}"
        )
    return AgentData(tuple(examples), fingerprint(examples), left_out, tuple(problems))


def with_silences(
    examples: Sequence[AgentExample], share: float, *, most: int | None = None, seed: int = 0
) -> tuple[AgentExample, ...]:
    """The examples, weighted so that silences make up ``share`` of the whole weight; 1 on average.

    ``most`` limits their number.

    Raises:
        ValueError: the share is not between 0 and 1.
    """
    if not 0 < share < 1:
        raise ValueError(f"a share of silences of {share} leaves one of the two answers out")
    silent = [example for example in examples if not example.speaks]
    speaking = [example for example in examples if example.speaks]
    if most is not None and most < len(examples):
        draw = random.Random(seed)
        room = min(len(silent), max(round(most * share), most - len(speaking)))
        silent = draw.sample(silent, room)
        speaking = draw.sample(speaking, min(len(speaking), most - room))
    whole = len(silent) + len(speaking)
    scale = {
        False: share * whole / max(1e-9, sum(example.weight for example in silent)),
        True: (1 - share) * whole / max(1e-9, sum(example.weight for example in speaking)),
    }
    kept = {id(example) for example in (*silent, *speaking)}
    return tuple(evolve(e, weight=e.weight * scale[e.speaks]) for e in examples if id(e) in kept)


def moments(examples: Iterable[AgentExample]) -> tuple[AgentExample, ...]:
    """One example of each moment, by which it can be measured: the right answer, or the best liked of several."""
    first: dict[tuple[str, int], AgentExample] = {}
    for example in examples:
        if example.right:
            first.setdefault((example.trace, example.index), example)
    return tuple(first.values())


def fingerprint(*parts: Iterable[AgentExample]) -> str:
    """A hexadecimal digest of what is taught, and of what is held out: an example may not change sides."""
    digest = hashlib.blake2b(digest_size=16)
    for number, part in enumerate(parts):
        for example in part:
            told = "\0".join(message.content for message in example.messages)
            answer = f"{example.answer.to_json()}\0{example.weight:.6g}\0{example.alone:d}{example.right:d}"
            line = f"{number}\0{example.trace}\0{example.index}\0{told}\0{answer}\n"
            digest.update(line.encode())
    return digest.hexdigest()


def records_of(folder: Path, split: str | None) -> tuple[list[Record], list[str]]:
    """The sittings of a folder, and what could not be read; see :func:`read_agent_data`."""
    labelled = open_labelled(folder)
    if split is None and labelled.dataset is not None and TRAIN in labelled.splits:
        split = TRAIN
    return _merged([record for _, record in labelled.records(split)]), [
        str(problem) for problem in labelled.problems
    ]


def _merged(records: list[Record]) -> list[Record]:
    """One record for each sitting: it may stand in several splits, each with a part of its labels."""
    merged: dict[str, Record] = {}
    for record in records:
        before = merged.get(record.sitting.name)
        if before is None:
            merged[record.sitting.name] = record
        else:
            longer = max(before.sitting, record.sitting, key=lambda s: len(s.trace.events))
            merged[record.sitting.name] = Record(longer, (*before.examples, *record.examples))
    return [merged[name] for name in sorted(merged)]


def both_ways(
    trace: str, group: str, index: int, messages: tuple[Message, ...], speaking: float, *, right: bool
) -> list[AgentExample]:
    """The decision at a moment, to speak with a probability of ``speaking`` and else not; ``right`` says which is
    the label. What would be offered is left open."""
    found = []
    for speaks, weight in ((True, speaking), (False, 1 - speaking)):
        answer = AgentAnswer(task=_OPEN) if speaks else AgentAnswer()
        if weight > 0:
            one = AgentExample(trace, group, index, messages, answer, weight, alone=True, right=speaks == right)
            found.append(one)
    return found


_OPEN = "Help"  # never taught: an example that is left open ends before it


def _of_record(record: Record, most_events: int, tasks: int, softness: float) -> tuple[list[AgentExample], int]:
    moments: dict[int, list[Example]] = {}
    for example in record.examples:
        moments.setdefault(example.index, []).append(example)
    found: list[AgentExample] = []
    unknown = 0
    for index, here in sorted(moments.items()):
        answers = _right_answers(here)[:tasks]
        unknown += not answers
        messages = agent_messages(record.sitting.trace.window(index), most_events=most_events)
        name, together = record.sitting.name, record.sitting.together
        speaks = bool(answers) and answers[0] is not None
        share = _speaking(here, speaks, softness)
        found += [
            AgentExample(
                name,
                together,
                index,
                messages,
                AgentAnswer(task=task, response=task or ""),
                weight=(share if speaks else 1 - share) / len(answers),
            )
            for task in answers
        ]
        if answers:
            other = both_ways(name, together, index, messages, share, right=speaks)
            found += [example for example in other if not example.right]
    return found, unknown


def _speaking(examples: list[Example], speaks: bool, softness: float) -> float:
    """The probability of speaking that is taught: the label, softened by the votes on the moment's tasks.

    That some task was accepted rests on few votes; the share of all that accept is far less a matter of luck.
    """
    votes = [vote for example in examples if example.offer is not None for vote in example.label.votes]
    if not votes:
        return float(speaks)
    return (1 - softness) * float(speaks) + softness * sum(votes) / len(votes)


def _right_answers(examples: list[Example]) -> list[str | None]:
    """Silence where the need is known and there is none; else the accepted tasks, those most voted for first."""
    needs = [example.label.need for example in examples if example.label.need is not None]
    if needs and not any(needs):
        return [None]
    welcome: dict[str, float] = {}
    for example in examples:
        if example.offer is not None and example.label.accepted:
            votes = example.label.votes
            liked = sum(votes) / len(votes) if votes else 1.0
            welcome[example.offer.task] = max(liked, welcome.get(example.offer.task, 0.0))
    return [task for task, _ in sorted(welcome.items(), key=lambda item: -item[1])]
