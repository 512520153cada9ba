"""Events survive JSON, and what is no event is turned away with a word on why."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proactive_collectors.errors import BadEventError, ProactiveError
from proactive_collectors.event_json import from_dict, from_json, to_dict, to_json
from proactive_collectors.events import (
    PAYLOADS,
    DocumentSaved,
    EditBurst,
    Event,
    Failure,
    Manner,
    Observed,
    Payload,
    Source,
    TerminalRun,
    Where,
)
from proactive_collectors.text import Change, Range

TIME = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)


@given(st.from_type(Event))
def test_an_event_survives_json(event: Event) -> None:
    line = to_json(event)
    assert from_json(line) == event
    assert from_json(line.decode()) == event
    assert b"\n" not in line


def test_the_form_is_the_documented_one() -> None:
    run = TerminalRun("pytest -q", exit_code=1, failures=(Failure("boom", line=3),))
    event = Event(TIME, Source.EXEC, run, Where(workspace="file:///home/me/app", range=Range.of(0, 1, 2, 3)))
    assert to_dict(event) == {
        "time": "2026-01-31T09:30:00.000000Z",
        "source": "exec",
        "kind": "terminal.run",
        "where": {"workspace": "file:///home/me/app", "range": [0, 1, 2, 3]},
        "data": {"command": "pytest -q", "exit_code": 1, "failures": [{"message": "boom", "line": 3}]},
    }
    burst = EditBurst((Change(Range.of(0, 0, 0, 1), "a", "b"),), Manner.PASTED)
    assert to_dict(Event(TIME, Source.LSP, burst))["data"] == {
        "changes": [{"range": [0, 0, 0, 1], "old_text": "a", "new_text": "b"}],
        "manner": "pasted",
    }
    assert to_dict(Event(TIME, Source.LSP, DocumentSaved())).keys() == {"time", "source", "kind"}


def test_times_are_read_into_utc() -> None:
    event = Event(TIME, Source.LSP, DocumentSaved())
    assert from_dict({**to_dict(event), "time": "2026-01-31T10:30:00+01:00"}) == event


def test_unknown_keys_are_passed_over() -> None:
    plain = to_dict(Event(TIME, Source.LSP, DocumentSaved()))
    assert from_dict(
        {**plain, "new": 1, "data": {"newer": 2}, "where": {"uri": "file:///a", "x": 3}}
    ).where == Where(uri="file:///a")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"kind": "no.such"}, "unknown kind"),
        ({"kind": 7}, "unknown kind"),
        ({"kind": None}, "unknown kind"),
        ({"time": "yesterday"}, "isoformat"),
        ({"time": "2026-01-31T09:30:00"}, "time zone"),
        ({"time": None}, "terminal.run"),
        ({"source": "nobody"}, "nobody"),
        ({"data": {"command": 5}}, "5 is not of type str"),
        ({"data": {"exit_code": True}}, "terminal.run"),
        ({"where": {"range": [0, 0, 0]}}, "a range is"),
        ({"where": {"range": [1, 0, 0, 0]}}, "ends before it starts"),
        ({"where": {"range": [0, 0, 0, -1]}}, "not a line or character"),
        ({"where": {"range": [0, 0, 0, 2**40]}}, "not a line or character"),
    ],
)
def test_what_is_no_event_is_turned_away(change: dict[str, Any], word: str) -> None:
    plain = {"time": "2026-01-31T09:30:00Z", "source": "exec", "kind": "terminal.run", **change}
    with pytest.raises(BadEventError, match=word) as caught:
        from_dict(plain)
    assert isinstance(caught.value, ProactiveError)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "time": JSON | st.just("2026-01-31T09:30:00Z"),
            "source": JSON | st.sampled_from(Source),
            "kind": JSON | st.sampled_from(sorted(PAYLOADS)),
            "where": JSON | st.fixed_dictionaries({}, optional={"range": JSON, "uri": JSON}),
            "data": JSON | st.fixed_dictionaries({"changes": JSON, "failures": JSON, "minutes": JSON}),
        },
    )
    | JSON
)
def test_any_json_is_an_event_or_a_bad_one(plain: Any) -> None:
    try:
        event = from_dict(plain)
    except BadEventError as error:
        assert str(error)
    else:
        assert isinstance(event.data, Payload)


@given(st.binary(max_size=30) | st.text(max_size=30))
def test_any_line_is_read_or_turned_away(line: bytes | str) -> None:
    with pytest.raises(BadEventError):
        from_json(line)


def test_json_is_one_object_a_line() -> None:
    assert orjson.loads(to_json(Event(TIME, Source.LSP, DocumentSaved())))["kind"] == "document.saved"


def test_half_a_surrogate_pair_is_kept_as_the_replacement_character():
    event = Event(datetime(2026, 1, 1, tzinfo=UTC), Source.LSP, Observed("a\ud800b"))
    assert from_json(to_json(event)).data == Observed("a\N{REPLACEMENT CHARACTER}b")


@pytest.mark.parametrize("field", ["data", "where"])
def test_payload_and_place_are_objects(field):
    with pytest.raises(BadEventError, match=f"'{field}' is not an object"):
        from_dict({"time": "2026-01-01T00:00:00Z", "kind": "observed", field: "text"})
