"""Whatever stands in files, failures and output: the play never raises, and what it offers can be applied."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proactive_collectors.events import Event, Failure, Source, TerminalRun
from proactive_collectors.text import apply_edits
from proactive_collectors.trace import Window
from proactive_inference.ground import digest
from proactive_inference.plays import Moment
from proactive_inference.plays.failed_run import FailedRun
from proactive_inference.plays.failed_run import source as sources
from proactive_inference.proposal import Boundary

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)

PIECES = [
    *"()=.,:[]*;#'\n\r\t\f\x00\ud800€@",
    *(
        "import ",
        "from ",
        " as ",
        "def ",
        "class ",
        "lambda ",
        "for ",
        " in ",
        "with ",
        "if ",
        "try:",
        "type ",
        "del ",
    ),
    *("\r\n", "\n    ", '"""', "f'{", "}'", "\\\n", "match x:\n  case ", "global ", ":=", "from .", "()"),
]
names = st.sampled_from(["Path", "json", "amuont", "amount", "x", "f", "self", "os", "é", "np", "deque", "print"])
pieces = st.one_of(
    names,
    st.sampled_from(PIECES),
    st.text(max_size=3),
)
texts = st.lists(pieces, max_size=40).map("".join)
messages = st.one_of(
    names.map("NameError: name '{}' is not defined".format),
    names.map("AttributeError: module 'json' has no attribute '{}'. Did you mean: 'x'?".format),
    names.map("AttributeError: 'f' object has no attribute '{}'".format),
    names.map("TypeError: f() got an unexpected keyword argument '{}'".format),
    names.map("ImportError: cannot import name '{}' from 'x'".format),
    names.map("ModuleNotFoundError: No module named '{}'".format),
    st.just("AssertionError: assert 1 == 2"),
    st.text(max_size=60),
)
failures = st.builds(
    Failure,
    message=messages,
    path=st.sampled_from(["main.py", "x.py", "f/x.py", "gone.py", None]),
    line=st.none() | st.integers(-2, 12),
    error=st.none() | st.sampled_from(["NameError", "AttributeError", "TypeError"]) | st.text(max_size=4),
    symbol=st.none() | names,
    hint=st.none() | names | st.text(max_size=5),
    test=st.none() | st.text(max_size=10),
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_text_and_no_failure_makes_it_raise(memory_workspace, data):
    workspace = memory_workspace(
        {path: data.draw(texts) for path in ("main.py", "x.py", "f/x.py", "f/__init__.py")}
    )
    failed = data.draw(st.lists(failures, min_size=1, max_size=3))
    shown = data.draw(texts)
    output = "".join(f'  File "{one.path}", line {(one.line or 0) + 1}\n    {shown}\n   ^^\n' for one in failed)
    run = TerminalRun(
        command=data.draw(st.sampled_from(["pytest", "python main.py", "python '", ""])),
        cwd="/project",
        exit_code=1,
        output=data.draw(st.sampled_from([output, "", shown])),
        failures=tuple(failed),
    )
    window = Window((Event(NOON, Source.EXEC, run),))
    for proposal in FailedRun().propose(Moment(NOON, Boundary.RUN_FAILED, window, workspace)):
        assert len(proposal.title) < 80
        for edit in proposal.edits:
            document = workspace.document(edit.uri)
            assert document is not None and edit.digest == digest(document.text)
            assert apply_edits(document.text, edit.edits) != document.text


@settings(max_examples=120, deadline=None)
@given(texts, names)
def test_an_occurrence_is_the_name_itself(text, name):
    source = sources.Source("file:///project/main.py", text)
    for occurrence in source.occurrences(name):
        assert text[occurrence.start : occurrence.end] == name
        around = source.range(occurrence.start, occurrence.end)
        line = source.lines[around.start.line]
        assert line[around.start.character : around.end.character] == name
