"""Writes a dataset in ProactiveBench's published layout, equal to the byte where it was imported from there.

Examples go to ``reward_data/SPLIT_data.jsonl``, what was offered at moments of the test split to ``test_data``
and, by model, to ``published_traces``. A row holds all events up to its moment, so that the files grow with the
square of a sitting's length: the layout is for short sittings.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson
from attrs import define, field, frozen

from proactive_training.bench import published_forms as forms
from proactive_training.bench.dataset import Dataset, Record
from proactive_training.bench.example import Category, Example, Sitting
from proactive_training.bench.folders import new_folder
from proactive_training.bench.json_style import JsonStyle
from proactive_training.bench.published import ANSWERS, REWARD, TEST, TRACES, domain_of, split_of
from proactive_training.bench.rows import SourceFile

_PLAIN_FILE = JsonStyle(indent=4, end="")


@frozen
class Exported:
    """What was written, and what the layout could not hold."""

    written: dict[str, int]  #: by file, how many rows or items
    equal: tuple[str, ...]  #: files that are equal to the byte to those imported
    differing: tuple[str, ...]  #: files that were imported too, but differ
    missing: tuple[str, ...]  #: files that were imported, and of which nothing was written
    left_out: dict[str, int]  #: by reason, how many examples


@define
class _Export:
    folder: Path
    sources: dict[str, SourceFile]
    written: Counter[str] = field(factory=Counter)
    left_out: Counter[str] = field(factory=Counter)
    lines: dict[str, list[tuple[str, int, str]]] = field(factory=dict)
    items: dict[str, dict[int, Any]] = field(factory=dict)

    def path(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def export_published(dataset: Dataset, out: Path) -> Exported:
    """Write the files below ``out``.

    Raises:
        DataError: ``out`` is in the way, or the dataset cannot be read.
    """
    sources = {file.path: file for file in dataset.source_files() if _safe(file.path)}
    with new_folder(out) as folder:
        export = _Export(folder, sources)
        for split, record in dataset.every_record():
            _add_rows(export, split, record)
            _add_items(export, split, record)
        for name, lines in export.lines.items():
            _write_lines(export, name, [text for *_, text in sorted(lines, key=lambda line: line[:2])])
        for name, items in export.items.items():
            _write_items(export, name, [items[record] for record in sorted(items)])
        for name, file in sources.items():
            if file.sort in ("scenes", "seeds") and file.text is not None:
                export.path(name).write_bytes(file.text.encode())
                export.written[name] = 1
        equal, differing, missing = _compare(export)
    return Exported(dict(export.written), equal, differing, missing, dict(export.left_out))


def _safe(name: str) -> bool:
    """Whether a name from a dataset stays below the folder that is written."""
    parts = name.split("/")
    return all(re.fullmatch(r"[^\\:\x00-\x1f]+", part) and part not in (".", "..") for part in parts)


def _add_rows(export: _Export, split: str, record: Record) -> None:
    observations = forms.observations_of(record.sitting) if record.examples else []
    for example in record.examples:
        row = forms.reward_row(observations, example)
        origin = example.origin
        if origin is None and example.offer is None and row["valid"] is None and row["help_needed"] is not None:
            row["valid"] = not row["help_needed"]  # of a silence, one follows from the other
            row["category"] = Category.of(need=row["help_needed"], offered=False, accepted=False).value
        text = forms.row_text(row, origin.rest if origin else "")
        if row["help_needed"] is None or (row["valid"] is None and not (origin and origin.rest)):
            export.left_out["whether help was needed, or the offer welcome, is not known"] += 1
            continue
        own = origin is not None and _safe(origin.file) and origin.file.startswith(f"{REWARD}/")
        if origin and own and split_of(origin.file) == split:
            export.lines.setdefault(origin.file, []).append((origin.file, origin.record, text))
            continue
        name = _reward_file(export, split)
        if origin:  # brought here from another split: in their old order
            export.lines.setdefault(name, []).append((origin.file, origin.record, text))
        else:
            _append(export, name, text)


def _reward_file(export: _Export, split: str) -> str:
    names = [name for name, file in export.sources.items() if file.sort == "reward" and split_of(name) == split]
    return min(names, default=f"{REWARD}/{split}_data.jsonl")


def _append(export: _Export, name: str, text: str) -> None:
    with export.path(name).open("ab") as stream:
        stream.write(text.encode() + b"\n")
    export.written[name] += 1


def _write_lines(export: _Export, name: str, lines: list[str]) -> None:
    style = JsonStyle.from_json(export.sources[name].style) if name in export.sources else JsonStyle()
    with export.path(name).open("ab") as stream:
        if style.bom and not stream.tell():
            stream.write(b"\xef\xbb\xbf")
        for number, text in enumerate(lines, 1):
            end = style.newline if number < len(lines) else style.end
            stream.write((text + end).encode())
    export.written[name] += len(lines)


def _add_items(export: _Export, split: str, record: Record) -> None:
    imported = [example for example in record.answers if example.origin and _safe(example.origin.file)]
    if split != TEST:
        if imported:
            export.left_out["candidates and answers of sittings outside the test split"] += len(imported)
        return
    for (name, number), part in groupby(imported, key=_place):
        examples = sorted(part, key=lambda e: e.origin.part if e.origin else 0)
        export.items.setdefault(name, {})[number] = _item(record.sitting, name, examples)
    if not any(example.origin for example in (*record.examples, *record.answers)):
        name = f"{TRACES}/{_file_name(record.sitting)}"
        export.items[name] = dict(enumerate(_items_of(record)))


def _place(example: Example) -> tuple[str, int]:
    return (example.origin.file, example.origin.record) if example.origin else ("", 0)


def _item(sitting: Sitting, name: str, examples: list[Example]) -> dict[str, Any]:
    first = examples[0]
    rest = first.origin.rest if first.origin else ""
    tasks = [example.offer.task for example in examples if example.offer]
    return forms.trace_item(sitting, first.index, tasks, rest, candidates=not name.startswith(f"{ANSWERS}/"))


def _items_of(record: Record) -> Iterator[dict[str, Any]]:
    """A sitting that was never published, as a trace: at each moment, all that was offered there."""
    offered: dict[int, dict[str, bool]] = {}
    for example in (*record.examples, *record.answers):
        if example.offer:
            tasks = offered.setdefault(example.index, {})
            tasks[example.offer.task] = tasks.get(example.offer.task, False) or bool(example.label.accepted)
    for index in range(len(record.sitting.trace.events)):
        tasks = offered.get(index, {})
        rest = orjson.dumps({"task_status": any(tasks.values())}).decode()
        yield forms.trace_item(record.sitting, index, list(tasks), rest, candidates=True)


def _file_name(sitting: Sitting) -> str:
    domain = re.sub(r"[\W\d_]", "", sitting.domain, flags=re.ASCII) or "other"
    plain = re.sub(r"[^\w.-]", "-", sitting.name, flags=re.ASCII).lstrip(".")[:80]
    # Two names must not become one file, nor a name's words a part of the domain.
    if plain != sitting.name or domain_of(f"{domain}_{plain}.json") != domain:
        plain += "-n" + hashlib.blake2b(sitting.name.encode(errors="replace"), digest_size=4).hexdigest()
    assert domain_of(f"{domain}_{plain}.json") == domain
    return f"{domain}_{plain}.json"


def _write_items(export: _Export, name: str, items: list[Any]) -> None:
    source = export.sources.get(name)
    style = JsonStyle.from_json(source.style) if source and source.style else _PLAIN_FILE
    text = style.dumps(items) + style.end
    raw = (b"\xef\xbb\xbf" if style.bom else b"") + text.encode()
    if source and source.text is not None and _says(source.text, items):
        raw = source.text.encode()
    export.path(name).write_bytes(raw)
    export.written[name] = len(items)


def _says(text: str, items: list[Any]) -> bool:
    try:
        return bool(orjson.loads(text.removeprefix("\ufeff")) == items)
    except orjson.JSONDecodeError:
        return False


def _compare(export: _Export) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    equal: list[str] = []
    differing: list[str] = []
    missing: list[str] = []
    for name, source in sorted(export.sources.items()):
        path = export.folder / name
        if not path.is_file():
            missing.append(name)
        elif hashlib.sha256(path.read_bytes()).hexdigest() == source.sha256:
            equal.append(name)
        else:
            differing.append(name)
    return tuple(equal), tuple(differing), tuple(missing)
