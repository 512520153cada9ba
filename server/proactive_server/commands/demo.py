"""``proactive demo``: a real sitting on a small sample project, in under a minute and without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(add_completion=False)


@app.command(
    epilog="The server, the edits, the failing test run and the suggestions are all real; only the person is "
    "played. Pauses are shortened so that nobody waits. Nothing is left behind."
)
def demo(
    as_json: Annotated[
        bool,
        typer.Option(
            "--json", help="End with one JSON object: events, suggestions, accepted, fixed, decision_ms."
        ),
    ] = False,
    svg: Annotated[
        Path | None, typer.Option(help="Also draw the timeline into this SVG file.", dir_okay=False)
    ] = None,
) -> None:
    """Play a sitting through the real server: edits, a failing test, the suggestion, and the test passing.

    Exit code 0 only if the tests failed, a suggestion mended them, and they pass.
    """
    if svg is not None and not svg.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {svg.parent}; make it first.", param_hint="--svg")
    import asyncio

    from rich.console import Console
    from rich.text import Text

    from proactive_server.demo.picture import Picture, draw
    from proactive_server.demo.sitting import play

    console = Console(record=svg is not None, width=116 if svg else None, highlight=False)
    picture = Picture(console)
    played = asyncio.run(play(picture.tell, picture.show))
    figures = summary(played.timeline, played.taken, played.fixed)
    console.print()
    verdict = "The tests failed, and pass now." if played.fixed else "The project was not mended."
    console.print(Text(verdict, style="bold green" if played.fixed else "bold red"))
    spent = figures["decision_ms"]
    console.print(
        f"{figures['events']} events, {figures['decisions']} decisions ({spent['p50']:.1f} ms in the middle), "
        f"{figures['suggestions']} suggestions, {figures['accepted']} taken, "
        f"{figures['silences']} times silent."
    )
    if svg is not None:
        draw(console, svg)
    if as_json:
        import orjson

        typer.echo(orjson.dumps(figures))
    raise typer.Exit(0 if played.fixed else 1)


def summary(timeline: dict[str, Any] | Any, taken: tuple[str, ...], fixed: bool) -> dict[str, Any]:
    """The figures of a sitting; ``decision_ms`` are percentiles over all decisions of what the agent took."""
    import numpy as np

    decisions = timeline["decisions"]
    spent = [float(decision["ms"]) for decision in decisions] or [0.0]
    p50, p99 = np.percentile(spent, [50, 99])
    suggestions = sum("suggestion" in decision for decision in decisions)
    return {
        "events": len(timeline["events"]),
        "decisions": len(decisions),
        "suggestions": suggestions,
        "silences": len(decisions) - suggestions,
        "accepted": len(taken),
        "fixed": fixed,
        "decision_ms": {"p50": round(float(p50), 3), "p99": round(float(p99), 3)},
    }
