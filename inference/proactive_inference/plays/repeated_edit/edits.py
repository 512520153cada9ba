"""From places to exact edits of the current texts."""

from __future__ import annotations

from collections.abc import Sequence

from proactive_collectors.text import Range, TextEdit, position_at, split_lines
from proactive_inference.ground import digest
from proactive_inference.plays.repeated_edit.library import Library
from proactive_inference.plays.repeated_edit.roles import Place, Source
from proactive_inference.proposal import Anchor, FileEdit


def file_edits(places: Sequence[Place], new: str, library: Library) -> tuple[FileEdit, ...]:
    """The edits that put ``new`` at the places, file by file."""
    by_file: dict[str, list[Place]] = {}
    for place in places:
        by_file.setdefault(place.uri, []).append(place)
    edits = []
    for uri, here in by_file.items():
        source = library.source(uri)
        if source is None:
            continue
        lines = split_lines(source.text)
        edits.append(
            file_edit(
                source,
                [TextEdit(range_of(lines, place.start, place.end), new) for place in sorted(here, key=start_of)],
            )
        )
    return tuple(edits)


def file_edit(source: Source, edits: Sequence[TextEdit]) -> FileEdit:
    """Edits of one file as it stands now."""
    return FileEdit(source.document.uri, tuple(edits), source.document.version, digest(source.text))


def range_of(lines: Sequence[str], start: int, end: int) -> Range:
    """A stretch between two offsets as a range."""
    return Range(position_at(lines, start), position_at(lines, end))


def start_of(place: Place) -> int:
    """What places are put in order by."""
    return place.start


def anchor_at(places: Sequence[Place], last: Place, library: Library) -> Anchor | None:
    """The next place after the last edit in the same file, else the first there, else the first anywhere."""
    here = sorted((place for place in places if place.uri == last.uri), key=start_of)
    after = [place for place in here if place.start >= last.end]
    place = (after or here or list(places))[0]
    source = library.source(place.uri)
    return Anchor(place.uri, range_of(split_lines(source.text), place.start, place.end)) if source else None


def short(spelling: str, limit: int = 24) -> str:
    """A spelling for a title, its middle left out if it is long."""
    return spelling if len(spelling) <= limit else spelling[: limit // 2 - 1] + "…" + spelling[-(limit // 2) :]
