"""The story the demo tells: a forgotten import found by a failing test, and a rename that stopped half-way."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from proactive_server.demo import project
from proactive_server.demo.editor import DemoError, Editor

QUIET_SECONDS = 2.0
"""The demo's quiet time: shorter than in earnest, so that nobody waits; shown to the viewer."""

PATIENCE_SECONDS = 15.0
"""How long a suggestion is waited for before the demo calls itself failed."""

KEY_SECONDS = 0.015

BREATH_SECONDS = 1.0
"""Between one thing and the next."""

OPTIONS = {"quietSeconds": QUIET_SECONDS, "minimumPauseSeconds": 3.0, "logLevel": "warning"}


@frozen
class Played:
    """How a sitting went."""

    timeline: Mapping[str, Any]  #: the server's own record: ``events``, ``decisions``, ``counts``
    runs: tuple[int, ...]  #: exit codes of the test runs, in order
    taken: tuple[str, ...]  #: titles of the suggestions that were taken
    left: int  #: mentions of the old option name that are left in the project

    @property
    def fixed(self) -> bool:
        """Whether the tests failed at first and pass in the end, and the rename is complete."""
        return len(self.runs) > 1 and self.runs[0] != 0 and self.runs[-1] == 0 and self.left == 0


async def play(tell: Callable[[str], None], show: Callable[[Mapping[str, Any]], None]) -> Played:
    """Play the sitting in a throw-away folder.

    Args:
        tell: takes a sentence about what the person does next.
        show: takes the server's timeline as it grows.

    Raises:
        DemoError: a suggestion that belongs to the story did not come.
    """
    with tempfile.TemporaryDirectory(prefix="proactive-demo-") as scratch:
        home = Path(scratch).resolve()
        folder = home / "shop"
        (home / "run").mkdir(mode=0o700)
        project.write(folder)
        environment = {"PROACTIVE_STATE_DIR": str(home / "state"), "XDG_RUNTIME_DIR": str(home / "run")}
        editor = Editor(folder, environment, KEY_SECONDS)
        await editor.start(OPTIONS)
        try:
            return await _Story(editor, tell, show).play()
        finally:
            await editor.stop()


class _Story:
    """One telling, and what came of it."""

    def __init__(
        self, editor: Editor, tell: Callable[[str], None], show: Callable[[Mapping[str, Any]], None]
    ) -> None:
        self._editor = editor
        self._tell = tell
        self._show = show
        self._runs: list[int] = []
        self._taken: list[str] = []

    async def play(self) -> Played:
        await self._forgotten_import()
        await self._half_a_rename()
        timeline = await self._editor.ask("proactive/timeline")
        self._show(timeline)
        texts = [path.read_text(encoding="utf-8") for path in self._editor.folder.rglob("*.*") if path.is_file()]
        left = sum(text.count("--cfg") for text in texts)
        return Played(timeline, tuple(self._runs), tuple(self._taken), left)

    async def _forgotten_import(self) -> None:
        editor = self._editor
        self._tell("Someone writes a method, stops to think half-way, goes on, saves, and runs the tests.")
        editor.open("shop/cart.py")
        half = project.TOTAL.index("for line")
        await editor.type("shop/cart.py", project.TOTAL[:half])
        await asyncio.sleep(QUIET_SECONDS + 2.0)
        await self._look()
        await editor.type("shop/cart.py", project.TOTAL[half:])
        editor.save("shop/cart.py")
        await self._test()
        await self._take("They fail. The suggestion that comes is taken with one key, and the tests run again.")
        await asyncio.sleep(BREATH_SECONDS)
        await self._test()

    async def _half_a_rename(self) -> None:
        editor = self._editor
        self._tell("An option gets a better name, here and there by hand.")
        for name in ("shop/cli.py", "README.md"):
            editor.open(name)
            await asyncio.sleep(BREATH_SECONDS)
            await editor.type(name, "--config", instead_of="--cfg")
            editor.save(name)
        await self._take("The places that were forgotten, in two files, are offered together.")
        await self._test()

    async def _test(self) -> None:
        run = await self._editor.run(Path(sys.executable).name, *project.TEST_COMMAND)
        self._runs.append(run.returncode)
        await asyncio.sleep(0.3)
        await self._look()

    async def _take(self, words: str) -> None:
        waited = 0.0
        while not (suggestions := (await self._editor.ask("proactive/status"))["suggestions"]):
            if waited > PATIENCE_SECONDS:
                await self._look()
                raise DemoError("the suggestion that belongs here did not come; 'proactive doctor' may say why")
            await asyncio.sleep(0.1)
            waited += 0.1
        await self._look()
        self._tell(words)
        self._taken.append(await self._editor.take(suggestions[0]))

    async def _look(self) -> None:
        self._show(await self._editor.ask("proactive/timeline"))
