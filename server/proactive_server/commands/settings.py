"""``proactive settings``: lists every setting, or writes its page of the documentation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


@app.command()
def settings(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
    write_docs: Annotated[
        Path | None, typer.Option("--write-docs", help="Write the documentation's page of settings to this file.")
    ] = None,
    write_vscode: Annotated[
        Path | None,
        typer.Option("--write-vscode", help="Write the settings into the VS Code extension in this folder."),
    ] = None,
) -> None:
    """List every setting with its default, what is allowed, and what it does."""
    from proactive_server.settings import entries
    from proactive_server.settings_page import settings_page

    if write_docs is not None:
        write_docs.write_text(settings_page(), encoding="utf-8")
        typer.echo(json.dumps({"written": str(write_docs)}) if as_json else f"Wrote {write_docs}.")
        return
    if write_vscode is not None:
        from proactive_server.settings_vscode import write

        try:
            written = [str(path) for path in write(write_vscode)]
        except FileNotFoundError:
            typer.echo(f"There is no VS Code extension in {write_vscode}: name its folder.", err=True)
            raise typer.Exit(2) from None
        typer.echo(json.dumps({"written": written}) if as_json else f"Wrote {' and '.join(written)}.")
        return
    if as_json:
        table = {
            entry.key: {
                "default": entry.default,
                "type": entry.type,
                "allowed": entry.allowed,
                "description": entry.text,
            }
            for entry in entries()
        }
        typer.echo(json.dumps(table))
        return
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(highlight=False)
    for entry in entries():
        default = list(entry.default) if isinstance(entry.default, tuple) else entry.default
        console.print(Text.assemble((entry.key, "bold"), " = ", (json.dumps(default), "cyan")))
        allowed = Text.assemble(" ", (f"({entry.allowed})", "dim"))
        console.print(Padding(Text(entry.text).append_text(allowed), (0, 0, 1, 2)))
