"""``proactive report``: one page of what was measured."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from proactive_training.commands.ran import plain_errors

app = typer.Typer(add_completion=False)


@app.command()
def report(
    evaluations: Annotated[
        list[Path],
        typer.Argument(help="Files that 'proactive evaluate … --out FILE' and the training commands wrote."),
    ],
    out: Annotated[Path, typer.Option(help="The report's folder; an earlier report in it is replaced.")] = Path(
        "report"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")] = False,
) -> None:
    """Make one page of evaluations side by side: report.html, report.md and their plots.

    Evaluations of one task on one set of data share tables and plots: all figures with intervals, always and never
    beside them, precision and recall, reliability, thresholds against false alarms per hour, every trace, and what
    could not be measured and why. What was fitted to the very data it is measured on is marked and stands last.
    Needs: pip install 'proactive-lsp\\[report]'.

    Example: proactive evaluate need --data proactivebench --out gate.json; proactive report gate.json --out report
    """
    import orjson

    from proactive_training.evaluation_file import check_writable, read_evaluations
    from proactive_training.report.canvas import look
    from proactive_training.report.page import HTML, write_report

    with plain_errors():
        look()  # says that matplotlib is missing before anything is read
        check_writable(out / HTML)
        found = [one for file in evaluations for one in read_evaluations(file)]
        written = write_report(found, out)
    if as_json:
        typer.echo(
            orjson.dumps(
                {
                    "evaluations": len(found), "html": str(written.html), "markdown": str(written.markdown),
                    "plots": [str(path) for path in written.pictures],
                }
            ).decode()
        )  # fmt: skip
        return
    typer.echo(f"Wrote {written.html} and {written.markdown}: {len(found)} evaluations.")
