"""Reads what people judged, a task or a silence at a moment of a trace, from the folder that holds it.

In the published files an annotator's vote on a task says whether that person would take it. A vote on a silence
says that the person took none of the tasks of that moment, which is not what its label says (in nine rows silence
is right against every vote); so that silences have no votes here, their label alone.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from proactive_collectors.trace import Trace, Window
from proactive_training.bench.audit import contexts
from proactive_training.bench.dataset import Record, split_order
from proactive_training.bench.example import Category, Example, Sitting
from proactive_training.bench.folders import name_of
from proactive_training.bench.labelled import ALL, TRAIN, WANTED, open_labelled
from proactive_training.bench.published_forms import texts_of
from proactive_training.errors import DataError


@frozen
class JudgedRow:
    """A task or a silence, and whether it was right."""

    trace: Trace
    index: int  #: of the last event that was known, from zero
    task: str | None  #: ``None``: silence
    accepted: bool  #: by the majority; of a silence, whether it was right
    votes: tuple[bool, ...] = ()  #: of each annotator, of tasks alone
    domain: str = "other"
    group: str = ""  #: what must stay together in splits: sittings that start alike
    units: str = ""  #: what intervals draw together, such as a repository; empty: the trace
    split: str = ""
    context: bytes = b""  #: a hash of all events up to the moment

    @property
    def window(self) -> Window:
        """What was known."""
        return self.trace.window(self.index)

    @property
    def soft_label(self) -> float:
        """The share of annotators who would take it; where there are no votes, the label."""
        return sum(self.votes) / len(self.votes) if self.votes else float(self.accepted)

    @property
    def category(self) -> Category:
        """ProactiveBench's case."""
        need = None if self.task is not None else not self.accepted
        return Category.of(need=bool(need), offered=self.task is not None, accepted=self.accepted)


@frozen
class JudgedData:
    """All judged rows of a folder."""

    rows: tuple[JudgedRow, ...]
    name: str  #: the folder's
    form: str  #: ``published`` or ``dataset``
    split: str  #: ``all``, or the one that was read
    problems: tuple[str, ...] = ()  #: lines that were set aside
    train: tuple[JudgedRow, ...] = ()  #: of the folder's training split, be it among the rows or not

    @property
    def groups(self) -> list[str]:
        """The traces, in a fixed order."""
        return sorted({row.group for row in self.rows})

    @property
    def fingerprint(self) -> str:
        """Of what was asked and judged, whatever files it lies in."""
        digest = hashlib.blake2b(digest_size=16)
        for key in sorted(
            (row.context.hex(), row.task or "", row.accepted, tuple(map(int, row.votes))) for row in self.rows
        ):
            digest.update(repr(key).encode(errors="replace"))
        return digest.hexdigest()

    def card(self) -> dict[str, Any]:
        """What a judge or an evaluation keeps of it."""
        return {
            "name": self.name,
            "form": self.form,
            "split": self.split,
            "fingerprint": self.fingerprint,
            "rows": len(self.rows),
            "traces": self.groups,
        }


def read_judged(folder: Path, split: str | None = None) -> JudgedData:
    """What was judged in a folder.

    Args:
        folder: in the published layout (``reward_data/*.jsonl``), or a dataset of ``proactive bench``.
        split: one split, or ``all``, which is the default.

    Raises:
        DataError: it is neither, has no such split, or nothing in it was judged.
    """
    labelled = open_labelled(folder)
    chosen, problems = labelled.chosen(split), (*map(str, labelled.problems), *_unjudged(labelled.published))
    every = [row for name, record in labelled.records() for row in _rows_of(record, name)]
    rows = [row for row in every if row.split in chosen]
    if not rows:
        first = f"; the first problem: {problems[0]}" if problems else ""
        raise DataError(f"nothing in {folder} was judged, neither a task nor a silence{first}; {WANTED}")
    rows.sort(key=lambda row: (row.group, row.trace.name, row.index, split_order(row.split)))
    train = tuple(row for row in every if row.split == TRAIN)
    return JudgedData(tuple(rows), name_of(folder), labelled.form, split or ALL, problems, train)


def _rows_of(record: Record, split: str) -> Iterable[JudgedRow]:
    sitting = record.sitting
    judged = [(example, verdict) for example in record.examples if (verdict := _accepted(example)) is not None]
    context = contexts(sitting, texts_of(sitting), {example.index for example, _ in judged})
    for example, accepted in judged:
        yield JudgedRow(
            sitting.trace,
            example.index,
            None if example.offer is None else example.offer.task,
            accepted,
            example.label.votes if example.offer is not None else (),
            sitting.domain,
            sitting.together,
            _units(sitting),
            split,
            context[example.index],
        )


def _unjudged(records: Iterable[tuple[str, Record]]) -> list[str]:
    """Lines that do not say whether their task was right."""
    silent = sorted(
        (example.origin.file, example.origin.line)
        for _, record in records
        for example in record.examples
        if example.origin and _accepted(example) is None
    )
    why = "neither 'valid' nor a majority of 'annotation' says whether it was right"
    return [f"{file}:{line}: {why}" for file, line in silent]


def _accepted(example: Example) -> bool | None:
    """What is known of acceptance; of a silence without a judgement, whether no help was needed."""
    label = example.label
    if example.offer is None and label.accepted is None and label.need is not None:
        return not label.need
    return label.accepted


def _units(sitting: Sitting) -> str:
    return sitting.together if sitting.together != sitting.name else ""


@frozen
class Leak:
    """What a test split shares with its training split."""

    contexts: int  #: of the test split's contexts, how many also stand in train
    test_contexts: int
    traces: int
    test_traces: int

    def __str__(self) -> str:
        return (
            f"{self.contexts} of {self.test_contexts} test contexts and {self.traces} of {self.test_traces} test "
            "traces also stand in train"
        )


def leak(train: Sequence[JudgedRow], test: Sequence[JudgedRow]) -> Leak | None:
    """What the rows of one share with those of the other; ``None`` if it is nothing."""
    known, asked = {row.context for row in train}, {row.context for row in test}
    traces, asked_traces = {row.group for row in train}, {row.group for row in test}
    found = Leak(len(known & asked), len(asked), len(traces & asked_traces), len(asked_traces))
    return found if found.contexts or found.traces else None


def table_answers(train: Sequence[JudgedRow], test: Sequence[JudgedRow]) -> list[float]:
    """How often what was asked in each context of the tests was accepted in training, whatever the task.

    Tasks and silences have a table each; a context that is not in it gets the share of all.
    """
    votes: dict[tuple[bool, bytes], Counter[bool]] = {}
    every: dict[bool, Counter[bool]] = {}
    for row in train:
        silent = row.task is None
        votes.setdefault((silent, row.context), Counter())[row.accepted] += 1
        every.setdefault(silent, Counter())[row.accepted] += 1
    nothing: Counter[bool] = Counter({True: 1, False: 1})
    shares = []
    for row in test:
        silent = row.task is None
        found = votes.get((silent, row.context)) or every.get(silent) or nothing
        shares.append(found[True] / found.total())
    return shares
