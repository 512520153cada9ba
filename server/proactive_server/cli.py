"""The ``proactive`` command: finds its subcommands through an entry-point group and loads only the one called."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "proactive.commands"
"""Each entry names a subcommand and points to its ``typer.Typer`` application."""


def main() -> None:
    """Run the command line and leave the process with its exit code."""
    if sys.argv[1:2] == ["serve"] and "--help" not in sys.argv:
        # An editor waits for this one: neither the command line's library nor the package index is touched.
        from proactive_server.commands.serve import run

        raise SystemExit(run(sys.argv[2:]))
    if sys.argv[1:2] == ["exec"] and sys.argv[2:] and sys.argv[2] not in ("--help", "-h"):
        # So does a person for this one.
        from proactive_server.commands.exec import run as execute

        raise SystemExit(execute(sys.argv[2:]))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(
                errors="replace"
            )  # a terminal without the characters of a table is no reason to stop
    try:
        _application()()
    except OSError as error:
        if error.filename is not None or not _is_lost(sys.stdout):
            raise
        why = f"what is printed cannot be written: {error.strerror}"
        sys.stderr.write(f"proactive: {why}; free some space, or send it elsewhere\n")
        raise SystemExit(1) from error


def _is_lost(stream: TextIO) -> bool:
    """Whether a stream takes nothing any more: not an empty line, as none but a write can tell.

    What is left in it is then dropped, or Python's end would fail.
    """
    try:
        stream.write("\n")
        stream.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
        return True
    return False


def subcommands() -> dict[str, EntryPoint]:
    """The entry points of all installed subcommands, by name."""
    from importlib.metadata import entry_points

    return {entry.name: entry for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name)}


def _application() -> Any:
    import typer
    from typer.core import TyperGroup

    from proactive_collectors.errors import ProactiveError

    class LazyGroup(TyperGroup):
        """Loads a subcommand when it is asked for."""

        def list_commands(self, ctx: Any) -> list[str]:
            return list(subcommands())

        def get_command(self, ctx: Any, cmd_name: str) -> Any:
            entry = subcommands().get(cmd_name)
            if entry is None:
                return None
            command = typer.main.get_command(entry.load())
            command.name = cmd_name
            return command

        def invoke(self, ctx: Any) -> Any:
            try:
                return super().invoke(ctx)
            except ProactiveError as error:
                typer.secho(f"proactive: {error}", err=True, fg="red")
                raise typer.Exit(1) from error

    application = typer.Typer(
        cls=LazyGroup,
        name="proactive",
        no_args_is_help=True,
        help="Watches how you work, stays silent, and offers one ready-to-apply suggestion when help is wanted.",
        epilog="Start with 'proactive demo'; 'proactive doctor' says what is set up and what to do next.",
        pretty_exceptions_enable=False,
    )

    @application.callback(invoke_without_command=True)
    def root(
        version: bool = typer.Option(False, "--version", help="Print the version and exit."),
    ) -> None:
        if version:
            from importlib.metadata import version as installed

            typer.echo(installed("proactive-lsp"))
            raise typer.Exit

    return application
