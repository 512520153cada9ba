from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proactive_collectors.text import TextEdit, apply_edits
from proactive_collectors.uris import to_uri
from proactive_server.documents import Documents, OpenDocument
from proactive_server.positions import Units
from proactive_server.views import parents_of, view_of_open_files

UNITS = Units("utf-32")


def change(start: tuple[int, int], end: tuple[int, int], text: str) -> dict[str, Any]:
    ends = {"start": {"line": start[0], "character": start[1]}, "end": {"line": end[0], "character": end[1]}}
    return {"range": ends, "text": text}


def test_incremental_changes_apply_in_order() -> None:
    document = OpenDocument("file:///a.py", "python", 1, "one\ntwo\n")
    document.apply([change((0, 0), (0, 3), "1"), change((1, 3), (1, 3), "!\nthree")], 2, UNITS)
    assert document.snapshot().text == "1\ntwo!\nthree\n"
    assert document.snapshot().version == 2


@given(st.text("ab\r\n", max_size=12), st.text("ab\r\n", max_size=12))
def test_a_whole_text_becomes_a_small_change_that_leads_there(old: str, new: str) -> None:
    document = OpenDocument("file:///a.py", "python", 1, old)
    (made,) = document.apply([{"text": new}], 2, UNITS)
    assert document.snapshot().text == new
    assert apply_edits(old, [TextEdit(made.range, made.new_text)]) == new


def test_a_whole_text_that_differs_in_one_line_changes_that_line() -> None:
    document = OpenDocument("file:///a.py", "python", 1, "a\nb\nc\n")
    (made,) = document.apply([{"text": "a\nB\nc\n"}], 2, UNITS)
    assert (made.old_text, made.new_text) == ("b\n", "B\n")


def test_a_malformed_change_raises_and_keeps_the_text() -> None:
    document = OpenDocument("file:///a.py", "python", 1, "a\n")
    for bad in ({"range": {}, "text": ""}, {"range": None}, {"text": "x", "range": {"start": 1, "end": 2}}):
        with pytest.raises((KeyError, TypeError)):
            document.apply([bad], 2, UNITS)
    assert document.snapshot().text == "a\n"


def test_documents_are_found_by_either_spelling() -> None:
    documents = Documents()
    opened = documents.open("file:///tmp/a%2Db.py", "python", 1, "x")
    assert opened is not None
    assert documents.get("file:///tmp/a-b.py") is opened
    assert documents.get("file:///tmp/a%2Db.py") is opened
    assert documents.client_uri("file:///tmp/a-b.py") == "file:///tmp/a%2Db.py"
    assert documents.open_uris() == ("file:///tmp/a-b.py",)
    assert list(documents) == [opened]
    overlay = documents.overlay("file:///tmp/a-b.py")
    assert overlay is not None
    assert overlay.text == "x"
    documents.close("file:///tmp/a-b.py")
    assert list(documents) == []
    assert documents.overlay("file:///tmp/a-b.py") is None


@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "vscode-notebook-cell:/a.ipynb#1", "git:/a.py", ""])
def test_what_is_no_file_is_not_followed(uri: str) -> None:
    documents = Documents()
    assert documents.open(uri, "python", 1, "x") is None
    assert list(documents) == []


def test_without_a_folder_a_path_printed_with_links_followed_is_the_open_document(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.py").write_text("")
    (tmp_path / "real" / "b.py").write_text("")
    (tmp_path / "alias").symlink_to(tmp_path / "real")
    documents = Documents()
    uri = to_uri(tmp_path / "alias" / "a.py")
    documents.open(uri, "python", 1, "")
    _, view = view_of_open_files(documents, parents_of(documents), ())
    assert view.resolve("a.py", cwd=str(tmp_path / "alias")) == uri
    assert view.resolve("a.py", cwd=str(tmp_path / "real")) == uri
    assert view.resolve(str(tmp_path / "real" / "b.py")) is None
