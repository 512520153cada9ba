"""One run of ``proactive train reward``: hold traces out in turn, choose and calibrate, then learn from all."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import asdict, evolve

from proactive_inference.judge.settings import JudgeSettings, Kind
from proactive_training.bench.labelled import TEST, TRAIN
from proactive_training.errors import DataError, TrainingError
from proactive_training.evaluation_file import Evaluation, Exposure, write_evaluations
from proactive_training.judge_evaluation import judge_evaluation
from proactive_training.judged_rows import JudgedData
from proactive_training.run_directory import RunDirectory
from proactive_training.stages.interruption import explained
from proactive_training.stages.processes import check_alone
from proactive_training.stages.reward_card import write_reward_card
from proactive_training.stages.reward_folds import Choice, choose, held_out_answers, parts_by_trace
from proactive_training.stages.reward_recipe import Learner, RewardRecipe, Say

if TYPE_CHECKING:
    from proactive_training.logistic import Floats

EVALUATION_FILE = "evaluation.json"

_NEEDS = {
    Kind.CROSS_ENCODER: ("torch", "transformers"),
    Kind.BI_ENCODER: ("torch", "transformers"),
    Kind.CLASSIFIER: ("torch", "transformers", "peft", "accelerate"),
    Kind.GENERATIVE: ("torch", "transformers", "peft", "accelerate", "trl", "datasets"),
}


def train_reward(
    recipe: RewardRecipe, data: JudgedData, out: Path, say: Say, *, resume: bool = False, command: str = ""
) -> dict[str, Any]:
    """Train a judge; its folder can be opened by :func:`proactive_inference.judge.resolve.load_judge`.

    The result has ``judge`` (the folder), ``kind``, ``data``, ``epochs``, and, where traces were held out,
    ``figures`` (as of ``evaluate reward``) and ``evaluation`` (the file with every row).

    Raises:
        TrainingError, DataError, JudgeError, ModelError: with what to do, at the start where that is possible.
    """
    _check(recipe, data)
    parts = [] if recipe.folds == 0 else parts_by_trace(data.rows, recipe.folds, recipe.seed)
    check_alone("train reward")
    learner = _learner(recipe)
    learner.check(data.rows)
    description = {"options": asdict(recipe), "data": data.card(), "kind": "reward"}
    run = RunDirectory.begin(out, description, resume=resume)
    if run.finished:
        say(f"{out} is finished already.")
        return dict(run.description["results"])
    for note in _notes(data):
        say(note)
    say(f"Learning from {len(data.rows)} judged rows of {len(data.groups)} traces.")
    less = "--most-events" if recipe.kind is Kind.GENERATIVE else "--batch or --most-tokens"
    with explained(run, say, f"begin anew with another --out and lower {less}"):
        log_odds = _folds(learner, data, parts, run, say) if parts else None
        choice = choose(data.rows, log_odds, recipe.epochs) if log_odds is not None else None
        result = _finish(learner, recipe, data, run, choice, say)
        if log_odds is not None:
            evaluation = evolve(_evaluation(recipe, data, run, parts, log_odds), command=command)
            write_evaluations(run.path / EVALUATION_FILE, [evaluation])
            result |= {"figures": evaluation.figures, "evaluation": str(run.path / EVALUATION_FILE)}
        run.finish(result)
        write_reward_card(run)
    return result


def _check(recipe: RewardRecipe, data: JudgedData) -> None:
    missing = [name for name in _NEEDS[recipe.kind] if not find_spec(name)]
    if missing:
        raise TrainingError(
            f"training a judge of this kind needs {', '.join(missing)}; "
            "install with pip install 'proactive-lsp[train]'"
        )
    judged = {row.accepted for row in data.rows}
    if len(judged) < 2:
        told = "accepted" if True in judged else "rejected"
        raise DataError(f"every row of {data.name} is {told}; a judge needs both to learn from, give more --data")


def _learner(recipe: RewardRecipe) -> Learner:
    match recipe.kind:
        case Kind.CROSS_ENCODER:
            from proactive_training.stages.reward_cross_encoder import CrossEncoderLearner

            return CrossEncoderLearner(recipe)
        case Kind.BI_ENCODER:
            from proactive_training.stages.reward_bi_encoder import BiEncoderLearner

            return BiEncoderLearner(recipe)
        case Kind.CLASSIFIER:
            from proactive_training.stages.reward_classifier import ClassifierLearner

            return ClassifierLearner(recipe)
        case Kind.GENERATIVE:
            from proactive_training.stages.reward_generative import GenerativeLearner

            return GenerativeLearner(recipe)


def _notes(data: JudgedData) -> list[str]:
    """What should be known before the run."""
    splits = {row.split for row in data.rows}
    if data.split == TRAIN:
        return [
            "Only the split 'train' is learned from. ProactiveBench's published test split shares contexts and "
            "traces with it, so that it does not measure this judge; the figures of held-out traces do."
        ]
    if {TRAIN, TEST} <= splits:
        return ["All splits are learned from; the figures are of held-out traces, whatever split they are in."]
    return []


def _folds(
    learner: Learner, data: JudgedData, parts: Sequence[Sequence[int]], run: RunDirectory, say: Say
) -> Floats:
    """(epochs, rows) held-out log-odds; folds that are done already are read from the run."""
    import numpy as np

    found: Floats | None = None
    for number, part in enumerate(parts, start=1):
        name = f"fold-{number}.json"
        kept = run.read(name, missing=True)
        if kept is None:
            away = set(part)
            train = [row for at, row in enumerate(data.rows) if at not in away]
            kept = {"log_odds": learner.held_out(train, [data.rows[at] for at in part])}
            run.write(name, kept)
        values = np.asarray(kept["log_odds"], dtype=np.float64)
        if found is None:
            found = np.zeros((len(values), len(data.rows)))
        found[:, list(part)] = values
        say(f"Held out {number} of {len(parts)}.")
    assert found is not None
    return found


def _finish(
    learner: Learner, recipe: RewardRecipe, data: JudgedData, run: RunDirectory, choice: Choice | None, say: Say
) -> dict[str, Any]:
    epochs = choice.epochs if choice else recipe.epochs
    say("Learning from all traces.")
    settings: JudgeSettings = learner.finish(data.rows, epochs, run.path)
    if choice is not None:
        settings = evolve(settings, proposals=choice.proposals, silences=choice.silences)
    else:
        say("No traces were held out: the probabilities are not calibrated, and nobody knows what they are worth.")
    evolve(settings, metadata={"data": data.card(), "epochs": epochs}).write(run.path)
    return {"judge": str(run.path), "kind": recipe.kind.value, "data": data.card(), "epochs": epochs}


def _evaluation(
    recipe: RewardRecipe, data: JudgedData, run: RunDirectory, parts: Sequence[Sequence[int]], log_odds: Floats
) -> Evaluation:
    answers = held_out_answers(data.rows, log_odds, parts, recipe.epochs)
    one_by_one = len(parts) == len(data.groups)
    return judge_evaluation(
        data,
        answers.probabilities,
        answers.log_odds,
        name=f"{recipe.kind.value} of {Path(recipe.model).name}",
        exposure=Exposure.HELD_OUT,
        protocol=("leave one trace out" if one_by_one else f"{len(parts)} folds by trace")
        + "; epochs and calibration by the other folds",
        details={"judge": run.path.name, "options": asdict(recipe), "epochs_of_folds": list(answers.epochs)},
        seed=recipe.seed,
    )
