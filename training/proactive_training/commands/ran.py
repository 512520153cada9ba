"""What every command of this layer does alike: errors in one sentence, and the command that was given."""

from __future__ import annotations

import math
import os
import re
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer


@contextmanager
def plain_errors() -> Iterator[None]:
    """Say what went wrong in one sentence, and exit with 1."""
    from proactive_collectors.errors import ProactiveError

    try:
        yield
    except ProactiveError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(1) from error


def positive(value: float | None) -> float | None:
    """An option's value, a number above zero.

    Raises:
        typer.BadParameter: it is none.
    """
    if value is not None and not 0 < value < math.inf:
        raise typer.BadParameter(f"{value} is no number above zero")
    return value


def command_line(arguments: Sequence[str] | None = None) -> str:
    """The command that was given, with names instead of paths: it tells which data, not where they lay.

    Of a server's address, the login is left out.
    """
    given = sys.argv[1:] if arguments is None else arguments
    whole = shlex.join(["proactive", *map(_without_place, given)])
    return os.fsencode(whole).decode(errors="backslashreplace")  # files that tell of it are UTF-8


def to_paste(*words: object) -> str:
    """A command of this program as it can be pasted into a shell, whatever the names in it."""
    return shlex.join(["proactive", *map(str, words)])


def wrote(file: Path) -> None:
    """Say where an evaluation was written, and what can be made of it."""
    page = to_paste("report", file, "--out", "report")
    typer.echo(f"Wrote {file}. One page of it: {page}", err=True)


def _without_place(argument: str) -> str:
    if argument.startswith("--") and "=" in argument:
        option, _, value = argument.partition("=")
        return f"{option}={_without_place(value)}"
    if "://" in argument:
        return re.sub(r"(?<=://)[^/?#]*@", "", argument)
    return Path(argument).name if "/" in argument and not argument.startswith("-") else argument
