"""What training an agent is worth on traces it has not seen: one run for each fold, asked about the fold left out.

Each fold's threshold, and when to stop, are chosen on the next fold's traces, which its run did not learn from
either; nothing of a run looks at the fold that it is measured on. Where the model that all begin from has learned
from these traces before, that is said of the figures. Every event of a fold is answered as in an
editor: in JSON held to the schema, from the run's own folder. Folds that are done are not done again.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
from attrs import asdict, evolve, frozen

from proactive_inference.models.chat import ChatModel
from proactive_inference.models.local import LocalModel
from proactive_training.answer_cache import AnswerCache
from proactive_training.errors import DataError
from proactive_training.evaluation_figures import answered, evaluation_figures
from proactive_training.evaluation_file import Evaluation, Exposure, Row, Task, write_evaluations
from proactive_training.exposure import Seen, exposure_before
from proactive_training.gain import gain
from proactive_training.model_scores import ModelScores, model_scores
from proactive_training.need_rows import need_rows
from proactive_training.proactivebench import Bench
from proactive_training.progress import ProgressLine
from proactive_training.stages.agent import train_agent
from proactive_training.stages.agent_examples import AgentData, fingerprint
from proactive_training.stages.holding_out import folds
from proactive_training.stages.processes import is_main
from proactive_training.stages.recipe import Material, Recipe, Say

EVALUATION_FILE = "evaluation.json"


@frozen
class CrossValidation:
    """What is cross-validated, and how."""

    recipe: Recipe
    data: AgentData
    bench: Bench  #: the same traces with all their labels
    out: Path
    count: int  #: folds
    name: str = ""  #: of the data
    always: AgentData | None = None  #: more examples, which every fold learns from

    @property
    def parts(self) -> list[list[str]]:
        """The folds, by their traces' groups."""
        return folds(self.data.groups, self.count, seed=self.recipe.seed)

    @property
    def seen(self) -> Seen:
        """What the model had seen of the traces before any fold."""
        return exposure_before(self.data.groups, self.recipe.model)

    def fold(self, number: int) -> Path:
        """The folder of a fold, counted from one."""
        return self.out / f"fold-{number}"

    def answers(self, number: int) -> Path:
        """Where its answers are kept; not in its folder, whose files make the model's fingerprint."""
        return self.out / f"answers-{number}.jsonl"


def run_fold(what: CrossValidation, number: int, say: Say, *, resume: bool = False) -> None:
    """Train one fold (counted from one) and ask it about the traces that were left out, in the main process.

    Raises:
        DataError: there is no such fold.
        TrainingError, ModelError: as of a single run.
    """
    parts = what.parts
    if not 1 <= number <= len(parts):
        raise DataError(f"there is no fold {number}; there are folds 1 to {len(parts)}")
    test, chooses = parts[number - 1], parts[number % len(parts)]
    rest = [group for group in what.data.groups if group not in {*test, *chooses}]
    more = what.always.examples if what.always is not None else ()
    train, held_out = (*what.data.of(rest), *more), what.data.of(chooses)
    card = {
        "name": what.name,
        "fingerprint": fingerprint(train, held_out),
        "fold": f"{number} of {len(parts)}",
        "learned_from": sorted({example.group for example in train}),
        "threshold_from": chooses,
        "left_out": test,
    }
    say(f"Fold {number} of {len(parts)}: learns from {len(rest)} traces, asked about {len(test)} others.")
    folder = what.fold(number)
    run = train_agent(what.recipe, Material(train, held_out, card), folder, say, resume=resume)
    if is_main():
        ask(what, LocalModel.open(run.path), test, what.answers(number), f"fold {number}")


def ask(what: CrossValidation, model: ChatModel, groups: Sequence[str], kept: Path, told: str) -> ModelScores:
    """What a model answers at every labelled event of some groups; kept, so that it is asked once."""
    return model_scores(
        part_of(what, groups),
        model,
        cache=AnswerCache(kept),
        most_events=what.recipe.most_events,
        progress=ProgressLine(told),
    )


def part_of(what: CrossValidation, groups: Sequence[str]) -> Bench:
    """The traces of some groups."""
    names = {example.trace for example in what.data.of(groups)}
    return evolve(what.bench, traces=tuple(t for t in what.bench.traces if t.trace.name in names))


def summarize(what: CrossValidation, say: Say, *, before: bool = True) -> dict[str, Any]:
    """The figures of all folds together, with those of the model before training beside them; written as well.

    Raises:
        DataError: a fold is not done.
    """
    rows: dict[tuple[str, int], Row] = {}
    valid: list[bool] = []
    thresholds: list[float | None] = []
    for number, test in enumerate(what.parts, 1):
        folder = what.fold(number)
        if not what.answers(number).exists():
            raise DataError(f"fold {number} is not done; run the command with --resume, or with --fold {number}")
        model = LocalModel.open(folder)
        scores = ask(what, model, test, what.answers(number), f"fold {number}")
        valid += [row.answer is not None for row in scores.rows]
        thresholds.append(model.settings.speaking_threshold)
        rows |= _keyed(part_of(what, test), scores)
    after = _evaluation(what, f"{what.recipe.model} after training", list(rows.values()), trained=True)
    evaluations = [evolve(after, details={**after.details, "valid_json": _share(valid), "thresholds": thresholds})]
    if before:
        base = LocalModel.open(what.recipe.model)
        scores = ask(what, base, what.data.groups, what.out / "answers-before.jsonl", "before training")
        keyed = _keyed(part_of(what, what.data.groups), scores)
        untrained = _evaluation(
            what, f"{what.recipe.model} before training", [keyed[key] for key in rows], trained=False
        )
        valid_before = _share([row.answer is not None for row in scores.rows])
        evaluations.append(evolve(untrained, details={**untrained.details, "valid_json": valid_before}))
    write_evaluations(what.out / EVALUATION_FILE, evaluations)
    result: dict[str, Any] = {
        "after": {**evaluations[0].figures, "valid_json": _share(valid)},
        "exposure": after.exposure.value,
        "notes": list(after.notes),
        "thresholds": thresholds,
        "folds": what.parts,
        "evaluation": str(what.out / EVALUATION_FILE),
    }
    if before:
        result["before"] = {**evaluations[1].figures, "valid_json": valid_before}
        result["gain"] = gain(evaluations[0].rows, evaluations[1].rows, seed=what.recipe.seed)
        say(f"F1 {result['gain']['f1']:+.3f} against before training, interval {_told(result['gain']['ci'])}.")
    return result


def _keyed(bench: Bench, scores: ModelScores) -> dict[tuple[str, int], Row]:
    tasks = [row.answer.task if row.answer is not None else None for row in scores.rows]
    known = [row.score for row in scores.rows]
    rows = answered(need_rows(bench), scores.speaks, known, tasks=tasks)
    return {(row.trace, row.index): row for row in rows}


def _evaluation(what: CrossValidation, name: str, rows: list[Row], *, trained: bool) -> Evaluation:
    exposure, notes = what.seen
    if trained and exposure is Exposure.NONE:
        exposure = Exposure.HELD_OUT
    return Evaluation(
        Task.NEED,
        name,
        tuple(rows),
        evaluation_figures(rows, seed=what.recipe.seed),
        exposure,
        kind="model",
        protocol=f"{what.count} folds by trace, threshold from traces of the next fold" if trained else "as it is",
        data={"name": what.name, "fingerprint": what.bench.fingerprint},
        details={"recipe": orjson.loads(orjson.dumps(asdict(what.recipe))), "seed": what.recipe.seed},
        notes=notes,
    )


def _share(values: Sequence[bool]) -> float:
    return sum(values) / max(1, len(values))


def _told(interval: Sequence[float]) -> str:
    return f"[{interval[0]:+.3f} {interval[1]:+.3f}]"
