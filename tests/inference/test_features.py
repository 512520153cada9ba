from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proactive_collectors.events import (
    DiagnosticAppeared,
    DiagnosticLingering,
    DiagnosticResolved,
    DocumentSaved,
    EditBurst,
    Event,
    Failure,
    Manner,
    Observed,
    Payload,
    Source,
    TaskRun,
    TerminalRun,
    WebSearched,
    WebVisited,
    Where,
)
from proactive_collectors.text import Change, Range
from proactive_collectors.trace import Window
from proactive_inference.feature_names import LABELS, NAMES
from proactive_inference.features import Features, features
from proactive_inference.gate import LearnedGate
from proactive_inference.signals import Mark, signals, slips_in

START = datetime(2026, 3, 2, tzinfo=UTC)
CODE = Where("file:///app/a.py", language="python")
PROSE = Where("file:///app/a.md", language="markdown")


def _events(*steps: Payload | tuple[Payload, Where], seconds: float = 5) -> list[Event]:
    pairs = [step if isinstance(step, tuple) else (step, CODE) for step in steps]
    return [
        Event(START + timedelta(seconds=seconds * n), Source.LSP, data, where)
        for n, (data, where) in enumerate(pairs)
    ]


def _value(found: Features, name: str) -> float:
    return found.values[NAMES.index(name)]


def _edit(old: str = "", new: str = "x = 1\n", line: int = 0, manner: Manner = Manner.TYPED) -> EditBurst:
    return EditBurst((Change(Range.of(line, 0, line, len(old)), old, new),), manner, 5, 2.0)


def _run(command: str, code: int | None, *failures: Failure) -> TerminalRun:
    return TerminalRun(command, "/app", code, 1.0, "", failures)


def test_every_feature_has_one_name_and_one_place() -> None:
    assert len(set(NAMES)) == len(NAMES) == len(LABELS)
    assert NAMES[-len(Mark)] == "trail:failed"
    assert NAMES[-2 * len(Mark)] == "last:failed"
    assert len(features(_events(_edit())).values) == len(NAMES)


def test_a_failure_stands_until_its_own_program_passes() -> None:
    failed, other, again = _run("pytest -q", 1), _run("make docs", 0), _run("pytest -q tests/a.py", 0)
    assert _value(features(_events(failed)), "failing") == 1
    assert _value(features(_events(failed, other)), "failing") == 1
    fixed = features(_events(failed, other, again))
    assert _value(fixed, "failing") == 0
    assert _value(fixed, "passed_since_failure") == 1


def test_failures_in_a_row_and_the_same_error_are_counted() -> None:
    run = _run("pytest", 1, Failure("NameError: x", "a.py", 3))
    found = features(_events(_edit(), run, _edit(), run))
    assert _value(found, "failing_again") > 0
    assert _value(found, "failing_same") == 1
    assert _value(found, "failing_located") == 1
    assert found.origin[NAMES.index("failing")] == 3


@pytest.mark.parametrize(
    "run", [_run("pytest", 130), _run("grep x y", 1), _run("/usr/bin/diff a b", 1), _run("x", None)]
)
def test_what_is_no_failure(run: TerminalRun) -> None:
    assert _value(features(_events(run)), "failing") == 0


def test_a_task_of_the_editor_fails_like_a_run() -> None:
    assert _value(features(_events(TaskRun("build", "/app", 2))), "failing_now") == 1


def test_diagnostics_are_fresh_then_lasting_then_gone() -> None:
    new, lasting = DiagnosticAppeared("undefined x"), DiagnosticLingering("undefined x", seconds=12)
    gone = DiagnosticResolved("undefined x", seconds=20)
    assert _value(features(_events(new)), "fresh_problems") > 0
    found = features(_events(new, lasting))
    assert _value(found, "fresh_problems") == 0
    assert _value(found, "lingering_errors") > 0
    found = features(_events(new, lasting, gone))
    assert _value(found, "lingering_errors") == 0


def _bursts(*bursts: tuple[tuple[int, int, str, str], ...]) -> list[Event]:
    """Bursts of changes, each given by line, character, old and new text."""
    return _events(
        *(
            EditBurst(
                tuple(Change(Range.of(line, at, line, at + len(old)), old, new) for line, at, old, new in burst),
                Manner.TYPED,
                5,
                2.0,
            )
            for burst in bursts
        ),
        DocumentSaved(),
    )


@pytest.mark.parametrize(
    "bursts",
    [
        (((4, 20, "dir", "folder"),), ((8, 35, "dir", "folder"),)),
        (((4, 20, "dir", "folder"), (8, 35, "dir", "folde")), ((8, 40, "", "r"),)),
        (((4, 20, "dir", "fol"),), ((4, 23, "", "der"), (8, 35, "dir", "folde")), ((8, 40, "", "r"),)),
        (((4, 20, "dir", "fol"),), ((4, 23, "", "der"), (8, 35, "dir", "folder"))),
        (((4, 20, "dir", ""),), ((4, 20, "", "folder"),), ((8, 35, "dir", "foldr"),), ((8, 39, "r", "er"),)),
        (
            *(((4, 20 + n, "dir" if n == 0 else "", letter),) for n, letter in enumerate("folder")),
            *(((8, 35 + n, "dir" if n == 0 else "", letter),) for n, letter in enumerate("folder")),
        ),
    ],
    ids=[
        "at one go",
        "a rest in the second",
        "rests in both",
        "a rest in the first",
        "rubbed out first",
        "rests after each key",
    ],
)
def test_a_replacement_counts_however_the_typing_was_cut_into_bursts(
    bursts: tuple[tuple[tuple[int, int, str, str], ...], ...],
) -> None:
    found = features(_bursts(*bursts))
    assert _value(found, "repeated") == 1
    assert _value(found, "repeated_settled") == 1
    assert _value(features(_bursts(*bursts[: len(bursts) // 2])), "repeated") == 0


def test_typing_on_elsewhere_completes_nothing() -> None:
    apart = (((4, 20, "dir", "fol"),), ((4, 40, "", "der"),), ((8, 35, "dir", "folder"),))
    assert _value(features(_bursts(*apart)), "repeated") == 0
    other = _bursts(((4, 20, "dir", "fol"),), ((8, 35, "dir", "folder"),))
    other.insert(1, Event(START, Source.LSP, _edit("", "der", 4), PROSE))
    assert _value(features(other), "repeated") == 0


def test_one_place_that_is_typed_on_and_taken_back_is_no_repetition() -> None:
    once = (((4, 20, "dir", "folder"),), ((4, 26, "", "s"),), ((4, 26, "s", ""),))
    assert _value(features(_bursts(*once)), "repeated") == 0
    again = (*once, ((8, 35, "dir", "folder"),))
    assert _value(features(_bursts(*again)), "repeated") == 1


def test_what_was_replaced_before_long_typing_with_rests_is_remembered() -> None:
    word = [((12, 20 + n, "dir" if n == 0 else "", letter),) for n, letter in enumerate("destination_folder")]
    assert _value(features(_bursts(((4, 20, "dir", "destination_folder"),), *word)), "repeated") == 1


def test_repeating_a_replacement_is_seen_and_taking_it_back_is_not() -> None:
    there, back = _edit("cache_dir", "cache_path"), _edit("cache_path", "cache_dir")
    assert _value(features(_events(there)), "repeated") == 0
    assert _value(features(_events(there, _edit("cache_dir", "cache_path", 5))), "repeated") == 1
    assert _value(features(_events(there, back, there)), "repeated") == 0
    assert _value(features(_events(_edit("a", "b"), _edit("a", "b", 5))), "repeated") == 0
    undone = _edit("cache_dir", "cache_path", 5, Manner.UNDONE)
    assert _value(features(_events(there, undone)), "repeated") == 0


def test_a_slip_stands_until_it_is_rubbed_out() -> None:
    slip = (_edit(new="Install the the package.\n"), PROSE)
    assert _value(features(_events(slip)), "slip") == 1
    assert _value(features(_events(slip, (_edit(" the", ""), PROSE))), "slip") == 0
    assert _value(features(_events((_edit(new="x = the the\n"), CODE))), "slip") == 0
    pasted = (_edit(new="Install the the package.\n", manner=Manner.PASTED), PROSE)
    assert _value(features(_events(pasted)), "slip") == 0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It is is here.", ("is is",)),
        ("at the\nthe end", ("the\nthe",)),
        ("He had had enough, that that.", ()),
        ("2 2 times, A a", ()),
        ("# Intro\n\nIntro to it", ()),
        ("The theory", ()),
        ("Wait TBD seconds [citation needed]", ("TBD", "[citation needed]")),
        ("Dear <your name>, lorem ipsum", ("<your name>", "lorem ipsum")),
        ("Todos are fine", ()),
    ],
)
def test_slips(text: str, found: tuple[str, ...]) -> None:
    assert slips_in(text) == found


@pytest.mark.parametrize(
    ("sentence", "marks"),
    [
        ("The terminal displays an error message.", {Mark.FAILED, Mark.IN_TERMINAL}),
        ("The user searched for 'sort a list' on Bing.", {Mark.SEARCHED, Mark.IN_BROWSER, Mark.SPECIFIC}),
        ("The user writes Markdown notes about it.", {Mark.WROTE, Mark.WROTE_PROSE}),
        ("The user switched to another application.", {Mark.SWITCHED}),
    ],
)
def test_sentences_are_read_for_what_their_words_tell(sentence: str, marks: set[Mark]) -> None:
    (event,) = _events(Observed(sentence))
    assert set(signals(event).marks) == marks


_TEXT = st.text(max_size=60)
_PAYLOADS = st.one_of(
    st.builds(Observed, _TEXT),
    st.builds(WebSearched, _TEXT, _TEXT),
    st.builds(WebVisited, _TEXT, _TEXT),
    st.builds(TerminalRun, _TEXT, _TEXT, st.none() | st.integers(-20, 300), st.none(), _TEXT,
              st.tuples(st.builds(Failure, _TEXT, st.none() | _TEXT, st.none() | st.integers(0, 9)))),
    st.builds(lambda old, new, manner: _edit(old, new, 0, manner), _TEXT, _TEXT, st.sampled_from(Manner)),
    st.builds(EditBurst),
    st.builds(DiagnosticLingering, _TEXT),
)  # fmt: skip


@given(st.lists(st.tuples(_PAYLOADS, st.integers(-(10**6), 10**6)), max_size=70))
def test_any_window_has_a_need(steps: list[tuple[Payload, int]]) -> None:
    events = tuple(Event(START + timedelta(seconds=s), Source.CLIENT, data, CODE) for data, s in steps)
    need = LearnedGate.load().need(Window(events))
    assert 0 <= need.probability <= 1
    assert all(evidence.event is None or 0 <= evidence.event < len(events) for evidence in need.evidence)


def test_long_texts_take_no_long_time() -> None:
    for text in (" " * 10**6, "a " * 10**6, "the" * 10**6, "<your" * 10**5, "\n" * 10**6):
        slips_in(text)
        signals(_events(Observed(text))[0])
