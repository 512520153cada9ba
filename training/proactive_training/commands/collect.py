"""``proactive bench collect``: one's own journal as a dataset, shown before it is written."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from proactive_training.commands.ran import plain_errors, to_paste

if TYPE_CHECKING:
    from rich.console import Console

    from proactive_training.bench.collect import Collection, Gathered

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")


def bench_collect(
    out: Annotated[Path, typer.Option(help="The dataset's folder; must not exist yet, or be empty.")],
    journal: Annotated[
        Path | None, typer.Option(help="Another journal file.", show_default="the one of your user")
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Only from then on: 2h, 7d, 2026-01-31T09:30.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Only up to then.")] = None,
    workspace: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Only this workspace folder (path or URI).")
    ] = None,
    activity_watch: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Also what this ActivityWatch server keeps: http://127.0.0.1:5600."),
    ] = None,
    gap_minutes: Annotated[float, typer.Option(min=1, help="A longer pause ends a sitting.")] = 30,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this sitting (its number in the table) or project; repeatable."),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option(
            metavar="GLOB",
            help="Leave out what is about these files, beside those that .proactive.toml, .gitignore and the "
            "built-in rules exclude. Give what your editor's settings exclude. Repeatable.",
        ),
    ] = None,
    hide: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WORD", help="Put [hidden] in place of this word, a customer's name, say; repeatable."
        ),
    ] = None,
    show: Annotated[
        list[int] | None,
        typer.Option(metavar="N", help="Print this sitting's sentences as they would be written; repeatable."),
    ] = None,
    licence: Annotated[str, typer.Option(help="What you give it under, as an SPDX identifier.")] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")] = False,
) -> None:
    """Make a dataset of your own journal: sittings of your work, labelled by what you took and turned down.

    Secrets are looked for once more, events about files that are excluded today are left out, and your home
    folder, user name, host name and projects get neutral names. You see what would be in it, and nothing is
    written before you say yes. Nothing is sent anywhere. docs/privacy.md says what the files hold and what not.

    Example: proactive bench collect --since 7d --show 1 --out my-week
    """
    from rich.console import Console

    from proactive_collectors.uris import folder_uri
    from proactive_training.bench.collect import Wanted, gather, write
    from proactive_training.bench.folders import refuse_in_the_way
    from proactive_training.bench.neutral import Person
    from proactive_training.errors import DataError

    wanted = Wanted(
        journal=journal,
        since=_moment(since, "--since"),
        until=_moment(until, "--until"),
        workspace=folder_uri(workspace) if workspace else None,
        activity_watch=activity_watch,
        gap=timedelta(minutes=gap_minutes),
        only=tuple(only or ()),
        exclude=tuple(exclude or ()),
        hide=tuple(hide or ()),
        licence=licence,
    )
    with plain_errors():
        refuse_in_the_way(out)
        collection = gather(wanted, Person.here())
        shown = [_numbered(collection, number) for number in show or ()]
        console = Console(stderr=as_json, highlight=False)
        _print_table(console, collection)
        for one in shown:
            _print_sitting(console, one)
        if not yes:
            if not sys.stdin.isatty():
                raise DataError(
                    "nothing was written: there is no terminal to ask at; look at the above and give --yes"
                )
            _ask(collection, out)
        write(collection, out)
    if as_json:
        _print_json(out, collection)
        return
    typer.echo(f"Wrote {out}, for your eyes alone. Look into it before you pass it on: README.md, and")
    typer.echo(to_paste("bench", "audit", "--data", out))


def _moment(text: str | None, option: str) -> datetime | None:
    from proactive_collectors.moments import moment

    try:
        return None if text is None else moment(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from error


def _numbered(collection: Collection, number: int) -> Gathered:
    from proactive_training.errors import DataError

    for one in collection.sittings:
        if one.number == number:
            return one
    there = ", ".join(str(one.number) for one in collection.sittings)
    raise DataError(f"there is no sitting {number} to show; there are {there}")


def _ask(collection: Collection, out: Path) -> None:
    what = f"{_count(len(collection.sittings), 'sitting')} with {_count(collection.labels, 'label')}"
    try:
        typer.confirm(f"Write {what} into {out}?", abort=True, err=True)
    except typer.Abort:
        typer.echo("Nothing was written.", err=True)
        raise


def _print_table(console: Console, collection: Collection) -> None:
    from rich.table import Table
    from rich.text import Text

    from proactive_collectors.uris import name

    table = Table("", "when", "project", "events", "labels")
    for one in collection.sittings:
        told = one.record.sitting.trace.events
        first, last = told[0].time.astimezone(), told[-1].time.astimezone()
        until = last.strftime("%H:%M" if last.date() == first.date() else "%Y-%m-%d %H:%M")
        real = f"{one.project} (yours: {name(one.folder)})" if one.folder and one.project else "no project"
        kinds = ", ".join(f"{count} {kind}" for kind, count in one.kinds.most_common())
        table.add_row(
            Text(str(one.number), justify="right"),
            f"{first:%Y-%m-%d %H:%M}–{until}, {_minutes(last - first)}",
            Text(_CONTROL.sub(" ", real)),
            f"{len(told)}: {kinds}",
            _labels(one),
        )
    console.print(table)
    events = sum(len(one.record.sitting.trace.events) for one in collection.sittings)
    console.print(
        f"In the files: {_count(events, 'event')} "
        f"in {_count(len(collection.sittings), 'sitting')}, {_count(collection.labels, 'label')}. "
        "Your names for things, as above, are not in them.",
        soft_wrap=True,
    )
    for count, what in (
        (collection.excluded, "about files that are excluded today: left out"),
        (collection.redacted, "with a secret that was still in the journal: taken out"),
    ):
        if count:
            console.print(f"{_count(count, 'event')} {what}.", soft_wrap=True)
    if collection.unplaced:
        console.print(f"{_count(collection.unplaced, 'suggestion')} of no sitting here: left out.", soft_wrap=True)


def _print_sitting(console: Console, one: Gathered) -> None:
    from rich.text import Text

    console.print(Text(f"\nSitting {one.number}, as it would be written:"))
    for line in _lines(one):
        console.print(Text(_CONTROL.sub(" ", line)), soft_wrap=True)


def _lines(one: Gathered) -> Iterator[str]:
    from proactive_collectors.sentences import sentence

    offers: dict[int, list[str]] = {}
    for example in (*one.record.examples, *one.record.answers):
        if example.offer is not None:
            known = {"need": example.label.need, "accepted": example.label.accepted}
            said = ", ".join(
                f"{key}: {'yes' if value else 'no'}" for key, value in known.items() if value is not None
            )
            offers.setdefault(example.index, []).append(
                f"    offered: {example.offer.task} ({said or 'no answer'})"
            )
    for index, event in enumerate(one.record.sitting.trace.events):
        yield f"{event.time:%Y-%m-%d %H:%M:%S} UTC  {sentence(event)}"
        yield from offers.get(index, ())


def _labels(one: Gathered) -> str:
    words = [
        f"{count} {fate.value.replace('_', ' ')}" for fate, count in sorted(one.fates.items()) if fate.answered
    ]
    if unanswered := sum(count for fate, count in one.fates.items() if not fate.answered):
        words.append(f"({unanswered} unanswered)")
    return ", ".join(words) or "none"


def _minutes(span: timedelta) -> str:
    return _count(round(span.total_seconds() / 60), "minute")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _print_json(out: Path, collection: Collection) -> None:
    import orjson

    found: dict[str, Any] = {
        "out": str(out),
        "sittings": [one.to_dict() for one in collection.sittings],
        "labels": collection.labels,
        "left_out": {"excluded": collection.excluded, "suggestions": collection.unplaced},
        "redacted": collection.redacted,
    }
    typer.echo(orjson.dumps(found).decode())
