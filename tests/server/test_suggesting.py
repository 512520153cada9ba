"""A suggestion comes, is looked at, taken or overtaken by typing: without threads."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

from attrs import evolve
from lsprotocol import types

from desk import Desk, kept
from proactive_collectors.journal import Journal
from proactive_collectors.text import Range, TextEdit
from proactive_collectors.uris import to_uri
from proactive_inference.ground import digest
from proactive_inference.proposal import FileEdit, Proposal
from proactive_server import surfaces
from proactive_server.client import Client
from proactive_server.pipeline import Outcome
from proactive_server.settings import JournalSettings, Surfaces


def test_a_suggestion_is_shown_and_told_to_the_journal(folder: Path, state: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    (hint,) = desk.published[uri]
    assert (hint.message, hint.data) == ("Write 'the'", {"id": desk.offer(uri)})
    assert desk.status.now()["state"] == "suggestion"
    desk.pipeline.close()
    assert kept(state)[-1] == "suggestion.shown"
    (decision,) = Journal.open(state / "journal.sqlite3").decisions()
    assert decision["suggestion"]["title"] == "Write 'the'"


def test_decisions_at_a_quiet_moment_are_kept_with_their_workspace(folder: Path, state: Path) -> None:
    other = folder.parent / "other"
    desk = Desk(folder, folders=[folder, other])
    here, there = desk.open("a.md", "It is well.\n"), desk.open(str(other / "b.md"), "It is teh end.\n")
    desk.type(here, 0, 0, "Now! ")
    desk.pass_time(10)
    assert desk.offer(there)
    desk.type(here, 0, 0, "So? ")
    desk.pass_time(60)
    desk.pipeline.close()
    rows = sqlite3.connect(state / "journal.sqlite3").execute("SELECT workspace FROM decisions ORDER BY time")
    assert [workspace for (workspace,) in rows] == [to_uri(other), to_uri(folder)]


def test_typing_into_it_hides_it_at_once(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    desk.change(uri, 0, 7, 7, "x")
    assert desk.actions.at(uri, 0, 0) == []
    assert desk.published[uri] == []
    desk.pass_time(10)
    assert "suggestion.superseded" in desk.kinds()


def test_a_malformed_change_takes_away_what_it_may_have_shifted(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    assert desk.offer(uri)
    desk.observer.changed({"textDocument": {"uri": uri}, "contentChanges": [{"text": "new\n"}, {"range": 1}]})
    assert desk.actions.at(uri, 0, 0) == []


def test_hints_follow_the_text_once_the_typing_rests(folder: Path) -> None:
    desk = Desk(folder)
    desk.observer.on_rest = desk.hints.refresh
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    desk.change(uri, 0, 0, 0, "Now!\n")
    assert desk.published[uri][0].range.start.line == 0
    desk.pass_time(2)
    assert desk.published[uri][0].range.start.line == 1


def test_taking_it_counts_only_with_the_edit_in_the_text(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    identifier = desk.offer(uri)
    desk.feedback.accepted(identifier)
    assert "suggestion.accepted" not in desk.kinds()
    desk.change(uri, 0, 6, 9, "the")
    desk.feedback.accepted(identifier)
    desk.feedback.accepted(identifier)
    desk.pass_time(10)
    assert desk.kinds().count("suggestion.accepted") == 1
    assert "suggestion.done_alone" not in desk.kinds()
    assert desk.status.now()["counts"]["accepted"] == 1


def test_taking_it_counts_too_where_the_change_comes_a_moment_later(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    desk.feedback.accepted(desk.offer(uri))
    desk.pass_time(1)
    desk.change(uri, 0, 6, 9, "the")
    desk.pass_time(10)
    assert desk.kinds().count("suggestion.accepted") == 1
    assert "suggestion.done_alone" not in desk.kinds()


def test_a_word_that_no_change_follows_is_not_believed(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    desk.feedback.accepted(desk.offer(uri))
    desk.pass_time(20)
    desk.change(uri, 0, 6, 9, "the")
    desk.pass_time(10)
    assert "suggestion.accepted" not in desk.kinds()
    assert "suggestion.done_alone" in desk.kinds()


def test_a_client_that_lets_no_server_edit_gets_the_edit_without_a_command(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    for apply_edit in (False, True):
        desk.client = Client(literals=True, apply_edit=apply_edit)
        offered = desk.actions.at(uri, 0, 0)[0]
        assert isinstance(offered, types.CodeAction)
        assert offered.edit is not None
        assert (offered.command is not None) == apply_edit


def test_the_server_applies_it_where_the_surface_cannot(folder: Path) -> None:
    desk = Desk(folder, surfaces=Surfaces(code_lens=True))
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    (lens,) = desk.lenses.of(uri)
    assert lens.command is not None
    assert lens.command.command == "proactive.apply"
    identifier = desk.offer(uri)
    asyncio.run(desk.feedback.apply(identifier))
    assert desk.documents.overlay(uri).text == "It is the end.\n"  # type: ignore[union-attr]
    assert "suggestion.accepted" in desk.kinds()
    asyncio.run(desk.feedback.apply(identifier))
    assert desk.told == ["Write 'the': this is over, answered or expired. Nothing was changed."]


async def test_a_client_that_lets_no_server_edit_is_told_what_it_can_do(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is\nteh end.\n")
    desk.fail()
    identifier = desk.offer(uri, 1)
    desk.client = Client()
    by_hand = "Write 'the': this editor takes no edits from a server. Make the change by hand, at a.md:2."
    (command, *_) = desk.actions.at(uri, 1, 1)
    assert isinstance(command, types.Command) and command.command == "proactive.apply"
    assert desk.feedback.cannot_apply(identifier) == by_hand
    await desk.feedback.apply(identifier)
    desk.client = Client(literals=True)
    await desk.feedback.apply(identifier)
    assert desk.told == [by_hand, "That suggestion can only be applied from the list of code actions."]
    assert desk.fates() == ["waiting"]


async def test_one_that_is_being_applied_is_not_applied_again(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.play.change = lambda proposal: evolve(
        proposal, edits=(evolve(proposal.edits[0], edits=(TextEdit(Range.of(0, 0, 0, 0), "So: "),)),)
    )
    desk.fail()
    identifier = desk.offer(uri)
    await asyncio.gather(desk.feedback.apply(identifier), desk.feedback.apply(identifier))
    assert desk.documents.overlay(uri).text == "So: It is teh end.\n"  # type: ignore[union-attr]
    assert desk.told == ["Write 'the': this is being applied already."]
    assert desk.kinds().count("suggestion.accepted") == 1


async def test_one_that_the_client_did_not_apply_can_be_applied_later(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    desk.takes_edits = False
    await desk.feedback.apply(desk.offer(uri))
    assert desk.fates() == ["waiting"]
    desk.takes_edits = True
    await desk.feedback.apply(desk.offer(uri))
    assert desk.documents.overlay(uri).text == "It is the end.\n"  # type: ignore[union-attr]


def test_the_same_edit_by_hand_is_told_from_taking_it(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    desk.change(uri, 0, 7, 9, "")
    desk.type(uri, 0, 7, "he")
    desk.pass_time(30)
    assert "suggestion.done_alone" in desk.kinds()
    assert desk.status.now()["suggestions"] == []


def test_an_unanswered_one_goes_away(folder: Path) -> None:
    desk = Desk(folder, expire_minutes=10.0)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    desk.pass_time(599)
    assert desk.board.at(uri, 0, 0)
    desk.pass_time(2)
    assert desk.board.at(uri, 0, 0) == []
    assert desk.published[uri] == []
    assert "suggestion.ignored" in desk.kinds()


def test_a_snooze_of_a_file_needs_the_file(folder: Path) -> None:
    desk = Desk(folder)
    desk.feedback.snooze("file", 15)
    assert "agent.snoozed" not in desk.kinds()
    assert len(desk.told) == 1


def test_going_to_the_spot_and_showing_a_command(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.play.change = lambda proposal: evolve(proposal, edits=())
    desk.fail()
    identifier = desk.offer(uri)
    (action, *_) = desk.actions.at(uri, 0, 0)
    assert isinstance(action, types.Command)  # this client knows no action literals
    assert action.command == "proactive.goto"
    desk.feedback.goto(identifier)
    assert desk.shown[0].selection == types.Range(types.Position(0, 6), types.Position(0, 9))
    assert "suggestion.accepted" in desk.kinds()
    desk.client = Client()
    desk.feedback.goto(identifier)
    assert desk.told == ["a.md:1: There is a slip of the pen."]


def test_to_look_at_an_edit_is_not_to_take_it(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    desk.feedback.goto(desk.offer(uri))
    assert len(desk.shown) == 1
    desk.feedback.show(desk.offer(uri))
    assert desk.told == ["There is a slip of the pen."]
    assert desk.fates() == ["waiting"]
    desk.feedback.goto("nobody")
    assert "no longer known" in desk.told[-1]


async def test_what_is_asked_for_though_it_is_over_or_snoozed_is_refused_in_words(folder: Path) -> None:
    desk = Desk(folder, dismissed_kind_pause_minutes=0, pause_cap_minutes=0)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.play.change = lambda proposal: evolve(proposal, key=f"{proposal.key} {desk.now}")
    desk.fail()
    first = desk.offer(uri)
    assert desk.feedback.refusal(first) is None
    desk.feedback.dismiss(first)
    desk.pass_time(60)
    desk.fail()
    second = desk.offer(uri)
    desk.feedback.snooze("workspace", 10, uri)
    for identifier in (first, second, "nobody"):
        await desk.feedback.apply(identifier)
    over, put_away, unknown = desk.told
    assert "this is over" in over
    assert "put away when you asked for quiet" in put_away
    assert "no longer known" in unknown
    assert desk.documents.get(uri).lines[0] == "It is teh end.\n"  # type: ignore[union-attr]
    desk.feedback.snooze("all", 0)
    assert "put away" in str(desk.feedback.refusal(second)), "it stays away"


def test_a_command_is_shown_and_never_run(folder: Path) -> None:
    desk = Desk(folder)
    desk.client = Client(literals=True)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.play.change = lambda proposal: evolve(proposal, edits=(), command="touch ran")
    desk.fail()
    (action, *_) = desk.actions.at(uri, 0, 0)
    assert isinstance(action, types.CodeAction)
    assert action.edit is None
    assert action.command is not None
    assert action.command.command == "proactive.show"
    desk.feedback.goto(desk.offer(uri))
    assert "suggestion.accepted" not in desk.kinds()
    del desk.told[:]
    desk.feedback.show(desk.offer(uri))
    assert desk.told == ["There is a slip of the pen. Run: touch ran"]
    assert "suggestion.accepted" in desk.kinds()
    assert not (folder / "ran").exists()


def test_what_reaches_outside_the_workspace_is_held_back(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.md").write_text("teh\n")
    (folder / "linked.md").symlink_to(tmp_path / "outside.md")
    for target in (folder / "linked.md", tmp_path / "outside.md", folder / ".." / "outside.md"):
        desk = Desk(folder, journal=JournalSettings(enabled=False))
        edit = FileEdit("file://" + str(target), (TextEdit(Range.of(0, 0, 0, 3), "the"),), None, digest("teh\n"))
        desk.play.change = lambda proposal, edit=edit: evolve(proposal, edits=(*proposal.edits, edit))  # type: ignore[misc]
        uri = desk.open("a.md", "It is teh end.\n")
        desk.fail()
        assert "suggestion" in desk.decisions()[-1]
        assert desk.board.at(uri, 0, 0) == []
        assert "suggestion.shown" not in desk.kinds()
        desk.pass_time(700)
        assert "suggestion.ignored" in desk.kinds()
        assert desk.fates() == ["withheld"], "nobody has seen it, whatever else is said of it"


def with_readme(desk: Desk) -> tuple[str, Path]:
    """An open document whose suggestion also edits a file that is not open."""
    readme = desk.folder / "README.md"
    readme.write_text("teh\n")
    edit = FileEdit(to_uri(readme), (TextEdit(Range.of(0, 0, 0, 3), "the"),), None, digest("teh\n"))
    desk.play.change = lambda proposal: evolve(proposal, edits=(*proposal.edits, edit))
    desk.client = Client(literals=True, resolve_edit=True, apply_edit=True)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    return uri, readme


async def test_one_whose_file_has_changed_on_disk_ends_and_is_not_believed_to_be_taken(folder: Path) -> None:
    desk = Desk(folder)
    uri, readme = with_readme(desk)
    (action, *_) = desk.actions.at(uri, 0, 0)
    assert isinstance(action, types.CodeAction)
    assert (await desk.actions.resolve(action)).edit is not None
    action.edit = None
    readme.write_text("teh\nmore\n")
    assert (await desk.actions.resolve(action)).edit is None
    why = "Write 'the': README.md is no longer what it was when this was offered. Nothing was changed."
    assert desk.told == [why]
    identifier = action.data["id"]
    desk.feedback.accepted(identifier)
    await desk.feedback.apply(identifier)
    assert desk.told == [why, why]
    assert desk.status.now()["suggestions"] == []
    assert desk.fates() == ["superseded"]
    assert "suggestion.accepted" not in desk.kinds()


def test_one_whose_file_is_gone_is_not_listed(folder: Path) -> None:
    desk = Desk(folder)
    uri, readme = with_readme(desk)
    readme.unlink()
    assert desk.actions.at(uri, 0, 0) == []
    assert desk.published[uri] == []
    assert desk.fates() == ["superseded"]


async def test_one_without_an_edit_ends_with_the_file_that_it_is_about(folder: Path) -> None:
    desk = Desk(folder)
    desk.play.change = lambda proposal: evolve(proposal, edits=())
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    identifier = desk.offer(uri)
    (folder / "a.md").unlink()
    desk.feedback.recheck()
    assert desk.offer(uri), "it is still open"
    desk.observer.closed(uri)
    desk.feedback.goto(identifier)
    (told,) = desk.told
    assert "a.md is no longer what it was" in told
    assert desk.shown == []
    assert desk.fates() == ["superseded"]


async def test_one_that_the_typing_overtook_before_it_was_taken_is_not_believed_to_be_taken(folder: Path) -> None:
    desk = Desk(folder)
    uri, _ = with_readme(desk)
    (action, *_) = desk.actions.at(uri, 0, 0)
    assert isinstance(action, types.CodeAction)
    desk.change(uri, 0, 7, 8, "x")
    assert (await desk.actions.resolve(action)).edit is None
    desk.feedback.accepted(action.data["id"])
    assert desk.told == ["That suggestion no longer fits the text. Nothing was changed."]
    assert "suggestion.accepted" not in desk.kinds()


def test_a_suggestion_that_the_typing_has_overtaken_is_not_shown(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    late: list[Outcome] = []
    desk.observer._deliver = late.append
    desk.fail()
    desk.change(uri, 0, 0, 0, "x")
    for outcome in late:
        desk.deliver(outcome)
    assert desk.board.at(uri, 0, 0) == []


async def test_a_message_with_buttons_can_be_answered(folder: Path) -> None:
    desk = Desk(folder)
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    (posted,) = desk.board
    (first, *_) = surfaces.message(posted, desk.client).actions or ()
    assert first.title == "Apply"
    await desk.feedback.ask(posted)
    assert desk.board.at(uri, 0, 0)
    desk.button = surfaces.TAKE
    await desk.feedback.ask(posted)
    assert "suggestion.accepted" in desk.kinds()


def test_surfaces_that_are_off_show_nothing(folder: Path) -> None:
    desk = Desk(folder, surfaces=Surfaces(hints=False))
    uri = desk.open("a.md", "It is teh end.\n")
    desk.fail()
    assert desk.offer(uri)
    assert desk.published == {}
    assert desk.lenses.of(uri) == []
    assert desk.lenses.of("file:///nowhere") == []


def test_without_a_folder_the_open_file_is_all_there_is(folder: Path) -> None:
    (folder / "b.md").write_text("teh\n")
    desk = Desk(folder, folders=())
    uri = desk.open("a.md", "It is teh end.\n")
    seen: list[str] = []

    def note(proposal: Proposal) -> Proposal:
        seen.append(proposal.anchor.uri)
        return proposal

    desk.play.change = note
    desk.fail()
    assert desk.offer(uri)
    assert seen == [uri]
    desk.observer.closed(uri)
    desk.observer.opened(to_uri(folder / ".env"), "dotenv", 1, "teh\n")
    desk.feedback.snooze("all", 0)
    desk.fail()
    assert desk.kinds().count("document.opened") == 1
    assert desk.decisions()[-1]["reason"] == "no_proposal"
