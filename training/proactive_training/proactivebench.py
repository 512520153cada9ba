"""Reads data in ProactiveBench's published layout: human-labelled traces, event by event.

``reward_data/*.jsonl`` holds one judged task a line: ``obs`` (the events so far, each ``time`` and ``event``),
``pred_task`` (a task, or null for silence), ``valid``, ``help_needed``, ``annotation`` (each annotator's
acceptance). ``test_data/*.json`` holds real traces: a list of ``observation`` and
``agent_response.candidate_task``.

A trace is known by its first event. An event needs help if ``help_needed`` says so in any line with the same first
event and the same number of events. Lines that cannot be read are set aside and reported with
file and line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from attrs import frozen

from proactive_collectors.events import Observed
from proactive_collectors.trace import Trace, Window
from proactive_training.bench.dataset import Record
from proactive_training.bench.example import Example, Sitting
from proactive_training.bench.labelled import open_labelled
from proactive_training.bench.published import ANSWERS, PUBLISHED
from proactive_training.bench.published_files import Problem, parse_time
from proactive_training.errors import DataError

__all__ = ["Bench", "Label", "LabelledTrace", "Problem", "bench_of", "parse_time", "read"]


@frozen
class Label:
    """What the annotators said of one event."""

    need: bool  #: the published majority label
    silence_votes: tuple[bool, ...] = ()  #: of each annotator, whether silence was right, where silence was judged
    task_votes: tuple[bool, ...] = ()  #: of each annotator and proposed task, whether it was accepted
    tasks: tuple[tuple[str, bool], ...] = ()  #: each task that was judged here, and whether it was accepted


@frozen
class LabelledTrace:
    """A sitting, with a label for each event that has one."""

    trace: Trace
    labels: tuple[Label | None, ...]
    candidates: tuple[bool | None, ...]  #: whether the published candidate tasks name any; ``None`` if not known
    domain: str = "other"  #: ``code``, ``writing``, … by the name of its file under ``test_data``
    group: str = ""  #: what intervals draw together, such as a repository; empty: the trace

    @property
    def together(self) -> str:
        """What must never be split between training and test: its group, or itself."""
        return self.group or self.trace.name

    def window(self, index: int) -> Window:
        """What was known at event ``index``."""
        return self.trace.window(index)

    @property
    def labelled(self) -> list[int]:
        """The events that have a label."""
        return [index for index, label in enumerate(self.labels) if label is not None]


@frozen
class Bench:
    """All that was read from a folder."""

    traces: tuple[LabelledTrace, ...]
    problems: tuple[Problem, ...]
    fingerprint: str  #: of the labelled events, whatever files they lie in
    unknown: int = 0  #: moments of which nobody knows whether help was needed; they have no label

    def __len__(self) -> int:
        return sum(len(trace.labelled) for trace in self.traces)


def read(folder: Path, split: str | None = None) -> Bench:
    """Read every trace of ``folder``.

    Args:
        folder: in the published layout (``reward_data/*.jsonl``, ``test_data/*.json``), or a dataset of ours.
        split: whose lines count, by the name of their file: ``train`` of ``train_data.jsonl``; by default all.

    Raises:
        DataError: there is nothing there that can be used.
    """
    labelled = open_labelled(folder)
    return bench_of((record for _, record in labelled.records(split)), list(labelled.problems), folder)


def bench_of(records: Iterable[Record], problems: list[Problem], folder: Path) -> Bench:
    """Put what was read of each sitting together, in whatever splits it stands; ``folder`` is for messages.

    Raises:
        DataError: no event has a label.
    """
    sittings: dict[str, list[Record]] = {}
    for record in records:
        sittings.setdefault(record.sitting.name, []).append(record)
    traces: list[tuple[str, str, LabelledTrace]] = []
    unknown = 0
    for same in sittings.values():
        sitting = same[0].sitting
        if not sitting.trace.events:
            continue
        if sitting.source != PUBLISHED or sitting.name == sitting.group:
            labelled, without = _labelled(same)
            traces.append((_start(sitting), _sentence(sitting, 0), labelled))
            unknown += without
            continue
        for origin in sorted({(e.origin.file, e.origin.line) for r in same for e in r.examples if e.origin}):
            problems.append(Problem(*origin, "its events do not agree with the trace that starts like it"))
        for file in sorted({e.origin.file for r in same for e in r.answers if e.origin}):
            problems.append(
                Problem(file, 1, "its events do not agree with the labelled trace that starts like it")
            )
    found = [trace for *_, trace in sorted(traces, key=lambda t: t[:2])]
    if not any(trace.labelled for trace in found):
        first_problem = f"; the first problem: {problems[0]}" if problems else ""
        raise DataError(f"no labelled event could be read from {folder}{first_problem}; {_LABELLED}")
    return Bench(tuple(found), tuple(problems), _fingerprint(found), unknown)


_LABELLED = (
    "give rows with 'obs' and 'help_needed' in reward_data/*.jsonl, or a dataset of 'proactive bench' that knows "
    "of moments whether help was needed"
)


def _labelled(records: list[Record]) -> tuple[LabelledTrace, int]:
    """A trace with what all the splits that it stands in say of it, and how many moments' needs nobody knows."""
    sitting = records[0].sitting
    examples = sorted((e for r in records for e in r.examples), key=_place)
    count = range(len(sitting.trace.events))
    moments: dict[int, list[Example]] = {}
    for example in examples:
        moments.setdefault(example.index, []).append(example)
    labels: list[Label | None] = [None for _ in count]
    unknown = 0
    for index, here in moments.items():
        needs = {e.label.need for e in here} - {None}
        if not needs:
            unknown += 1
            continue
        labels[index] = Label(
            True in needs,
            tuple(vote for e in here if e.offer is None for vote in e.label.votes),
            tuple(vote for e in here if e.offer is not None for vote in e.label.votes),
            tuple((e.offer.task, e.label.accepted) for e in here if e.offer and e.label.accepted is not None),
        )
    candidates: list[bool | None] = [None for _ in count]
    for answer in (e for r in records for e in r.answers):
        if answer.origin is None or not answer.origin.file.startswith(
            f"{ANSWERS}/"
        ):  # models' answers are no pool
            candidates[answer.index] = answer.offer is not None
    group = sitting.together if sitting.together != sitting.name else ""
    labelled = LabelledTrace(sitting.trace, tuple(labels), tuple(candidates), sitting.domain, group)
    return labelled, unknown


def _start(sitting: Sitting) -> str:
    return sitting.times[0] if sitting.times else sitting.trace.events[0].time.isoformat()


def _place(example: Example) -> tuple[str, int]:
    return (example.origin.file, example.origin.line) if example.origin else ("", 0)


def _sentence(sitting: Sitting, index: int) -> str:
    data = sitting.trace.events[index].data
    return data.sentence if isinstance(data, Observed) else ""


def _fingerprint(traces: list[LabelledTrace]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for trace in (trace for trace in traces if trace.labelled):
        for event, label in zip(trace.trace.events, trace.labels, strict=True):
            sentence = event.data.sentence if isinstance(event.data, Observed) else ""
            digest.update(f"{event.time.timestamp()}\t{sentence}\t{label and label.need}\n".encode())
    return digest.hexdigest()
