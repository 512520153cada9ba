"""``proactive model status`` and ``stop``: the processes that hold models on this machine for your editors."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from proactive_inference.models.shared.running import Running

JsonOption = Annotated[bool, typer.Option("--json", help="End with one JSON object.")]


def add_to(app: typer.Typer) -> None:
    """Give ``proactive model`` these commands."""
    app.command()(status)
    app.command()(stop)


def status(as_json: JsonOption = False) -> None:
    """Show which models are held in memory for your editors: since when, how much they take, until when."""
    from proactive_inference.models.shared.running import running_workers

    found = running_workers()
    if as_json:
        typer.echo(json.dumps({"workers": [_facts(one) for one in found]}))
        return
    if not found:
        typer.echo("No model is in memory. The first question to a model on this machine loads it.")
    for one in found:
        typer.echo(_sentence(one))


def stop(
    name: Annotated[
        str | None, typer.Argument(help="Of the model, as 'status' shows it.", show_default="all")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """End the processes that hold models; the next question of an editor starts one again.

    Exit code 1 if one could not be ended, or there is none of the name.
    """
    from proactive_inference.models.shared.running import running_workers, stop_worker

    found = [one for one in running_workers() if name in (None, one.announced.model)]
    left = [one for one in found if not stop_worker(one)]
    stopped = [one for one in found if one not in left]
    if as_json:
        typer.echo(
            json.dumps(
                {"stopped": [one.announced.pid for one in stopped], "left": [one.announced.pid for one in left]}
            )
        )
    else:
        for one in stopped:
            typer.echo(f"Stopped {one.announced.model} (process {one.announced.pid}).")
        for one in left:
            typer.echo(f"Process {one.announced.pid} with {one.announced.model} does not end.", err=True)
        if not found:
            typer.echo(
                "No model is in memory." if name is None else f"No model {name} is in memory.", err=bool(name)
            )
    if left or (name is not None and not found):
        raise typer.Exit(1)


def _facts(running: Running) -> dict[str, Any]:
    plain = {"model": running.announced.model, "pid": running.announced.pid, "answers": running.status is not None}
    return plain | dict(running.status or {})


def _sentence(running: Running) -> str:
    from proactive_inference.models.shared.limits import gigabytes

    facts = running.status
    who = f"{running.announced.model} (process {running.announced.pid})"
    if facts is None:
        return f"{who} does not answer; end it with 'proactive model stop'."
    since = _clock(facts["started"])
    left = facts["idle_seconds_left"]
    until = "" if left is None else f", ends at {_clock(time.time() + left)} if it is not asked"
    return (
        f"{who}: {facts['state']}; started at {since}{until}; {gigabytes(facts['memory'])} of "
        f"{gigabytes(facts['memory_limit'])} memory, {facts['threads']} threads, {facts['answered']} answered, "
        f"{facts['waiting']} waiting."
    )


def _clock(moment: float) -> str:
    return time.strftime("%H:%M", time.localtime(moment))
