"""What ``proactive train preference`` does with its options: gather verdicts, hold out, train."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from proactive_inference.models.model_files import find_model
from proactive_training.errors import DataError
from proactive_training.stages.agent_examples import AgentExample, read_agent_data
from proactive_training.stages.holding_out import hold_out
from proactive_training.stages.preference import PreferenceRecipe, train_preference
from proactive_training.stages.preference_examples import from_data, from_journal
from proactive_training.stages.preflight import require_extra
from proactive_training.stages.processes import by_main
from proactive_training.stages.recipe import Recipe, Say, check_precision


@frozen
class PreferenceCommand:
    """The options of the command."""

    data: tuple[Path, ...]
    journal: Path | None
    out: Path
    recipe: Recipe
    beta: float = 0.1
    held_out: str = "0"
    split: str | None = None
    most_events: int | None = None
    ignored: bool = False
    resume: bool = False


def run_preference_command(asked: PreferenceCommand, say: Say) -> dict[str, Any]:
    """Do it; what ``--json`` prints.

    Raises:
        TrainingError, DataError, ModelError, JournalError: with what to do.
    """
    require_extra()
    if not asked.data and asked.journal is None:
        raise DataError("there are no verdicts to learn from; give --data, --journal, or both")
    holds_out = asked.held_out not in ("", "0")
    if holds_out and not asked.data:
        raise DataError("--held-out chooses a threshold by traces of --data; give --data, or leave it out")
    check_precision(asked.recipe)
    say = by_main(say)
    told = asked.most_events or find_model(asked.recipe.model).settings.most_events
    verdicts = from_data(
        asked.data,
        split=asked.split,
        most_events=told,
        set_aside=lambda problem: say(f"Set aside: {problem}"),
    )
    apart: tuple[AgentExample, ...] = ()
    if holds_out:
        labelled = read_agent_data(asked.data, split=asked.split, most_events=told)
        groups = set(hold_out(labelled, asked.held_out, seed=asked.recipe.seed))
        apart = labelled.of(groups)
        verdicts = [one for one in verdicts if one.example.group not in groups]
    if asked.journal is not None:
        own = from_journal(asked.journal, most_events=told, ignored=asked.ignored)
        say(f"{asked.journal.name}: {len(own)} answers of yours.")
        verdicts += own
    names = [folder.name for folder in asked.data] + ([asked.journal.name] if asked.journal else [])
    recipe = evolve(asked.recipe, most_events=told)
    run = train_preference(
        PreferenceRecipe(recipe, asked.beta),
        verdicts,
        apart,
        ", ".join(names),
        asked.out,
        say,
        resume=asked.resume,
    )
    say(f"Wrote {run.path}: give it as a model.")
    return {"run": str(run.path), **run.description.get("results", {})}
