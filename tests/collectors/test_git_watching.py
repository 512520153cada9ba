"""The git source as it runs: told by the file system, quiet while nothing changes."""

import asyncio
import shutil
import threading
from pathlib import Path

import pytest
from attrs import evolve

from git_repo import Repo, diverged
from proactive_collectors.errors import SourceError
from proactive_collectors.events import Event, GitCommitted, GitConflicted, GitSwitched, Payload
from proactive_collectors.git import GitWatcher
from proactive_collectors.git_files import find_repository, read_state


class Watching:
    """A watch that runs, and what it has told."""

    def __init__(self, root: Path) -> None:
        self.watcher = GitWatcher(root)
        self.events: asyncio.Queue[Event] = asyncio.Queue()
        self.stop = asyncio.Event()
        self.task = asyncio.create_task(self.watcher.watch(self.events.put_nowait, self.stop))

    async def ready(self) -> None:
        async with asyncio.timeout(10):
            while self.watcher._state is None and not self.task.done():
                await asyncio.sleep(0.01)

    async def next(self) -> Payload:
        return (await asyncio.wait_for(self.events.get(), 10)).data

    async def end(self) -> None:
        self.stop.set()
        await asyncio.wait_for(self.task, 10)


async def test_watching_sees_commits_switches_and_conflicts(repo: Repo) -> None:
    watching = Watching(repo.root)
    await watching.ready()
    commit = await asyncio.to_thread(repo.commit, "Watched")
    assert await watching.next() == GitCommitted(commit, "Watched", "main")
    await asyncio.to_thread(repo.git, "switch", "-q", "-c", "side")
    assert await watching.next() == GitSwitched("side", "main")
    await watching.end()
    assert watching.events.empty()


async def test_watching_an_empty_repository(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "app").init()
    watching = Watching(repo.root)
    await watching.ready()
    first = await asyncio.to_thread(repo.commit, "First")
    assert await watching.next() == GitCommitted(first, "First", "main")
    second = await asyncio.to_thread(repo.commit, "Second")
    assert await watching.next() == GitCommitted(second, "Second", "main")
    await watching.end()


async def test_watching_sees_a_conflict_in_a_linked_work_tree(repo: Repo, tmp_path: Path) -> None:
    diverged(repo)
    repo.git("worktree", "add", "-q", "-b", "other", str(tmp_path / "other"))
    linked = Repo(tmp_path / "other")
    watching = Watching(linked.root)
    await watching.ready()
    await asyncio.to_thread(lambda: linked.git("merge", "side", fails=True))
    assert await watching.next() == GitConflicted("merge", ("a.txt",))
    await watching.end()


async def test_watching_nothing_waits_for_the_end(tmp_path: Path) -> None:
    watching = Watching(tmp_path)
    await asyncio.sleep(0.05)
    assert not watching.task.done()
    await watching.end()


async def test_a_repository_that_comes_later_is_watched(tmp_path: Path) -> None:
    watching = Watching(tmp_path)
    await asyncio.sleep(0.3)
    (tmp_path / "other.txt").write_text("no repository")
    repo = await asyncio.to_thread(lambda: Repo(tmp_path).init())
    await watching.ready()
    first = await asyncio.to_thread(repo.commit, "First")
    assert await watching.next() == GitCommitted(first, "First", "main")
    await watching.end()
    assert watching.events.empty()


async def test_a_repository_that_is_begun_anew_is_watched(repo: Repo) -> None:
    watching = Watching(repo.root)
    await watching.ready()
    await asyncio.to_thread(shutil.rmtree, repo.root / ".git")
    async with asyncio.timeout(10):
        while watching.watcher._state is not None:
            await asyncio.sleep(0.01)
    await asyncio.to_thread(repo.init)
    await watching.ready()
    again = await asyncio.to_thread(repo.commit, "Again")
    assert await watching.next() == GitCommitted(again, "Again", "main")
    await watching.end()
    assert watching.events.empty()


async def test_other_files_of_a_folder_without_a_repository_wake_nobody(tmp_path: Path) -> None:
    watcher, stop = CountingWatcher(tmp_path), asyncio.Event()
    task = asyncio.create_task(watcher.watch(lambda event: None, stop))
    async with asyncio.timeout(10):
        while not watcher.polls:
            await asyncio.sleep(0.01)
    for number in range(20):
        (tmp_path / f"{number}.txt").write_text("x")
    await asyncio.sleep(0.4)
    assert watcher.polls == 1
    stop.set()
    await task


class CountingWatcher(GitWatcher):
    polls = 0

    def poll(self) -> list[Event]:
        self.polls += 1
        return super().poll()


async def test_reading_is_no_change_and_the_end_leaves_no_thread(repo: Repo) -> None:
    threads = {thread.name for thread in threading.enumerate()}
    watcher, stop = CountingWatcher(repo.root), asyncio.Event()
    task = asyncio.create_task(watcher.watch(lambda event: None, stop))
    while not watcher.polls:
        await asyncio.sleep(0.01)
    for _ in range(5):
        await asyncio.to_thread(repo.git, "log", "-1")
        read_state(find_repository(repo.root))
    await asyncio.sleep(0.4)
    assert watcher.polls == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    left = {thread.name for thread in threading.enumerate()} - threads
    assert all(name.startswith("asyncio_") for name in left)  # the loop's own pool for blocking calls


async def test_what_cannot_be_watched_says_so_and_leaves_no_thread(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = find_repository(repo.root)
    assert repository
    gone = evolve(repository, git_dir=repo.root / "gone")
    monkeypatch.setattr("proactive_collectors.git.find_repository", lambda _: gone)
    with pytest.raises(SourceError, match="commits go unseen"):
        await GitWatcher(repo.root).watch(lambda event: None, asyncio.Event())
    assert not [thread for thread in threading.enumerate() if "inotify" in type(thread).__module__]
