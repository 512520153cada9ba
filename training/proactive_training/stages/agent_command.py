"""What ``proactive train agent`` does with its options: read, hold out, and train once or fold by fold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from proactive_inference.models.model_files import find_model
from proactive_training.errors import DataError
from proactive_training.model_scores import labelled_questions
from proactive_training.need_data import read_need_data
from proactive_training.run_directory import RunDirectory
from proactive_training.stages.agent import train_agent
from proactive_training.stages.agent_examples import AgentData, fingerprint, moments, read_agent_data
from proactive_training.stages.holding_out import check_apart, check_both_ways, hold_out
from proactive_training.stages.preflight import check_questions, require_extra
from proactive_training.stages.processes import by_main, is_main
from proactive_training.stages.recipe import Material, Recipe, Say, check_precision
from proactive_training.stages.scene_examples import read_scene_data


@frozen
class AgentCommand:
    """The options of the command."""

    data: tuple[Path, ...]
    out: Path
    recipe: Recipe
    held_out: str = "0.2"
    split: str | None = None
    resume: bool = False
    folds: int | None = None
    fold: int | None = None
    before: bool = True


def run_agent_command(asked: AgentCommand, say: Say) -> dict[str, Any]:
    """Do it; what ``--json`` prints, of several processes the main one alone.

    Raises:
        TrainingError, DataError, ModelError: with what to do.
    """
    require_extra()
    _check_options(asked)
    say = by_main(say)
    if asked.folds is not None:
        return _cross_validate(asked, say)
    run = train_agent(asked.recipe, material(asked, say), asked.out, say, resume=asked.resume)
    say(f"Wrote {run.path}: give it as a model, such as 'proactive evaluate need --model {run.path}'.")
    return {"run": str(run.path), **run.description.get("results", {})}


def material(asked: AgentCommand, say: Say) -> Material:
    """What is learned from and what is held out."""
    data = _everything(asked, asked.data, say)
    elsewhere = Path(asked.held_out) if asked.held_out else None
    if elsewhere is not None and elsewhere.is_dir():
        apart = _read(asked, (elsewhere,), say)
        check_apart(data, apart, elsewhere)
        train, held_out = data.examples, apart.examples
    else:
        first = _read(asked, asked.data[:1], lambda _: None) if asked.data else data
        groups = hold_out(first, asked.held_out, seed=asked.recipe.seed)
        held_out = data.of(groups)
        train = data.of(set(data.groups) - set(groups))
        if len(asked.data) > 1:  # the same moments may stand in each of them, by other names
            check_apart(evolve(data, examples=train), evolve(data, examples=held_out), asked.data[0])
    check_both_ways(train)
    names = [folder.name for folder in asked.data]
    if asked.recipe.scenes is not None:
        names.append(f"{Path(asked.recipe.scenes).stem} scenes")
    card = {
        "name": ", ".join(names),
        "fingerprint": fingerprint(train, held_out),
        "moments": len(moments(train)),
        "tasks": sum(example.right and example.speaks for example in train),
        "learned_from": sorted({example.group for example in train}),
        "held_out": sorted({example.group for example in held_out}),
        "unknown": data.left_out,
    }
    return Material(tuple(train), tuple(held_out), card)


def _cross_validate(asked: AgentCommand, say: Say) -> dict[str, Any]:
    from proactive_training.stages.cross_validation import CrossValidation, part_of, run_fold, summarize

    if not asked.data:
        raise DataError("--folds cross-validates people's traces; give --data")
    data = _read(asked, asked.data[:1], say)
    further = bool(asked.data[1:]) or asked.recipe.scenes is not None
    more = _everything(asked, asked.data[1:], say) if further else None
    if more is not None:
        check_apart(more, data, asked.data[0])
    what = CrossValidation(
        asked.recipe,
        data,
        read_need_data(asked.data[0], asked.split or "all").bench,
        asked.out,
        asked.folds or 0,
        asked.data[0].name,
        more,
    )
    for note in what.seen[1]:
        say(note)
    questions = labelled_questions(part_of(what, data.groups), asked.recipe.most_events)
    check_questions(find_model(asked.recipe.model), questions)
    chosen = [asked.fold] if asked.fold is not None else range(1, len(what.parts) + 1)
    for number in chosen:
        # A fold that was begun goes on only if that was asked for: else its folder is in the way.
        run_fold(what, number, say, resume=asked.resume)
    if asked.fold is not None:
        return {"fold": asked.fold, **RunDirectory(what.fold(asked.fold)).description.get("results", {})}
    return summarize(what, say, before=asked.before) if is_main() else {}


def _everything(asked: AgentCommand, folders: tuple[Path, ...], say: Say) -> AgentData:
    """Of some folders, and of the scenes if there are to be any."""
    recipe = asked.recipe
    found = [_read(asked, folders, say)] if folders else []
    if recipe.scenes is not None:
        found.append(read_scene_data(recipe.scenes, most_events=recipe.most_events))
    if not found:
        raise DataError("there is nothing to learn from; give --data, --scenes, or both")
    examples = tuple(example for data in found for example in data.examples)
    return AgentData(examples, fingerprint(examples), sum(data.left_out for data in found))


def _read(asked: AgentCommand, folders: tuple[Path, ...], say: Say) -> AgentData:
    recipe = asked.recipe
    data = read_agent_data(
        folders,
        split=asked.split,
        most_events=recipe.most_events,
        tasks=recipe.tasks,
        softness=recipe.softness,
    )
    for problem in data.problems:
        say(f"Set aside: {problem}")
    return evolve(data, problems=())


def _check_options(asked: AgentCommand) -> None:
    recipe = asked.recipe
    check_precision(recipe)
    if recipe.packing and recipe.sharing:
        raise DataError("--sharing puts examples into one row already; leave --packing out")
    if asked.fold is not None and asked.folds is None:
        raise DataError("--fold names one of several; give --folds as well")
    if recipe.early_stopping and asked.folds is None and asked.held_out in ("", "0"):
        raise DataError("--early-stopping needs traces to measure on; give --held-out")
