"""A language model's offers in a real Neovim: written when they are taken; a command waits at a prompt."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from misbehaving_server import MisbehavingServer, hangs, status
from model_workers import own_state, workers_in
from model_workers import status as status_of_worker
from neovim_driver import BASHRC, Editor, Start, with_plugin
from proactive_inference.models.shared.running import running_workers
from sums_project import RUN, SUMS, TEST_SUMS, says
from tiny_models import tiny_llama

OFFER = "Add each number in sums.py"
PYTEST = f"{sys.executable} -m pytest -q -p no:cacheprovider test_sums.py"


@pytest.fixture
def server(project: Path) -> Iterator[MisbehavingServer]:
    for name in ("sizes.py", "test_sizes.py"):
        (project / name).unlink()
    (project / "sums.py").write_text(SUMS)
    (project / "test_sums.py").write_text(TEST_SUMS)
    with MisbehavingServer(says()) as server:
        yield server


def options(model: str) -> str:
    # What the gate makes of so short a sitting is not the question here.
    quick = "quietSeconds = 0.3, minimumPauseSeconds = 0, interruptionCost = 0.01"
    return f"{{ settings = {{ {quick}, model = {{ name = '{model}', patienceSeconds = 100 }} }} }}"


def failed(start: Start, server: MisbehavingServer) -> Editor:
    """An editor in which the test was run and has failed."""
    editor = start(options(f"{server.url}#small"))
    editor.open("sums.py")
    editor.enter(editor.shell(), PYTEST)
    editor.last_sent("terminal.run")
    return editor


def offered(start: Start, server: MisbehavingServer) -> Editor:
    editor = failed(start, server)
    editor.until(lambda: editor.statusline() == "● suggestion")
    (hint,) = editor.until(editor.hints)
    assert hint["message"].startswith(OFFER)
    return editor


def told_by(editor: Editor, command: str, words: str) -> str:
    editor.nvim.command(command)
    editor.until(lambda: words in editor.shown())
    told = " ".join(editor.shown().split())
    editor.nvim.command("close")
    return told


def answer_question(editor: Editor, keys: str) -> None:
    """Answer Neovim's own list of choices."""
    editor.until(lambda: editor.nvim.api.get_mode()["mode"] == "c")
    editor.nvim.input(keys)
    editor.until(lambda: editor.nvim.api.get_mode()["mode"] != "c")


def buffers(editor: Editor) -> set[int]:
    """The terminals."""
    return {buffer.number for buffer in editor.nvim.buffers if buffer.options["buftype"] == "terminal"}


def test_an_edit_is_written_and_can_be_stopped(start: Start, server: MisbehavingServer) -> None:
    editor = offered(start, server)
    server.behaviour = hangs()
    before = len(server.asked)
    editor.nvim.command("Proactive accept")
    editor.until(lambda: editor.statusline() == "◔ writing")
    editor.until(lambda: f"writing: {OFFER}" in editor.said())
    assert server.wait_for(lambda: len(server.asked) > before)
    editor.nvim.command("Proactive cancel")
    assert server.wait_for(lambda: server.asked[-1].broken_off)
    editor.until(lambda: editor.statusline() == "● suggestion")
    assert editor.shown() == SUMS.rstrip("\n")
    editor.nvim.command("Proactive cancel")
    assert "nothing is being written" in editor.said()

    server.behaviour = says()
    editor.nvim.command("Proactive accept")
    editor.until(lambda: "result += number" in editor.shown())
    editor.nvim.command("write")
    assert (editor.project / "sums.py").read_text() == SUMS.replace("-=", "+=")
    editor.until(lambda: any("accepted the offer" in sentence for sentence in editor.seen()))
    assert "of 120 calls this hour." in told_by(editor, "Proactive status", "Language model small")


def test_the_action_writes_the_edit(start: Start, server: MisbehavingServer) -> None:
    editor = offered(start, server)
    editor.choose(OFFER)
    editor.until(lambda: "result += number" in editor.shown())
    editor.until(lambda: any("accepted the offer" in sentence for sentence in editor.seen()))


def test_a_command_waits_at_the_prompt_for_the_users_own_enter(start: Start, server: MisbehavingServer) -> None:
    server.behaviour = says(RUN)
    editor = offered(start, server)
    terminals = buffers(editor)
    editor.nvim.command("Proactive accept")
    answer_question(editor, "<CR>")  # no choice
    assert buffers(editor) == terminals
    editor.until(lambda: editor.statusline() == "● suggestion")
    editor.nvim.command("Proactive accept")
    answer_question(editor, "1<CR>")
    (number,) = editor.until(lambda: buffers(editor) - terminals)
    at_prompt = f"$ {RUN['command']}"

    def shown() -> str:
        return "\n".join(editor.nvim.buffers[number][:]).rstrip()

    editor.until(lambda: shown().endswith(at_prompt))
    editor.until(lambda: "it is not run yet" in editor.said())
    editor.until(lambda: any("accepted the offer" in sentence for sentence in editor.seen()))
    assert shown().endswith(at_prompt)
    assert len(editor.sent("terminal.run")) == 1
    editor.nvim.input("i<CR>")
    editor.until(lambda: len(editor.sent("terminal.run")) == 2)
    assert editor.last_sent("terminal.run")["exit_code"] == 1


def test_a_model_that_fails_is_told_of_quietly(start: Start, server: MisbehavingServer) -> None:
    server.behaviour = status(500, "out of order")
    editor = failed(start, server)
    editor.until(lambda: server.asked)
    editor.until(lambda: "offline" in told_by(editor, "Proactive status", "Watched here"))
    assert "out of order" not in editor.said()
    assert "offline (" in told_by(editor, "checkhealth proactive", "what is kept")


def test_neovim_twice_open_has_one_model_in_memory(
    tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "test_sums.py").write_text(TEST_SUMS)
    (project / "sums.py").write_text(SUMS)
    model = tiny_llama(tmp_path / "model")
    with own_state(tmp_path / "state", monkeypatch) as state:
        editors = []
        for name in ("one", "other"):
            home = tmp_path / name
            home.mkdir()
            (home / ".bashrc").write_text(BASHRC)
            env = {"HOME": str(home), "PROACTIVE_STATE_DIR": str(state)}
            editors.append(Editor(home, project, with_plugin(options(str(model))), **env))
        asked = 0
        for editor in editors:
            editor.open("sums.py")
            shell = editor.shell()

            def asks(editor: Editor = editor, shell: int = shell, asked: int = asked) -> bool:
                editor.enter_at_prompt(shell, PYTEST)
                time.sleep(2)
                found = running_workers()
                return bool(found and found[0].status and found[0].status["answered"] > asked)

            editor.until(asks)
            asked = status_of_worker()["answered"]
        assert len(workers_in(state)) == 1
        for editor in editors:
            editor.finish()


def test_commands_that_would_act_or_hide_are_not_typed(start: Start) -> None:
    editor = start()
    typeable = "return require('proactive.shell_command').is_typeable(...)"
    assert editor.nvim.exec_lua(typeable, "git checkout -- 'ä b.py' && pytest -q")
    for bad in ("a\nb", "a\rb", "a\x1b[A", "a\tb", "rm\u202e x", "a\u2028b", "a\u200bb", " ", "x" * 1001):
        assert not editor.nvim.exec_lua(typeable, bad), bad
