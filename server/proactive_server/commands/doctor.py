"""``proactive doctor``: what is installed, configured and reachable, and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


@app.command()
def doctor(
    folder: Annotated[
        Path, typer.Argument(help="The project to look at.", exists=True, file_okay=False, resolve_path=True)
    ] = Path(),
    as_json: Annotated[bool, typer.Option("--json", help="End with one JSON object: problems, checks.")] = False,
) -> None:
    """Say what is installed, configured and reachable, and what to do about what is not.

    Exit code 1 if something will not work until it is mended.
    """
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    from proactive_server.doctor import State, examine

    marks = {
        State.OK: Text("✓", "green"),
        State.NOTE: Text("•", "yellow"),
        State.PROBLEM: Text("✗", "red"),
    }
    checks = list(examine(folder))
    table = Table("", "", Column(overflow="fold"), box=None, show_header=False, padding=(0, 1))
    for check in checks:  # as texts, not as markup: paths may hold brackets
        found = Text(check.found)
        if check.todo:
            found.append(f"\n→ {check.todo}", "dim")
        table.add_row(marks[check.state], check.name, found)
    Console(highlight=False).print(table)
    problems = sum(check.state is State.PROBLEM for check in checks)
    if as_json:
        import attrs
        import orjson

        typer.echo(orjson.dumps({"problems": problems, "checks": [attrs.asdict(check) for check in checks]}))
    raise typer.Exit(1 if problems else 0)
