"""Commands in real terminals of a real Neovim: with a shell's marks and without."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from neovim_driver import Editor, Start


def runs(editor: Editor, count: int) -> list[dict]:
    """The runs that were sent, once there are so many."""
    editor.until(lambda: len(editor.sent("terminal.run")) >= count)
    found = [event["data"] for event in editor.sent("terminal.run")]
    assert len(found) == count
    return found


def opened(start: Start) -> tuple[Editor, int]:
    editor = start()
    editor.open("sizes.py")
    return editor, editor.shell()


def test_commands_their_output_and_their_end(start: Start, project: Path) -> None:
    editor, channel = opened(start)
    (project / "sub dir").mkdir()
    for count, line in enumerate(("echo 'a  b'; echo c; false", "cd 'sub dir'", "printf 'ä\\tö'; (exit 42)"), 1):
        editor.enter(channel, line)
        runs(editor, count)  # what is typed ahead, the terminal shows amid the output
    first, change, third = runs(editor, 3)
    assert (first["command"], first["exit_code"], first["output"]) == (
        "echo 'a  b'; echo c; false",
        1,
        "a  b\nc\n",
    )
    assert (change["exit_code"], change["cwd"], change["output"]) == (0, str(project), "")
    assert third["command"] == "printf 'ä\\tö'; (exit 42)"
    assert (third["exit_code"], third["cwd"]) == (42, str(project / "sub dir"))
    assert third["output"].split() == ["ä", "ö"]
    editor.until(lambda: any("echo 'a" in sentence for sentence in editor.seen()))


def test_several_lines_long_lines_and_rules(start: Start) -> None:
    editor, channel = opened(start)
    editor.enter(channel, "for word in one two; do\necho $word\ndone")
    (loop,) = runs(editor, 1)
    assert "for word in one two" in loop["command"]
    assert loop["output"] == "one\ntwo\n"
    editor.enter(channel, "printf 'x%.0s' {1..200}; echo; printf '=%.0s' {1..80}; echo; echo end")
    _, long = runs(editor, 2)
    assert long["output"] == "x" * 200 + "\n" + "=" * 80 + "\nend\n"


def test_a_command_kept_out_of_the_history_is_read_off_the_screen(start: Start) -> None:
    editor = start(extra="vim.env.HISTCONTROL = 'ignorespace'")
    editor.open("sizes.py")
    channel = editor.shell()
    editor.enter(channel, "echo first")
    runs(editor, 1)
    editor.enter(channel, " echo second; true")
    assert runs(editor, 2)[1]["command"] == "echo second; true"


def test_more_output_than_is_sent_or_kept(start: Start) -> None:
    """The scrollback is full, so that the terminal loses lines at its top while a command runs."""
    editor = start(extra="vim.api.nvim_create_autocmd('TermOpen', { command = 'setlocal scrollback=100' })")
    editor.open("sizes.py")
    channel = editor.shell()
    editor.enter(channel, "seq 500")
    (many,) = runs(editor, 1)
    assert many["output"].endswith("\n499\n500\n")
    editor.enter(channel, "echo short; false")
    assert runs(editor, 2)[1]["output"] == "short\n"
    editor.enter(channel, "seq 10")
    assert runs(editor, 3)[2]["output"] == "".join(f"{number}\n" for number in range(1, 11))


MARKED = r"""
    local marks = ...
    for _, mark in ipairs(marks) do
      local kind, row, column = unpack(mark)
      local data = { sequence = '\27]' .. kind, cursor = { row, column } }
      vim.api.nvim_exec_autocmds('TermRequest', { buffer = _G.marked, data = data })
    end
"""


def marked(start: Start, screen: str) -> Editor:
    """An editor with a terminal that shows some text; ``MARKED`` has Neovim tell of marks in it, in one go."""
    editor = start()
    editor.open("sizes.py")
    editor.nvim.command("belowright split | enew")
    shown = f"sleep 0.3; printf '{screen}'; cat"
    editor.nvim.exec_lua("vim.fn.jobstart({ 'sh', '-c', ... }, { term = true })", shown)
    editor.until(lambda: editor.nvim.current.buffer[:][0].startswith("$ "))
    editor.nvim.exec_lua("_G.marked = vim.api.nvim_get_current_buf()")
    editor.nvim.exec_lua(MARKED, [["133;A", 1, 0], ["133;B", 1, 2]])
    return editor


@pytest.mark.parametrize("first", range(6))
def test_marks_that_neovim_tells_in_another_order(start: Start, project: Path, first: int) -> None:
    """As it does where it held back the first ones until the buffer had taken in lines, and not the others."""
    editor = marked(start, "$ cd sub\\none\\ntwo\\n$ ls\\nsub\\n$ ")
    folder = f"7;file://localhost{project}/sub"
    came = [
        ["133;C;cmdline_url=cd%20sub", 2, 0],
        [folder, 4, 0],
        ["133;D;3", 4, 0],
        ["133;A", 4, 0],
        ["133;B", 4, 2],
    ]
    editor.nvim.exec_lua(MARKED, [*came[first:], *came[:first]])
    editor.nvim.exec_lua(MARKED, [["133;C", 5, 0], ["133;D;0", 6, 0], ["133;A", 6, 0], ["133;B", 6, 2]])
    first_run, second = runs(editor, 2)
    assert (first_run["command"], first_run["cwd"]) == ("cd sub", str(project))
    assert (first_run["exit_code"], first_run["output"]) == (3, "one\ntwo\n")
    assert (second["command"], second["cwd"]) == ("ls", str(project / "sub"))
    assert (second["exit_code"], second["output"]) == (0, "sub\n")


def test_a_shell_within_a_shell_is_told_in_order(start: Start, project: Path) -> None:
    """An outer command runs all the while; what the editor is told comes in one go, as if it had been busy."""
    editor = marked(start, "$ bash\\n$ true\\n$ cd /\\n$ exit\\n$ ")
    editor.nvim.exec_lua(MARKED, [["133;C;cmdline_url=bash", 2, 0], ["133;A", 2, 0], ["133;B", 2, 2]])
    for row, line, code in ((3, "true", 0), (4, "cd%20/", 1), (5, "clear", 0)):
        top = 1 if line == "clear" else row
        ran = [[f"133;C;cmdline_url={line}", row, 0], [f"133;D;{code}", top, 0]]
        editor.nvim.exec_lua(MARKED, [*ran, ["133;A", top, 0], ["133;B", top, 2]])
    told = [(run["command"], run["exit_code"], run["output"]) for run in runs(editor, 3)]
    assert told == [("true", 0, ""), ("cd /", 1, ""), ("clear", 0, "")]


def test_a_prompt_that_clears_the_screen_comes_after_its_command(start: Start) -> None:
    editor = marked(start, "$ ls\\nsub\\n$ ls\\nsub\\n$ ")
    editor.nvim.exec_lua(MARKED, [["133;C", 2, 0], ["133;D;0", 3, 0], ["133;A", 1, 0], ["133;B", 1, 2]])
    editor.nvim.exec_lua(MARKED, [["133;C", 2, 0], ["133;D;4", 3, 0], ["133;A", 3, 0], ["133;B", 3, 2]])
    told = [(run["command"], run["exit_code"], run["output"]) for run in runs(editor, 2)]
    assert told == [("ls", 0, "sub\n"), ("ls", 4, "sub\n")]


def test_a_prompt_that_is_drawn_anew_further_up_is_the_one_that_counts(start: Start) -> None:
    """As after a change of the window's width."""
    editor = marked(start, "$ \\n$ ls\\nsub\\n$ ")
    drawn = [["133;A", 3, 0], ["133;B", 3, 2], ["133;A", 2, 0], ["133;B", 2, 2]]
    editor.nvim.exec_lua(MARKED, drawn)
    editor.nvim.exec_lua(MARKED, [["133;C", 3, 0], ["133;D;0", 4, 0], ["133;A", 4, 0], ["133;B", 4, 2]])
    (run,) = runs(editor, 1)
    assert (run["command"], run["output"]) == ("ls", "sub\n")


def test_marks_without_end_are_no_burden(start: Start) -> None:
    """A program may print as many as it likes; ordinary commands are told as before."""
    editor = marked(start, "$ ls\\nsub\\n$ ")
    editor.nvim.exec_lua(MARKED, [["133;D;1", 1, 0], ["133;A", 1, 0], ["133;B", 1, 2]] * 3000)
    editor.nvim.exec_lua(MARKED, [["133;C", 2, 0], ["133;D;0", 3, 0], ["133;A", 3, 0], ["133;B", 3, 2]])
    (run,) = runs(editor, 1)
    assert (run["command"], run["output"]) == ("ls", "sub\n")


def test_an_end_without_a_beginning_is_not_the_next_commands(start: Start) -> None:
    """Some shells tell of an end at every prompt; here the next line was typed ahead of the prompt."""
    editor = marked(start, "$ \\n$ ls\\nsub\\n$ ")
    empty_line = [["133;D;130", 2, 0], ["133;A", 2, 0], ["133;B", 2, 2]]
    editor.nvim.exec_lua(MARKED, [*empty_line, ["133;C", 3, 0]])
    editor.nvim.exec_lua(MARKED, [["133;D;0", 4, 0], ["133;A", 4, 0], ["133;B", 4, 2]])
    (run,) = runs(editor, 1)
    assert (run["command"], run["exit_code"], run["output"]) == ("ls", 0, "sub\n")


def test_what_the_wrapper_runs_is_left_to_the_wrapper(start: Start) -> None:
    editor, channel = opened(start)
    editor.enter(channel, "proactive exec -- sh -c 'echo wrapped; exit 3'")
    editor.until(lambda: [sentence for sentence in editor.seen() if "wrapped" in sentence])
    editor.enter_at_prompt(channel, "echo after")
    (after,) = runs(editor, 1)
    assert after["command"] == "echo after"
    assert len([sentence for sentence in editor.seen() if "wrapped" in sentence]) == 1


def test_runs_elsewhere_are_nobodys_business(start: Start, tmp_path: Path) -> None:
    editor, channel = opened(start)
    editor.enter_at_prompt(channel, f"cd {tmp_path}")
    editor.enter_at_prompt(channel, "echo private")
    editor.enter_at_prompt(channel, f"cd {editor.project}")
    editor.enter_at_prompt(channel, "echo project")
    assert [run["command"] for run in runs(editor, 2)] == [f"cd {tmp_path}", "echo project"]


def test_a_folder_behind_a_link_is_the_projects(start: Start, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "project")
    editor, channel = opened(start)
    editor.enter_at_prompt(channel, f"cd {link} && true")
    editor.enter_at_prompt(channel, "echo here")
    assert [run["cwd"] for run in runs(editor, 2)] == [str(editor.project)] * 2


# The jobs rest before they print: Neovim 0.11 opens the terminal after it has started the program, and what is
# read in between never gets to the terminal (the channel's own callback has it): 7 of 168 starts of a `pwd`.


def test_a_terminal_without_marks_is_a_run_when_it_ends(start: Start) -> None:
    editor = start()
    editor.open("sizes.py")
    editor.nvim.command("belowright split | terminal sleep 0.3; echo boom && exit 3")
    (run,) = runs(editor, 1)
    assert (run["command"], run["exit_code"], run["output"]) == ("sleep 0.3; echo boom && exit 3", 3, "boom\n")
    assert run["cwd"] == str(editor.project)
    editor.until(lambda: any("echo boom" in sentence for sentence in editor.seen()))


def test_a_job_with_arguments_and_a_folder_of_its_own(start: Start, project: Path) -> None:
    (project / "sub").mkdir()
    editor = start()
    editor.open("sizes.py")
    editor.nvim.command("split | enew")
    editor.nvim.exec_lua(
        "vim.fn.jobstart({ 'sh', '-c', 'sleep 0.3; pwd; exit 4', 'a b' }, { term = true, cwd = ... })",
        str(project / "sub"),
    )
    (run,) = runs(editor, 1)
    assert run["command"].endswith("/sh -c 'sleep 0.3; pwd; exit 4' 'a b'")
    assert run["exit_code"] == 4
    assert (run["cwd"], run["output"]) == (str(project / "sub"), f"{project / 'sub'}\n")


def test_a_shell_without_marks_and_what_fills_the_screen_are_no_runs(start: Start) -> None:
    editor = start()
    editor.open("sizes.py")
    for command in ("bash --norc -i", "less --version", "echo told"):
        editor.nvim.command(f"belowright split | terminal {command}")
        if "bash" in command:
            editor.enter(int(editor.nvim.eval("&channel")), "exit 5")
        editor.until(lambda: "[Process exited" in editor.shown())
    assert [run["command"] for run in runs(editor, 1)] == ["echo told"]


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
def test_zsh(start: Start, tmp_path: Path) -> None:
    (tmp_path / ".zshrc").write_text("PS1='$ '\n. \"$PROACTIVE_NVIM_SHELL/proactive.zsh\"\n")
    editor = start(extra="vim.o.shell = vim.fn.exepath('zsh')")
    editor.open("sizes.py")
    channel = editor.shell()
    editor.enter(channel, "echo 'ä b'; (exit 7)")
    (run,) = runs(editor, 1)
    assert (run["command"], run["exit_code"], run["output"]) == ("echo 'ä b'; (exit 7)", 7, "ä b\n")
    assert run["cwd"] == str(editor.project)


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
def test_fish(start: Start, tmp_path: Path) -> None:
    config = tmp_path / "config" / "fish"
    config.mkdir(parents=True)
    (config / "config.fish").write_text(
        "set fish_greeting\nfunction fish_prompt; echo -n '$ '; end\n"
        'test -n "$PROACTIVE_NVIM_SHELL"\nand source "$PROACTIVE_NVIM_SHELL/proactive.fish"\n'
    )
    editor = start(extra="vim.o.shell = vim.fn.exepath('fish')")
    editor.open("sizes.py")
    channel = editor.shell()
    editor.enter(channel, "echo 'ä b'; sh -c 'exit 7'")
    (run,) = runs(editor, 1)
    assert (run["command"], run["exit_code"], run["output"]) == ("echo 'ä b'; sh -c 'exit 7'", 7, "ä b\n")
    assert run["cwd"] == str(editor.project)
