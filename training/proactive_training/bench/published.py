"""Brings data in ProactiveBench's published layout into sittings and examples. Nothing is lost.

A trace is known by its first event (its ``group``): the longest run of events that starts with it is the sitting
of that name, shorter ones are beginnings of it. Events that go another way from the same start make a sitting of
their own, named after its content, in the same group. An event needs help if ``help_needed`` says so in any row of
that moment. What models answered is brought to the moments of the trace that it agrees with best
(:mod:`proactive_training.bench.align`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from attrs import Factory, define, frozen

from proactive_collectors.events import Event, Observed, Source
from proactive_collectors.trace import Trace
from proactive_training.bench import published_forms as forms
from proactive_training.bench.align import Told, align
from proactive_training.bench.dataset import Record
from proactive_training.bench.example import Example, Label, LabelSource, Offer, Origin, Sitting
from proactive_training.bench.json_style import JsonStyle, style_of_file
from proactive_training.bench.published_files import (
    FileShape,
    Pair,
    Problem,
    RewardRow,
    TraceItem,
    parse_time,
    reward_rows,
    trace_items,
    unreadable,
)
from proactive_training.bench.rows import SourceFile
from proactive_training.bench.scene_files import scene_file

REWARD, TRACES, ANSWERS = "reward_data", "test_data", "published_traces"
"""The folders of the published layout."""

PUBLISHED = "published"
"""The source of sittings that come from there."""

TEST = "test"
"""The split to which published traces belong."""

_USUAL = {"dev": "validation", "valid": "validation", "val": "validation", "eval": "validation"}


@frozen
class Layout:
    """Where the parts of the published data lie; any may be missing."""

    reward: Path | None = None  #: folder of ``*.jsonl``
    traces: Path | None = None  #: folder of ``*.json``
    answers: Path | None = None  #: folder of ``MODEL/*.json``
    scenes: tuple[Path, ...] = ()  #: YAML files of scenes or of their seeds
    licence: str = ""  #: of all that, as an SPDX identifier, where known

    @classmethod
    def of(cls, folder: Path, licence: str = "") -> Layout:
        """The parts of a folder in the published layout."""
        reward, traces, answers = (
            folder / name if (folder / name).is_dir() else None for name in (REWARD, TRACES, ANSWERS)
        )
        return cls(
            reward, traces, answers, tuple(sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")])), licence
        )


@frozen
class Published:
    """All that was read."""

    records: tuple[tuple[str, Record], ...]  #: each with its split's name
    files: tuple[SourceFile, ...]
    problems: tuple[Problem, ...]


@define
class _Draft:
    """A sitting that is being put together."""

    events: list[Pair] = Factory(list)
    rows: list[RewardRow] = Factory(list)
    traces: list[tuple[str, list[TraceItem]]] = Factory(list)
    answers: list[tuple[str, list[TraceItem]]] = Factory(list)
    domain: str = "other"
    group: str = ""
    own_name: bool = False

    def agrees(self, events: list[Pair]) -> bool:
        """Whether one is a beginning of the other."""
        return all(a == b for a, b in zip(self.events, events, strict=False))

    @property
    def splits(self) -> list[str]:
        """Where it has rows or traces."""
        published = [TEST] if self.traces or self.answers else []
        return list(dict.fromkeys([*(split_of(row.file) for row in self.rows), *published]))


def split_of(file: str) -> str:
    """The split that a reward file's name tells: ``train`` of ``reward_data/train_data.jsonl``."""
    stem = re.sub(r"_data$", "", Path(file).stem)
    name = re.sub(r"\W", "_", _USUAL.get(stem, stem), flags=re.ASCII)[:40]
    return name if re.match(r"[A-Za-z]", name) and name != "all" else f"split_{name}"[:40]


def read_published(layout: Layout) -> Published:
    """Read all that is there."""
    problems: list[Problem] = []
    files: list[SourceFile] = []
    drafts: dict[str, list[_Draft]] = {}
    _add_rewards(drafts, list(_all_rows(layout.reward, files, problems)))
    texts: dict[str, tuple[str, list[Any]]] = {}
    for name, items in _all_items(layout.traces, TRACES, "*.json", texts, files, problems):
        _add_trace(drafts, name, items)
    for name, items in _all_items(layout.answers, ANSWERS, "*/*.json", texts, files, problems):
        _add_answers(drafts, name, items)
    for file in layout.scenes:
        if (found := scene_file(file, problems)) is not None:
            files.append(found)
    records: list[tuple[str, Record]] = []
    for group in drafts.values():
        for draft in group:
            try:
                records += _records(draft, layout.licence)
            except (ValueError, OverflowError) as error:
                where = draft.rows[0] if draft.rows else None
                name = where.file if where else [*draft.traces, *draft.answers][0][0]
                problems.append(Problem(name, where.line if where else 1, f"trace {draft.group}: {error}"))
    return Published(tuple(records), tuple(files), tuple(problems))


def _all_rows(folder: Path | None, files: list[SourceFile], problems: list[Problem]) -> Iterator[RewardRow]:
    _tell_compressed(folder, REWARD, "*.jsonl", problems)
    for file in sorted(folder.glob("*.jsonl")) if folder else ():
        name, shape = f"{REWARD}/{file.name}", FileShape()
        try:
            yield from reward_rows(file, name, problems, shape)
        except OSError as error:
            problems.append(unreadable(name, error))
            continue
        style = JsonStyle(newline=shape.newline, end=shape.end, bom=shape.bom)
        files.append(SourceFile(name, "reward", shape.sha256, style.to_json()))


def _all_items(
    folder: Path | None,
    part: str,
    pattern: str,
    texts: dict[str, tuple[str, list[Any]]],
    files: list[SourceFile],
    problems: list[Problem],
) -> Iterator[tuple[str, list[TraceItem]]]:
    _tell_compressed(folder, part, pattern, problems)
    for file in sorted(folder.glob(pattern)) if folder else ():
        name = f"{part}/{file.relative_to(folder).as_posix()}"  # type: ignore[arg-type]  # there is a folder here
        try:
            raw = file.read_bytes()
        except OSError as error:
            problems.append(unreadable(name, error))
            continue
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            problems.append(Problem(name, 1, f"not UTF-8: {error}", raw.decode(errors="backslashreplace")))
            continue
        items, values = trace_items(text, name, problems)
        style = style_of_file(text, values, bom=raw.startswith(b"\xef\xbb\xbf"))
        sha256 = hashlib.sha256(raw).hexdigest()
        sort = "trace" if part == TRACES else "answers"
        kept = None if style else raw.decode()
        files.append(SourceFile(name, sort, sha256, style.to_json() if style else "", kept))
        if items:
            yield name, items


def _tell_compressed(folder: Path | None, part: str, pattern: str, problems: list[Problem]) -> None:
    for file in sorted(folder.glob(f"{pattern}.*")) if folder else ():
        if file.suffix in (".gz", ".bz2", ".xz", ".zst"):
            name = f"{part}/{file.relative_to(folder).as_posix()}"  # type: ignore[arg-type]  # there is a folder
            problems.append(Problem(name, 1, "compressed files are not read; unpack it"))


def _add_rewards(drafts: dict[str, list[_Draft]], rows: list[RewardRow]) -> None:
    # The longest run of events of each trace comes first: the shorter ones are beginnings of it.
    for row in sorted(rows, key=lambda r: -len(r.events)):
        _draft(drafts, list(row.events)).rows.append(row)
    for group in drafts.values():
        for draft in group:
            draft.rows.sort(key=lambda r: (r.file, r.line))


def _add_trace(drafts: dict[str, list[_Draft]], name: str, items: list[TraceItem]) -> None:
    draft = _draft(drafts, [item.event for item in items])
    draft.traces.append((name, items))
    draft.domain = domain_of(name)


def _add_answers(drafts: dict[str, list[_Draft]], name: str, items: list[TraceItem]) -> None:
    events = [item.event for item in items]
    told = set(events)

    def kinship(draft: _Draft) -> tuple[int, bool, int]:
        same_file = any(Path(trace).name == Path(name).name for trace, _ in draft.traces)
        return len(told.intersection(draft.events)), same_file, -len(draft.events)

    best = max((draft for group in drafts.values() for draft in group), key=kinship, default=None)
    if best is None or not kinship(best)[0]:
        best = _draft(drafts, events)
        best.domain = domain_of(name)
    best.answers.append((name, items))


def domain_of(name: str) -> str:
    """The domain that a trace's file name tells: ``code`` of ``test_data/code_7.json``.

    It is what stands before the number; of a name without one, its first word.
    """
    stem = Path(name).stem
    if match := re.fullmatch(r"(.+?)([-_. ]\d+)+", stem):
        return _SHORT_DOMAINS.get(match[1], match[1])
    return re.split(r"[_\d]", stem, maxsplit=1)[0] or "other"


_SHORT_DOMAINS = {"daily_life": "daily"}


def _draft(drafts: dict[str, list[_Draft]], events: list[Pair]) -> _Draft:
    """The sitting that these events belong to, as long as they are; a new one if they go their own way."""
    group = drafts.setdefault(_digest(events[:1]), [])
    draft = next((draft for draft in group if draft.agrees(events)), None)
    if draft is None:
        draft = _Draft(group=_digest(events[:1]), own_name=bool(group))
        group.append(draft)
    if len(events) > len(draft.events):
        draft.events = events
    return draft


def _digest(events: Iterable[Pair]) -> str:
    return hashlib.blake2b("\0".join(part for pair in events for part in pair).encode(), digest_size=6).hexdigest()


def _records(draft: _Draft, licence: str) -> list[tuple[str, Record]]:
    events: list[Event] = []
    time: datetime | None = None
    for published, text in draft.events:
        time = parse_time(published, time)
        events.append(Event(time=time, source=Source.DATASET, data=Observed(text)))
    sitting = Sitting(
        Trace(_digest(draft.events) if draft.own_name else draft.group, tuple(events)),
        domain=draft.domain,
        source=PUBLISHED,
        licence=licence,
        group=draft.group,
        times=tuple(time for time, _ in draft.events),
    )
    observations = forms.observations_of(sitting)
    needs: dict[int, bool] = {}
    for row in draft.rows:
        at = len(row.events) - 1
        needs[at] = needs.get(at, False) or forms.need_of(row.row)
    answers = [
        *(example for name, items in draft.traces for example in _candidates(sitting, name, items, needs)),
        *(example for name, items in draft.answers for example in _answers(sitting, name, items, needs)),
    ]
    return [
        (
            split,
            Record(
                sitting,
                tuple(_example(sitting, observations, row) for row in draft.rows if split_of(row.file) == split),
                tuple(answers) if split == TEST else (),
            ),
        )
        for split in draft.splits
    ]


def _example(sitting: Sitting, observations: list[dict[str, Any]], row: RewardRow) -> Example:
    task = forms.task_of(row.row)
    label = Label(
        LabelSource.HUMAN,
        need=forms.need_of(row.row),
        accepted=forms.accepted_of(row.row),
        votes=forms.votes_of(row.row),
    )
    offer = None if task is None else Offer(task)
    example = Example(sitting.name, len(row.events) - 1, label, offer)
    rest = forms.rest_of_row(row.text, forms.reward_row(observations, example))
    return Example(
        sitting.name, example.index, label, offer, origin=Origin(row.file, row.line, row.line - 1, 0, rest)
    )


def _candidates(sitting: Sitting, name: str, items: list[TraceItem], needs: dict[int, bool]) -> Iterator[Example]:
    for index, item in enumerate(items):
        yield from _offers(sitting, index, item, (name, index, ""), needs.get(index))


def _answers(sitting: Sitting, name: str, items: list[TraceItem], needs: dict[int, bool]) -> Iterator[Example]:
    model = name.split("/")[1]
    trace = [Told(event.time, forms.text_of(event)) for event in sitting.trace.events]
    told: list[Told] = []
    time: datetime | None = None
    for item in items:
        time = parse_time(item.event[0], time)
        told.append(Told(time, item.event[1]))
    for number, (item, match) in enumerate(zip(items, align(trace, told), strict=True)):
        yield from _offers(sitting, match.index, item, (name, number, model), needs.get(match.index))


def _offers(
    sitting: Sitting, index: int, item: TraceItem, where: tuple[str, int, str], need: bool | None
) -> Iterator[Example]:
    name, record, model = where
    tasks = forms.tasks_of(item.item)
    rest = forms.rest_of_item(item.item, sitting, index, tasks, candidates=not model)
    for part, task in enumerate(tasks or (None,)):
        yield Example(
            sitting.name,
            index,
            Label(LabelSource.HUMAN, need=need),
            None if task is None else Offer(task, proposer=model),
            origin=Origin(name, item.line, record, part, rest if part == 0 else ""),
        )
