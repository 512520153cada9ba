"""``proactive train``: from data to the models that decide."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from proactive_training.commands.train_agent import agent
from proactive_training.commands.train_preference import preference
from proactive_training.commands.train_reward import train_reward

app = typer.Typer(help="Train the models that decide when to speak.", no_args_is_help=True, add_completion=False)


@app.callback()
def _train() -> None:
    """Train the models that decide when to speak."""


app.command("reward")(train_reward)
app.command("agent")(agent)
app.command("preference")(preference)


@app.command()
def gate(
    data: Annotated[
        Path | None,
        typer.Option(
            help="Human-labelled traces in ProactiveBench's layout: reward_data/*.jsonl, test_data/*.json."
        ),
    ] = None,
    activity: Annotated[
        list[Path] | None,
        typer.Option(
            help="A Python project's folder or git repository, to make live events in. Its tests run in a "
            "throw-away copy, so give only projects you trust. May be given several times."
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option(help="Folder for gate.json, sentences.json and figures.json; made if missing.")
    ] = Path("gate"),
    sentence_model: Annotated[
        Path | None,
        typer.Option(
            help="Folder of a sentence model such as all-MiniLM-L6-v2, whose view of words is distilled into the "
            "gate (needs the \\[local] extra, and some minutes). Without it the gate goes by what is done alone."
        ),
    ] = None,
    scenes: Annotated[
        Path | None, typer.Option(help="Judged scenes to learn from beside --data; those that ship by default.")
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, help="Seeds the sittings and the intervals; the same seed, the same gate.")
    ] = 0,
    sittings: Annotated[int, typer.Option(min=1, help="Sittings made in each activity project.")] = 12,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the figures as one JSON object at the end.")
    ] = False,
) -> None:
    """Train the gate, which decides whether help is wanted, and report what it is worth on held-out data.

    Give --data, --activity, or best both: labelled traces teach the gate what people say they want, activity what
    it looks like in an editor. Scenes judged by hand, which ship, teach it what sentences mean. Figures are
    leave-one-trace-out and leave-one-repository-out; OUT/held-out.json has the traces' for 'proactive report'.
    Use the result with 'proactive evaluate need --gate OUT'.

    Example: proactive train gate --data proactivebench --activity ~/src/app --activity ~/src/lib --out my-gate
    """
    from importlib.metadata import version

    import orjson

    from proactive_training.commands.ran import command_line, plain_errors
    from proactive_training.errors import DataError
    from proactive_training.evaluation_file import check_writable, write_evaluations
    from proactive_training.gate_run import TrainingRun, train_gate

    def progress(text: str) -> None:
        typer.echo(text, err=as_json)

    projects = tuple(activity or ())
    made_by = command_line(), version("proactive-lsp")
    with plain_errors():
        check_writable(out / "gate.json")
        trained = train_gate(
            TrainingRun(data, projects, seed, sittings, scenes, sentence_model, *made_by), progress
        )
        try:
            trained.weights.save(out)
            (out / "figures.json").write_bytes(orjson.dumps(trained.figures, option=orjson.OPT_INDENT_2) + b"\n")
        except OSError as error:
            raise DataError(f"{out} cannot be written: {error.strerror}; give another place with --out") from error
        (out / "held-out.json").unlink(missing_ok=True)  # of a gate that was there before
        if trained.evaluations:
            write_evaluations(out / "held-out.json", trained.evaluations)
    progress(f"Wrote {out / 'gate.json'} ({(out / 'gate.json').stat().st_size / 1000:.0f} kB).")
    if as_json:
        typer.echo(orjson.dumps({"gate": str(out / "gate.json"), **trained.figures}).decode())
