"""What is dismissed or snoozed stays away, in this server and the next: without threads."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from attrs import evolve

from desk import START, Desk
from proactive_collectors.uris import to_uri


def test_dismissing_it_keeps_its_sort_away(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    desk.feedback.dismiss(desk.offer(uri))
    assert desk.published[uri] == []
    desk.pass_time(300)
    desk.fail()
    assert desk.decisions()[-1]["reason"] == "dismissed_before"
    desk.feedback.dismiss("nobody")
    assert desk.kinds().count("suggestion.dismissed") == 1


def test_what_was_dismissed_is_remembered_by_the_next_server(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    desk.feedback.dismiss(desk.offer(uri))
    desk.pipeline.close()
    later = Desk(folder)
    later.now = 3600.0
    later.open("a.md", "It is teh end.\n")
    later.fail()
    assert later.decisions()[-1]["reason"] == "dismissed_before"


def test_what_is_dismissed_in_one_editor_is_not_offered_in_another_of_the_same_workspace(folder: Path) -> None:
    one, two = Desk(folder), Desk(folder, pause_cap_minutes=0.0)
    uri = one.open("a.md", "It is teh end.\n")
    two.open("a.md", "It is teh end.\n")
    for desk in (one, two):
        desk.play.change = lambda proposal: evolve(proposal, key=f"{proposal.key} {one.now}")
    one.fail()
    one.feedback.dismiss(one.offer(uri))
    one.pipeline.flush()
    for desk in (one, two):
        desk.pass_time(300)
    two.fail()
    assert two.decisions()[-1]["text"] == (
        "What it could offer was dismissed before: one of its sort (typo.teh) was turned down lately."
    )
    two.pass_time(24 * 3600)
    two.play.change = lambda proposal: evolve(proposal, key=f"{proposal.key} 0.0")
    two.fail()
    assert two.decisions()[-1]["detail"] == "the same offer was turned down"
    assert one.kinds().count("suggestion.dismissed") == 1
    assert "suggestion.dismissed" not in two.kinds(), "it is the other's event"
    one.pipeline.close()
    two.pipeline.close()


def test_ones_own_dismissal_is_not_heard_of_again_from_the_journal(folder: Path) -> None:
    desk = Desk(folder, minimum_pause_seconds=20.0, dismissed_kind_pause_minutes=0.0)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    desk.feedback.dismiss(desk.offer(uri))
    desk.play.change = lambda proposal: evolve(proposal, key=f"{proposal.key} again")
    desk.pass_time(10)
    desk.fail()
    assert desk.decisions()[-1]["reason"] == "backing_off"
    desk.pass_time(31)
    desk.fail()
    assert desk.offer(uri), "twice as long, not four times"
    desk.pipeline.close()


def test_a_dismissal_in_another_workspace_is_another_matter_and_a_snooze_of_all_is_not(
    folder: Path, tmp_path: Path
) -> None:
    here, there = Desk(folder), Desk(tmp_path / "there")
    uri, other = (desk.open("a.md", "It is teh end.\n") for desk in (here, there))
    there.fail()
    there.feedback.dismiss(there.offer(other))
    for desk in (here, there):
        desk.pass_time(60)
    here.fail()
    assert here.offer(uri)
    there.feedback.snooze("all", 30)
    there.pipeline.flush()
    for desk in (here, there):
        desk.pass_time(60)
    here.fail()
    assert here.decisions()[-1]["reason"] == "snoozed"
    assert [snooze["scope"] for snooze in here.status.now()["snoozes"]] == ["all"]
    there.feedback.snooze("all", 0)
    there.pipeline.flush()
    here.fail()
    assert here.status.now()["snoozes"] == []
    here.pipeline.close()
    there.pipeline.close()


@pytest.mark.parametrize(("scope", "quiet"), [("file", True), ("workspace", True), ("all", True)])
def test_a_snooze_takes_down_what_it_covers(folder: Path, scope: str, quiet: bool) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    assert desk.offer(uri)
    desk.feedback.snooze(scope, 15, uri)
    assert (desk.board.at(uri, 0, 0) == []) == quiet
    assert (desk.status.now()["state"] == "snoozed") == (scope != "file")
    desk.pass_time(60)
    desk.observer.saved(uri)
    desk.pass_time(10)
    assert desk.decisions()[-1]["reason"] == "snoozed"
    desk.feedback.snooze("all", 0)
    assert desk.status.now()["state"] == "watching"


def test_the_status_tells_what_is_snoozed_and_until_when(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is well.\n")
    desk.feedback.snooze("file", 15, uri)
    desk.feedback.snooze("workspace", 5, uri)

    def until(minutes: float) -> str:
        return (START + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")

    one, other = (
        {"scope": "workspace", "until": until(5), "uri": to_uri(folder)},
        {"scope": "file", "until": until(15), "uri": uri},
    )
    status = desk.status.now()
    assert (status["state"], status["snoozes"], status["snoozedUntil"]) == ("snoozed", [one, other], until(5))
    assert desk.status.changes_at == START + timedelta(minutes=5)
    assert desk.status.covers(uri)
    desk.pass_time(301)
    status = desk.status.now()
    assert (status["state"], status["snoozes"]) == ("watching", [other])
    assert "snoozedUntil" not in status
    desk.settings = evolve(desk.settings, enable=False)
    assert (desk.status.now()["state"], desk.status.now()["paused"]) == ("off", True)
    desk.feedback.snooze("all", 60)
    assert desk.status.now()["snoozedUntil"] == (START + timedelta(seconds=3901)).strftime("%Y-%m-%dT%H:%M:%SZ")
    desk.feedback.snooze("all", 0)
    assert desk.status.now()["snoozes"] == []
    assert desk.status.changes_at is None


def test_one_of_two_folders_that_is_snoozed_is_not_the_whole(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    desk = Desk(folder, folders=[folder, other])
    uris = [desk.open(str(place / "a.md"), "It is well.\n") for place in (folder, other)]
    desk.feedback.snooze("workspace", 15, uris[0])
    assert (desk.status.now()["state"], len(desk.status.now()["snoozes"])) == ("watching", 1)
    assert [desk.status.covers(uri) for uri in uris] == [True, False]
    desk.feedback.snooze("workspace", 30, uris[1])
    assert desk.status.now()["state"] == "snoozed"
    assert desk.status.now()["snoozedUntil"] == (START + timedelta(minutes=15)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_snooze_is_known_to_the_next_server_of_the_workspace(folder: Path, tmp_path: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is well.\n")
    desk.feedback.snooze("file", 15, uri)
    desk.pipeline.close()
    later = Desk(folder)
    later.deliver(later.pipeline.begin())
    assert [snooze["uri"] for snooze in later.status.now()["snoozes"]] == [uri]
    later.pipeline.close()
    elsewhere = Desk(tmp_path / "elsewhere")
    elsewhere.deliver(elsewhere.pipeline.begin())
    assert elsewhere.status.now()["snoozes"] == []
