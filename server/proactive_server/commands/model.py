"""``proactive model``: what there is to do about language models, apart from training and measuring them."""

from __future__ import annotations

import typer

from proactive_server.commands import model_worker

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Look after the language models that your editors use.",
)
model_worker.add_to(app)
