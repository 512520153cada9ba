"""What is kept of files and directories is never older than what is on the disk."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proactive_collectors import file_texts
from proactive_collectors.exclusion import STALE_AFTER, Exclusion
from proactive_collectors.file_texts import FileTexts
from proactive_collectors.folder_workspace import FolderWorkspace
from proactive_collectors.stamps import SETTLED_FINE
from proactive_collectors.uris import to_uri

REST = SETTLED_FINE / 1e9 + 0.02


class Desk:
    """A folder, a view of it, and a clock for its ignore rules."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seconds = 0.0
        self.view = FolderWorkspace(
            [to_uri(folder)], Exclusion([folder], clock=lambda: self.seconds), lambda _: None, lambda: ()
        )

    def write(self, path: str, text: str) -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def rest(self) -> None:
        """Let the file system's clock and that of the rules go on, with everything looked at before and after."""
        self.seen()
        time.sleep(REST)
        self.seconds += STALE_AFTER
        self.seen()

    def seen(self) -> dict[str, str]:
        base = to_uri(self.folder) + "/"
        walked = {one.uri.removeprefix(base): one.text for one in self.view.documents()}
        for path, text in walked.items():
            document = self.view.document(base + path)
            assert document is not None and document.text == text
        return walked


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.write("a.py", "a = 1\n")
    made.write("pkg/b.py", "b = 1\n")
    made.rest()
    return made


def test_what_stands_is_not_read_again(desk: Desk) -> None:
    first = {one.uri: one for one in desk.view.documents()}
    assert first and all(first[one.uri] is one for one in desk.view.documents())


def test_changed_in_place_replaced_deleted_and_new_files_show_at_once(desk: Desk) -> None:
    desk.write("a.py", "a = 2\n")  # as long as before
    assert desk.seen() == {"a.py": "a = 2\n", "pkg/b.py": "b = 1\n"}
    desk.rest()
    desk.write("pkg/b.py~", "b = 2\n").replace(desk.folder / "pkg" / "b.py")
    desk.write("pkg/c.py", "c\n")
    desk.write("new/deep/d.py", "d\n")
    assert desk.seen() == {"a.py": "a = 2\n", "pkg/b.py": "b = 2\n", "pkg/c.py": "c\n", "new/deep/d.py": "d\n"}
    desk.rest()
    (desk.folder / "a.py").unlink()
    (desk.folder / "new").rename(desk.folder / "old")
    assert desk.seen() == {"pkg/b.py": "b = 2\n", "pkg/c.py": "c\n", "old/deep/d.py": "d\n"}


def test_a_change_that_hides_its_time_shows(desk: Desk) -> None:
    file = desk.folder / "a.py"
    before = file.stat()
    file.write_text("a = 3\n")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert desk.seen()["a.py"] == "a = 3\n"


def test_many_changes_within_one_tick_show(desk: Desk) -> None:
    for number in range(50):
        desk.write("a.py", f"a = {number:02}\n")
        desk.write(f"new{number:02}.py", "")
        seen = desk.seen()
        assert seen["a.py"] == f"a = {number:02}\n"
        assert len(seen) == 3 + number


def test_ignore_files_that_come_change_and_go(desk: Desk) -> None:
    desk.write(".gitignore", "b.py\n")
    desk.rest()
    assert sorted(desk.seen()) == [".gitignore", "a.py"]
    desk.write(".gitignore", "a.py\n")
    desk.rest()
    assert sorted(desk.seen()) == [".gitignore", "pkg/b.py"]
    desk.write("pkg/.gitignore", "*\n!.gitignore\n")
    desk.rest()
    assert sorted(desk.seen()) == [".gitignore", "pkg/.gitignore"]
    (desk.folder / ".gitignore").unlink()
    (desk.folder / "pkg" / ".gitignore").unlink()
    desk.rest()
    assert sorted(desk.seen()) == ["a.py", "pkg/b.py"]


def test_rules_of_the_repository_around_the_folder_that_change(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    desk = Desk(tmp_path / "app" / "web")
    desk.write("a.py", "a\n")
    desk.rest()
    assert sorted(desk.seen()) == ["a.py"]
    (tmp_path / "app" / ".gitignore").write_text("web/a.py\n")
    desk.rest()
    assert desk.seen() == {}
    (tmp_path / "app" / ".gitignore").write_text("other\n")
    desk.rest()
    assert sorted(desk.seen()) == ["a.py"]
    (tmp_path / ".gitignore").write_text("web/\n")
    desk.rest()
    assert desk.seen() == {}


def test_links_that_are_put_in_a_files_or_folders_place(
    desk: Desk, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "b.py").write_text("not yours\n")
    (desk.folder / "a.py").unlink()
    (desk.folder / "a.py").symlink_to(desk.folder / "pkg" / "b.py")
    desk.rest()
    for text in ("b = 1\n", "b = 9\n"):
        desk.write("pkg/b.py", text)
        assert desk.seen() == {"pkg/b.py": text}
        linked = desk.view.document(to_uri(desk.folder / "a.py"))
        assert linked is not None and linked.text == text
    (desk.folder / "a.py").unlink()
    (desk.folder / "a.py").symlink_to(outside / "b.py")
    (desk.folder / "pkg").rename(desk.folder / "gone")
    (desk.folder / "pkg").symlink_to(outside)
    desk.rest()
    assert desk.seen() == {"gone/b.py": "b = 9\n"}


def test_texts_take_no_more_memory_than_allowed_and_a_walk_keeps_what_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_texts, "MAX_KEPT", 20_000)
    paths = [tmp_path / f"{number}.py" for number in range(10)]
    for path in paths:
        path.write_text("x" * 4_000)
    time.sleep(REST)
    texts = FileTexts()

    def walk() -> list[object]:
        texts.begin_walk()
        return [texts.read(str(path), walking=True) for path in paths]

    first, second = walk(), walk()
    assert sum(one is other for one, other in zip(first, second, strict=True)) == 4
    last = texts.read(str(paths[-1]))
    assert texts.read(str(paths[-1])) is last, "who asks for one file has it kept"


@settings(max_examples=30, deadline=None)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["a.py", "b/c.py", "b/d.md", "b/e/f.py", ".gitignore", "b/.gitignore"]),
            st.sampled_from(["", "x\n", "y\n", "*.py\n", "b/\n", "!c.py\n", "f.py\n", None]),
        ),
        max_size=12,
    )
)
def test_the_view_says_what_a_new_one_would(
    steps: list[tuple[str, str | None]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    desk = Desk(tmp_path_factory.mktemp("desk"))
    for path, text in steps:
        if text is not None:
            desk.write(path, text)
        else:
            (desk.folder / path).unlink(missing_ok=True)
        desk.seconds += STALE_AFTER
        assert desk.seen() == Desk(desk.folder).seen()
