"""The columns of a dataset, and how values become rows and rows values again.

Four tables (``datasets`` calls them configurations): ``events``, ``sittings``, ``examples`` (labelled moments) and
``answers`` (what was offered, or not, at moments, and not judged); ``files`` remembers what was imported, and
from where.
The columns are described in docs/bench.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from proactive_collectors.event_json import from_json, to_json
from proactive_collectors.sentences import sentence
from proactive_collectors.text import Range, TextEdit
from proactive_collectors.trace import Trace
from proactive_training.bench.example import (
    Example,
    Label,
    LabelSource,
    Offer,
    OfferedEdit,
    Origin,
    Sitting,
    Verdict,
)
from proactive_training.bench.needs import need

SCHEMA_VERSION = 1
"""Of the columns; a reader refuses what is newer."""

VERSION_KEY = b"proactive_bench.schema"

FILES_SPLIT = "imported"
"""The one split of the table of files; it is no split of the data."""

CONFIGURATIONS = ("events", "sittings", "examples", "answers", "files")

Row = dict[str, Any]


@frozen
class SourceFile:
    """An imported file: how its text was written, so that it can be written back equal to the byte."""

    path: str  #: relative to the folder that was imported, with ``/``
    sort: str  #: ``reward``, ``trace``, ``answers``, ``scenes`` or ``seeds``
    sha256: str  #: hexadecimal, of its bytes
    style: str = ""  #: JSON, see :mod:`proactive_training.bench.json_style`
    text: str | None = None  #: all of it, where nothing less gives it back


def schemas() -> dict[str, Any]:
    """The Arrow schema of each configuration."""
    pa = need("pyarrow")
    text, number, truth = pa.string(), pa.int64(), pa.bool_()
    edit = pa.struct(
        [
            ("path", text),
            ("start_line", number),
            ("start_character", number),
            ("end_line", number),
            ("end_character", number),
            ("old_text", text),
            ("new_text", text),
        ]
    )
    moment = [
        ("sitting", text),
        ("index", number),
        ("boundary", text),
        ("offered", truth),
        ("task", text),
        ("title", text),
        ("proposer", text),
        ("key", text),
        ("path", text),
        ("line", number),
        ("edits", pa.list_(edit)),
        ("command", text),
        ("confidence", pa.float64()),
        ("verdict", text),
        ("label_source", text),
        ("need", truth),
        ("accepted", truth),
        ("votes", pa.list_(truth)),
        ("rule", text),
        ("category", text),
        ("origin_file", text),
        ("origin_line", number),
        ("origin_record", number),
        ("origin_part", number),
        ("origin_rest", text),
    ]
    tables = {
        "events": [
            ("sitting", text),
            ("index", number),
            ("time", pa.timestamp("us", tz="UTC")),
            ("kind", text),
            ("source", text),
            ("sentence", text),
            ("event", text),
            ("time_text", text),
        ],
        "sittings": [
            ("sitting", text),
            ("group", text),
            ("domain", text),
            ("repository", text),
            ("commit", text),
            ("source", text),
            ("licence", text),
            ("events", number),
        ],
        "examples": moment,
        "answers": moment,
        "files": [("path", text), ("sort", text), ("sha256", text), ("style", text), ("text", text)],
    }
    metadata = {VERSION_KEY: str(SCHEMA_VERSION).encode()}
    return {name: pa.schema(columns, metadata=metadata) for name, columns in tables.items()}


def event_rows(sitting: Sitting) -> Iterator[Row]:
    """A row for each event of a sitting."""
    for index, event in enumerate(sitting.trace.events):
        yield {
            "sitting": sitting.name,
            "index": index,
            "time": event.time,
            "kind": event.kind,
            "source": event.source.value,
            "sentence": sentence(event),
            "event": to_json(event).decode(),
            "time_text": sitting.times[index] if sitting.times else None,
        }


def sitting_row(sitting: Sitting) -> Row:
    """A sitting without its events."""
    return {
        "sitting": sitting.name,
        "group": sitting.group,
        "domain": sitting.domain,
        "repository": sitting.repository,
        "commit": sitting.commit,
        "source": sitting.source,
        "licence": sitting.licence,
        "events": len(sitting.trace.events),
    }


def sitting_of(row: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> Sitting:
    """A sitting from its row and those of its events.

    Raises:
        BadEventError: an event cannot be read.
    """
    times = tuple(event["time_text"] for event in events)
    return Sitting(
        Trace(row["sitting"], tuple(from_json(event["event"]) for event in events)),
        domain=row["domain"],
        repository=row["repository"],
        commit=row["commit"],
        source=row["source"],
        licence=row["licence"],
        group=row["group"],
        times=() if None in times else times,
    )


def example_row(example: Example) -> Row:
    """An example with its offer and label, flat but for the edits and votes."""
    offer, label, origin = example.offer, example.label, example.origin
    category = example.category
    return {
        "sitting": example.sitting,
        "index": example.index,
        "boundary": example.boundary,
        "offered": offer is not None,
        "task": offer and offer.task,
        "title": offer and offer.title,
        "proposer": offer and offer.proposer,
        "key": offer and offer.key,
        "path": offer and offer.path,
        "line": offer and offer.line,
        "edits": [_edit_row(edit) for edit in offer.edits] if offer else [],
        "command": offer and offer.command,
        "confidence": offer and offer.confidence,
        "verdict": offer and offer.verdict and offer.verdict.value,
        "label_source": label.source.value,
        "need": label.need,
        "accepted": label.accepted,
        "votes": list(label.votes),
        "rule": label.rule,
        "category": category and category.value,
        "origin_file": origin and origin.file,
        "origin_line": origin and origin.line,
        "origin_record": origin and origin.record,
        "origin_part": origin and origin.part,
        "origin_rest": origin and origin.rest,
    }


def example_of(row: Mapping[str, Any]) -> Example:
    """An example from its row.

    Raises:
        ValueError: an enumeration's value is unknown.
    """
    offer = None
    if row["offered"]:
        offer = Offer(
            task=row["task"],
            title=row["title"],
            proposer=row["proposer"],
            key=row["key"],
            path=row["path"],
            line=row["line"],
            edits=tuple(_edit_of(edit) for edit in row["edits"]),
            command=row["command"],
            confidence=row["confidence"],
            verdict=Verdict(row["verdict"]) if row["verdict"] else None,
        )
    origin = None
    if row["origin_file"] is not None:
        origin = Origin(
            row["origin_file"], row["origin_line"], row["origin_record"], row["origin_part"], row["origin_rest"]
        )
    return Example(
        sitting=row["sitting"],
        index=row["index"],
        label=Label(
            source=LabelSource(row["label_source"]),
            need=row["need"],
            accepted=row["accepted"],
            votes=tuple(row["votes"]),
            rule=row["rule"],
        ),
        offer=offer,
        boundary=row["boundary"],
        origin=origin,
    )


def _edit_row(edit: OfferedEdit) -> Row:
    start, end = edit.edit.range.start, edit.edit.range.end
    return {
        "path": edit.path,
        "start_line": start.line,
        "start_character": start.character,
        "end_line": end.line,
        "end_character": end.character,
        "old_text": edit.old_text,
        "new_text": edit.edit.new_text,
    }


def _edit_of(row: Mapping[str, Any]) -> OfferedEdit:
    numbers = (row["start_line"], row["start_character"], row["end_line"], row["end_character"])
    return OfferedEdit(row["path"], TextEdit(Range.of(*numbers), row["new_text"]), row["old_text"])


def file_row(file: SourceFile) -> Row:
    """An imported file's row."""
    return {
        "path": file.path,
        "sort": file.sort,
        "sha256": file.sha256,
        "style": file.style,
        "text": file.text,
    }


def file_of(row: Mapping[str, Any]) -> SourceFile:
    """An imported file from its row."""
    return SourceFile(row["path"], row["sort"], row["sha256"], row["style"], row["text"])


def size_of(row: Row) -> int:
    """About how many bytes a row takes in memory, for deciding when to write."""
    texts = [value for value in row.values() if isinstance(value, str)]
    texts += [edit[name] for edit in row.get("edits", ()) for name in ("old_text", "new_text")]
    return 200 + sum(map(len, texts))


def whole(value: Any) -> Any:
    """The same with U+FFFD for each half of a surrogate pair, which UTF-8 cannot hold."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {key: whole(inner) for key, inner in value.items()}
    return [whole(inner) for inner in value] if isinstance(value, list) else value
