"""``proactive bench``: datasets of labelled moments: import, export, audit, split, review."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from proactive_training.commands.collect import bench_collect
from proactive_training.commands.ran import to_paste
from proactive_training.commands.replay import bench_replay
from proactive_training.commands.scenes import app as scenes_app
from proactive_training.commands.simulate import bench_simulate

app = typer.Typer(
    help="Make, check and split datasets of labelled moments of work.", no_args_is_help=True, add_completion=False
)

_Data = Annotated[Path, typer.Option(help="A dataset, as 'proactive bench import' or 'split' writes it.")]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")]


@app.callback()
def _bench() -> None:
    """Make, check and split datasets of labelled moments of work.

    A dataset is a folder of Parquet files with a README.md that tells what is in it; datasets.load_dataset opens
    it. Its columns are described in docs/bench.md. All this needs: pip install 'proactive-lsp[bench]'.
    """


@app.command("import")
def import_(
    out: Annotated[Path, typer.Option(help="The dataset's folder; must not exist yet, or be empty.")],
    folder: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="A folder in the published layout: reward_data/*.jsonl, test_data/*.json, "
            "published_traces/MODEL/*.json, *.yaml. What it has not is not missed.",
        ),
    ] = None,
    reward_data: Annotated[
        Path | None, typer.Option(help="Folder of *.jsonl: judged tasks, each with the events up to it.")
    ] = None,
    test_data: Annotated[Path | None, typer.Option(help="Folder of *.json: traces with candidate tasks.")] = None,
    answers: Annotated[
        Path | None, typer.Option(help="Folder of MODEL/*.json: what models answered on the traces.")
    ] = None,
    scenes: Annotated[list[Path] | None, typer.Option(help="A YAML file of scenes or seeds; repeatable.")] = None,
    licence: Annotated[
        str, typer.Option(help="What the texts come under, as an SPDX identifier: Apache-2.0.")
    ] = "",
    as_json: _Json = False,
) -> None:
    """Import data in ProactiveBench's published layout.

    Give the whole folder with --from, or its parts. Lines that cannot be read are reported with file and line and
    kept in OUT/broken.jsonl; all others are imported, and 'proactive bench export --format published' gives them
    back. What models answered is brought to the trace that it agrees with best, by time and text, since some of
    these files reword, merge or drop events.

    Example: proactive bench import --from proactivebench --licence Apache-2.0 --out my-bench
    """
    from proactive_training.bench.importing import import_published
    from proactive_training.bench.published import Layout
    from proactive_training.errors import DataError

    with _errors():
        parts = [reward_data, test_data, answers, *(scenes or ())]
        for part in (folder, *parts):
            if part is not None and not part.exists():
                raise DataError(f"{part} does not exist")
        if folder is not None and any(part is not None for part in parts):
            raise DataError("give --from, or the parts one by one, not both")
        if folder is None and not any(part is not None for part in parts):
            raise DataError("nothing to import; give --from DIR, or --reward-data DIR and the like")
        layout = (
            Layout.of(folder, licence)
            if folder
            else Layout(reward_data, test_data, answers, tuple(scenes or ()), licence)
        )
        report = import_published(layout, out)
    for problem in report["problems"]:
        typer.echo(f"Set aside: {problem}", err=True)
    if as_json:
        _print_json(report)
        return
    for split, counts in report["splits"].items():
        typer.echo(f"{split}: {', '.join(f'{count:,} {name}' for name, count in counts.items())}")
    if report["problems"]:
        typer.echo(f"{len(report['problems'])} set aside in {out / 'broken.jsonl'}", err=True)
    typer.echo(f"Wrote {out}. See whether its splits leak: {to_paste('bench', 'audit', '--data', out)}")


@app.command()
def export(
    data: _Data,
    out: Annotated[Path, typer.Option(help="The folder to write; must not exist yet, or be empty.")],
    form: Annotated[
        str,
        typer.Option(
            "--format",
            help="published: ProactiveBench's layout. chat: JSON lines of messages. sharegpt, alpaca: the same in "
            "LLaMA-Factory's two forms, with dataset_info.json.",
        ),
    ] = "published",
    as_json: _Json = False,
) -> None:
    """Export a dataset: back into the published layout, or as conversations for fine-tuning elsewhere.

    What was imported from the published layout comes back equal to the byte, unless splits were changed or lines
    were set aside; the command says which files are. In conversations the system message states the task, the user
    tells the events, and the assistant answers {"proposal": "..."} or, to stay silent, {"proposal": null}; moments
    whose right answer is not known are left out, and counted.

    Example: proactive bench export --data my-bench --format sharegpt --out LLaMA-Factory/data/proactive
    """
    from proactive_training.bench.chat_forms import ChatForm, export_chat
    from proactive_training.bench.dataset import Dataset
    from proactive_training.bench.published_writer import export_published
    from proactive_training.errors import DataError

    with _errors():
        report: dict[str, Any]
        if form == "published":
            exported = export_published(Dataset.open(data), out)
            report = {
                "files": exported.written,
                "equal": list(exported.equal),
                "differing": list(exported.differing),
                "missing": list(exported.missing),
                "left_out": exported.left_out,
            }
        elif form in list(ChatForm):
            written, left_out = export_chat(Dataset.open(data), ChatForm(form), out)
            report = {"files": written, "left_out": left_out}
        else:
            raise DataError(f"no format {form!r}; give published, {', '.join(ChatForm)}")
    if as_json:
        _print_json(report)
        return
    typer.echo(f"Wrote {len(report['files'])} files with {sum(report['files'].values()):,} records to {out}.")
    if any(report.get(key) for key in ("equal", "differing", "missing")):
        typer.echo(
            f"Of the files imported, {len(report['equal'])} are equal to the byte, {len(report['differing'])} "
            f"differ, of {len(report['missing'])} nothing was written (--json names them)."
        )
    for reason, count in report["left_out"].items():
        typer.echo(f"Left out {count:,}: {reason}.")


@app.command()
def audit(
    data: Annotated[Path, typer.Option(help="A dataset, or a folder in ProactiveBench's published layout.")],
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 if a split leaks into another.")] = False,
    as_json: _Json = False,
) -> None:
    """Tell what a dataset is worth as a measure.

    Whether splits share contexts (all events up to a labelled moment), traces (sittings that start alike) or near
    duplicates; how needs and accepted offers are balanced by split and domain; how far annotators agree (pairwise,
    Fleiss' kappa, Krippendorff's alpha, with 95 % intervals by bootstrap over traces); and what a table of the
    training contexts, speaking always and speaking never would score on the test split.

    Example: proactive bench audit --data proactivebench --strict
    """
    from proactive_training.bench.audit import audit_folder

    with _errors():
        report = audit_folder(data)
    for problem in report["problems"]:
        typer.echo(f"Set aside: {problem}", err=True)
    if as_json:
        _print_json(report)
    else:
        from proactive_training.bench.audit_tables import print_audit

        print_audit(report)
    if strict and report["leaking"]:
        raise typer.Exit(1)


@app.command()
def split(
    data: _Data,
    out: Annotated[Path, typer.Option(help="The new dataset's folder; must not exist yet, or be empty.")],
    test: Annotated[float, typer.Option(min=0, max=1, help="Share of the traces or repositories.")] = 0.2,
    validation: Annotated[float, typer.Option(min=0, max=1, help="The same for validation.")] = 0.1,
    by: Annotated[
        str, typer.Option(help="What is never divided: trace, or repository, the stricter of the two.")
    ] = "trace",
    salt: Annotated[str, typer.Option(help="Another salt gives other splits.")] = "",
    as_json: _Json = False,
) -> None:
    """Split a dataset so that no split knows anything of another.

    Where a trace or repository goes follows from a hash of its name and the salt: with new data, the old stays
    where it was (unless the new is a near duplicate of it). Near duplicates stay together. The result is audited
    before it is put in its place; one that leaks is refused. Shares are met on average: of ten traces,
    a fifth may be none, and then the command says so.

    Example: proactive bench split --data my-bench --out my-splits --by repository
    """
    from proactive_training.bench.dataset import Dataset
    from proactive_training.bench.split import By, Plan, split_dataset
    from proactive_training.errors import DataError

    with _errors():
        if by not in list(By):
            raise DataError(f"cannot split by {by!r}; give {' or '.join(By)}")
        report = split_dataset(Dataset.open(data), Plan(test, validation, By(by), salt), out)
    if as_json:
        _print_json(report)
        return
    for name, counts in report["splits"].items():
        typer.echo(f"{name}: {', '.join(f'{count:,} {what}' for what, count in counts.items())}")
    typer.echo(f"Wrote {out}; no split shares a context, a trace or a near duplicate with another.")


@app.command()
def review(
    data: Annotated[Path | None, typer.Option(help="The dataset to draw moments from.")] = None,
    sample: Annotated[int, typer.Option(min=1, help="How many moments.")] = 60,
    seed: Annotated[int, typer.Option(min=0, help="Seeds the draw; the same seed, the same moments.")] = 0,
    split: Annotated[str | None, typer.Option(help="Draw from this split only.")] = None,
    label: Annotated[
        str | None, typer.Option(help="Only labels of this source: human, hindsight, judge or feedback.")
    ] = None,
    by_rule: Annotated[
        bool,
        typer.Option("--by-rule", help="As many moments for each rule that decided a label, however rare it is."),
    ] = False,
    out: Annotated[Path | None, typer.Option(help="The folder for the forms; must not exist yet.")] = None,
    judged: Annotated[Path | None, typer.Option(help="A folder of forms that were filled in: count them.")] = None,
    as_json: _Json = False,
) -> None:
    """Draw labelled moments into forms that a person judges, or count what was judged.

    A form is a Markdown file: the events up to the moment and after it, what was offered with its edits, and the
    labels. Fill in 'judged: right', 'wrong' or 'unsure' and, if you like, a note. The share of right labels is of
    those judged right or wrong, with Wilson's 95 % interval.

    Example: proactive bench review --data my-bench --sample 60 --out forms; proactive bench review --judged forms
    """
    from proactive_training.bench.dataset import Dataset
    from proactive_training.bench.example import LabelSource
    from proactive_training.bench.reviewing import judged_report, write_sample
    from proactive_training.errors import DataError

    with _errors():
        if judged is not None:
            if data is not None or out is not None:
                raise DataError("give --judged alone, or --data and --out")
            report = judged_report(judged)
        elif data is None or out is None:
            raise DataError("give --data and --out to draw moments, or --judged to count the forms filled in")
        elif label is not None and label not in list(LabelSource):
            raise DataError(f"no label is by {label!r}; give {', '.join(LabelSource)}")
        else:
            source = LabelSource(label) if label else None
            count = write_sample(
                Dataset.open(data), out, sample=sample, seed=seed, split=split, source=source, by_rule=by_rule
            )
            report = {"forms": count, "folder": str(out), "problems": []}
    for problem in report["problems"]:
        typer.echo(f"Cannot be read: {problem}", err=True)
    if as_json:
        _print_json(report)
    elif judged is None:
        review_them = to_paste("bench", "review", "--judged", out)
        typer.echo(f"Wrote {report['forms']} forms to {out}. Judge them, then: {review_them}")
    else:
        for line in _judged_lines(report):
            typer.echo(line)


@app.command()
def card(data: _Data) -> None:
    """Write a dataset's README.md anew, from what is in its files.

    Whatever was written into it by hand is replaced.
    """
    from proactive_training.bench.card import write_card

    with _errors():
        write_card(data)
    typer.echo(f"Wrote {data / 'README.md'}.")


app.command("replay")(bench_replay)
app.command("simulate")(bench_simulate)
app.add_typer(scenes_app, name="scenes")
app.command("collect")(bench_collect)


def _judged_lines(report: dict[str, Any]) -> Iterator[str]:
    yield _judged_line("all", report)
    for sort, tallies in report["by"].items():
        for name, tally in tallies.items():
            yield _judged_line(f"{sort} {name}", tally)
    for wrong in report["found_wrong"]:
        yield f"wrong: {wrong['file']}{': ' + wrong['note'] if wrong['note'] else ''}"


def _judged_line(name: str, tally: dict[str, Any]) -> str:
    counts = ", ".join(f"{tally[word]} {word}" for word in ("right", "wrong", "unsure", "blank"))
    if tally["share_right"] is None:
        return f"{name}: {counts}"
    low, high = tally["ci"]
    return f"{name}: {tally['share_right']:.0%} right ({low:.0%} to {high:.0%}); {counts}"


@contextmanager
def _errors() -> Iterator[None]:
    """An error as one sentence, and exit code 1."""
    from proactive_collectors.errors import ProactiveError

    try:
        yield
    except (ProactiveError, OSError) as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(1) from error


def _print_json(report: dict[str, Any]) -> None:
    import orjson

    typer.echo(orjson.dumps(report).decode())
