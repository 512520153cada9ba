import asyncio
from collections.abc import Awaitable

from lsprotocol import types

from proactive_server.progress import Progress


class Shown:
    def __init__(self) -> None:
        self.said: list[str] = []

    async def create_async(self, token: int | str) -> None:
        self.said.append("create")

    def begin(self, token: int | str, value: types.WorkDoneProgressBegin) -> None:
        self.said.append(value.title)

    def end(self, token: int | str, value: types.WorkDoneProgressEnd) -> None:
        self.said.append("end")


async def play(busy: list[bool], shown: Shown | None) -> None:
    tasks: list[asyncio.Future[None]] = []

    def spawn(work: Awaitable[None]) -> None:
        tasks.append(asyncio.ensure_future(work))

    progress = Progress(lambda: busy.pop(0), lambda: shown, spawn, long_seconds=0.0)
    progress.work_begins()
    progress.work_begins()
    assert len(tasks) == (shown is not None)
    await asyncio.gather(*tasks)
    assert busy == []


async def test_short_work_is_not_told() -> None:
    shown = Shown()
    await play([False], shown)
    assert shown.said == []


async def test_long_work_is_told_until_it_ends() -> None:
    shown = Shown()
    await play([True, True, False], shown)
    assert shown.said == ["create", "Looking through the workspace", "end"]


async def test_a_client_without_progress_is_left_alone() -> None:
    await play([], None)
