"""The timer, the worker's thread, and the eye on the client's process."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from importlib.metadata import version
from pathlib import Path

from proactive_server.alarm import Alarm
from proactive_server.lifeline import watch_process
from proactive_server.settings import Settings
from proactive_server.settings import Sources as SourceSettings
from proactive_server.sources import Sources
from proactive_server.thinking import AFTER, LEAST, Thinking
from proactive_server.version import VERSION
from proactive_server.worker import Worker


def test_the_version_is_the_distributions() -> None:
    assert version("proactive-lsp") == VERSION


async def test_the_alarm_rings_once_at_the_last_deadline_set() -> None:
    loop = asyncio.get_running_loop()
    rung: list[float] = []
    done = asyncio.Event()

    def ring() -> None:
        rung.append(loop.time())
        done.set()

    alarm = Alarm(loop, ring)
    last = 0.0
    for number in range(20):
        last = loop.time() + 0.02 + number * 0.002
        alarm.set(last)
    await done.wait()
    await asyncio.sleep(0.05)
    assert len(rung) == 1
    assert rung[0] >= last


async def test_the_alarm_can_be_set_earlier_and_taken_back() -> None:
    loop = asyncio.get_running_loop()
    done = asyncio.Event()
    alarm = Alarm(loop, done.set)
    alarm.set(loop.time() + 3600)
    alarm.set(loop.time() + 0.01)
    await asyncio.wait_for(done.wait(), 10)
    done.clear()
    alarm.set(loop.time() + 0.01)
    alarm.set(None)
    await asyncio.sleep(0.05)
    assert not done.is_set()


def test_jobs_are_done_in_order_and_one_that_fails_stops_nothing() -> None:
    did: list[int] = []
    ended: list[list[int]] = []
    worker = Worker(lambda: did, lambda subject: ended.append(list(subject)))
    worker.put(lambda subject: subject.append(1))
    worker.put(lambda subject: subject.append(1 // 0))
    assert worker.busy
    worker.start()
    worker.start()
    worker.put(lambda subject: subject.append(threading.get_ident()))
    worker.close()
    assert did[0] == 1
    assert did[1] != threading.get_ident()
    assert ended == [did]


def test_a_worker_that_cannot_start_or_never_did_can_be_closed() -> None:
    def build() -> int:
        raise OSError("no")

    worker = Worker(build, lambda subject: None)
    worker.start()
    worker.close()
    Worker(build, lambda subject: None).close()


def test_a_worker_says_when_no_job_is_left_also_after_one_that_failed() -> None:
    rests: list[float] = []
    rested = threading.Event()

    def rest(seconds: float) -> None:
        rests.append(seconds)
        rested.set()

    worker = Worker(list[int], lambda subject: None, rest)
    before = time.monotonic()
    worker.put(lambda subject: time.sleep(0.05))
    worker.put(lambda subject: subject.append(1 // 0))
    assert worker.busy_since is not None
    assert worker.busy_since >= before
    worker.start()
    assert rested.wait(10)
    assert worker.busy_since is None
    worker.close()
    assert len(rests) == 1
    assert rests[0] >= 0.05


class Told:
    """A worker whose work the test sets, on a clock of its own; and what the client would be told."""

    def __init__(self) -> None:
        self.now = 100.0
        self.deadline: float | None = None
        self.since: float | None = None
        self.told: list[bool] = []
        self.thinking = Thinking(lambda: self.since, lambda: self.told.append(self.thinking.shown))
        self.thinking.set_alarm(self, lambda: self.now)

    def set(self, deadline: float | None) -> None:
        self.deadline = deadline

    def pass_time(self, seconds: float) -> None:
        end = self.now + seconds
        while self.deadline is not None and self.deadline <= end:
            self.now, self.deadline = max(self.now, self.deadline), None
            self.thinking.look()
        self.now = end

    def begin(self) -> None:
        self.since = self.now if self.since is None else self.since
        self.thinking.work_begins()

    def end(self) -> None:
        began, self.since = self.since, None
        if began is not None and self.now - began >= AFTER:
            self.thinking.work_ends()


def test_long_work_shows_as_thinking_and_is_taken_back_without_flicker() -> None:
    told = Told()
    told.begin()
    told.pass_time(AFTER - 0.01)
    assert told.told == []
    told.pass_time(0.02)
    assert told.told == [True]
    told.begin()
    told.pass_time(60)
    assert told.deadline is None, "nothing stirs while it lasts"
    told.end()
    assert told.told == [True, False]
    told.begin()
    told.pass_time(AFTER + 0.01)
    told.end()
    assert told.told == [True, False, True], "for a moment it stays, as what goes at once is a flicker"
    told.pass_time(LEAST - 0.01)
    told.begin()
    told.pass_time(0.02)
    told.end()
    told.pass_time(LEAST)
    assert told.told == [True, False, True, False], "taken back though something quick came between"
    assert told.deadline is None


def test_much_quick_work_is_no_thinking() -> None:
    told = Told()
    for _ in range(100):
        told.begin()
        told.pass_time(0.01)
        told.end()
        told.pass_time(0.001)
    told.pass_time(1)
    assert told.told == []
    assert told.deadline is None


async def test_the_end_of_a_process_is_noticed() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    gone = asyncio.Event()
    watch_process(process.pid, gone.set)
    assert not gone.is_set()
    process.communicate(b"\n")
    await asyncio.wait_for(gone.wait(), 10)


async def test_watching_can_be_stopped_and_needs_a_process() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    gone = asyncio.Event()
    stop = watch_process(process.pid, gone.set)
    stop()
    stop()
    process.communicate(b"\n")
    for pid in (process.pid, os.getpid(), 0, -1):
        watch_process(pid, gone.set)()
    await asyncio.sleep(0.05)
    assert not gone.is_set()


async def test_sources_follow_the_settings_and_end(tmp_path: Path, monkeypatch: object) -> None:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    events: list[object] = []
    sources = Sources(events.append)
    on, off = Settings(), Settings(sources=SourceSettings(terminal=False, git=False))
    await sources.arrange(on, [tmp_path])
    assert len(sources._tasks) == 2
    await sources.arrange(on, [tmp_path])
    assert len(sources._tasks) == 2
    await asyncio.sleep(0.5)
    who = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"]
    await asyncio.to_thread(
        subprocess.run,
        ["git", "-C", str(tmp_path), *who, "commit", "--quiet", "--allow-empty", "-m", "First"],
        check=True,
    )
    async with asyncio.timeout(10):
        while not events:
            await asyncio.sleep(0.02)
    await sources.arrange(off, [tmp_path])
    assert len(sources._tasks) == 1, "runs are still taken, to be dropped"
    await sources.close()
    assert len(sources._tasks) == 0
