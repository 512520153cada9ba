"""The timeline tells what happened and what became of suggestions; why tells the reasons."""

from __future__ import annotations

from pathlib import Path

from attrs import evolve

from desk import Desk
from proactive_server.timeline import KEPT


def test_the_timeline_tells_what_became_of_a_suggestion(folder: Path) -> None:
    desk = Desk(folder, dismissed_kind_pause_minutes=0, pause_cap_minutes=0)
    text = "It is teh end.\n"
    uri = desk.open("a.md", text)
    desk.play.change = lambda proposal: evolve(proposal, key=f"{proposal.key} {desk.now}")
    desk.fail()
    assert desk.fates() == ["waiting"]
    desk.feedback.dismiss(desk.offer(uri))
    desk.pass_time(60)
    desk.fail()
    desk.pass_time(60)
    desk.fail()
    assert desk.fates() == ["dismissed", "superseded", "waiting"]
    desk.pass_time(700)
    desk.fail()
    assert desk.fates()[2:] == ["ignored", "waiting"]
    desk.change(uri, 0, 6, 9, "the")
    desk.feedback.accepted(desk.timeline.timeline()["decisions"][-1]["suggestion"]["id"])
    desk.pass_time(60)
    assert desk.fates()[3:] == ["accepted"]
    desk.change(uri, 0, 6, 9, "teh")
    desk.fail()
    desk.change(uri, 0, 6, 9, "the")
    desk.pass_time(60)
    assert desk.fates()[3:] == ["dismissed", "done_alone"], "undone soon after, it was not wanted"


def test_the_timeline_is_one_order_of_events_and_decisions(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    timeline = desk.timeline.timeline()
    rows = sorted([*timeline["events"], *timeline["decisions"]], key=lambda row: row["order"])
    assert [row.get("kind", row.get("boundary")) for row in rows] == [
        "document.opened", "terminal.run", "run_failed", "suggestion.shown"
    ]  # fmt: skip
    assert len({row["order"] for row in rows}) == 4
    assert (rows[3]["uri"], rows[3]["line"]) == (uri, 0)
    decision = rows[2]
    assert (decision["need"], decision["threshold"], decision["suggestion"]["title"]) == (0.9, 0.25, "Write 'the'")


def test_what_is_said_of_a_suggestion_that_is_long_out_of_sight_breaks_nothing(folder: Path) -> None:
    desk = Desk(folder, expire_minutes=1440.0)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    identifier = desk.offer(uri)
    for _ in range(KEPT):
        desk.pass_time(1)
        desk.fail()
    assert desk.fates() == []
    desk.feedback.dismiss(identifier)
    timeline = desk.timeline.timeline(1000)
    assert len(timeline["decisions"]) == len(timeline["events"]) == KEPT
    assert timeline["counts"]["dismissed"] == 1
    assert timeline["decisions"][-1]["text"] == "What it could offer was shown already: the same offer is waiting."
    assert desk.timeline.timeline(0)["decisions"] == []


def test_why_tells_the_events_the_odds_and_the_reason(folder: Path) -> None:
    desk = Desk(folder)
    desk.feedback.why()
    uri = desk.open("a.md", "It is well.\n")
    desk.fail()
    desk.feedback.why()
    desk.change(uri, 0, 6, 10, "teh")
    desk.pass_time(10)
    desk.feedback.why(desk.offer(uri))
    desk.feedback.dismiss(desk.offer(uri))
    desk.feedback.why()
    nothing, silent, spoke, ended = desk.told
    assert "no suggestion" in nothing
    assert silent.endswith("There was nothing sure enough to offer.")
    assert "'teh' is no word." in spoke
    assert "90%" in spoke
    assert "25%" in spoke
    assert ended == "There is no suggestion now. The last one was: Write 'the' (dismissed)."
