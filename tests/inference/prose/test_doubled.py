"""Doubled words: the mistaken ones are deleted with one space left, the intended ones stay."""

from __future__ import annotations

import pytest

from proactive_collectors.events import DocumentSaved, Manner
from proactive_inference.plays.prose import Prose
from proactive_inference.proposal import Boundary

BEFORE = "The server reads the file and it is kept in memory. That is all there is to it.\n\n"


def offers(person, boundary=Boundary.QUIET):
    return list(Prose().propose(person.moment(boundary)))


def written(sitting, text: str, path: str = "guide.md", before: str = BEFORE):
    """A sitting in which ``text`` was just typed below ``before``."""
    person = sitting({path: before})
    person.edit(path, "", text, at=len(before))
    return person


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("Now the the client asks again.", "Now the client asks again."),
        ("Now the  the   client asks again.", "Now the client asks again."),
        ("Now the\nthe client asks again.", "Now the\nclient asks again."),
        ("Now the\r\nthe client asks again.", "Now the\r\nclient asks again."),
        ("Now the\nthe\nclient asks again.", "Now the\nclient asks again."),
        ("> Now the\n> the client asks again.", "> Now the\n> client asks again."),
        ("Now the the the client asks again.", "Now the client asks again."),
        ("The the client asks again.", "The client asks again."),
        ("The client asks the server server for it.", "The client asks the server for it."),
        ("It is written to to disk. And so on.", "It is written to disk. And so on."),
        ("This is a a test of it.", "This is a test of it."),
        ("- one of of them.\n- the rest.", "- one of them.\n- the rest."),
    ],
)
def test_deleted_with_one_space_left(sitting, text: str, after: str) -> None:
    person = written(sitting, text)
    (proposal,) = offers(person)
    assert proposal.play == "prose.doubled_word"
    assert person.accept(proposal) == {"guide.md": BEFORE + after}
    assert proposal.edits[0].version == 1


@pytest.mark.parametrize("path", ["guide.md", "guide.rst", "guide.txt", "guide.tex"])
def test_in_every_language_of_prose(sitting, path: str) -> None:
    person = written(sitting, "Now the the client asks again.\n", path)
    (proposal,) = offers(person)
    assert proposal.title == "Delete the doubled 'the'"
    assert person.accept(proposal) == {path: BEFORE + "Now the client asks again.\n"}


@pytest.mark.parametrize(
    "text",
    [
        "He had had enough of it.",
        "I know that that is so.",
        "It is very very big, and so so slow.",
        "In New York, York is spoken of. In Walla Walla too.",
        "Version 2 2 of it, and 10 10.",
        "See `the the` in the code.",
        "```\nthe the\n```\n",
        "| the the | of of |\n|---|---|\n",
        "See https://example.org/the the-client and the [the](the the).",
        "<b the the>all of it</b> is here.",
        "The word the the is not here.",
        'It says "the the" in the file.',
        "The page you logged in in is closed.",
        "It is the The Hague of the north.",
        "[the the]: the the\n",
        "Of the the-client and the.the we know.",
        "The sum is $the the$ of it.",
        "<!-- the the -->\n",
    ],
)
def test_meant_as_it_is(sitting, text: str) -> None:
    assert offers(written(sitting, text)) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.rst", "The code::\n\n   the the\n   of of\n\nand it is done.\n"),
        ("a.rst", ".. code-block:: text\n\n   the the\n\nand it is done.\n"),
        ("a.rst", "The literal ``the the`` is in it.\n"),
        ("a.tex", "\\begin{verbatim}\nthe the\n\\end{verbatim}\nIt is in the text.\n"),
        ("a.tex", "% the the\nIt is in the text.\n"),
        ("a.tex", "It is \\label{the the} in the text.\n"),
        ("a.txt", "    the the\nIt is in the text.\n"),
        ("a.py", "# the the client\n"),
        ("a.yaml", "a: the the client\n"),
    ],
)
def test_not_in_code_or_markup(sitting, path: str, text: str) -> None:
    assert offers(written(sitting, text, path)) == []


@pytest.mark.parametrize(
    "text",
    [
        "Das sind die, die die Katze kennen, und ich weiß, dass sie sie nicht mag. Die die Katze nicht sehen.",
        "Nous nous sommes vus, et vous vous êtes assis dans la maison avec les enfants.",
        "Para para que el libro de la casa no se pierda en los días de la feria.",
        "De man die die dag in het huis was, is niet de man van het verhaal.",
    ],
)
def test_other_languages(sitting, text: str) -> None:
    assert offers(written(sitting, text, before="")) == []


def test_what_was_there_before_is_left_alone(sitting) -> None:
    person = sitting({"a.md": "The the client of the server.\n\nIt is here.\n"})
    person.edit("a.md", "here", "there")
    assert offers(person) == []


def test_a_word_typed_before_one_that_was_there(sitting) -> None:
    person = sitting({"a.md": "Now client of the server asks. It is here.\n"})
    person.edit("a.md", "", "the ", at=4)
    person.edit("a.md", "", "the ", at=4)
    (proposal,) = offers(person)
    assert person.accept(proposal)["a.md"] == "Now the client of the server asks. It is here.\n"


def test_what_came_together_by_deleting_what_stood_between(sitting) -> None:
    person = sitting({"a.md": "It is in the old the client of it. So it is.\n"})
    person.edit("a.md", "old ", "")
    (proposal,) = offers(person)
    assert person.accept(proposal)["a.md"] == "It is in the client of it. So it is.\n"


def test_not_while_the_sentence_is_unfinished(sitting) -> None:
    person = written(sitting, "Now the the client")
    assert offers(person) == []
    person.add(DocumentSaved(), "guide.md")
    assert len(offers(person)) == 1


def test_not_what_a_tool_or_a_long_paste_brought(sitting) -> None:
    person = sitting({"a.md": BEFORE})
    person.edit("a.md", "", "Now the the client asks. " * 30, at=0, manner=Manner.PASTED)
    assert offers(person) == []
    person = sitting({"a.md": BEFORE})
    person.edit("a.md", "", "Now the the client asks. ", at=0, manner=Manner.APPLIED)
    assert offers(person) == []


def test_a_long_stretch_and_a_word_that_only_begins_alike(sitting) -> None:
    for length in range(100, 140):
        text = "x" * length + " is in the there of it. " + "And so it is. " * 20
        assert offers(written(sitting, text)) == []
