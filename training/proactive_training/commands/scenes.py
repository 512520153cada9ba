"""``proactive bench scenes``: starting situations of simulated sittings: list, show, check, widen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from proactive_training.commands.ran import plain_errors, to_paste

if TYPE_CHECKING:
    from proactive_training.gym.scene import Scene

app = typer.Typer(
    help="Starting situations of simulated sittings: list, show, check, widen.",
    no_args_is_help=True,
    add_completion=False,
)

_File = Annotated[Path | None, typer.Argument(help="A YAML file of scenes; those that ship if not given.")]
_Domain = Annotated[str | None, typer.Option(help="Only this domain: coding, writing or 'daily life'.")]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")]


@app.callback()
def _scenes() -> None:
    """Starting situations of simulated sittings: list, show, check, widen.

    A scene tells who sits there, what they want, which things there are and what may go wrong. More than forty
    for each domain ship; your own go into a YAML file. docs/bench.md describes the form.
    """


@app.command("list")
def list_(file: _File = None, domain: _Domain = None, as_json: _Json = False) -> None:
    """List scenes: one a line, with its trade, country, age, language and level.

    Example: proactive bench scenes list --domain writing
    """
    with plain_errors():
        scenes = _read(file, domain)
    if as_json:
        from proactive_training.gym.scene_form import plain_of

        _print_json({"scenes": [plain_of(scene) for scene in scenes]})
        return
    from proactive_training.gym.scene_tables import print_list

    print_list(scenes)


@app.command()
def show(
    id: Annotated[str, typer.Argument(help="The scene's id, as 'list' tells it.")],
    file: Annotated[Path | None, typer.Option(help="A YAML file of scenes; those that ship if not given.")] = None,
) -> None:
    """Show one scene, in the form of the file.

    Example: proactive bench scenes show bakery-cook-book
    """
    from proactive_training.errors import DataError
    from proactive_training.gym.scene_file import scenes_text

    with plain_errors():
        found = next((scene for scene in _read(file, None) if scene.id == id), None)
        if found is None:
            raise DataError(f"no scene is called {id!r}; see 'proactive bench scenes list'")
    typer.echo(scenes_text([found]), nl=False)


@app.command()
def check(
    file: _File = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 as well if too many scenes have something in common.")
    ] = False,
    as_json: _Json = False,
) -> None:
    """Check scenes: the form, how varied they are, and whether two tell nearly the same.

    Every fault is told with its line. Near duplicates share at least 0.4 of the word triples that either has
    (MinHash, as in 'bench audit'). Exits with 1 if there is a fault or a near duplicate.

    Example: proactive bench scenes check my-scenes.yaml --strict
    """
    from attrs import asdict

    from proactive_training.gym.scene_check import lopsided, near_scenes, variety
    from proactive_training.gym.scene_file import scenes_and_faults

    with plain_errors():
        scenes, faults = scenes_and_faults(file)
        near = near_scenes(scenes)
    uneven = lopsided(scenes)
    if as_json:
        aspects = {
            domain: {"scenes": sum(s.domain is domain for s in scenes), **{k: dict(v) for k, v in found.items()}}
            for domain, found in variety(scenes).items()
        }
        _print_json(
            {
                "scenes": len(scenes),
                "faults": [asdict(fault) for fault in faults],
                "near_duplicates": [asdict(pair) for pair in near],
                "variety": aspects,
                "lopsided": [asdict(one) for one in uneven],
            }
        )
    else:
        from proactive_training.gym.scene_tables import print_variety

        print_variety(scenes)
        for fault in faults:
            typer.echo(f"Fault: {fault}", err=True)
        for pair in near:
            typer.echo(f"Nearly the same ({pair.similarity:.2f}): {pair.one} and {pair.other}", err=True)
        for one in uneven:
            typer.echo(
                f"Lopsided: {one.scenes} of {one.of} scenes of {one.domain} share {one.value!r} ({one.aspect})",
                err=True,
            )
        typer.echo(f"{len(scenes)} scenes, {len(faults)} faults, {len(near)} near duplicates.")
    if faults or near or (strict and uneven):
        raise typer.Exit(1)


@app.command()
def widen(
    model: Annotated[
        str,
        typer.Option(
            metavar="NAME|PATH|URL",
            help="Writes the scenes: a model's folder, a GGUF file, a name, or a server's address (http://…/v1#NAME).",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(help="The new YAML file; answers and what was set aside are kept beside it."),
    ],
    seeds: Annotated[
        Path | None, typer.Option(help="A YAML file of scenes to start from; those that ship if not given.")
    ] = None,
    count: Annotated[int, typer.Option(min=1, help="How many scenes are wanted.")] = 20,
    domain: _Domain = None,
    seed: Annotated[int, typer.Option(min=0, help="Draws who the new scenes are about.")] = 0,
    temperature: Annotated[float, typer.Option(min=0, max=2, help="0 takes the likeliest word each time.")] = 0.8,
    max_tokens: Annotated[int, typer.Option(min=100, help="How long an answer may be.")] = 1600,
    device: Annotated[str | None, typer.Option(help="Where to compute: cpu, cuda or mps.")] = None,
    as_json: _Json = False,
) -> None:
    """Have a language model write new scenes after those that there are.

    Each question shows one seed and draws country, language, age and level. Answers are held to the form by a JSON
    schema where the model can be. What is no scene, or tells nearly the same as a seed, a shipped scene or a
    scene before, is set aside in OUT.set-aside.jsonl with the reason. A run that is broken off goes on where it
    was when the same command is given again. Read what comes out: a form can be right and the scene make no sense.

    Example: proactive bench scenes widen --model http://localhost:8080/v1 --count 200 --out wide.yaml
    """
    from proactive_inference.models.resolve import open_model
    from proactive_training.gym.scene_file import shipped_scenes
    from proactive_training.gym.scene_widening import aside_path
    from proactive_training.gym.scene_widening import widen as write
    from proactive_training.progress import ProgressLine

    with plain_errors():
        found = write(
            _read(seeds, domain), open_model(model, device=device), out, count, others=shipped_scenes(),
            seed=seed, temperature=temperature, max_tokens=max_tokens, told=ProgressLine("scenes"),
        )  # fmt: skip
    if as_json:
        _print_json(
            {
                "scenes": len(found.scenes),
                "set_aside": dict(found.set_aside),
                "reasons": dict(found.reasons),
                "answers": found.asked,
                "kept_answers": found.kept,
                "prompt_tokens": found.prompt_tokens,
                "tokens": found.tokens,
            }
        )
    else:
        typer.echo(
            f"{len(found.scenes)} of {count} scenes from {found.asked} answers ({found.kept} kept from before); "
            f"{found.prompt_tokens:,} tokens read, {found.tokens:,} written."
        )
        if found.set_aside:
            told = ", ".join(f"{number} {sort}" for sort, number in found.set_aside.most_common())
            typer.echo(f"Set aside: {told}; see {aside_path(out)}")
        if found.scenes:
            typer.echo(f"Wrote {out}. Read it, then: {to_paste('bench', 'scenes', 'check', out)}")
    if not found.scenes:
        typer.echo("Error: no answer was a new scene; use a larger model, or see what was set aside", err=True)
        raise typer.Exit(1)


def _read(file: Path | None, domain: str | None) -> list[Scene]:
    from proactive_training.errors import DataError
    from proactive_training.gym.scene import Domain
    from proactive_training.gym.scene_file import read_scenes, shipped_scenes

    if domain is not None and domain not in list(Domain):
        raise DataError(f"there is no domain {domain!r}; give {', '.join(Domain)}")
    scenes = read_scenes(file) if file is not None else shipped_scenes()
    found = [scene for scene in scenes if domain is None or scene.domain == domain]
    if not found:
        raise DataError(f"there is no scene of {domain!r} in {file}; leave out --domain")
    return found


def _print_json(report: dict[str, Any]) -> None:
    import orjson

    typer.echo(orjson.dumps(report).decode())
