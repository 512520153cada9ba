"""``proactive exec -- CMD…``: runs a command as if typed alone, and tells the editor's server how it went."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from proactive_collectors import pty_exec

if TYPE_CHECKING:
    from pathlib import Path

    from proactive_collectors.events import Event

USAGE = 2

PATIENCE = 2.0
"""Seconds for the servers to answer. Nobody waits; what a busy server takes shall not go to the journal too."""


def run(argv: Sequence[str]) -> int:
    """Run ``argv`` (a leading ``--`` is dropped) and report it; the exit code, as a shell has it.

    The report is made by a process of its own, after this one has answered: the prompt does not wait for it.
    """
    words = list(argv[1:] if argv[:1] == ["--"] else argv)
    if not words:
        sys.stderr.write("proactive: there is no command to run; say for instance: proactive exec -- pytest -q\n")
        return USAGE
    outcome = pty_exec.execute(words)
    _in_background(outcome)
    return outcome.exit_code


def deliver(outcome: pty_exec.Outcome) -> int:
    """Report a run: redact it, send it to the servers of its folder, else keep it in the journal.

    A server goes by its user's settings; without one the project's own file says whether runs are kept. How many
    servers took it.
    """
    from datetime import UTC, datetime
    from pathlib import Path

    from proactive_collectors.events import Event, Source, Where
    from proactive_collectors.redaction import Redactor
    from proactive_collectors.relay import send
    from proactive_collectors.uris import to_uri

    cwd = Path(outcome.cwd)
    # A server puts its own folder in place of this guess.
    root = next((folder for folder in (cwd, *cwd.parents) if (folder / ".git").exists()), cwd)
    where = Where(workspace=to_uri(root))
    event = Redactor().event(Event(datetime.now(UTC), Source.EXEC, pty_exec.report(outcome), where))
    reached = send(event, cwd, seconds=PATIENCE)
    if not reached and _is_kept(cwd):
        _keep(event)
    return reached


def _is_kept(cwd: Path) -> bool:
    from proactive_collectors.project_file import PROJECT_FILE
    from proactive_server.configuration import Configuration

    around = (cwd, *cwd.parents)
    project = next((one for one in around if any((one / name).exists() for name in (".git", PROJECT_FILE))), cwd)
    configuration = Configuration(lambda _: None)
    configuration.load_project([project])
    settings = configuration.current
    return settings.journal.enabled and settings.sources.terminal


def _keep(event: Event) -> None:
    from proactive_collectors.journal import Journal

    journal = Journal.open()
    try:
        journal.append(event)
    finally:
        journal.close()


def _in_background(outcome: pty_exec.Outcome) -> None:
    """Deliver in a process that has left the terminal, so that nobody waits for it or for its output's end."""
    if not hasattr(os, "fork"):
        _quietly(outcome)
        return
    try:
        child = os.fork()
    except OSError:
        return
    if child:
        os.waitpid(child, 0)
        return
    try:
        os.setsid()
        if os.fork() == 0:
            nowhere = os.open(os.devnull, os.O_RDWR)
            for fd in (0, 1, 2):
                os.dup2(nowhere, fd)
            os.closerange(3, 256)  # a pipe that the command's caller waits on must not stay open here
            _leave_folder()
            _quietly(outcome)
    finally:
        os._exit(0)


def _leave_folder() -> None:
    """Stand in no folder that somebody may want to remove; what is named relative to this one is named whole."""
    from pathlib import Path

    from proactive_collectors.journal import STATE_VARIABLE

    state = os.environ.get(STATE_VARIABLE, "")
    if state and not state.startswith("~"):
        os.environ[STATE_VARIABLE] = str(Path(state).absolute())
    os.chdir("/")


def _quietly(outcome: pty_exec.Outcome) -> None:
    try:
        deliver(outcome)
    except Exception:
        # The user's command is done and answered for; its report must not become its failure.
        import logging

        logging.getLogger(__name__).debug("a run was not reported", exc_info=True)


def __getattr__(name: str) -> Any:
    """Builds ``app`` when it is asked for: a command is run without the command line's library."""
    if name != "app":
        raise AttributeError(name)
    return _app()


def _app() -> Any:
    import typer

    app = typer.Typer(add_completion=False)
    everything = {
        "ignore_unknown_options": True,
        "allow_interspersed_args": False,
        "help_option_names": ["--help", "-h"],
    }

    @app.command(
        context_settings=everything,
        help="Run a command as if typed alone, and tell the editor's server how it went.",
        epilog="Example: proactive exec -- pytest -q",
    )
    def command(
        words: list[str] = typer.Argument(None, metavar="CMD...", help="The command, as you would type it."),  # noqa: B008
    ) -> None:
        raise typer.Exit(run(words or []))

    return app
