import json
import math
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from pygls.lsp.server import LanguageServer

from proactive_collectors.client_schema import (
    CLIENT_KINDS,
    DIAGNOSTICS,
    MAX_DIAGNOSTICS,
    MAX_STRING,
    MESSAGE_CHARACTERS,
    json_schema,
)
from proactive_collectors.diagnostics import Item
from proactive_collectors.errors import BadEventError
from proactive_collectors.event_json import from_json, to_json
from proactive_collectors.events import (
    PAYLOADS,
    DebugStopped,
    DocumentFocused,
    Event,
    Failure,
    GitConflicted,
    SelectionChanged,
    Severity,
    Source,
    TaskKind,
    TaskRun,
    TerminalRun,
    WebVisited,
    Where,
)
from proactive_collectors.notification import (
    MAX_OUTPUT,
    METHOD,
    DiagnosticsReport,
    parse,
    to_plain,
)
from proactive_collectors.reference import client_examples
from proactive_collectors.text import Position, Range

NOW = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)


def read(kind: str, data: Any = None, **rest: Any) -> Event:
    message = {"kind": kind, **rest} | ({} if data is None else {"data": data})
    event = parse(message, received=NOW)
    assert isinstance(event, Event)
    return event


def rejected(params: Any) -> str:
    with pytest.raises(BadEventError) as caught:
        parse(params, received=NOW)
    assert len(str(caught.value)) < 400
    return str(caught.value)


def test_the_least_event() -> None:
    assert read("idle.began") == Event(NOW, Source.CLIENT, CLIENT_KINDS["idle.began"]())


def test_the_source_is_not_believed() -> None:
    assert read("idle.began", source="agent").source is Source.CLIENT
    assert read("idle.began", source=17).source is Source.CLIENT


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2026-01-31T09:29:58.25Z", NOW - timedelta(seconds=1.75)),
        ("2026-01-31T10:30:00+01:00", NOW),
        ("2026-01-31T09:30:59Z", NOW + timedelta(seconds=59)),
        ("2026-01-31T09:31:01Z", NOW),  # too far ahead: the client's clock is off
        ("9999-12-31T23:59:59Z", NOW),
        ("1970-01-01T00:00:00Z", NOW),
        ("2026-01-30T10:00:00Z", NOW - timedelta(hours=23.5)),
    ],
)
def test_times(sent: str, kept: datetime) -> None:
    assert read("idle.began", time=sent).time == kept


@pytest.mark.parametrize(
    "sent", ["", "yesterday", "2026-01-31T09:30:00", "2026-02-30T00:00:00Z", 0, None, "0001-01-01T00:00:00+23:59"]
)
def test_no_times(sent: Any) -> None:
    assert "time" in rejected({"kind": "idle.began", "time": sent})


@pytest.mark.parametrize(
    "kind", [*(set(PAYLOADS) - set(CLIENT_KINDS)), "", "nonsense", "Diagnostics", None, 1, [], {}]
)
def test_kinds_that_a_client_does_not_report(kind: Any) -> None:
    assert "does not report" in rejected({"kind": kind, "data": {}})


def test_the_kinds_of_a_client() -> None:
    refused = {
        kind for kind in PAYLOADS if kind.startswith(("suggestion.", "agent.", "edit.", "diagnostic.", "observed"))
    }
    refused |= {"document.opened", "document.closed", "document.saved"}
    assert set(CLIENT_KINDS) == set(PAYLOADS) - refused


def test_raw_output_becomes_text_and_failures() -> None:
    output = (
        "\x1b]633;C\x07\x1b[31mTraceback (most recent call last):\x1b[0m\r\n"
        '  File "app.py", line 3, in <module>\r\n    np.mean([])\r\n'
        "NameError: name 'np' is not defined\r\n"
    )
    run = read("terminal.run", {"command": "python app.py", "exit_code": 1, "output": output}).data
    assert isinstance(run, TerminalRun)
    assert "\x1b" not in run.output
    assert run.output.startswith("Traceback (most recent call last):\n")
    [failure] = run.failures
    assert (failure.path, failure.line, failure.error) == ("app.py", 2, "NameError")
    task = read("task.run", {"name": "python app.py", "exit_code": 1, "output": output}).data
    assert isinstance(task, TaskRun)
    assert task.failures == run.failures
    assert task.task_kind is TaskKind.TASK


def test_a_run_of_tests_is_told_from_other_tasks() -> None:
    given = {"name": "stats", "kind": "test", "exit_code": 1, "failures": [{"message": "no", "test": "a"}]}
    tests = read("task.run", given).data
    assert isinstance(tests, TaskRun)
    assert tests.task_kind is TaskKind.TEST
    with pytest.raises(BadEventError, match="kind is none of task, test"):
        read("task.run", {**given, "kind": "tests"})


def test_given_failures_are_kept_and_success_has_none() -> None:
    output = "NameError: name 'np' is not defined\n"
    given = {"command": "x", "exit_code": 1, "output": output, "failures": [{"message": "mine", "line": 3}]}
    assert read("terminal.run", given).data.failures == (Failure("mine", line=3),)  # type: ignore[attr-defined]
    assert read("terminal.run", {"command": "x", "exit_code": 0, "output": output}).data.failures == ()  # type: ignore[attr-defined]


def test_long_output_keeps_its_end() -> None:
    run = read("terminal.run", {"command": "yes", "output": "y\n" * MAX_OUTPUT + "the end\n"}).data
    assert isinstance(run, TerminalRun)
    assert run.output.endswith("y\nthe end\n")
    assert len(run.output) < MAX_OUTPUT


@pytest.mark.parametrize("code", [0, 1, -9, 255, 3221225786, None])
def test_exit_codes(code: int | None) -> None:
    assert read("terminal.run", {"command": "x", "exit_code": code}).data == TerminalRun("x", exit_code=code)


def test_where_and_ranges() -> None:
    where = {"uri": "file:///a%20b/%C3%BC.py", "range": [3, 4, 1, 2], "language": "python", "column": 9}
    event = read("selection.changed", {"selecting": True}, where=where)
    assert event.data == SelectionChanged(selecting=True)
    assert event.where == Where(
        uri="file:///a%20b/%C3%BC.py", range=Range.of(1, 2, 3, 4), language="python"
    )  # made backwards, turned round


def test_ranges_go_through_the_hook_that_counts_code_points() -> None:
    asked: list[tuple[str, Range]] = []

    def halve(uri: str, range_: Range) -> Range:
        asked.append((uri, range_))
        start, end = range_.start, range_.end
        return Range(Position(start.line, start.character // 2), Position(end.line, end.character // 2))

    message = {"kind": "document.focused", "where": {"uri": "file:///C%3A/x.py", "range": [0, 4, 0, 8]}}
    event = parse(message, received=NOW, to_code_points=halve)
    assert isinstance(event, Event)
    assert event.where.range == Range.of(0, 2, 0, 4)
    items = [{"range": [0, 2, 0, 6], "message": "m"}]
    message = {"kind": "diagnostics", "where": {"uri": "file:///x.py"}, "data": {"items": items}}
    report = parse(message, received=NOW, to_code_points=halve)
    assert isinstance(report, DiagnosticsReport)
    assert report.items[0].range == Range.of(0, 1, 0, 3)
    assert asked == [("file:///C:/x.py", Range.of(0, 4, 0, 8)), ("file:///x.py", Range.of(0, 2, 0, 6))]


def test_a_list_of_diagnostics() -> None:
    items = [
        {"range": [1, 2, 1, 5], "message": "unused", "severity": "hint", "code": 6133, "tool": "ts"},
        {"range": [0, 0, 0, 0], "message": "bad\x1b[31m\n" + "x" * 5000, "code": None},
    ]
    report = parse({"kind": DIAGNOSTICS, "where": {"uri": "file:///x.ts"}, "data": {"items": items}}, received=NOW)
    assert isinstance(report, DiagnosticsReport)
    assert report.uri == "file:///x.ts"
    first, second = report.items
    assert first == Item(Range.of(1, 2, 1, 5), "unused", Severity.HINT, "6133", "ts")
    assert (second.severity, second.code, second.tool) == (Severity.ERROR, None, None)
    assert second.message.startswith("bad[31m\nxxx")
    assert len(second.message) < MESSAGE_CHARACTERS


@pytest.mark.parametrize("items", [[], {}])
def test_no_diagnostics_are_a_list_too(items: Any) -> None:
    message = {"kind": DIAGNOSTICS, "where": {"uri": "file:///x.ts"}, "data": {"items": items}}
    assert parse(message, received=NOW) == DiagnosticsReport("file:///x.ts")


def test_the_one_empty_table_of_lua() -> None:
    assert read("document.focused", [], where={"uri": "file:///x"}).data == DocumentFocused()
    assert read("git.conflicted", {"operation": "merge", "paths": {}}).data == GitConflicted("merge")


def test_numbers_of_clients_that_have_floats_only() -> None:
    assert read("terminal.run", {"command": "x", "exit_code": 1.0, "seconds": 2.0}).data == TerminalRun(
        "x", exit_code=1, seconds=2.0
    )


def test_unknown_keys_are_passed_over_and_control_characters_taken_out() -> None:
    event = read("debug.stopped", {"reason": "break\x1b[2Jpoint\n", "thread": {"id": 1}}, later="x")
    assert event.data == DebugStopped("break[2Jpoint\n")


def test_half_characters_are_replaced() -> None:
    event = read("web.visited", {"url": "https://example.org", "title": "cut \ud83d"})
    assert event.data == WebVisited("https://example.org", "cut \N{REPLACEMENT CHARACTER}")
    assert from_json(to_json(event)) == event


@pytest.mark.parametrize(
    ("params", "says"),
    [
        (None, "an object"),
        ([], "an object"),
        ("terminal.run", "an object"),
        ({"kind": "terminal.run"}, "no data"),
        ({"kind": "terminal.run", "data": {}}, "no command"),
        ({"kind": "terminal.run", "data": "x"}, "data is not"),
        ({"kind": "terminal.run", "data": {"command": 1}}, "command is not"),
        ({"kind": "terminal.run", "data": {"command": "x", "exit_code": True}}, "exit_code is not"),
        ({"kind": "terminal.run", "data": {"command": "x", "exit_code": 0.5}}, "exit_code is not"),
        ({"kind": "terminal.run", "data": {"command": "x", "exit_code": 2**40}}, "exit_code is"),
        ({"kind": "terminal.run", "data": {"command": "x", "seconds": -1}}, "seconds is -1"),
        ({"kind": "terminal.run", "data": {"command": "x", "seconds": math.nan}}, "exactly"),
        ({"kind": "terminal.run", "data": {"command": "x", "seconds": math.inf}}, "exactly"),
        ({"kind": "terminal.run", "data": {"command": "x", "seconds": 10**400}}, "exactly"),
        ({"kind": "terminal.run", "data": {"command": "x" * (MAX_STRING + 1)}}, "characters long"),
        ({"kind": "terminal.run", "data": {"command": "x", "failures": "abc"}}, "failures is not"),
        ({"kind": "terminal.run", "data": {"command": "x", "failures": [{"message": "m"}] * 300}}, "300 items"),
        ({"kind": "terminal.run", "data": {"command": "x", "failures": [{"message": None}]}}, "message is not"),
        ({"kind": "git.conflicted", "data": {"paths": "a.py"}}, "paths is not"),
        ({"kind": "git.conflicted", "data": {"paths": [1]}}, "paths[0]: it is not"),
        ({"kind": "document.focused"}, "no where"),
        ({"kind": "document.focused", "where": {}}, "no uri"),
        ({"kind": "document.focused", "where": "file:///x"}, "where is not"),
        ({"kind": "idle.began", "where": {"range": [1, 2, 3]}}, "3 items"),
        ({"kind": "idle.began", "where": {"range": [1, 2, 3, -4]}}, "-4"),
        ({"kind": "idle.began", "where": {"range": {"start": {"line": 1}}}}, "range is not"),
        ({"kind": "diagnostics", "where": {"uri": "file:///x"}, "data": {"items": [{}]}}, "no range"),
        ({"kind": "idle.began", "data": object()}, "JSON type"),
        ({"kind": "idle.began", "data": SimpleNamespace(x=1)}, "JSON type"),
        ({"kind": "idle.began", 1: 2}, "keys are strings"),
        ({"kind": "idle.began", "x": list(range(100_000))}, "values"),
        ({"kind": "idle.began", "x": [[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}, "deeper"),
    ],
)  # fmt: skip
def test_what_is_malformed_says_where(params: Any, says: str) -> None:
    assert says in rejected(params)


def test_bad_severities_and_too_many_diagnostics() -> None:
    item = {"range": [0, 0, 0, 1], "message": "m"}

    def message(items: list[Any]) -> Any:
        return {"kind": DIAGNOSTICS, "where": {"uri": "file:///x"}, "data": {"items": items}}

    assert "error, warning" in rejected(message([{**item, "severity": 1}]))
    assert isinstance(parse(message([item] * MAX_DIAGNOSTICS), received=NOW), DiagnosticsReport)
    assert "items" in rejected(message([item] * (MAX_DIAGNOSTICS + 1)))


# --- what pygls hands over ---------------------------------------------------------------------------------


def as_pygls_has_it(params: Any) -> Any:
    """The parameters as they arrive in a handler of a real pygls server."""
    protocol = LanguageServer("test", "1").protocol
    message = json.loads(json.dumps({"jsonrpc": "2.0", "method": METHOD, "params": params}))
    return protocol.structure_message(message).params


def test_the_objects_of_pygls(examples: dict[str, dict[str, Any]]) -> None:
    for example in examples.values():
        arrived = as_pygls_has_it(example)
        assert not isinstance(arrived, dict)
        assert to_plain(arrived) == example
        assert parse(arrived, received=NOW) == parse(example, received=NOW)


def test_attrs_objects() -> None:
    @attrs.frozen
    class Params:
        kind: str
        data: dict[str, Any]

    assert parse(Params("debug.stopped", {"reason": "step"}), received=NOW) == read(
        "debug.stopped", {"reason": "step"}
    )


# --- the schema --------------------------------------------------------------------------------------------

FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time", raises=(ValueError, OverflowError))
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).astimezone(UTC).tzinfo is not None


SCHEMA = json_schema()
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FORMATS)


@pytest.fixture
def examples() -> dict[str, dict[str, Any]]:
    return client_examples()


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_examples_validate_and_parse(examples: dict[str, dict[str, Any]]) -> None:
    assert set(examples) == {*CLIENT_KINDS, DIAGNOSTICS}
    for kind, example in examples.items():
        VALIDATOR.validate(example)
        result = parse(example, received=NOW)
        assert kind == DIAGNOSTICS or isinstance(result, Event)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"kind": "suggestion.accepted"},
        {"kind": "idle.began", "source": "agent"},
        {"kind": "terminal.run"},
        {"kind": "terminal.run", "data": {"command": "x", "exitCode": 1}},
        {"kind": "document.focused", "where": {}},
        {"kind": "diagnostics", "where": {"uri": "x"}},
        {"kind": "idle.began", "time": "yesterday"},
    ],
)
def test_the_schema_refuses(wrong: Any) -> None:
    assert not VALIDATOR.is_valid(wrong)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=6), inner, max_size=5),
    max_leaves=12,
)


def from_schema(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that the given (our own sort of) schema describes."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return st.one_of([_of_type(kind, schema) for kind in kinds])


def _of_type(kind: str, schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    if kind == "null":
        return st.none()
    if kind == "boolean":
        return st.booleans()
    if kind == "integer":
        numbers = st.integers(schema.get("minimum", -99), schema.get("maximum", 99))
        return numbers | numbers.filter(lambda n: abs(n) < 2**53).map(float)
    if kind == "number":
        return st.floats(schema["minimum"], schema["maximum"]) | st.integers(0, 10**9)
    if kind == "array":
        return st.lists(
            from_schema(schema["items"]), min_size=schema.get("minItems", 0), max_size=min(schema["maxItems"], 4)
        )
    if kind == "object":
        required = set(schema.get("required", ()))
        fields = {name: from_schema(inner) for name, inner in schema.get("properties", {}).items()}
        return st.fixed_dictionaries(
            {name: field for name, field in fields.items() if name in required},
            optional={name: field for name, field in fields.items() if name not in required},
        )
    if schema.get("format") == "date-time":
        return st.datetimes(timezones=st.just(UTC)).map(lambda time: time.isoformat().replace("+00:00", "Z"))
    return st.text(max_size=20) | st.just("file:///a%20b/c.py") | st.just("\ud800") | st.just("http://[")


def messages() -> st.SearchStrategy[dict[str, Any]]:
    def of_kind(case: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
        properties = {**SCHEMA["properties"], "kind": {"enum": [case["if"]["properties"]["kind"]["const"]]}}
        properties["where"] = {**properties["where"], **case["then"]["properties"].get("where", {})}
        properties["data"] = case["then"]["properties"]["data"]
        required = ["kind", *case["then"].get("required", ())]
        return from_schema({"type": "object", "properties": properties, "required": required})

    return st.one_of([of_kind(case) for case in SCHEMA["allOf"]])


@st.composite
def spoilt(draw: st.DrawFn) -> Any:
    """A message with something else in one place."""
    message = draw(messages())
    place = message
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return message
        key = draw(st.sampled_from(keys))
        if isinstance(place[key], dict | list) and draw(st.booleans()):
            place = place[key]
            continue
        if draw(st.booleans()):
            place[key] = draw(JSON)
        elif isinstance(place, dict):
            del place[key]
        return message


def check(params: Any) -> None:
    """Only `BadEventError` comes out, and whatever is let in can be kept."""
    try:
        result = parse(params, received=NOW, to_code_points=lambda _, range_: range_)
    except BadEventError as error:
        assert str(error)
        return
    if isinstance(result, Event):
        assert from_json(to_json(result)) == result


@given(messages())
def test_what_the_schema_describes_validates(message: Any) -> None:
    VALIDATOR.validate(message)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(messages() | spoilt())
def test_what_validates_parses(message: Any) -> None:
    if VALIDATOR.is_valid(message):
        parse(message, received=NOW)
    check(message)


@given(JSON | st.dictionaries(st.sampled_from(["kind", "where", "data", "time"]), JSON))
def test_arbitrary_json_never_breaks_anything(message: Any) -> None:
    check(message)


KINDS = [*PAYLOADS, DIAGNOSTICS]
FIELDS = [
    "uri",
    "range",
    "workspace",
    "command",
    "output",
    "failures",
    "items",
    "message",
    "seconds",
    "paths",
    "url",
    "query",
]
LOOSE = st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=5)


@given(st.sampled_from(KINDS), LOOSE | JSON, LOOSE | JSON, JSON | st.just("2026-01-31T09:30:00Z"))
def test_half_right_messages_never_break_anything(kind: str, where: Any, data: Any, time: Any) -> None:
    check({"kind": kind, "where": where, "data": data, "time": time})
    check({"kind": kind, "where": where, "data": data})


@given(JSON)
def test_objects_of_pygls_never_break_anything(message: Any) -> None:
    try:
        arrived = as_pygls_has_it({"kind": "terminal.run", "data": message})
    except Exception:
        return  # pygls itself refuses a few, with an error of its own, before any handler runs
    check(arrived)
