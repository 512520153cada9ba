"""One run of ``proactive train gate``: read, replay, distil, fit, and measure on what was held out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import asdict, frozen

from proactive_inference.gate_weights import GateWeights, Head, ToldHead
from proactive_training.errors import DataError
from proactive_training.evaluation_figures import answered, evaluation_figures
from proactive_training.evaluation_file import Evaluation, Exposure, Task
from proactive_training.gate import Examples, Recipe, fitted_without, live_examples, live_head
from proactive_training.leaving_out import own_scores, without_each
from proactive_training.metrics import figures, steady_threshold
from proactive_training.need_evaluation import THRESHOLD
from proactive_training.need_rows import need_rows
from proactive_training.proactivebench import Bench, read
from proactive_training.project_copy import project_copy
from proactive_training.report_lines import summary
from proactive_training.sittings import Sitting, sitting
from proactive_training.told import fit as told
from proactive_training.told.examples import ToldExamples, common_words, scene_examples, trace_examples
from proactive_training.told.scenes import Scene, read_scenes

if TYPE_CHECKING:
    from proactive_training.logistic import Floats
    from proactive_training.told.distil import Student

PARTS = 10
"""Into how many parts the others are dealt, at most, when they are scored without a trace."""

POOL = 30_000
"""How many sentences the sentence model is asked about."""


@frozen
class TrainingRun:
    """What a run is made from."""

    data: Path | None
    activity: tuple[Path, ...]
    seed: int = 0
    sittings: int = 12
    scenes: Path | None = None  #: judged scenes; ``None``: those that ship
    sentence_model: Path | None = None  #: folder of the teacher of word scores; ``None``: acts alone
    command: str = ""
    version: str = ""


@frozen
class TrainedGate:
    """What came of a run."""

    weights: GateWeights
    figures: dict[str, Any]  #: of ``traces`` and ``activity``, as they were trained on, held out
    evaluations: tuple[Evaluation, ...] = ()  #: of the traces, event by event


@frozen
class _Held:
    """Held-out answers: calibrated, and with thresholds, by the other traces or repositories. These are scored for
    it by fits that have not learned from the answers' own labels either."""

    probability: Floats
    threshold: Floats  #: the one with the best F1 on the others
    ranking: Floats  #: the scores themselves: the folds' calibrations shift against each other

    @classmethod
    def of(cls, scores: Floats, need: Any, groups: Any) -> _Held:
        """Of the (groups, events) of :func:`proactive_training.leaving_out.without_each`."""
        import numpy as np

        from proactive_training.calibration import platt
        from proactive_training.logistic import sigmoid

        ranking = np.nan_to_num(own_scores(groups, scores))  # where nothing else is there to learn from
        probability = np.zeros(len(need))
        threshold = np.full(len(need), THRESHOLD)
        for row, group in zip(scores, np.unique(groups), strict=True):
            own = groups == group
            others = ~own & np.isfinite(row)
            slope, intercept = platt(row[others], need[others].astype(float)) if others.any() else (1.0, 0.0)
            probability[own] = sigmoid(slope * ranking[own] + intercept)
            if others.any():
                chances = sigmoid(slope * row[others] + intercept)
                threshold[own] = steady_threshold(chances, need[others], groups[others])
        return cls(probability, threshold, ranking)


def train_gate(run: TrainingRun, say: Callable[[str], object]) -> TrainedGate:
    """Train on all that is given.

    Raises:
        DataError: nothing is given, or something of it cannot be used.
        TrainingError: the sentence model needs packages that are not installed.
    """
    if run.data is None and not run.activity:
        raise DataError(
            "nothing to train on; give --data (labelled traces), --activity (a Python project), or both"
        )
    shipped = GateWeights.load()
    metadata: dict[str, Any] = {
        "trained": datetime.now(UTC).date().isoformat(), "command": run.command, "version": run.version,
        "seed": run.seed,
    }  # fmt: skip
    report: dict[str, Any] = {}
    told_head, live = shipped.told, shipped.live
    evaluations: tuple[Evaluation, ...] = ()
    if run.data is not None:
        told_head, report["traces"], evaluations = _told(run, run.data, metadata, say)
    else:
        say("No --data: sentences are judged by the shipped weights; what the editor reports by the new ones.")
    if run.activity:
        live, report["activity"] = _live(run, metadata, say)
    else:
        say("No --activity: what the editor reports is judged by the shipped weights; sentences by the new ones.")
    for name, part in report.items():
        for at in ("at_0.25", "at_best_f1"):
            say(summary(f"{name}, {at.replace('_', ' ')}", part[at]))
    metadata["held_out"] = {name: {key: _rounded(part[key]) for key in part} for name, part in report.items()}
    return TrainedGate(GateWeights(live, told_head, metadata), report, evaluations)


def _told(
    run: TrainingRun, data: Path, metadata: dict[str, Any], say: Callable[[str], object]
) -> tuple[ToldHead, dict[str, Any], tuple[Evaluation, ...]]:
    import numpy as np

    bench = read(data)
    for problem in bench.problems:
        say(f"Set aside: {problem}")
    recipe = told.ToldRecipe()
    scenes = tuple(scene for scene in read_scenes(run.scenes) if scene.domain in recipe.domains)
    if not scenes:
        raise DataError(f"no scene of the domains {', '.join(recipe.domains)} in {run.scenes}")
    judged = sum(len(scene.levels) for scene in scenes)
    say(
        f"Read {len(bench)} labelled events of {len(bench.traces)} traces, "
        f"and {judged} of {len(scenes)} judged scenes."
    )
    metadata["data"] = {
        "fingerprint": bench.fingerprint,
        "events": len(bench),
        "traces": len(bench.traces),
        "names": sorted(trace.together for trace in bench.traces),
    }
    metadata["scenes"] = {"scenes": len(scenes), "events": judged}
    metadata["told_recipe"] = asdict(recipe)
    student = None
    if run.sentence_model is not None:
        student, metadata["student"] = _student(run, scenes, say)
    common = common_words(scenes)
    of_scenes = scene_examples(scenes, common, student)
    of_traces = trace_examples(bench, common, student, recipe.softness)
    say("Learning again without each trace, and without each pair of them.")
    scores = without_each(of_traces.trace, told.fitted_without(of_scenes, of_traces, recipe), parts=PARTS)
    held = _Held.of(scores, of_traces.need, of_traces.trace)
    report = _report(of_traces, held, run.seed)
    of_nobody = np.broadcast_to(told.scenes_alone(of_scenes, of_traces, recipe), scores.shape)
    alone = _Held.of(of_nobody, of_traces.need, of_traces.trace)
    report["scenes_alone"] = _report(of_traces, alone, run.seed)["at_best_f1"]
    evaluations = (
        _evaluation("gate", bench, held, run.seed),
        _evaluation("gate from scenes alone", bench, alone, run.seed),
    )
    head = told.told_head(of_scenes, of_traces, common, student, recipe, held.ranking)
    return head, report, evaluations


def _evaluation(name: str, bench: Bench, held: _Held, seed: int) -> Evaluation:
    rows = answered(
        need_rows(bench),
        (held.probability >= held.threshold).tolist(),
        held.probability.tolist(),
        held.ranking.tolist(),
    )
    return Evaluation(
        Task.NEED, name, rows, evaluation_figures(rows, seed=seed), kind="gate", exposure=Exposure.HELD_OUT,
        protocol="leave one trace out; calibration and threshold from the other traces",
        data={"fingerprint": bench.fingerprint},
    )  # fmt: skip


def _student(
    run: TrainingRun, scenes: Sequence[Scene], say: Callable[[str], object]
) -> tuple[Student, dict[str, Any]]:
    from proactive_training.told.distil import agreement, distil
    from proactive_training.told.pool import sentence_pool
    from proactive_training.told.sentence_model import SentenceModel

    assert run.sentence_model is not None
    teacher = SentenceModel(run.sentence_model)
    sentences = [text for scene in scenes for text in scene.sentences]
    pool = sentence_pool(sentences, POOL, run.seed)
    tenth = max(len(pool) // 10, 1)
    told_of = [0]

    def progress(done: int) -> None:
        if done // tenth > told_of[0]:
            told_of[0] = done // tenth
            say(f"The sentence model has seen {done} of {len(pool)} sentences.")

    targets = teacher.sentences(pool, progress)
    student = distil(teacher.vocabulary, teacher.pieces(), pool, targets)
    share = agreement(student, sentences, teacher.sentences(sentences))
    say(f"Word vectors distilled: {share:.0%} of the sentence model's variance over the scenes.")
    return student, {"teacher": run.sentence_model.name, "sentences": len(pool), "variance": round(share, 4)}


def _live(run: TrainingRun, metadata: dict[str, Any], say: Callable[[str], object]) -> tuple[Head, dict[str, Any]]:
    names = distinct_names(run.activity)
    made = [
        one for source, name in zip(run.activity, names, strict=True) for one in _sittings(source, name, run, say)
    ]
    live = live_examples(made)
    metadata["activity"] = {
        "projects": list(live.names), "sittings": len(made), "events": len(live), "needs": int(live.need.sum()),
        "recipe": asdict(Recipe()),
    }  # fmt: skip
    groups = live.held_out_together
    held = _Held.of(without_each(groups, fitted_without(live), parts=PARTS), live.need, groups)
    return live_head(live, held.ranking), _report(live, held, run.seed)


def _report(part: Examples | ToldExamples, held: _Held, seed: int) -> dict[str, Any]:
    """At the threshold that costs imply, and at the one with the best F1 on the other traces or repositories."""
    from proactive_training.calibration import expected_calibration_error

    ranking = figures(held.ranking, part.need, part.trace, 0.0, seed=seed)
    report: dict[str, Any] = {
        "at_0.25": figures(held.probability, part.need, part.trace, THRESHOLD, seed=seed),
        "at_best_f1": figures(held.probability, part.need, part.trace, held.threshold, seed=seed),
        "calibration_error": expected_calibration_error(held.probability, part.need.astype(float)),
    }
    for name in ("at_0.25", "at_best_f1"):
        for key in ("auc", "within_auc"):
            report[name][key] = ranking[key]
            report[name]["ci"][key] = ranking["ci"].get(key)
    return report


def distinct_names(sources: Sequence[Path]) -> list[str]:
    """A name for each project, as short as tells them apart: the held-out groups and the random draws go by it."""
    paths = [source.absolute() for source in sources]
    for parts in range(1, max((len(path.parts) for path in paths), default=1) + 1):
        names = ["/".join(path.parts[-parts:]) for path in paths]
        if len(set(names)) == len(set(paths)):
            return names
    return [str(path) for path in paths]


def _sittings(source: Path, name: str, run: TrainingRun, say: Callable[[str], object]) -> list[Sitting]:
    with project_copy(source, name) as copy:
        say(f"Working in a copy of {copy.name}: {len(copy.modules)} modules, {len(copy.checks)} passing checks.")
        return [sitting(copy, run.seed * 1000 + number) for number in range(run.sittings)]


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items() if key != "baselines"}
    return value if not isinstance(value, list) else [_rounded(part) for part in value]
