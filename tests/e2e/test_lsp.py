"""The story over real LSP, with the capabilities that Neovim, VS Code and Emacs declare."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
import pytest
import pytest_asyncio
from lsprotocol import types
from pytest_lsp import client_capabilities

from lsp_editor import Editor, editor_for
from proactive_collectors.events import DocumentSaved, Event, Source, Where
from proactive_collectors.journal import Journal
from proactive_collectors.uris import to_uri

PROFILES = ("neovim@v0.11.0", "visual_studio_code", "emacs")
# What the gate makes of so short a sitting is not the question here.
FAST = {"quietSeconds": 0.2, "minimumPauseSeconds": 0}

SIZES = '''"""Sizes of files."""

import os


def names(folder):
    return sorted(os.listdir(folder))


def total(folder):
    return "😀 ça", sum(path.stat().st_size for path in Path(folder).iterdir())
'''

TEST_SIZES = """from sizes import total


def test_total(tmp_path):
    (tmp_path / "a").write_text("abc")
    assert total(tmp_path)[1] == 3
"""


def run_pytest(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="session")
def failing(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A project whose test fails, and what pytest says of it."""
    folder = tmp_path_factory.mktemp("failing")
    (folder / "sizes.py").write_text(SIZES)
    (folder / "test_sizes.py").write_text(TEST_SIZES)
    run = run_pytest(folder)
    assert run.returncode == 1
    assert "NameError" in run.stdout
    return folder, run.stdout


MISSPELT = SIZES.replace("import os\n", "import os\nfrom pathlib import Path\n").replace(
    "Path(folder)", "Path(foldr)"
)


@pytest.fixture(scope="session")
def misspelt(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("misspelt")
    (folder / "sizes.py").write_text(MISSPELT)
    (folder / "test_sizes.py").write_text(TEST_SIZES)
    run = run_pytest(folder)
    assert "foldr" in run.stdout
    return run.stdout


@pytest.fixture
def project(tmp_path: Path, failing: tuple[Path, str]) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    for name in ("sizes.py", "test_sizes.py"):
        (folder / name).write_text((failing[0] / name).read_text())
    return folder


@pytest_asyncio.fixture
async def editor(tmp_path: Path, failing: tuple[Path, str]) -> AsyncIterator[Editor]:
    async with editor_for(tmp_path, failing[1]) as editor:
        yield editor


@pytest.fixture(params=PROFILES)
def profile(request: pytest.FixtureRequest) -> types.ClientCapabilities:
    return client_capabilities(request.param)


@pytest.fixture
def vscode() -> types.ClientCapabilities:
    return client_capabilities("visual_studio_code")


BROKEN_LINE = 10


def titles(actions: list[types.CodeAction]) -> list[str]:
    return [action.title for action in actions]


async def test_break_accept_and_the_text_is_right(
    editor: Editor, project: Path, profile: types.ClientCapabilities
) -> None:
    await editor.start([project], profile, FAST)
    uri = editor.open(project / "sizes.py")
    editor.fail(project)
    (hint,) = await editor.hints(uri, 1)
    assert hint.severity == types.DiagnosticSeverity.Hint
    assert hint.source == "proactive"
    actions = await editor.offered(uri, hint.range.start.line)
    assert titles(actions)[0].startswith("Import")
    assert [action.kind for action in actions] == ["quickfix"] + ["quickfix.proactive"] * 4
    assert actions[0].is_preferred
    resolves = profile.text_document.code_action.resolve_support is not None  # type: ignore[union-attr]
    assert (actions[0].edit is None) == resolves
    await editor.take(actions[0])
    assert editor.texts[uri] == SIZES.replace("import os\n", "import os\nfrom pathlib import Path\n")
    await editor.hints(uri, 0)
    assert await editor.actions(uri, BROKEN_LINE) == []

    async def accepted() -> bool:
        return "suggestion.accepted" in await editor.kinds()

    await editor.until(accepted)
    (project / "sizes.py").write_text(editor.texts[uri])
    assert run_pytest(project).returncode == 0


async def test_what_can_be_had_while_a_suggestion_is_out(
    editor: Editor, project: Path, vscode: types.ClientCapabilities
) -> None:
    await editor.start([project], vscode, FAST)
    uri = editor.open(project / "sizes.py")
    editor.fail(project)
    actions = await editor.offered(uri, BROKEN_LINE)
    # By the lines of the anchor and of the edit, and by kind:
    assert await editor.actions(uri, 3)
    assert await editor.actions(uri, 0) == []
    assert await editor.actions(uri, BROKEN_LINE, ["refactor"]) == []
    assert len(await editor.actions(uri, BROKEN_LINE, ["quickfix"])) == 5
    assert len(await editor.actions(uri, BROKEN_LINE, ["quickfix.proactive"])) == 4
    # A client that says it has applied what it has not is not believed:
    assert actions[0].command is not None
    await editor.execute(actions[0].command)
    assert "suggestion.accepted" not in await editor.kinds()
    # What led to it:
    await editor.take(next(action for action in actions if action.title == "Why now?"))

    async def told() -> list[str]:
        return [message.message for message in editor.client.messages]

    (text,) = await editor.until(told)
    assert "pytest" in text
    assert "interruptionCost" in text
    status = await editor.ask("proactive/status")
    assert (status.state, status.suggestions[0].title) == ("suggestion", actions[0].title)


async def test_the_right_characters_change_behind_an_emoji_and_below_new_lines(
    editor: Editor, project: Path, profile: types.ClientCapabilities
) -> None:
    text = SIZES.replace("import os\n", "import os\nfrom pathlib import Path\n").replace(
        "(folder).iter", "(foldr).iter"
    )
    (project / "sizes.py").write_text(text)
    editor.output = run_pytest(project).stdout
    await editor.start([project], profile, FAST)
    uri = editor.open(project / "sizes.py")
    editor.fail(project)
    await editor.offered(uri, BROKEN_LINE + 1)
    (hint,) = await editor.hints(uri, 1)
    start = types.Position(1, 0)
    editor.edit(uri, [types.TextEdit(types.Range(start, start), "# 😀 über\n")])
    (action, *_) = await editor.actions(uri, BROKEN_LINE + 2)
    assert isinstance(action, types.CodeAction)

    async def shifted() -> bool:
        return editor.client.diagnostics[uri][0].range.start.line == hint.range.start.line + 1

    await editor.until(shifted)
    await editor.take(action)
    assert editor.texts[uri] == MISSPELT.replace("foldr", "folder").replace('"""\n\n', '"""\n# 😀 über\n\n', 1)


async def test_a_dismissal_makes_the_next_run_silent(
    editor: Editor, project: Path, vscode: types.ClientCapabilities
) -> None:
    await editor.start([project], vscode, {**FAST, "minimumPauseSeconds": 60})
    uri = editor.open(project / "sizes.py")
    editor.fail(project)
    actions = await editor.offered(uri, BROKEN_LINE)
    dismiss = next(action for action in actions if action.title.startswith("Dismiss: Import"))
    await editor.take(dismiss)
    await editor.hints(uri, 0)
    editor.fail(project)

    async def decided_again() -> Any:
        decisions = await editor.decisions()
        return len(decisions) > 1 and decisions[-1]

    decision = await editor.until(decided_again)
    assert decision.reason == "backing_off"
    assert await editor.actions(uri, BROKEN_LINE) == []


async def test_snoozing_is_quiet_until_it_is_ended(
    editor: Editor, project: Path, vscode: types.ClientCapabilities
) -> None:
    await editor.start([project], vscode, FAST)
    uri = editor.open(project / "sizes.py")
    editor.fail(project)
    actions = await editor.offered(uri, BROKEN_LINE)
    await editor.take(next(action for action in actions if action.title.startswith("Snooze")))
    await editor.hints(uri, 0)
    assert (await editor.ask("proactive/status")).state == "snoozed"
    editor.fail(project)

    async def silent() -> Any:
        return [one for one in await editor.decisions() if getattr(one, "reason", None) == "snoozed"]

    assert await editor.until(silent)
    await editor.execute(types.Command("", "proactive.snooze", arguments=[{"scope": "all", "minutes": 0}]))
    assert (await editor.ask("proactive/status")).state != "snoozed"


async def test_a_client_that_wants_to_is_told_of_the_status(
    editor: Editor, project: Path, vscode: types.ClientCapabilities
) -> None:
    vscode.experimental = {"proactive": {"status": True}}
    told: list[Any] = []

    @editor.client.feature("proactive/didChangeStatus")
    def status(params: Any) -> None:
        told.append(params)

    def states() -> list[str]:
        return [one.state for one in told]

    async def now(state: str) -> None:
        async def is_so() -> bool:
            return states()[-1:] == [state]

        await editor.until(is_so)

    async def snooze(**argument: Any) -> None:
        await editor.execute(types.Command("", "proactive.snooze", arguments=[argument]))

    await editor.start([project], vscode, FAST, {})
    uri = editor.open(project / "sizes.py")
    await now("watching")
    editor.fail(project)
    await now("suggestion")
    assert told[-1].suggestions[0].title.startswith("Import")
    before, identifier = len(told), told[-1].suggestions[0].id
    await snooze(scope="workspace", minutes=0.02)
    await now("snoozed")
    assert len(told) == before + 1, "not first of an empty board, then of the reason"
    assert told[-1].snoozes[0].uri == project.as_uri()
    assert told[-1].suggestions == []
    answer = await editor.execute(types.Command("", "proactive.apply", arguments=[{"id": identifier}]))
    assert "put away when you asked for quiet" in answer["refused"]
    assert not editor.applied
    await now("watching")  # by time alone
    await snooze(scope="file", minutes=30, uri=uri)

    async def file_snoozed() -> bool:
        return len(told[-1].snoozes) == 1

    await editor.until(file_snoozed)
    assert told[-1].state != "snoozed"
    assert told[-1].snoozes[0].scope == "file"
    editor.client.set_configuration({"enable": False}, section="proactive")
    editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
    await now("off")
    assert told[-1].paused is True
    editor.client.set_configuration({"enable": True}, section="proactive")
    editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
    await now("watching")
    shown = [(one.state, one.paused, one.snoozes, one.suggestions) for one in told]
    assert all(one != next_ for one, next_ in pairwise(shown)), "told of changes alone"
    # Work that takes its time, and is over again:
    del told[:]
    # A traceback at each look, and what might be a secret:
    lines = "".join(
        f"  File \"tests/test_{number}.py\", line {number}, in f\n    x = y\nNameError: name 'y' is not defined\n"
        f"key_{number} = '{sha256(str(number).encode()).hexdigest()}'\n"
        for number in range(1200)
    )
    for number in range(60):
        data = {"command": f"make {number}", "cwd": str(project), "exit_code": 2, "output": lines}
        editor.notify({"kind": "terminal.run", "data": data})
    await now("thinking")
    await now("watching")
    assert set(states()) == {"thinking", "watching"}


async def test_a_suggestion_goes_with_its_file(
    editor: Editor, project: Path, vscode: types.ClientCapabilities
) -> None:
    await editor.start([project], vscode, FAST)
    uri = editor.open(project / "sizes.py")
    editor.fail(project)
    (first, *_) = await editor.offered(uri, BROKEN_LINE)
    assert first.command is not None
    (argument,) = first.command.arguments or ()
    editor.client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))
    assert len((await editor.ask("proactive/status")).suggestions) == 1
    (project / "sizes.py").unlink()
    assert (await editor.ask("proactive/status")).suggestions == []
    answer = await editor.execute(types.Command("", "proactive.apply", arguments=[argument]))
    assert "sizes.py is no longer what it was" in answer["refused"]


async def test_clients_without_action_literals_get_commands(
    editor: Editor, project: Path, vscode: types.ClientCapabilities
) -> None:
    assert vscode.text_document is not None
    vscode.text_document.code_action = types.CodeActionClientCapabilities()
    await editor.start([project], vscode, FAST)
    uri = editor.open(project / "sizes.py")
    editor.fail(project)
    (first, *_) = await editor.offered(uri, BROKEN_LINE)
    assert isinstance(first, types.Command)
    await editor.take(first)

    async def there() -> bool:
        return "from pathlib import Path\n" in editor.texts[uri]

    await editor.until(there)

    async def accepted() -> bool:
        return "suggestion.accepted" in await editor.kinds()

    await editor.until(accepted)


async def test_settings_can_change_at_any_time(
    editor: Editor, project: Path, vscode: types.ClientCapabilities
) -> None:
    options = {**FAST, "expireMinutes": -1}
    await editor.start([project], vscode, options, {"surfaces": {"hints": False}, "interruptionCosts": 0.3})
    uri = editor.open(project / "sizes.py")
    editor.fail(project)
    await editor.offered(uri, BROKEN_LINE)
    assert not editor.client.diagnostics.get(uri)
    wrong, unknown = (message.message for message in editor.client.messages)
    assert wrong == (
        "'expireMinutes' in the initialization options is -1, but must be a number from 0.05 to 1440; "
        "the default 10.0 is used."
    )
    assert "did you mean 'interruptionCost'" in unknown
    assert {one.method for one in editor.registered} == {
        "workspace/didChangeConfiguration", "workspace/didChangeWatchedFiles",
    }  # fmt: skip
    editor.client.set_configuration({"surfaces": {"hints": True, "codeLens": True}}, section="proactive")
    editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
    await editor.hints(uri, 1)
    params = types.CodeLensParams(types.TextDocumentIdentifier(uri))

    async def lenses() -> Any:
        return await editor.client.text_document_code_lens_async(params)

    (lens,) = await editor.until(lenses)
    await editor.execute(lens.command)

    async def applied() -> bool:
        return bool(editor.applied)

    await editor.until(applied)
    assert "from pathlib import Path\n" in editor.texts[uri]


async def test_a_message_with_buttons_where_the_user_wants_one(
    editor: Editor, project: Path, vscode: types.ClientCapabilities
) -> None:
    editor.answer = "Dismiss"
    await editor.start([project], vscode, {**FAST, "surfaces": {"notifications": True}})
    uri = editor.open(project / "sizes.py")
    editor.fail(project)

    async def dismissed() -> bool:
        return "suggestion.dismissed" in await editor.kinds()

    await editor.until(dismissed)
    assert len(editor.asked) == 1
    await editor.hints(uri, 0)


async def test_what_is_locked_by_the_project_holds(
    editor: Editor, project: Path, vscode: types.ClientCapabilities
) -> None:
    (project / ".proactive.toml").write_text('locked = ["enable"]\nenable = false\n')
    await editor.start([project], vscode, {**FAST, "enable": True})
    uri = editor.open(project / "sizes.py")
    editor.fail(project)

    (decision, *_) = await editor.until(editor.decisions)
    assert decision.reason == "disabled"
    assert (await editor.ask("proactive/status")).state == "off"
    assert await editor.actions(uri, BROKEN_LINE) == []


@pytest.mark.parametrize("opened", ["a folder", "a file"])
async def test_a_policy_holds_for_a_part_of_its_repository_and_through_a_slip(
    editor: Editor, project: Path, tmp_path: Path, vscode: types.ClientCapabilities, opened: str
) -> None:
    (tmp_path / ".git").mkdir()
    policy = tmp_path / ".proactive.toml"
    policy.write_text('locked = ["enable"]\nenable = false\n')
    await editor.start([project] if opened == "a folder" else [], vscode, {**FAST, "enable": True})
    editor.open(project / "sizes.py")
    assert (await editor.ask("proactive/status")).state == "off"
    file = editor.open(policy, "toml")

    async def saved(text: str) -> str:
        policy.write_text(text)
        editor.client.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(file)))
        return str((await editor.ask("proactive/status")).state)

    assert await saved('locked = ["enable"\nenable = false\n') == "off"
    assert "what it said before holds" in editor.client.messages[-1].message
    assert await saved("quietSeconds = 0.2\n") != "off"


async def test_a_gate_that_is_none_is_told_of(
    editor: Editor, project: Path, vscode: types.ClientCapabilities
) -> None:
    wrong = project / "sizes.py"
    await editor.start([project], vscode, {**FAST, "gate": str(wrong)})
    editor.open(wrong)

    async def told() -> bool:
        return any(
            f"{wrong}: not a gate's weights file" in one.message and "ships decides" in one.message
            for one in editor.client.messages
        )

    await editor.until(told, 30)


async def test_a_project_shortens_the_time_to_keep_of_its_own_events_alone(
    editor: Editor, project: Path, tmp_path: Path, vscode: types.ClientCapabilities
) -> None:
    journal = Journal.open(tmp_path / "state" / "journal.sqlite3")
    for name in ("other", "project"):
        for days in (5, 60):
            time = datetime.now(UTC) - timedelta(days=days)
            where = Where(workspace=to_uri(tmp_path / name))
            journal.append(Event(time, Source.LSP, DocumentSaved(), where))
    journal.flush()
    (project / ".proactive.toml").write_text('locked = ["journal"]\n[journal]\nretentionDays = 1\n')
    await editor.start([project], vscode, FAST, {"journal": {"retentionDays": 90}})
    uri = editor.open(project / "sizes.py")

    async def removed() -> bool:
        editor.client.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri)))
        return journal.stats().workspaces.get(to_uri(tmp_path / "other")) == 2 and not list(
            journal.events(until=datetime.now(UTC) - timedelta(days=1), workspace=to_uri(project))
        )

    await editor.until(removed)
    journal.close()


async def test_a_secret_is_nowhere_and_excluded_files_are_unseen(
    editor: Editor, project: Path, tmp_path: Path, vscode: types.ClientCapabilities
) -> None:
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    await editor.start([project], vscode, FAST)
    (project / ".env").write_text("A=1\n")
    env = editor.open(project / ".env", "dotenv")
    uri = editor.open(project / "sizes.py")
    spot = types.Position(0, 0)
    for one in (env, uri):
        editor.edit(one, [types.TextEdit(types.Range(spot, spot), f"token = '{secret}'\n")])
    editor.output = f"{secret}\n{editor.output}"
    editor.fail(project)

    async def seen() -> bool:
        kinds = await editor.kinds()
        return "edit.burst" in kinds and "terminal.run" in kinds

    await editor.until(seen)
    assert (await editor.kinds()).count("document.opened") == 1
    await editor.client.shutdown_session()
    editor.client.capabilities = None  # it is shut down already
    kept = b"".join(path.read_bytes() for path in (tmp_path / "state").iterdir() if path.is_file())
    assert b"terminal.run" in kept
    assert secret.encode() not in kept
    assert b".env" not in kept


async def test_two_folders_and_one_that_comes_later(
    editor: Editor, project: Path, tmp_path: Path, vscode: types.ClientCapabilities
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    await editor.start([other], vscode, {**FAST, "interruptionCost": 0.01})
    uri = editor.open(project / "sizes.py")
    editor.fail(project)
    await editor.until(editor.decisions)
    assert await editor.actions(uri, BROKEN_LINE) == []  # the file is in no folder: nothing of it is read
    added = types.WorkspaceFolder(project.as_uri(), "project")
    event = types.WorkspaceFoldersChangeEvent(added=[added], removed=[])
    editor.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
    editor.fail(project)
    assert await editor.offered(uri, BROKEN_LINE)


async def test_nothing_is_left_behind_and_nothing_stirs_when_idle(
    project: Path, tmp_path: Path, failing: tuple[Path, str], vscode: types.ClientCapabilities
) -> None:
    subprocess.run(["git", "init", "--quiet", str(project)], check=True)
    async with editor_for(tmp_path, failing[1]) as editor:
        await editor.start([project], vscode, FAST)
        uri = editor.open(project / "sizes.py")
        editor.fail(project)
        await editor.offered(uri, BROKEN_LINE)
        assert editor.client._server is not None
        process = psutil.Process(editor.client._server.pid)

        def spent() -> tuple[float, float, int]:
            times = process.cpu_times()
            return times.user, times.system, process.num_ctx_switches().voluntary

        async def rests() -> bool:
            before = spent()
            await asyncio.sleep(1.0)
            return spent() == before

        deadline = time.monotonic() + 60
        while not await rests():
            assert time.monotonic() < deadline, "it does not come to rest"
        children = process.children(recursive=True)
        assert children == []
    assert not psutil.pid_exists(process.pid) or process.status() == psutil.STATUS_ZOMBIE
