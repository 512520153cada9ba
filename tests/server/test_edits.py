import os
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lsprotocol import types

from proactive_collectors.uris import to_uri
from proactive_inference.proposal import FileEdit
from proactive_server.client import Client
from proactive_server.documents import Documents
from proactive_server.edits import Edits, Workspace
from proactive_server.positions import Units

EVERYTHING = Client(document_changes=True, annotations=True)


class Bench:
    def __init__(self, folder: Path, client: Client) -> None:
        self.documents = Documents()
        self.workspace = Workspace(self.documents)
        self.workspace.folders = (folder,)
        self.edits = Edits(self.documents, self.workspace, lambda: client)


def test_an_open_file_gets_its_version_and_the_clients_units(suggestions: Any) -> None:
    bench = Bench(suggestions.folder, EVERYTHING)
    text = "😀 = 1\n"
    uri = suggestions.write("a.py", text)
    bench.documents.units = Units("utf-16")
    bench.documents.open(uri, "python", 1, text)
    proposal = suggestions.of(uri, suggestions.file_edit(uri, text, (0, 4, 0, 5, "2"))).proposal
    edit = bench.edits.of(proposal, uri)
    assert edit is not None
    (change,) = edit.document_changes or ()
    assert isinstance(change, types.TextDocumentEdit)
    assert change.text_document.version == 1
    assert change.edits[0].range.start == types.Position(0, 5)
    assert edit.change_annotations is None
    plain = Bench(suggestions.folder, Client())
    plain.documents.open(uri, "python", 1, text)
    edit = plain.edits.of(proposal, uri)
    assert edit is not None
    assert edit.document_changes is None
    assert list(edit.changes or {}) == [uri]


def test_edits_of_other_files_ask_for_confirmation(suggestions: Any) -> None:
    bench = Bench(suggestions.folder, EVERYTHING)
    here, there = suggestions.write("a.py", "a\n"), suggestions.write("deep/b.py", "b\n")
    bench.documents.open(here, "python", 1, "a\n")
    files = [suggestions.file_edit(uri, text, (0, 0, 0, 1, "c")) for uri, text in ((here, "a\n"), (there, "b\n"))]
    edit = bench.edits.of(suggestions.of(here, *files).proposal, here)
    assert edit is not None
    annotations = edit.change_annotations or {}
    assert {key: one.needs_confirmation for key, one in annotations.items()} == {
        "proactive.here": False, "proactive.elsewhere": True,
    }  # fmt: skip
    for change in edit.document_changes or ():
        assert isinstance(change, types.TextDocumentEdit)
        for one in change.edits:
            assert isinstance(one, types.AnnotatedTextEdit)
            assert one.annotation_id in annotations
        assert (change.text_document.version is None) == (change.text_document.uri == there)


def test_a_text_that_is_another_by_now_gets_no_edit(suggestions: Any) -> None:
    bench = Bench(suggestions.folder, EVERYTHING)
    uri = suggestions.write("a.py", "a\n")
    proposal = suggestions.of(uri, suggestions.file_edit(uri, "a\n", (0, 0, 0, 1, "c"))).proposal
    assert bench.edits.of(proposal, uri) is not None
    suggestions.write("a.py", "b\n")
    assert bench.edits.of(proposal, uri) is None
    document = bench.documents.open(uri, "python", 7, "b\n")
    assert document is not None
    assert bench.edits.changed(proposal) == uri
    document.apply([{"text": "a\n"}], 8, Units())
    assert bench.edits.changed(proposal) is None
    (suggestions.folder / "a.py").unlink()
    bench.documents.close(uri)
    assert bench.edits.of(proposal, uri) is None


def outside(folder: Path) -> list[str]:
    other = folder.parent / "elsewhere"
    other.mkdir(exist_ok=True)
    (other / "x.py").write_text("x\n")
    for name, target in (("link.py", other / "x.py"), ("linked", other), ("loop.py", folder / "loop.py")):
        if not os.path.lexists(folder / name):
            (folder / name).symlink_to(target)
    base = folder.as_uri()
    return [
        f"{base}/../elsewhere/x.py",
        f"{base}/%2e%2e/elsewhere/x.py",
        f"{base}/link.py",
        f"{base}/linked/x.py",
        f"{base}/linked/../elsewhere/x.py",
        f"{base}er/x.py",
        base,
        "file:///etc/passwd",
        "file://elsewhere.example" + to_uri(folder)[7:] + "/a.py",
        "untitled:Untitled-1",
        "https://example.org/a.py",
        "relative/a.py",
        "",
        f"{base}/a%00.py",
    ]


def test_nothing_outside_the_folders_is_edited(suggestions: Any) -> None:
    bench = Bench(suggestions.folder, EVERYTHING)
    for uri in outside(suggestions.folder):
        assert not bench.workspace.holds(uri), uri
        proposal = suggestions.of(uri, suggestions.file_edit(uri, "x\n", (0, 0, 0, 1, "c"))).proposal
        assert bench.edits.of(proposal, uri) is None
    assert bench.workspace.holds(to_uri(suggestions.folder / "new.py"))


STEPS = st.lists(
    st.sampled_from(["..", ".", "a", "linked", "link.py", "%2e%2e", "x.py", "//", "~", "C:", "\\..", "%2F.."]),
    max_size=7,
)


@given(STEPS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_path_leads_out(suggestions: Any, steps: list[str]) -> None:
    folder: Path = suggestions.folder
    outside(folder)
    bench = Bench(folder, EVERYTHING)
    uri = "/".join([folder.as_uri(), *steps])
    if bench.workspace.holds(uri):
        from proactive_collectors.uris import to_path

        path = to_path(uri)
        assert path is not None
        assert Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def test_without_a_folder_only_open_files_are_edited(suggestions: Any) -> None:
    bench = Bench(suggestions.folder, EVERYTHING)
    bench.workspace.folders = ()
    uri, other = suggestions.write("a.py", "a\n"), suggestions.write("b.py", "b\n")
    bench.documents.open(uri, "python", 1, "a\n")
    assert bench.workspace.holds(uri)
    assert not bench.workspace.holds(other)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"a" * 2_000_000])
def test_files_that_are_no_text_get_no_edit(suggestions: Any, content: bytes) -> None:
    bench = Bench(suggestions.folder, EVERYTHING)
    path = suggestions.folder / "a.py"
    path.write_bytes(content)
    proposal = suggestions.of(to_uri(path), FileEdit(to_uri(path), (), None, "")).proposal
    assert bench.edits.of(proposal, "") is None
    assert bench.edits.of(evolve(proposal, edits=()), "") is None


def test_a_client_whose_preview_ticks_only_what_needs_no_confirmation_has_all_of_it_ticked(
    suggestions: Any,
) -> None:
    client = Client(document_changes=True, annotations=True, ticked_preview=True)
    bench = Bench(suggestions.folder, client)
    here, there = suggestions.write("a.py", "a\n"), suggestions.write("deep/b.py", "b\n")
    files = [suggestions.file_edit(uri, text, (0, 0, 0, 1, "c")) for uri, text in ((here, "a\n"), (there, "b\n"))]
    edit = bench.edits.of(suggestions.of(here, *files).proposal, here)
    assert edit is not None
    annotations = edit.change_annotations or {}
    asking = {key for key, one in annotations.items() if one.needs_confirmation}
    assert len(asking) == 1, "or no preview would open"
    for change in edit.document_changes or ():
        assert isinstance(change, types.TextDocumentEdit)
        for one in change.edits:
            assert isinstance(one, types.AnnotatedTextEdit)
            nothing = one.new_text == "" and one.range.start == one.range.end
            assert (one.annotation_id in asking) == nothing, "what changes something is ticked"
