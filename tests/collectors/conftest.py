"""A repository; any event of any kind by ``st.from_type(Event)``, also `Change`, `Where` and `Payload`."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_type_hints

import attrs
import pytest
from hypothesis import strategies as st

from git_repo import Repo
from proactive_collectors.events import (
    PAYLOADS,
    Event,
    Failure,
    Manner,
    Payload,
    Severity,
    SnoozeScope,
    Source,
    TaskKind,
    Where,
)
from proactive_collectors.text import Change, Position, Range

COUNTS = st.integers(0, 2**31 - 1)
TEXTS = st.text(max_size=30) | st.sampled_from(
    ["a\r\nb", "\u2028x\x85", "\x1b[31mred", "'quoted'", "😀" * 200, "  "]
)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
POSITIONS = st.builds(Position, COUNTS, COUNTS)
RANGES = st.lists(POSITIONS, min_size=2, max_size=2).map(lambda pair: Range(min(pair), max(pair)))
CHANGES = st.builds(Change, RANGES, TEXTS, TEXTS)
URIS = st.none() | TEXTS | st.sampled_from(["file:///home/me/app/src/api.py", "untitled:Untitled-1", "file://["])

FIELDS: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXTS,
    str | None: st.none() | TEXTS,
    int: COUNTS,
    int | None: st.none() | st.integers(-64, 255),
    float: FLOATS,
    float | None: st.none() | FLOATS,
    bool: st.booleans(),
    tuple[str, ...]: st.lists(TEXTS, max_size=4).map(tuple),
    tuple[Change, ...]: st.lists(CHANGES, max_size=5).map(tuple),
    Manner: st.sampled_from(Manner),
    Severity: st.sampled_from(Severity),
    SnoozeScope: st.sampled_from(SnoozeScope),
    TaskKind: st.sampled_from(TaskKind),
    Range | None: st.none() | RANGES,
}


def built(cls: type[Any]) -> st.SearchStrategy[Any]:
    """Any value of an attrs class whose fields are all of the types above."""
    types = get_type_hints(cls)
    return st.builds(cls, **{field.name: FIELDS[types[field.name]] for field in attrs.fields(cls)})


FIELDS[tuple[Failure, ...]] = st.lists(built(Failure), max_size=4).map(tuple)

WHERES = st.just(Where()) | built(Where).flatmap(lambda where: URIS.map(lambda uri: attrs.evolve(where, uri=uri)))
PAYLOAD = st.one_of([built(cls) for cls in PAYLOADS.values()])
TIMES = st.timedeltas(timedelta(0), timedelta(days=40_000)).map(
    lambda span: datetime(1970, 1, 1, tzinfo=UTC) + span
)

st.register_type_strategy(Change, CHANGES)
st.register_type_strategy(Range, RANGES)
st.register_type_strategy(Where, WHERES)
st.register_type_strategy(Payload, PAYLOAD)
st.register_type_strategy(
    Event, st.builds(Event, time=TIMES, source=st.sampled_from(Source), data=PAYLOAD, where=WHERES)
)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "app").init()
    repo.commit("Begin", text="one\n")
    return repo
