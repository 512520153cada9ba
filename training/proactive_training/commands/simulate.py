"""``proactive bench simulate``: scenes played by a language model into a dataset with judged predictions."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from proactive_training.commands.ran import plain_errors
from proactive_training.commands.replay import EngineOption
from proactive_training.gym.engine import Engine

if TYPE_CHECKING:
    from proactive_training.gym.simulate_run import Result
    from proactive_training.gym.simulated_sitting import Cast


def bench_simulate(
    out: Annotated[Path, typer.Option(help="The dataset's folder; must not exist yet, or be empty.")],
    model: Annotated[
        str | None,
        typer.Option(help="The model's name at the endpoint; or, without one, any model's name or address."),
    ] = None,
    endpoint: Annotated[
        str | None, typer.Option(help="An OpenAI-compatible server: http://localhost:8080/v1.")
    ] = None,
    scenes: Annotated[str, typer.Option(help="A YAML file of scenes, or 'shipped'.")] = "shipped",
    judge: Annotated[
        str,
        typer.Option(help="Who judges: self, the simulated user; or a judge's folder, a model's name or address."),
    ] = "self",
    tries: Annotated[int, typer.Option(min=1, help="Predictions at an event at most.")] = 3,
    concurrency: Annotated[
        int, typer.Option(min=1, help="Episodes at once; always one with a model in this process.")
    ] = 4,
    events: Annotated[
        int | None,
        typer.Option(min=1, help="Play scenes again, each time otherwise, until so many events. Else each once."),
    ] = None,
    most_acts: Annotated[int, typer.Option(min=1, help="Of the user in an episode at most.")] = 40,
    most_tokens: Annotated[
        int | None, typer.Option(min=1, help="Stop after so many tokens, read and generated.")
    ] = None,
    price_in: Annotated[float, typer.Option(min=0, help="Of a million tokens read, in your currency.")] = 0.0,
    price_out: Annotated[float, typer.Option(min=0, help="Of a million tokens generated.")] = 0.0,
    most_cost: Annotated[float | None, typer.Option(min=0, help="Stop when so much is spent.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Draws mishaps and pauses, and is handed to the model.")] = 0,
    as_it_stands: Annotated[
        bool, typer.Option("--as-it-stands", help="Ask nothing; write the episodes that are finished.")
    ] = False,
    engine: EngineOption = Engine.LOCAL,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")] = False,
) -> None:
    """Have a language model play scenes, and make a dataset of it.

    It plays the user and the environment, and predicts a task at each event, until the judge accepts one or
    the tries are used up; what is accepted is carried out. All that was judged is labelled by the judge. Every
    answer is kept in OUT.parts when it comes: a run that is broken off, or stopped at a limit, goes on where it
    was when the same command is given again. Limits are over all these runs together, and may be passed by the
    answers under way. With --engine ray episodes are played by the workers of a cluster, which see OUT under the
    same path, and ask the model themselves.

    Example: proactive bench simulate --endpoint http://localhost:8080/v1 --model qwen2.5 --out played
    """
    from proactive_inference.models.naming import is_address
    from proactive_training.errors import DataError
    from proactive_training.gym.scene_file import read_scenes, shipped_scenes
    from proactive_training.gym.simulate_order import Options
    from proactive_training.gym.simulate_run import simulate
    from proactive_training.gym.transcript import Terms
    from proactive_training.progress import ProgressLine

    with plain_errors():
        if model is None and endpoint is None:
            raise DataError("give a model with --endpoint and --model, or with --model alone")
        if most_cost is not None and not price_in and not price_out:
            raise DataError("--most-cost needs prices: give --price-in and --price-out")
        name = model if endpoint is None else f"{endpoint}#{model}" if model else endpoint
        found = shipped_scenes() if scenes == "shipped" else read_scenes(Path(scenes))
        troupe = partial(_cast, str(name), judge)
        side_by_side = is_address(str(name)) and (_is_trained(judge) or judge == "self" or is_address(judge))
        line = ProgressLine("episodes" if events is None else "events")
        result = simulate(
            found, troupe, out, Options(seed, tries, most_acts, events),
            concurrency=concurrency if side_by_side else 1,
            terms=Terms(most_tokens, most_cost, price_in, price_out),
            as_it_stands=as_it_stands,
            told=lambda done, of: line(done, of or len(found)),
            engine=engine,
        )  # fmt: skip
    if as_json:
        import orjson

        typer.echo(orjson.dumps(_report(result)).decode())
    else:
        _tell(result, out)
    if not result.written:
        typer.echo(
            "Stopped at the limit; all answers are kept. Go on with the same command and a higher limit, or write "
            "what is finished with --as-it-stands",
            err=True,
        )
        raise typer.Exit(1)


def _is_trained(judge: str) -> bool:
    return judge != "self" and Path(judge).expanduser().is_dir()


def _cast(name: str, judge: str) -> Cast:
    from proactive_inference.judge.resolve import load_judge
    from proactive_inference.models.resolve import open_model
    from proactive_training.gym.simulated_sitting import Cast

    model = open_model(name)
    if judge == "self":
        return Cast(model)
    if _is_trained(judge):
        return Cast(model, trained=load_judge(judge))
    return Cast(model, judge=open_model(judge))


def _report(result: Result) -> dict[str, Any]:
    from attrs import asdict

    return {
        "written": result.written,
        **asdict(result.figures),
        "spent": asdict(result.spent),
        "cost": result.cost,
        "seconds": round(result.seconds, 1),
    }


def _tell(result: Result, out: Path) -> None:
    figures = result.figures
    labels = ", ".join(f"{count:,} {what}" for what, count in figures.labels.most_common()) or "nothing judged"
    typer.echo(f"{figures.events:,} events in {figures.episodes:,} episodes: {labels}.")
    for who, tally in sorted(figures.tallies.items()):
        typer.echo(f"{who}: {tally.asked:,} answers, {tally.invalid:,} invalid, {tally.failed:,} given up")
    spent = result.spent
    typer.echo(
        f"{spent.prompt_tokens:,} tokens read, {spent.tokens:,} generated in all"
        + (f"; cost {result.cost:.2f}" if result.cost else "")
    )
    if result.written:
        typer.echo(f"Wrote {out}; what was invalid is in {out / 'invalid.jsonl'}. Look at it by: proactive bench "
                   f"audit --data {out}")  # fmt: skip
