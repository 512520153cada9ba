"""Placeholders: pointed at once the person has gone on, and only where they stand open."""

from __future__ import annotations

import pytest

from proactive_collectors.events import DocumentSaved, GitCommitted
from proactive_inference.plays.prose import Prose
from proactive_inference.plays.prose.play import LEFT_BEHIND, NOTE
from proactive_inference.proposal import Boundary

HEAD = "# Guide\n\nThe server reads the file.\n\n"


def offers(person, boundary=Boundary.COMMITTED):
    return list(Prose().propose(person.moment(boundary)))


def written(sitting, text: str, path: str = "guide.md"):
    person = sitting({path: HEAD})
    person.edit(path, "", text, at=len(HEAD))
    return person


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("TODO: say how.\n", "TODO"),
        ("- TBD\n", "TBD"),
        ("The price is as follows: TBD\n", "TBD"),
        ("It lasts an hour (FIXME: really?).\n", "FIXME"),
        ("It takes [TBD] hours.\n", "TBD"),
        ("Lorem ipsum dolor sit amet, consectetur.\n", "Lorem ipsum dolor sit amet"),
        ("Written by <your name here>.\n", "<your name here>"),
        ("Ask [insert contact] for help.\n", "[insert contact]"),
        ("It lasts ??? hours.\n", "???"),
    ],
)
def test_pointed_at_after_a_commit(sitting, text: str, mark: str) -> None:
    person = written(sitting, text)
    person.add(GitCommitted(subject="Guide"))
    (proposal,) = offers(person)
    assert proposal.play == "prose.placeholder"
    assert proposal.title == f"Fill in '{mark}' in line 5 of guide.md"
    assert proposal.edits == ()
    assert proposal.anchor.range.start.line == 4


@pytest.mark.parametrize(
    "text",
    [
        "Put it on the TODO list.\n",
        "Each TODO is found by it.\n",
        "# TODO\n\nAll of it.\n",
        "Run `grep TODO` in it.\n",
        "```\nTODO: this\n```\n",
        "See TODO.md and XXX-12.\n",
        "What???? Really???\n",
        "See [insert](the-page.md) for it.\n",
        "Type `<your name here>` there.\n",
    ],
)
def test_spoken_of_or_in_code(sitting, text: str) -> None:
    assert offers(written(sitting, text)) == []


def test_only_once_the_person_is_elsewhere(sitting) -> None:
    person = written(sitting, "TODO: say how.\n\nAnd then.\n")
    person.edit("guide.md", "And then", "And so on")
    assert offers(person, Boundary.QUIET) == []
    person.add(DocumentSaved(), "guide.md")
    assert len(offers(person, Boundary.QUIET)) == 1
    person.edit("guide.md", "say how", "say why")
    person.add(DocumentSaved(), "guide.md")
    assert offers(person, Boundary.QUIET) == []


def test_what_was_there_before_is_left_alone(sitting) -> None:
    person = sitting({"a.md": "TODO: say how.\n\nIt is here.\n"})
    person.edit("a.md", "here", "there")
    assert offers(person) == []


def test_a_marker_whose_text_was_written_below_is_deleted(sitting) -> None:
    person = written(sitting, "## Install\n\nTODO\n\n")
    text = person.workspace.files["guide.md"]
    person.edit("guide.md", "", "Take the archive and unpack it where you like.\n", at=len(text))
    person.add(DocumentSaved(), "guide.md")
    (proposal,) = offers(person, Boundary.QUIET)
    assert proposal.title == "Delete the leftover 'TODO'"
    assert person.accept(proposal)["guide.md"] == (
        HEAD + "## Install\n\nTake the archive and unpack it where you like.\n"
    )


@pytest.mark.parametrize(
    ("text", "confidence"),
    [
        ("TODO: say how.\n", NOTE),
        ("It lasts ??? hours.\n", NOTE),
        ("Lorem ipsum dolor sit amet, consectetur.\n", LEFT_BEHIND),
        ("Ask [insert contact] for help.\n", LEFT_BEHIND),
    ],
)
def test_a_note_to_oneself_may_stay_and_filler_may_not(sitting, text: str, confidence: float) -> None:
    person = written(sitting, text)
    person.add(GitCommitted(subject="Guide"))
    (offer,) = offers(person)
    assert offer.confidence == confidence


@pytest.mark.parametrize("head", ['??? note "How it works"', '???+ abstract "Reference"', "??? info inline"])
def test_a_box_that_can_be_folded_is_no_question(sitting, head: str) -> None:
    person = written(sitting, f"{head}\n    It does.\n")
    person.add(GitCommitted(subject="Guide"))
    assert offers(person) == []
