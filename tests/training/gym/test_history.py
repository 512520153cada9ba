import subprocess
from pathlib import Path

import pytest

from proactive_training.errors import DataError
from proactive_training.gym.history import History, open_history
from proactive_training.gym.replay_run import newest


def test_commits_of_one_author_in_one_go_are_a_sitting(history: History) -> None:
    sittings = [[commit.subject for commit in sitting.commits] for sitting in history.sittings()]
    assert ["Call it a job", "Count files", "Say what it does"] in sittings
    assert ["Move it"] in sittings, "hours later"
    assert ["From another system", "Change it there"] in sittings, "another author"


def test_what_cannot_be_done_again_is_counted(history: History) -> None:
    found = [commit.subject for sitting in history.sittings() for commit in sitting.commits]
    assert "A logo" not in found
    assert "Data" not in found
    assert not any(subject.startswith("Merge") for subject in found)
    assert history.skipped["merges"] == 1
    assert history.skipped["binary, missing, too large or wrongly encoded files"] >= 3  # one is deleted later
    assert history.read == history.count() == 12


def test_a_commit_tells_what_of_it_cannot_be_read(history: History) -> None:
    commits = {commit.subject: commit for sitting in history.sittings() for commit in sitting.commits}
    moved = {file.path: file for file in commits["Move it"].files}
    assert moved["pkg/sizes.py"].renamed_from == "pkg/size.py"
    assert moved["pkg/sizes.py"].before == moved["pkg/sizes.py"].after
    assert commits["Change it there"].files[0].after == "x = 1\r\ny = 3\r\nz = 4\r\n", "line ends are kept"
    assert "Delete it" not in commits, "it deletes only what was never readable"


def test_a_shallow_clone_is_read_from_its_edge_on(repository: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(
        ["git", "clone", "--quiet", "--depth=4", "--single-branch", repository.as_uri(), str(clone)], check=True
    )
    git, name = open_history(clone)
    with git:
        history = History(git, name)
        subjects = [commit.subject for sitting in history.sittings() for commit in sitting.commits]
    assert "Begin" not in subjects
    assert history.skipped["commits at the edge of a shallow clone"] >= 1


def test_a_bare_repository_does_as_well(repository: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "clone", "--quiet", "--bare", str(repository), str(bare)], check=True)
    git, name = open_history(bare)
    assert name == "bare"
    with git:
        assert sum(1 for _ in History(git, name).sittings()) >= 3


def test_what_is_no_repository_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no folder; give a git repository"):
        open_history(tmp_path / "nowhere")
    with pytest.raises(DataError, match=r"git rev-parse"):
        open_history(tmp_path)


def test_a_repository_without_commits_is_named(fresh) -> None:  # type: ignore[no-untyped-def]
    git, name = open_history(fresh.folder)
    with git, pytest.raises(DataError, match=r"HEAD"):
        list(History(git, name).sittings())


def test_nothing_of_a_repositorys_own_configuration_is_run(fresh, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    fresh.write("a.txt", "one\n")
    fresh.write(".gitattributes", "*.txt diff=evil filter=evil\n")
    fresh.commit("One")
    fresh.write("a.txt", "two\n")
    fresh.commit("Two")
    witness = tmp_path / "ran"
    for key in ("diff.evil.textconv", "diff.evil.command", "filter.evil.smudge", "core.fsmonitor", "core.pager"):
        fresh.git("config", key, f"touch {witness}; cat")
    git, name = open_history(fresh.folder)
    with git:
        assert [c.subject for s in History(git, name).sittings() for c in s.commits] == ["One", "Two"]
    assert not witness.exists()


def test_the_newest_sittings_are_the_last_ones_whole(history: History) -> None:
    whole = list(History(history.git, history.name).sittings())
    for limit in (1, 2, 3, len(whole), len(whole) + 5):
        assert list(newest(History(history.git, history.name), limit)) == whole[-limit:]
    assert list(newest(History(history.git, history.name), None)) == whole
