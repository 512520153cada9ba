"""A language model in the loop, over real LSP and real sockets: offers, edits on demand, faults, budget, quiet."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from lsprotocol import types
from pytest_lsp import client_capabilities

from lsp_editor import Editor, editor_for
from misbehaving_server import Exchange, MisbehavingServer, busy, dies, drips, hangs, in_turn, rubbish, status
from sums_project import ANSWER, EDIT, RUN, SUMS, TEST_SUMS, offer, says, write_project


@pytest.fixture(scope="session")
def printed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What pytest says of the project."""
    folder = tmp_path_factory.mktemp("sums")
    write_project(folder)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    return run.stdout


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    write_project(folder)
    return folder


@pytest.fixture
def server() -> Iterator[MisbehavingServer]:
    with MisbehavingServer(says()) as server:
        yield server


@pytest_asyncio.fixture
async def editor(tmp_path: Path, printed: str) -> AsyncIterator[Editor]:
    async with editor_for(tmp_path, printed) as editor:
        yield editor


@pytest.fixture
def vscode() -> types.ClientCapabilities:
    return client_capabilities("visual_studio_code")


def options(server: MisbehavingServer, **model: Any) -> dict[str, Any]:
    return options_for(server.url, **model)


def options_for(name: str, **model: Any) -> dict[str, Any]:
    # What the gate makes of so short a sitting is not the question here.
    return {
        "quietSeconds": 0.2,
        "minimumPauseSeconds": 0,
        "interruptionCost": 0.01,
        "model": {"name": name, **model},
    }


async def model_state(editor: Editor, wanted: str) -> Any:
    async def found() -> Any:
        model = (await editor.ask("proactive/status")).model
        return model if model.state == wanted else None

    return await editor.until(found)


async def offered_task(editor: Editor, uri: str) -> types.CodeAction:
    async def there() -> Any:
        offers = [one for one in (await editor.ask("proactive/status")).suggestions if one.uri == uri]
        actions = await editor.actions(uri, offers[0].line) if offers else []
        return next((action for action in actions if action.title.startswith("Add each number")), None)

    action = await editor.until(there)
    assert isinstance(action, types.CodeAction)
    return action


async def test_offered_by_a_sentence_written_when_it_is_taken(
    editor: Editor, project: Path, server: MisbehavingServer, vscode: types.ClientCapabilities
) -> None:
    await editor.start([project], vscode, options(server))
    uri = editor.open(project / "sums.py")
    editor.fail(project)
    action = await offered_task(editor, uri)
    assert action.edit is None and not action.is_preferred
    written_before = len(server.asked)
    used_before = await model_state(editor, "ready")
    await editor.take(action)
    assert editor.texts[uri] == SUMS.replace("-=", "+=")
    assert len(server.asked) == written_before + 1

    async def accepted() -> bool:
        return "suggestion.accepted" in await editor.kinds()

    await editor.until(accepted)
    model = await model_state(editor, "ready")
    assert model.calls == used_before.calls + 1 > 1 and model.tokens > used_before.tokens > 0
    assert model.callsPerHour == 120
    assert not editor.client.messages


async def test_a_fake_model_is_enough_to_try_it(
    editor: Editor, project: Path, tmp_path: Path, vscode: types.ClientCapabilities
) -> None:
    script = tmp_path / "answers.txt"
    script.write_text(f"{offer()}\n{json.dumps(EDIT)}\n")
    await editor.start([project], vscode, options_for(f"fake:{script}", secondThought=False))
    uri = editor.open(project / "sums.py")
    editor.fail(project)
    await editor.take(await offered_task(editor, uri))
    assert editor.texts[uri] == SUMS.replace("-=", "+=")


async def test_a_client_without_resolve_has_it_written_and_applied_by_the_command(
    editor: Editor, project: Path, server: MisbehavingServer
) -> None:
    await editor.start([project], client_capabilities("emacs"), options(server))
    uri = editor.open(project / "sums.py")
    editor.fail(project)
    await editor.take(await offered_task(editor, uri))

    async def applied() -> bool:
        return editor.texts[uri] == SUMS.replace("-=", "+=")

    await editor.until(applied)


async def test_an_edit_of_several_files_is_looked_at_before_it_is_applied(
    editor: Editor, project: Path, server: MisbehavingServer, vscode: types.ClientCapabilities
) -> None:
    also = {
        "file": "test_sums.py",
        "search": "assert total([1, 2]) == 3",
        "replace": "assert total([1, 2, 3]) == 6",
    }
    server.behaviour = says({**EDIT, "edits": [*EDIT["edits"], also]})
    await editor.start([project], vscode, options(server))
    uri = editor.open(project / "sums.py")
    editor.open(project / "test_sums.py")
    editor.fail(project)
    action = await editor.client.code_action_resolve_async(await offered_task(editor, uri))
    assert action.edit is not None and action.edit.change_annotations is not None
    changes = {change.text_document.uri: change for change in action.edit.document_changes or ()}  # type: ignore[union-attr]
    assert set(changes) == {uri, (project / "test_sums.py").as_uri()}
    (other,) = changes[(project / "test_sums.py").as_uri()].edits  # type: ignore[union-attr]
    assert action.edit.change_annotations[other.annotation_id].needs_confirmation  # type: ignore[union-attr]


async def test_a_command_is_shown_and_run_by_nobody(
    editor: Editor, project: Path, server: MisbehavingServer, vscode: types.ClientCapabilities
) -> None:
    server.behaviour = says(RUN)
    await editor.start([project], vscode, options(server))
    uri = editor.open(project / "sums.py")
    editor.fail(project)
    await editor.take(await offered_task(editor, uri))

    async def told() -> list[str]:
        return [message.message for message in editor.client.messages if RUN["command"] in message.message]

    await editor.until(told)
    assert editor.texts[uri] == SUMS and not editor.applied


async def test_a_client_with_terminals_is_handed_the_command_until_it_is_taken(
    editor: Editor, project: Path, server: MisbehavingServer, vscode: types.ClientCapabilities
) -> None:
    server.behaviour = says(RUN)
    vscode.experimental = {"proactive": {"terminal": True}}
    offered: list[Any] = []
    editor.client.feature("proactive/offerCommand")(lambda params: offered.append(params))
    await editor.start([project], vscode, options(server))
    uri = editor.open(project / "sums.py")
    editor.fail(project)
    for count in (1, 2):  # put away by the user the first time
        await editor.take(await offered_task(editor, uri))

        async def handed_over(count: int = count) -> bool:
            return len(offered) == count

        await editor.until(handed_over)
    assert [one.command for one in offered] == [RUN["command"]] * 2
    assert "suggestion.accepted" not in await editor.kinds()
    await editor.execute(types.Command("", "proactive.accepted", arguments=[{"id": offered[0].id}]))

    async def taken() -> bool:
        return "suggestion.accepted" in await editor.kinds()

    await editor.until(taken)
    assert len(offered) == 2 and not editor.client.messages


async def test_an_answer_opens_as_a_document(
    editor: Editor, project: Path, server: MisbehavingServer, vscode: types.ClientCapabilities
) -> None:
    server.behaviour = says(ANSWER)
    await editor.start([project], vscode, options(server))
    uri = editor.open(project / "sums.py")
    editor.fail(project)
    await editor.take(await offered_task(editor, uri))

    async def there() -> list[types.ShowDocumentParams]:
        return list(editor.client.shown_documents)

    (params,) = await editor.until(there)
    text = Path(params.uri.removeprefix("file://")).read_text()
    assert text == "# Why the sum is wrong\n\nIt **subtracts** each number.\n"


async def test_what_cannot_be_verified_is_not_offered_and_the_action_says_why(
    editor: Editor, project: Path, server: MisbehavingServer, vscode: types.ClientCapabilities
) -> None:
    missing = {**EDIT, "edits": [{"file": "sums.py", "search": "result *= number", "replace": "result += number"}]}
    server.behaviour = says(missing)
    await editor.start([project], vscode, options(server))
    uri = editor.open(project / "sums.py")
    editor.fail(project)
    await editor.take(await offered_task(editor, uri))
    assert editor.texts[uri] == SUMS
    (message,) = editor.client.messages
    assert "Add each number" in message.message
    action = await offered_task(editor, uri)
    assert action.disabled is not None and action.disabled.reason in message.message
    assert "suggestion.accepted" not in await editor.kinds()
    # Another text, another chance.
    server.behaviour = says()
    editor.type(uri, 1, 0, "#")
    action = await offered_task(editor, uri)
    assert action.disabled is None
    await editor.take(action)
    assert "result += number" in editor.texts[uri]


async def test_writing_shows_progress_and_can_be_stopped(
    editor: Editor, project: Path, server: MisbehavingServer, vscode: types.ClientCapabilities
) -> None:
    await editor.start([project], vscode, options(server))
    uri = editor.open(project / "sums.py")
    editor.fail(project)
    action = await offered_task(editor, uri)
    server.behaviour = hangs()
    before = len(server.asked)
    taking = asyncio.ensure_future(editor.client.code_action_resolve_async(action))
    await asyncio.to_thread(server.wait_for, lambda: len(server.asked) > before)
    await model_state(editor, "writing")
    token = next(one for one in editor.client.progress_reports if str(one).startswith("proactive-writing"))
    editor.client.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(token))
    await asyncio.wait([taking], timeout=20)
    assert taking.done()
    assert await asyncio.to_thread(server.wait_for, lambda: server.asked[-1].broken_off)
    await model_state(editor, "ready")
    assert editor.texts[uri] == SUMS


@pytest.mark.parametrize("answer", ["Dismiss", "Snooze"])
async def test_what_is_turned_down_while_it_is_written_is_written_no_more(
    editor: Editor, project: Path, server: MisbehavingServer, vscode: types.ClientCapabilities, answer: str
) -> None:
    await editor.start([project], vscode, options(server))
    uri = editor.open(project / "sums.py")
    editor.fail(project)
    action = await offered_task(editor, uri)
    (offer,) = (await editor.ask("proactive/status")).suggestions
    there = await editor.actions(uri, offer.line)
    no = next(one for one in there if one.title.startswith(answer))
    server.behaviour = hangs()
    before = len(server.asked)
    taking = asyncio.ensure_future(editor.client.code_action_resolve_async(action))
    await asyncio.to_thread(server.wait_for, lambda: len(server.asked) > before)
    await editor.take(no)
    await asyncio.wait([taking], timeout=20)
    assert taking.done()
    assert await asyncio.to_thread(server.wait_for, lambda: server.asked[-1].broken_off)
    assert editor.texts[uri] == SUMS
    assert "suggestion.accepted" not in await editor.kinds()


async def test_the_question_is_taken_back_when_the_person_works_on(
    editor: Editor, project: Path, server: MisbehavingServer, vscode: types.ClientCapabilities
) -> None:
    server.behaviour = hangs()
    await editor.start([project], vscode, options(server))
    uri = editor.open(project / "sums.py")
    editor.fail(project)
    await model_state(editor, "asking")
    await asyncio.to_thread(server.wait_for, lambda: bool(server.asked))
    editor.type(uri, 1, 0, "x")
    assert await asyncio.to_thread(server.wait_for, lambda: server.asked[0].broken_off)


@pytest.mark.parametrize(
    "behaviour",
    [status(500), busy(503), rubbish(), dies(after=2), hangs(), drips(), status(401)],
    ids=["error", "busy", "rubbish", "dies", "hangs", "drips", "wants a key"],
)
async def test_a_server_that_fails_is_one_quiet_status_and_the_plays_go_on(
    editor: Editor, project: Path, server: MisbehavingServer, vscode: types.ClientCapabilities, behaviour: Any
) -> None:
    server.behaviour = behaviour
    await editor.start([project], vscode, options(server, patienceSeconds=2))
    uri = editor.open(project / "test_sums.py")
    editor.fail(project)
    model = await model_state(editor, "offline")
    assert model.problem

    async def shown_by_the_plays() -> list[Any]:
        return [
            one for one in (await editor.ask("proactive/status")).suggestions if one.play.startswith("failed_run")
        ]

    await editor.until(shown_by_the_plays)
    assert not editor.client.messages and not editor.asked
    assert editor.texts[uri] == TEST_SUMS


async def test_it_comes_back_by_itself(
    editor: Editor, project: Path, server: MisbehavingServer, vscode: types.ClientCapabilities
) -> None:
    server.refuse()
    await editor.start([project], vscode, options(server, patienceSeconds=1))
    uri = editor.open(project / "sums.py")
    editor.fail(project)
    await model_state(editor, "offline")
    server.accept()

    async def asked_again() -> bool:
        editor.fail(project)
        await asyncio.sleep(1)
        return bool(server.asked)

    await editor.until(asked_again)
    await offered_task(editor, uri)
    await model_state(editor, "ready")


async def test_the_budget_of_an_hour_holds(
    editor: Editor, project: Path, server: MisbehavingServer, vscode: types.ClientCapabilities
) -> None:
    server.behaviour = says(task=None)
    await editor.start([project], vscode, options(server, callsPerHour=2))
    editor.open(project / "sums.py")
    for count in (1, 2):
        editor.fail(project)
        await asyncio.to_thread(server.wait_for, lambda count=count: len(server.asked) == count)

        async def counted(count: int = count) -> bool:
            return bool((await editor.ask("proactive/status")).model.calls == count)

        await editor.until(counted)
    editor.fail(project)

    async def silent() -> Any:
        return [one for one in await editor.decisions() if getattr(one, "reason", "") == "model_spent"] or (
            await editor.ask("proactive/status")
        ).model.state == "spent"

    await editor.until(silent)
    await asyncio.sleep(0.5)
    assert len(server.asked) == 2


async def test_no_model_is_asked_unless_the_user_names_one_and_a_project_can_forbid_it(
    editor: Editor, project: Path, server: MisbehavingServer, vscode: types.ClientCapabilities
) -> None:
    (project / ".proactive.toml").write_text(
        f'locked = ["model"]\n[model]\nenable = false\nname = "{server.url}/elsewhere"\n'
    )
    await editor.start([project], vscode, options(server))
    editor.open(project / "sums.py")
    editor.fail(project)
    await editor.until(editor.decisions)
    assert not hasattr(await editor.ask("proactive/status"), "model")
    assert server.asked == []


async def test_keystrokes_are_answered_at_once_while_a_model_is_asked(
    editor: Editor, project: Path, server: MisbehavingServer, vscode: types.ClientCapabilities
) -> None:
    """The order of messages shows it, not a clock: code actions asked for meanwhile come before its end."""
    server.behaviour = in_turn(hangs(), says())
    await editor.start([project], vscode, options(server))
    uri = editor.open(project / "sums.py")
    editor.fail(project)
    await asyncio.to_thread(server.wait_for, lambda: len(server.asked) == 1)
    for _ in range(50):
        await asyncio.wait_for(editor.actions(uri, 0), 20)
    assert not server.asked[0].broken_off
    assert (await editor.ask("proactive/status")).model.state == "asking"


async def test_two_editors_of_one_workspace_ask_one_after_the_other(
    tmp_path: Path, printed: str, project: Path, server: MisbehavingServer, vscode: types.ClientCapabilities
) -> None:
    answer, lock, under_way, seen = says(), threading.Lock(), 0, []

    def slowly(exchange: Exchange) -> None:
        nonlocal under_way
        with lock:
            under_way += 1
            seen.append(under_way)
        try:
            exchange.wait(1.0)
            answer(exchange)
        finally:
            with lock:
                under_way -= 1

    server.behaviour = slowly
    async with editor_for(tmp_path, printed) as one, editor_for(tmp_path, printed) as other:
        for editor in (one, other):
            await editor.start([project], vscode, options(server, secondThought=False))
            editor.open(project / "sums.py")
        for editor in (one, other):
            editor.fail(project)
        for editor in (one, other):
            await offered_task(editor, (project / "sums.py").as_uri())
    assert seen == [1, 1]
