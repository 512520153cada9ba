"""The naive rule, and the figures of what is measured beside the agent."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from proactive_collectors.events import EditBurst, Event, Manner, Source, Where
from proactive_collectors.text import Change, Position, Range
from proactive_collectors.trace import Window
from proactive_inference.plays import Moment
from proactive_inference.proposal import Boundary
from proactive_training.gym.history import History
from proactive_training.gym.naive import NaiveRule, replaced
from proactive_training.gym.replay_run import Options, evaluate
from proactive_training.gym.replay_workspace import ReplayWorkspace, uri_of

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def _burst(line: int, old: str, new: str, manner: Manner = Manner.TYPED) -> Event:
    change = Change(Range(Position(line, 0), Position(line, len(old))), old, new)
    return Event(
        NOW + timedelta(seconds=line), Source.LSP, EditBurst((change,), manner), Where(uri=uri_of("a.py"))
    )


def _proposed(history: History, text: str, *events: Event) -> list[str]:
    workspace = ReplayWorkspace(history.git, "")
    workspace.put("a.py", text)
    found = NaiveRule().propose(Moment(NOW, Boundary.QUIET, Window(events), workspace))
    return [f"{one.key}: {len(one.edits[0].edits)}" for one in found]


def test_words_are_paired_where_a_line_keeps_its_shape() -> None:
    assert replaced("call(first, 1)", "call(second, 1)") == [("first", "second")]
    assert replaced("call(first)", "call(first, second)") == []
    assert replaced("x = 10", "x = 11") == []
    assert replaced("a\nb", "a") == []


def test_two_equal_replacements_by_hand_are_enough(history: History) -> None:
    text = "second()\nsecond()\nfirst()\nfirstly = first\n"
    once, twice = _burst(0, "first", "second"), _burst(1, "first", "second")
    assert _proposed(history, text, once) == []
    assert _proposed(history, text, once, twice) == ["first→second: 2"]
    assert _proposed(history, text, once, _burst(1, "first", "second", Manner.APPLIED)) == []
    assert _proposed(history, "second()\nsecond()\n", once, twice) == []


def test_what_else_could_have_spoken_is_measured_in_the_same_sittings(repository: Path) -> None:
    found, _ = evaluate([repository], Options(diagnostics=False), jobs=1)
    never, naive, always = (found["baselines"][name] for name in ("never", "naive", "always"))
    for other in (never, naive, always):
        assert (other["sittings"], other["events"]) == (found["sittings"], found["events"])
    assert never["suggestions"] == 0 and never["precision"] is None and never["recall_pooled"] == 0.0
    assert naive["confirmed_exact"] > 0  # it sees 'run_task' become 'run_job'
    assert naive["pool"] == never["pool"] > 0  # its offer is the same as the repeated edit's
    assert always["suggestions"] >= found["suggestions"]


def test_the_others_can_be_left_out(repository: Path) -> None:
    found, _ = evaluate([repository], Options(diagnostics=False, limit=2), jobs=1, baselines=False)
    assert found["baselines"] == {}
