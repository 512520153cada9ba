"""The git source against repositories that real git makes."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_repo import Repo, diverged
from proactive_collectors.event_json import from_json, to_json
from proactive_collectors.events import GitCommitted, GitConflicted, GitSwitched, Payload, Source
from proactive_collectors.git import GitWatcher, events_between
from proactive_collectors.git_files import GitState, LogEntry, find_repository, read_state, unmerged_paths

NOW = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)


def watcher(repo: Repo) -> GitWatcher:
    watcher = GitWatcher(repo.root, clock=lambda: NOW)
    assert watcher.poll() == []
    return watcher


def payloads(watcher: GitWatcher) -> list[Payload]:
    return [event.data for event in watcher.poll()]


def test_a_commit(repo: Repo) -> None:
    watching = watcher(repo)
    commit = repo.commit("Fix the parser: colons too")
    [event] = watching.poll()
    assert event.data == GitCommitted(commit=commit, subject="Fix the parser: colons too", branch="main")
    assert (event.time, event.source) == (NOW, Source.GIT)
    assert event.where.workspace == repo.root.as_uri()
    assert watching.poll() == []


def test_first_commit_of_an_empty_repository(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "app").init()
    watching = watcher(repo)
    commit = repo.commit("Begin")
    assert payloads(watching) == [GitCommitted(commit=commit, subject="Begin", branch="main")]


def test_amend_is_a_commit_and_reset_is_nothing(repo: Repo) -> None:
    repo.commit("Second")
    watching = watcher(repo)
    repo.git("commit", "-q", "--amend", "-m", "Second, better")
    [amended] = payloads(watching)
    assert amended == GitCommitted(repo.git("rev-parse", "HEAD"), "Second, better", "main")
    repo.git("reset", "-q", "--hard", "HEAD~1")
    assert payloads(watching) == []
    commit = repo.commit("Third")
    assert payloads(watching) == [GitCommitted(commit, "Third", "main")]


def test_switch_create_detach_and_return(repo: Repo) -> None:
    repo.commit("Second")
    watching = watcher(repo)
    repo.git("switch", "-q", "-c", "feature/über")
    assert payloads(watching) == [GitSwitched(branch="feature/über", previous="main")]
    repo.git("checkout", "-q", "HEAD~1")
    assert payloads(watching) == [GitSwitched(branch=None, previous="feature/über")]
    commit = repo.commit("On no branch", "b.txt")
    assert payloads(watching) == [GitCommitted(commit, "On no branch", None)]
    repo.git("checkout", "-q", "main~1")
    assert payloads(watching) == [GitSwitched()]
    repo.git("switch", "-q", "main")
    assert payloads(watching) == [GitSwitched(branch="main")]


def test_commit_and_switch_between_two_looks_keep_their_order_and_branches(repo: Repo) -> None:
    watching = watcher(repo)
    first = repo.commit("On main")
    repo.git("switch", "-q", "-c", "next")
    assert payloads(watching) == [GitCommitted(first, "On main", "main"), GitSwitched("next", "main")]
    repo.git("switch", "-q", "main")
    second = repo.commit("Back on main")
    assert payloads(watching) == [GitSwitched("main", "next"), GitCommitted(second, "Back on main", "main")]


def test_renaming_the_branch_is_no_switch_and_an_orphan_branch_is_one(repo: Repo) -> None:
    watching = watcher(repo)
    repo.git("branch", "-m", "trunk")
    assert payloads(watching) == []
    repo.git("checkout", "-q", "--orphan", "pages")
    assert payloads(watching) == [GitSwitched("pages", "trunk")]


def test_many_commits_at_once_are_told_by_the_last(repo: Repo) -> None:
    watching = watcher(repo)
    commits = [repo.commit(f"Step {number}") for number in range(3)]
    assert payloads(watching) == [GitCommitted(commits[-1], "Step 2", "main")]


def test_more_commits_than_the_state_remembers(repo: Repo) -> None:
    watching = watcher(repo)
    log = repo.root / ".git/logs/HEAD"
    head = repo.git("rev-parse", "HEAD")
    with log.open("a") as file:
        for number in range(200):
            file.write(f"{head} {number:040x} Ada <ada@example.org> {number} +0000\tcommit: Step {number}\n")
    (repo.root / ".git/refs/heads/main").write_text(f"{199:040x}\n")
    assert payloads(watching) == [GitCommitted(f"{199:040x}", "Step 199", "main")]


def test_merge_fast_forward_is_nothing_and_a_true_merge_is_a_commit(repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "side")
    repo.commit("Side", "side.txt")
    repo.git("switch", "-q", "main")
    watching = watcher(repo)
    repo.git("merge", "-q", "side")
    assert payloads(watching) == []
    repo.git("reset", "-q", "--hard", "HEAD~1")
    repo.git("merge", "-q", "--no-ff", "side")
    assert payloads(watching) == [GitCommitted(repo.git("rev-parse", "HEAD"), "Merge side", "main")]


def test_fetch_and_pull_are_nothing(repo: Repo, tmp_path: Path) -> None:
    clone = Repo(tmp_path / "clone")
    clone.git("clone", "-q", str(repo.root), ".")
    watching = watcher(clone)
    repo.commit("Upstream")
    clone.git("fetch", "-q")
    assert payloads(watching) == []
    clone.git("pull", "-q", "--ff-only")
    assert payloads(watching) == []


def test_merge_conflict_its_partial_and_full_resolution(repo: Repo) -> None:
    repo.commit("More", "ü b.txt", "one\n")
    repo.git("switch", "-q", "-c", "side")
    for path in ("a.txt", "ü b.txt"):
        repo.commit(f"Side {path}", path, "side\n")
    repo.git("switch", "-q", "main")
    for path in ("a.txt", "ü b.txt"):
        repo.commit(f"Main {path}", path, "main\n")
    watching = watcher(repo)
    repo.git("merge", "side", fails=True)
    assert payloads(watching) == [GitConflicted("merge", ("a.txt", "ü b.txt"))]
    (repo.root / "a.txt").write_text("both\n")
    repo.git("add", "a.txt")
    assert payloads(watching) == []
    (repo.root / "ü b.txt").write_text("both\n")
    repo.git("add", ".")
    assert payloads(watching) == []
    repo.git("commit", "-q", "--no-edit")
    assert payloads(watching) == [GitCommitted(repo.git("rev-parse", "HEAD"), "Merge branch 'side'", "main")]


def test_a_merge_that_only_waits_for_its_commit_is_no_conflict(repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "side")
    repo.commit("Side", "side.txt")
    repo.git("switch", "-q", "main")
    repo.commit("Main", "main.txt")
    watching = watcher(repo)
    repo.git("merge", "-q", "--no-commit", "side")
    assert payloads(watching) == []


@pytest.mark.parametrize("operation", ["cherry-pick", "revert"])
def test_cherry_pick_and_revert_conflicts(repo: Repo, operation: str) -> None:
    diverged(repo)
    target = "side" if operation == "cherry-pick" else "HEAD~1"
    watching = watcher(repo)
    repo.git(operation, "--no-edit" if operation == "revert" else "--allow-empty", target, fails=True)
    assert payloads(watching) == [GitConflicted(operation, ("a.txt",))]
    repo.git(operation, "--abort")
    assert payloads(watching) == []


def test_cherry_pick_and_revert_that_go_well_are_commits(repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "side")
    repo.commit("Side: the file", "side.txt")
    repo.git("switch", "-q", "main")
    watching = watcher(repo)
    repo.git("cherry-pick", "side")
    assert payloads(watching) == [GitCommitted(repo.git("rev-parse", "HEAD"), "Side: the file", "main")]
    repo.git("revert", "--no-edit", "HEAD")
    [reverted] = payloads(watching)
    assert reverted == GitCommitted(repo.git("rev-parse", "HEAD"), 'Revert "Side: the file"', "main")


@pytest.mark.parametrize("backend", ["--merge", "--apply"])
def test_a_rebase_of_many_commits_is_one_commit(repo: Repo, backend: str) -> None:
    repo.git("switch", "-q", "-c", "side")
    for number in range(5):
        repo.commit(f"Side {number}", f"side{number}.txt")
    repo.git("switch", "-q", "main")
    repo.commit("Main")
    repo.git("switch", "-q", "side")
    watching = watcher(repo)
    repo.git("rebase", "-q", backend, "main")
    assert payloads(watching) == [GitCommitted(repo.git("rev-parse", "HEAD"), "Side 4", "side")]


@pytest.mark.parametrize("backend", ["--merge", "--apply"])
def test_a_rebase_that_stops_at_conflicts(repo: Repo, backend: str) -> None:
    repo.git("switch", "-q", "-c", "side")
    repo.commit("Side 1", text="side 1\n")
    repo.commit("Side 2", text="side 2\n")
    repo.commit("Side 3", "other.txt")
    repo.git("switch", "-q", "main")
    repo.commit("Main", text="main\n")
    repo.git("switch", "-q", "side")
    watching = watcher(repo)
    repo.git("rebase", backend, "main", fails=True)
    assert payloads(watching) == [GitConflicted("rebase", ("a.txt",))]
    (repo.root / "a.txt").write_text("main, side 1\n")
    repo.git("add", "a.txt")
    assert payloads(watching) == []
    repo.git("rebase", "--continue", fails=True)
    assert payloads(watching) == [GitConflicted("rebase", ("a.txt",))]
    (repo.root / "a.txt").write_text("main, side 2\n")
    repo.git("add", "a.txt")
    repo.git("rebase", "--continue")
    assert payloads(watching) == [GitCommitted(repo.git("rev-parse", "HEAD"), "Side 3", "side")]


def test_an_aborted_and_an_empty_rebase_are_nothing(repo: Repo) -> None:
    diverged(repo)
    watching = watcher(repo)
    repo.git("rebase", "side", fails=True)
    assert payloads(watching) == [GitConflicted("rebase", ("a.txt",))]
    repo.git("rebase", "--abort")
    assert payloads(watching) == []
    repo.git("switch", "-q", "-c", "behind", "HEAD~1")
    watching.poll()
    repo.git("rebase", "-q", "main")
    assert payloads(watching) == []


def test_squashing_is_one_commit_with_a_subject(repo: Repo) -> None:
    for number in range(3):
        repo.commit(f"Step {number}", f"{number}.txt")
    watching = watcher(repo)
    repo.git("rebase", "-q", "-i", "HEAD~3", GIT_SEQUENCE_EDITOR="sed -i -e '2,$s/^pick/fixup/'")
    [commit] = payloads(watching)
    assert isinstance(commit, GitCommitted)
    assert (commit.commit, commit.branch) == (repo.git("rev-parse", "HEAD"), "main")
    assert commit.subject == "Step 0"


def test_packed_refs_and_rewritten_log(repo: Repo) -> None:
    watching = watcher(repo)
    repo.git("pack-refs", "--all")
    assert not (repo.root / ".git/refs/heads/main").exists()
    repo.git("reflog", "expire", "--expire=now", "--all")
    assert payloads(watching) == []
    assert find_repository(repo.root)
    commit = repo.commit("After packing")
    assert payloads(watching) == [GitCommitted(commit, "After packing", "main")]
    repo.git("pack-refs", "--all")
    state = read_state(find_repository(repo.root))
    assert state
    assert state.commit == commit


def test_linked_work_trees_see_their_own_head(repo: Repo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "-q", "-b", "other", str(tmp_path / "other"))
    linked = Repo(tmp_path / "other")
    here, there = watcher(repo), watcher(linked)
    commit = linked.commit("In the other tree")
    assert payloads(here) == []
    assert payloads(there) == [GitCommitted(commit, "In the other tree", "other")]


def test_submodules_and_folders_below_the_top(repo: Repo, tmp_path: Path) -> None:
    library = Repo(tmp_path / "library").init()
    library.commit("Library")
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library.root), "lib")
    below = repo.root / "src"
    below.mkdir()
    outer, inner = GitWatcher(below), GitWatcher(repo.root / "lib")
    assert (outer.poll(), inner.poll()) == ([], [])
    commit = Repo(repo.root / "lib").commit("Inside")
    assert payloads(outer) == []
    assert payloads(inner) == [GitCommitted(commit, "Inside", "main")]


def test_no_repository(tmp_path: Path) -> None:
    assert find_repository(tmp_path) is None
    watching = GitWatcher(tmp_path)
    assert watching.poll() == []
    repo = Repo(tmp_path).init()
    assert watching.poll() == []
    commit = repo.commit("Begin")
    assert payloads(watching) == [GitCommitted(commit, "Begin", "main")]


def test_without_a_reflog_switches_are_still_seen(repo: Repo) -> None:
    repo.git("config", "core.logAllRefUpdates", "false")
    shutil.rmtree(repo.root / ".git/logs")
    watching = watcher(repo)
    repo.commit("Unlogged")
    repo.git("switch", "-q", "-c", "next")
    assert payloads(watching) == [GitSwitched("next", "main")]


def test_the_reftable_format_gives_no_events(repo: Repo) -> None:
    git_dir = repo.root / ".git"
    shutil.rmtree(git_dir / "refs")
    shutil.rmtree(git_dir / "logs")
    (git_dir / "HEAD").write_text("ref: refs/heads/.invalid\n")
    (git_dir / "refs").mkdir()
    (git_dir / "refs/heads").write_text("this repository uses the reftable format\n")
    (git_dir / "reftable").mkdir()
    (git_dir / "reftable/tables.list").write_text("0x000000000001-0x000000000002-aa.ref\n")
    watching = watcher(repo)
    (git_dir / "reftable/tables.list").write_text("0x000000000001-0x000000000003-bb.ref\n")
    assert payloads(watching) == []


GARBAGE = [
    b"",
    b"\xff\x00\xfe",
    b"ref: ",
    b"ref: refs/heads/\0",
    b"ref: ../../../etc/passwd",
    b"gitdir: \0",
    b"x" * 99999,
]


@pytest.mark.parametrize("garbage", GARBAGE)
@pytest.mark.parametrize(
    "name", ["HEAD", "logs/HEAD", "refs/heads/main", "packed-refs", "MERGE_HEAD", "commondir"]
)
def test_garbage_files_are_survived(repo: Repo, name: str, garbage: bytes) -> None:
    watching = watcher(repo)
    (repo.root / ".git" / name).write_bytes(garbage)
    for event in watching.poll():
        assert from_json(to_json(event)) == event
    assert isinstance(GitWatcher(repo.root).poll(), list)


@pytest.mark.parametrize("garbage", GARBAGE)
def test_a_garbage_link_to_a_repository_is_none(tmp_path: Path, garbage: bytes) -> None:
    (tmp_path / ".git").write_bytes(garbage)
    assert GitWatcher(tmp_path).poll() == []


def test_a_named_pipe_does_not_stop_us(repo: Repo) -> None:
    (repo.root / ".git/HEAD").unlink()
    os.mkfifo(repo.root / ".git/HEAD")
    assert GitWatcher(repo.root).poll() == []


def test_programs_named_by_the_repository_are_not_run(repo: Repo, tmp_path: Path) -> None:
    spy = tmp_path / "ran"
    script = tmp_path / "spy.sh"
    script.write_text(f"#!/bin/sh\ntouch '{spy}'\ncat\n")
    script.chmod(0o755)
    diverged(repo)
    repo.git("merge", "side", fails=True)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "post-index-change").symlink_to(script)
    for key in (
        "core.fsmonitor",
        "core.pager",
        "diff.external",
        "filter.x.clean",
        "core.sshCommand",
        "core.editor",
    ):
        repo.git("config", key, str(script))
    repo.git("config", "core.hooksPath", str(hooks))
    (repo.root / ".gitattributes").write_text("* filter=x\n")
    spy.unlink(missing_ok=True)
    assert unmerged_paths(repo.root) == ("a.txt",)
    assert not spy.exists()


def test_without_git_a_conflict_is_not_told(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    diverged(repo)
    watching = watcher(repo)
    repo.git("merge", "side", fails=True)
    monkeypatch.setenv("PATH", "")
    assert payloads(watching) == []
    assert unmerged_paths(repo.root) is None


ENTRIES = st.lists(
    st.builds(
        LogEntry,
        old=st.sampled_from(["0" * 40, "a" * 40]),
        new=st.sampled_from(["a" * 40, "b" * 40]),
        author=st.sampled_from(["Ada 1", "Ada 2"]),
        action=st.sampled_from(
            [
                "commit",
                "checkout",
                "rebase (start)",
                "rebase (pick)",
                "rebase (finish)",
                "rebase (abort)",
                "merge x",
                "?",
            ]
        ),
        text=st.sampled_from(["", "# This is", "Merge made by", "subject"]),
    ),
    max_size=6,
).map(tuple)
STATES = st.builds(
    GitState,
    branch=st.sampled_from([None, "main", "side"]),
    commit=st.sampled_from([None, "a" * 40, "b" * 40]),
    log=ENTRIES,
    operation=st.sampled_from([None, "merge", "rebase"]),
    stopped_at=st.sampled_from([None, "c" * 40]),
    conflicts=st.sampled_from([(), ("a",), ("a", "b")]),
)


@given(STATES, STATES)
def test_any_two_states_compare(before: GitState, after: GitState) -> None:
    kinds = [type(payload) for payload in events_between(before, after)]
    assert len(kinds) == len(set(kinds))
    assert events_between(after, after) == []
