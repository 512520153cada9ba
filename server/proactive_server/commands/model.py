"""``proactive model``: tries a language model out, keeps keys for servers, shows and ends workers."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from proactive_server.commands import model_worker

if TYPE_CHECKING:
    from proactive_inference.models.endpoint_protocol import Address

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="Try a language model out, keep keys for models' servers, see and end what holds models on this machine.",
    epilog="[bold]Examples[/bold]\n\n"
    "proactive model check http://localhost:11434/v1#qwen3:0.6b\n\n"
    "proactive model key set https://example.org/v1\n\n"
    "proactive model status",
)
key_app = typer.Typer(
    no_args_is_help=True,
    help="Keep a server's key in the system's keyring. The environment variable PROACTIVE_API_KEY comes first.",
)
app.add_typer(key_app, name="key")
model_worker.add_to(app)

UrlArgument = Annotated[
    str, typer.Argument(metavar="URL", help="The server's address, as https://example.org/v1.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="End with one JSON object.")]


@app.command(epilog="Example: proactive model check http://localhost:8080/v1")
def check(
    model: Annotated[str, typer.Argument(metavar="NAME|PATH|URL", help="As docs/models.md says.")],
    seconds: Annotated[float, typer.Option("--seconds", min=1, help="How long the answer may take.")] = 60.0,
    as_json: JsonOption = False,
) -> None:
    """Ask a model one small question, and say what works with it or what to do.

    Exit code 1 if it is of no use as it is.
    """
    import attrs

    from proactive_inference.models.check import check_model
    from proactive_inference.models.resolve import open_model

    found = check_model(open_model(model), seconds=seconds)
    if as_json:
        typer.echo(json.dumps(attrs.asdict(found)))
    else:
        typer.echo(found.sentence)
    raise typer.Exit(1 if found.problem else 0)


@key_app.command(
    "set", epilog="From a file or a program: pass show example | proactive model key set https://example.org/v1"
)
def set_key(url: UrlArgument) -> None:
    """Keep a server's key, which is asked for and not shown; from a pipe, its first line is taken."""
    from proactive_inference.models.keys import keep_key, key_of_environment

    address = _address(url)
    if sys.stdin.isatty():
        key = typer.prompt(f"Key for {address.origin}", hide_input=True, err=True)
    else:
        key = sys.stdin.readline()
    keep_key(address.origin, key)
    typer.echo(f"The key for {address.origin} is in the system's keyring.")
    if key_of_environment() is not None:
        typer.echo("PROACTIVE_API_KEY is set, and comes before it; unset it.", err=True)


@key_app.command("forget", epilog="Example: proactive model key forget https://example.org/v1")
def forget(url: UrlArgument) -> None:
    """Delete a server's key from the keyring."""
    from proactive_inference.models.keys import forget_key

    origin = _address(url).origin
    found = forget_key(origin)
    typer.echo(f"The key for {origin} is deleted." if found else f"There was no key for {origin}.")


def _address(url: str) -> Address:
    from proactive_inference.models.endpoint_protocol import Address

    address = Address.parse(url)
    if not address.private:
        raise typer.BadParameter(
            "over http another machine would get the key unencrypted; use https.", param_hint="URL"
        )
    return address
