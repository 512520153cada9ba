"""The view over real folders: buffers before the disk, and nothing that must not be read."""

import os
from pathlib import Path

import pytest

from proactive_collectors import folder_workspace
from proactive_collectors.exclusion import Exclusion
from proactive_collectors.file_texts import MAX_BYTES
from proactive_collectors.folder_workspace import FolderWorkspace
from proactive_collectors.uris import to_uri
from proactive_collectors.workspace import Document, WorkspaceView


def write(path: Path, text: str | bytes = "x\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def view(*folders: Path, buffers: dict[str, str] | None = None, globs: tuple[str, ...] = ()) -> FolderWorkspace:
    open_documents = {uri: Document(uri, text, 7, "python") for uri, text in (buffers or {}).items()}
    return FolderWorkspace(
        [to_uri(folder) for folder in folders],
        Exclusion(folders, globs),
        open_documents.get,
        lambda: [*open_documents],
    )


def names(workspace: WorkspaceView, base: Path, *suffixes: str) -> list[str]:
    return [document.uri.removeprefix(to_uri(base) + "/") for document in workspace.documents(*suffixes)]


def test_a_file_is_read_with_its_language(tmp_path: Path) -> None:
    path = write(tmp_path / "a.py", "é = 1\r\n")
    assert view(tmp_path).document(to_uri(path)) == Document(to_uri(path), "é = 1\r\n", None, "python")
    assert view(tmp_path).folders() == (to_uri(tmp_path),)


def test_the_editors_buffer_wins_but_not_over_the_rules(tmp_path: Path) -> None:
    path, secret = write(tmp_path / "a b.py", "disk"), write(tmp_path / ".env", "disk")
    elsewhere = to_uri(tmp_path.parent / "elsewhere.py")
    workspace = view(
        tmp_path, buffers={to_uri(path): "buffer", to_uri(secret): "s", elsewhere: "e", "untitled:1": "u"}
    )
    document = workspace.document(to_uri(path))
    assert document is not None
    assert (document.text, document.version) == ("buffer", 7)
    for uri in (to_uri(secret), elsewhere, "untitled:1", "http://a/b", "nonsense"):
        assert workspace.document(uri) is None
    assert [document.text for document in workspace.documents()] == ["buffer"]


def test_another_spelling_of_the_uri_finds_the_same_buffer(tmp_path: Path) -> None:
    path = tmp_path / "a@b.py"
    document = view(tmp_path, buffers={to_uri(path): "buffer"}).document(to_uri(path).replace("@", "%40"))
    assert document is not None
    assert document.text == "buffer"


def test_what_is_not_text_does_not_exist(tmp_path: Path) -> None:
    write(tmp_path / "ok.txt", b"\xef\xbb\xbfmarked")
    write(tmp_path / "binary.txt", b"a\0b")
    write(tmp_path / "latin.txt", "é".encode("latin-1"))
    write(tmp_path / "big.txt", "x" * (MAX_BYTES + 1))
    (tmp_path / "dir.txt").mkdir()
    os.mkfifo(tmp_path / "pipe.txt")
    assert [document.text for document in view(tmp_path).documents()] == ["marked"]


def test_open_files_come_first_then_breadth_first_by_name(tmp_path: Path) -> None:
    for name in ("b.py", "a.py", "sub/c.py", "sub/deep/d.py", "also/e.py", "note.md"):
        write(tmp_path / name)
    for name in ("node_modules/x.py", "build/y.py", ".git/z.py", "__pycache__/w.py"):
        write(tmp_path / name)
    write(tmp_path / ".gitignore", "build/\n")
    workspace = view(
        tmp_path, buffers={to_uri(tmp_path / "sub/c.py"): "open", to_uri(tmp_path / "new.py"): "unsaved"}
    )
    assert names(workspace, tmp_path, ".py") == [
        "sub/c.py",
        "new.py",
        "a.py",
        "b.py",
        "also/e.py",
        "sub/deep/d.py",
    ]
    assert names(workspace, tmp_path, ".md", ".rst") == ["note.md"]


def test_links_that_lead_outside_do_not_exist(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside" / "o.py")
    folder = tmp_path / "app"
    write(folder / "a.py")
    (folder / "o.py").symlink_to(outside)
    (folder / "dir").symlink_to(outside.parent)
    (folder / "again").symlink_to(folder)
    workspace = view(folder)
    assert names(workspace, folder) == ["a.py"]
    assert workspace.document(to_uri(folder / "o.py")) is None
    assert workspace.document(to_uri(folder / "dir" / "o.py")) is None


def test_a_file_that_links_lead_to_comes_once_by_its_own_name(tmp_path: Path) -> None:
    write(tmp_path / "docs" / "README.md")
    (tmp_path / "README.md").symlink_to("docs/README.md")
    (tmp_path / "docs" / "index.md").symlink_to("../README.md")
    assert names(view(tmp_path), tmp_path) == ["docs/README.md"]
    write(tmp_path / "docs" / "tool")
    (tmp_path / "tool.py").symlink_to("docs/tool")
    (tmp_path / "tools.py").symlink_to("tool.py")
    assert names(view(tmp_path), tmp_path, ".py") == ["tool.py"], "its own name ends otherwise"


def test_a_file_that_links_lead_to_comes_by_the_name_it_is_open_under(tmp_path: Path) -> None:
    write(tmp_path / "AGENTS.md", "disk")
    (tmp_path / "CLAUDE.md").symlink_to("AGENTS.md")
    workspace = view(tmp_path, buffers={to_uri(tmp_path / "CLAUDE.md"): "buffer"})
    (document,) = workspace.documents()
    assert (document.uri, document.text) == (to_uri(tmp_path / "CLAUDE.md"), "buffer")


def test_a_folder_that_a_link_leads_to_gives_each_open_file_once(tmp_path: Path) -> None:
    path = write(tmp_path / "real" / "a.py")
    alias = tmp_path / "alias"
    alias.symlink_to(path.parent)
    workspace = view(path.parent, buffers={to_uri(alias / "a.py"): "buffer"})
    assert [document.text for document in workspace.documents()] == ["buffer"]


def test_the_number_of_files_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_workspace, "MAX_FILES", 3)
    for number in range(5):
        write(tmp_path / f"{number}.py")
    assert names(view(tmp_path), tmp_path) == ["0.py", "1.py", "2.py"]


def test_folders_within_one_another_give_each_file_once(tmp_path: Path) -> None:
    write(tmp_path / "sub" / "a.py")
    assert len(list(view(tmp_path, tmp_path / "sub").documents())) == 1


def test_printed_paths_are_found(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    deep = write(one / "pkg" / "src" / "a.py")
    same = write(two / "pkg" / "src" / "a.py")
    only = write(two / "lib" / "only.py")
    workspace = view(one, two)
    assert workspace.resolve("src/a.py", cwd=str(one / "pkg")) == to_uri(deep)
    assert workspace.resolve("../src/a.py", cwd=str(two / "pkg" / "src")) == to_uri(same)
    assert workspace.resolve("pkg/src/a.py") == to_uri(deep)
    assert workspace.resolve("./pkg/src/a.py", cwd=str(two)) == to_uri(same)
    assert workspace.resolve(str(only)) == to_uri(only)
    assert workspace.resolve(to_uri(only)) == to_uri(only)
    assert workspace.resolve("only.py") == to_uri(only)
    assert workspace.resolve("lib/only.py", cwd="/nowhere") == to_uri(only)
    assert workspace.resolve("src/a.py") is None, "two files end so"
    (two / "also").mkdir()
    (two / "also" / "only.py").symlink_to(only)
    assert workspace.resolve("only.py") == to_uri(only), "a link is no second file"
    assert view(one, buffers={to_uri(one / "new.py"): ""}).resolve("new.py") == to_uri(one / "new.py")


def test_a_path_printed_with_links_followed_is_the_file_as_the_workspace_names_it(tmp_path: Path) -> None:
    path = write(tmp_path / "real" / "pkg" / "a.py")
    alias = tmp_path / "alias"
    alias.symlink_to(tmp_path / "real")
    named = to_uri(alias / "pkg" / "a.py")
    for workspace in (view(alias), view(alias, buffers={named: "buffer"})):
        assert workspace.resolve(str(path)) == named
        assert workspace.resolve("pkg/a.py", cwd=str(tmp_path / "real")) == named
        assert workspace.resolve("a.py", cwd=str(path.parent)) == named
        assert workspace.resolve(str(alias / "pkg" / "a.py")) == named
    assert view(path.parent.parent, buffers={named: "buffer"}).resolve(str(path)) == named, "open under this name"
    assert view(path.parent.parent, buffers={named: "buffer"}).resolve("a.py") == named
    assert view(tmp_path / "real", alias).resolve(str(path)) == to_uri(path)


def test_paths_outside_are_never_found(tmp_path: Path) -> None:
    folder = tmp_path / "app"
    write(folder / "a.py")
    write(folder / ".env")
    write(tmp_path / "b.py")
    (folder / "link.py").symlink_to(tmp_path / "b.py")
    workspace = view(folder)
    for printed in ("../b.py", str(tmp_path / "b.py"), "/etc/passwd", "link.py", ".env", "", " ", "a\0.py",
                    "x" * 9999,
                    "..", ".", "/", "~/a", "file://host/a.py", "../../../../etc/passwd", "n.py"):  # fmt: skip
        assert workspace.resolve(printed) is None, printed
        assert workspace.resolve(printed, cwd=str(tmp_path)) is None, printed
    assert workspace.resolve("app/a.py", cwd=str(tmp_path)) == to_uri(folder / "a.py")
