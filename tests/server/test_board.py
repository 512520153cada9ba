from typing import Any

from proactive_collectors.text import Change, Range
from proactive_inference.proposal import Anchor
from proactive_server.board import Board, Posted
from proactive_server.client import Client
from proactive_server.documents import Documents
from proactive_server.edits import Edits, Workspace
from proactive_server.positions import Units

TEXT = "import os\n\nvalue = Path()\n"


def change(line: int, start: int, end: int, old: str, new: str) -> Change:
    return Change(Range.of(line, start, line, end), old, new)


def posted(suggestions: Any, *edits: tuple[int, int, int, int, str]) -> tuple[Board, Posted, str]:
    uri = suggestions.write("a.py", TEXT)
    suggestion = suggestions.of(uri, suggestions.file_edit(uri, TEXT, *edits), line=2)
    board = Board()
    one = Posted(suggestion, suggestion.proposal, 0.25)
    board.post(one)
    return board, one, uri


def test_it_is_found_at_its_anchor_and_at_its_edits(suggestions: Any) -> None:
    board, one, uri = posted(suggestions, (1, 0, 1, 0, "import sys\n"))
    assert board.at(uri, 2, 2) == [one]
    assert board.at(uri, 1, 1) == [one]
    assert board.at(uri, 0, 5) == [one]
    assert board.at(uri, 0, 0) == []
    assert board.at(uri + "x", 2, 2) == []


def test_changes_elsewhere_carry_it_along(suggestions: Any) -> None:
    board, one, uri = posted(suggestions, (2, 8, 2, 12, "str"))
    board.rebase(uri, [change(0, 0, 0, "", "# a\n# b\n")], ["# a\n", "# b\n", *TEXT.splitlines(True)])
    assert one.proposal.anchor.range.start.line == 4
    assert one.proposal.edits[0].edits[0].range == Range.of(4, 8, 4, 12)
    assert board.at(uri, 4, 4) == [one]
    assert board.at(uri, 2, 2) == []


def test_a_change_of_its_ground_hides_it_and_it_can_still_be_answered(suggestions: Any) -> None:
    board, one, uri = posted(suggestions, (2, 8, 2, 12, "str"))
    drawn: list[frozenset[str]] = []
    board.subscribe(drawn.append)
    board.rebase(uri, [change(2, 9, 9, "", "x")], [])
    assert list(board) == []
    assert drawn == [frozenset({uri})]
    assert not board.concerns(uri)
    assert board.waits("one")
    assert board.end("one") is one
    assert not board.waits("one")
    assert board.get("one") is one
    assert board.end("one") is None


def test_an_insertion_that_stands_there_is_not_offered_again(suggestions: Any) -> None:
    board, _, uri = posted(suggestions, (1, 0, 1, 0, "from pathlib import Path\n"))
    documents = Documents()
    document = documents.open(uri, "python", 1, TEXT)
    assert document is not None
    spot = {"line": 1, "character": 0}
    for number, key in enumerate("from pathlib import Path\n"):
        here = {**spot, "character": number}
        made = document.apply([{"range": {"start": here, "end": here}, "text": key}], number + 2, Units())
        board.rebase(uri, made, document.lines)
    assert list(board) == []


def test_a_closed_file_must_still_hold_the_text_it_was_closed_with(suggestions: Any) -> None:
    board, one, uri = posted(suggestions, (2, 8, 2, 12, "str"))
    documents = Documents()
    workspace = Workspace(documents)
    workspace.folders = (suggestions.folder,)
    edits = Edits(documents, workspace, Client)
    document = documents.open(uri, "python", 1, TEXT)
    assert document is not None
    spot = {"line": 0, "character": 0}
    made = document.apply([{"range": {"start": spot, "end": spot}, "text": "#\n"}], 2, Units())
    board.rebase(uri, made, document.lines)
    assert edits.changed(one.proposal) is None
    board.settle(uri, document.snapshot().text)
    documents.close(uri)
    assert edits.changed(one.proposal) == uri  # closed without saving: on disk the lines are others
    suggestions.write("a.py", "#\n" + TEXT)
    assert edits.changed(one.proposal) is None
    documents.open(uri, "python", 1, TEXT)
    assert edits.changed(one.proposal) == uri


def test_what_is_about_a_closed_file_is_shown_where_the_work_is_until_it_is_opened(
    suggestions: Any,
) -> None:
    elsewhere = suggestions.write("b.py", TEXT)
    uri = suggestions.write("a.py", TEXT)
    suggestion = suggestions.of(uri, suggestions.file_edit(uri, TEXT, (2, 8, 2, 12, "str")), line=2)
    board = Board()
    one = Posted(suggestion, suggestion.proposal, stand_in=Anchor(elsewhere, Range.of(1, 0, 1, 4)))
    board.post(one)
    assert board.at(elsewhere, 1, 1) == [one]
    assert one.title == "Mend one (in a.py)"
    board.opened(elsewhere)
    assert board.at(elsewhere, 1, 1) == [one]
    drawn: list[frozenset[str]] = []
    board.subscribe(drawn.append)
    board.opened(uri)
    assert board.at(elsewhere, 1, 1) == []
    assert board.at(uri, 2, 2) == [one]
    assert one.title == "Mend one"
    assert drawn == [frozenset({uri, elsewhere})]
