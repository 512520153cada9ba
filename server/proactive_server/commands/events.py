"""``proactive events``: shows, exports and deletes what is kept. Nothing here leaves the machine."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from proactive_collectors.events import Event
    from proactive_collectors.journal import Journal, JournalStats

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="Show, export and delete what is kept of your work.\n\n"
    "Events and decisions stay in one file of yours on this machine, without the secrets that were in them. "
    "'proactive events stats' says where.",
    epilog="[bold]Examples[/bold]\n\n"
    "proactive events list --since 2h\n\n"
    "proactive events list --kind terminal.run --limit 5\n\n"
    "proactive events export --since 7d --out week.jsonl\n\n"
    "proactive events export --decisions --out decisions.jsonl\n\n"
    "proactive events purge --before 30d\n\n"
    "proactive events purge --all --yes",
)

_SQLITE = b"SQLite format 3\0"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")
_EMPTY = "Nothing is kept yet. Events appear here once an editor or 'proactive exec' runs with proactive-lsp."


def moment(text: str, now: datetime | None = None) -> datetime:
    """A time as `proactive_collectors.moments.moment` reads it.

    Raises:
        typer.BadParameter: it is none.
    """
    from proactive_collectors.moments import moment as read

    try:
        return read(text, now)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def workspace_uri(text: str) -> str:
    """The URI of a workspace given as one or as a folder."""
    from proactive_collectors.uris import folder_uri

    return folder_uri(text)


JournalOption = Annotated[
    Path | None,
    typer.Option("--journal", help="Another journal file.", show_default="the one of your user"),
]
SinceOption = Annotated[
    str | None, typer.Option("--since", metavar="TIME", help="Only from then on: 2h, 7d, 2026-01-31T09:30.")
]
KindOption = Annotated[
    list[str] | None,
    typer.Option("--kind", metavar="KIND", help="Only this kind (terminal.run); repeatable."),
]
WorkspaceOption = Annotated[
    str | None, typer.Option("--workspace", metavar="FOLDER", help="Only this workspace folder (path or URI).")
]
DecisionsOption = Annotated[
    bool, typer.Option("--decisions", help="What was decided at each pause, instead of the events.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="End with one JSON object.")]


@app.command("list", epilog="Example: proactive events list --since 2h --kind terminal.run")
def list_(
    since: SinceOption = None,
    kind: KindOption = None,
    workspace: WorkspaceOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="The newest so many.")] = 50,
    decisions: DecisionsOption = False,
    as_json: JsonOption = False,
    journal: JournalOption = None,
) -> None:
    """Show the newest events, each with its sentence; or decisions, each with what came of it."""
    if decisions:
        _list_decisions(list(_decisions(_open(journal), since, kind, workspace, limit)), as_json)
        return
    kept = list(_select(_open(journal), since, kind, workspace, limit))
    if as_json:
        events = [{**_plain(event), "sentence": _sentence(event)} for event in kept]
        typer.echo(json.dumps({"count": len(events), "events": events}))
        return
    if not kept:
        narrowed = any(value is not None for value in (since, kind, workspace))
        typer.echo("No event matches; widen --since, --kind or --workspace." if narrowed else _EMPTY)
        return
    _show("what happened", [(event.time, event.kind, _sentence(event)) for event in kept])


def _list_decisions(kept: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"count": len(kept), "decisions": kept}))
    elif kept:
        rows = [(_time(one), str(one.get("boundary", "")), _result(one)) for one in kept]
        _show("what was decided", rows)
    else:
        typer.echo("No decision matches, or none is kept yet.")


def _result(decision: dict[str, Any]) -> str:
    if isinstance(offer := decision.get("suggestion"), dict):
        return f"offered: {offer.get('title', '')}"
    detail = f" ({decision['detail']})" if decision.get("detail") else ""
    return f"silent: {decision.get('reason', '')}{detail}"


def _time(decision: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(decision["time"])


def _show(title: str, rows: list[tuple[datetime, str, str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("time", "kind", title)
    day = None
    for time, kind, what in rows:
        local = time.astimezone()
        shown = local.strftime("%Y-%m-%d %H:%M:%S" if local.date() != day else "%H:%M:%S")
        day = local.date()
        table.add_row(Text(shown, justify="right"), Text(_CONTROL.sub(" ", kind)), Text(_CONTROL.sub(" ", what)))
    Console().print(table)


@app.command(epilog="Example: proactive events stats --json")
def stats(as_json: JsonOption = False, journal: JournalOption = None) -> None:
    """Say what is kept, since when, how big it is and where."""
    kept = _open(journal).stats()
    if as_json:
        typer.echo(json.dumps(_figures(kept)))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not kept.events and not kept.decisions:
        typer.echo(f"{_EMPTY}\nThey will be in {kept.path}.")
        return
    console = Console()
    console.print(Text(f"{kept.events:,} events and {kept.decisions:,} decisions"), soft_wrap=True)
    if kept.first is not None and kept.last is not None:
        first, last = (f"{time.astimezone():%Y-%m-%d %H:%M}" for time in (kept.first, kept.last))
        console.print(Text(f"from {first} to {last}"), soft_wrap=True)
    console.print(Text(f"{kept.bytes / 1e6:,.1f} MB in {kept.path}"), soft_wrap=True)
    for title, counts in (("kind", kept.kinds), ("workspace", kept.workspaces)):
        table = Table(title, "events")
        table.columns[1].justify = "right"
        for name, count in counts.items():
            table.add_row(Text(_CONTROL.sub(" ", name) or "(none)"), f"{count:,}")
        console.print(table)


@app.command(epilog="Example: proactive events export --since 7d --out week.jsonl")
def export(
    out: Annotated[
        Path | None, typer.Option("--out", help="The file to write.", show_default="standard output")
    ] = None,
    since: SinceOption = None,
    kind: KindOption = None,
    workspace: WorkspaceOption = None,
    decisions: DecisionsOption = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --out: end with one JSON object.")] = False,
    journal: JournalOption = None,
) -> None:
    """Write the events, or the decisions, as JSON lines, oldest first: all that is kept of your work, as it is.

    docs/events.md says what stands in an event, docs/protocol.md (the timeline) what in a decision.
    """
    from proactive_collectors.event_json import to_json

    lines: Iterator[bytes]
    if decisions:
        kept = _decisions(_open(journal), since, kind, workspace, None)
        lines = (json.dumps(one, ensure_ascii=False).encode() for one in kept)
    else:
        lines = (to_json(event) for event in _select(_open(journal), since, kind, workspace, None))
    if out is None:
        for line in lines:
            sys.stdout.write(line.decode() + "\n")
        return
    count = 0
    try:
        with open(out, "wb", opener=_private) as file:
            for line in lines:
                file.write(line + b"\n")
                count += 1
    except OSError as error:
        raise typer.BadParameter(f"{out} cannot be written: {error.strerror}", param_hint="--out") from error
    what = "decisions" if decisions else "events"
    typer.echo(
        json.dumps({"exported": count, "out": str(out)}) if as_json else f"Wrote {count:,} {what} to {out}."
    )


@app.command(epilog="Examples: proactive events purge --before 7d; proactive events purge --all --yes")
def purge(
    before: Annotated[
        str | None, typer.Option("--before", metavar="TIME", help="What is older: 7d, 2026-01-31.")
    ] = None,
    workspace: WorkspaceOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Everything, damaged files included.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: JsonOption = False,
    journal: JournalOption = None,
) -> None:
    """Delete for good: rows are overwritten, and the file shrinks. Asks first.

    On a full disk, where nothing can be overwritten, --all removes the file itself.
    """
    if not everything and before is None and workspace is None:
        raise typer.BadParameter("Say what to delete: --before 7d, --workspace FOLDER or --all.")
    if everything and (before is not None or workspace is not None):
        raise typer.BadParameter("--all deletes everything; leave out --before and --workspace.")
    until = None if before is None else moment(before)
    uri = None if workspace is None else workspace_uri(workspace)
    opened = _open(journal)
    if not yes:
        narrowing = [f"from before {until.astimezone():%Y-%m-%d %H:%M}"] if until else []
        narrowing += [f"of {uri}"] if uri else []
        what = "everything" if everything else "all events and decisions " + " ".join(narrowing)
        try:
            typer.confirm(f"Delete {what} in {opened.path} for good?", abort=True, err=True)
        except typer.Abort:
            typer.echo("Nothing was deleted; --yes deletes without asking.", err=True)
            raise
    deleted = opened.purge(before=until, workspace=uri, everything=everything)
    if as_json:
        typer.echo(json.dumps({"deleted": deleted}))
    else:
        typer.echo(f"Deleted {deleted:,} events and decisions." if deleted else "There was nothing to delete.")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)  # what is exported is as private as the journal


def _open(path: Path | None) -> Journal:
    from proactive_collectors.journal import Journal

    if path is not None:
        _refuse_other(path)
    return Journal.open(path)


def _refuse_other(path: Path) -> None:
    """A file that was named by mistake is told from a damaged journal: the latter would be moved aside."""
    try:
        with path.open("rb") as file:
            head = file.read(len(_SQLITE))
    except FileNotFoundError:
        return
    except OSError as error:
        raise typer.BadParameter(f"{path} cannot be read: {error.strerror}", param_hint="--journal") from error
    if head not in (b"", _SQLITE):
        raise typer.BadParameter(f"{path} is no journal; nothing was changed.", param_hint="--journal")


def _select(
    journal: Journal, since: str | None, kinds: list[str] | None, workspace: str | None, limit: int | None
) -> Iterator[Event]:
    from proactive_collectors.events import PAYLOADS

    for kind in kinds or ():
        if kind not in PAYLOADS:
            raise typer.BadParameter(f"{kind!r} is no kind; there are {', '.join(PAYLOADS)}.", param_hint="--kind")
    return journal.events(
        since=None if since is None else moment(since),
        kinds=kinds or None,
        workspace=None if workspace is None else workspace_uri(workspace),
        limit=limit,
    )


def _decisions(
    journal: Journal, since: str | None, kinds: list[str] | None, workspace: str | None, limit: int | None
) -> Iterator[dict[str, Any]]:
    if kinds:
        raise typer.BadParameter("Decisions are of no kind; leave out --kind or --decisions.")
    return journal.decisions(
        since=None if since is None else moment(since),
        workspace=None if workspace is None else workspace_uri(workspace),
        limit=limit,
    )


def _sentence(event: Event) -> str:
    from proactive_collectors.sentences import sentence

    return sentence(event)


def _plain(event: Event) -> dict[str, Any]:
    from proactive_collectors.event_json import to_dict

    return to_dict(event)


def _figures(kept: JournalStats) -> dict[str, Any]:
    return {
        "path": str(kept.path),
        "events": kept.events,
        "decisions": kept.decisions,
        "first": kept.first.isoformat() if kept.first else None,
        "last": kept.last.isoformat() if kept.last else None,
        "bytes": kept.bytes,
        "kinds": dict(kept.kinds),
        "workspaces": dict(kept.workspaces),
    }
