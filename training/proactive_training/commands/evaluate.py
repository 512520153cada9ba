"""``proactive evaluate``: what the models that decide are worth on labelled data."""

from __future__ import annotations

import typer

from proactive_training.commands.evaluate_agent import evaluate_agent
from proactive_training.commands.evaluate_need import evaluate_need
from proactive_training.commands.evaluate_reward import evaluate_reward
from proactive_training.commands.replay import evaluate_replay

app = typer.Typer(help="Measure the models that decide when to speak.", no_args_is_help=True, add_completion=False)


@app.callback()
def _evaluate() -> None:
    """Measure the models that decide when to speak."""


app.command("agent")(evaluate_agent)
app.command("need")(evaluate_need)
app.command("reward")(evaluate_reward)
app.command("replay")(evaluate_replay)
