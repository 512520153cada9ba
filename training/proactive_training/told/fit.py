"""Fits the told head on scenes and traces, asks it about traces that it has not seen, and folds it into
weights."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from attrs import frozen

from proactive_inference.gate_weights import ToldHead
from proactive_inference.sentence_scores import ScoreTable, SentenceScores
from proactive_training.calibration import platt
from proactive_training.leaving_out import ScoreWithout
from proactive_training.logistic import fit_logistic, sigmoid
from proactive_training.metrics import steady_threshold
from proactive_training.told.distil import Student
from proactive_training.told.examples import ToldExamples

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from proactive_training.logistic import Floats


@frozen
class ToldRecipe:
    """How the told head is fitted."""

    penalty: float = 20.0  #: on every weight, in units of its number's spread
    least_spread: float = 0.15  #: rarer numbers are held back as if they had this spread
    words: float = 8.5  #: the spread of both sentence vectors together, against that of one act
    domains: tuple[str, ...] = ("code", "writing")  #: scenes to learn from: the work that this program is for
    trace_weight: float = 0.1  #: weight of all people's labels together, in that of all scenes
    own_penalty: float = 1.0  #: on each trace's own intercept
    softness: float = 0.5  #: share of the votes in people's labels; the rest is the published majority


@frozen
class Scale:
    """What makes the numbers comparable: taken from the scenes."""

    acts: Floats
    last_middle: Floats
    last: Floats
    lately_middle: Floats
    lately: Floats

    @classmethod
    def of(cls, scenes: ToldExamples, recipe: ToldRecipe) -> Scale:
        """The scenes' own spread."""
        import numpy as np

        size = max(scenes.last.shape[1], 1)
        factor = np.sqrt(2 * size) / recipe.words
        return cls(
            np.maximum(scenes.acts.std(axis=0), recipe.least_spread),
            scenes.last.mean(axis=0), (scenes.last.std(axis=0) + 1e-6) * factor,
            scenes.lately.mean(axis=0), (scenes.lately.std(axis=0) + 1e-6) * factor,
        )  # fmt: skip

    def design(self, examples: ToldExamples) -> Floats:
        """(examples, features + 2 · size + 1), with a column of ones."""
        import numpy as np

        return np.concatenate(
            [
                examples.acts / self.acts,
                (examples.last - self.last_middle) / self.last,
                (examples.lately - self.lately_middle) / self.lately,
                np.ones((len(examples), 1)),
            ],
            axis=1,
        )


def fit(
    scenes: ToldExamples,
    traces: ToldExamples | None,
    scale: Scale,
    recipe: ToldRecipe,
    start: Floats | None = None,
) -> Floats:
    """The coefficients of the design's columns.

    Each of people's traces has an intercept of its own, which is then forgotten: traces differ widely in how
    many needs they have, by who labelled them and how, and ten of them do not tell why. So people's labels say
    which moment of a trace needs help rather than another, and the scenes how much help is needed at all.
    """
    import numpy as np

    x, y, weight = scale.design(scenes), scenes.y, np.ones(len(scenes))
    columns = x.shape[1]
    penalty = np.full(columns, recipe.penalty)
    penalty[-1] = 1e-6
    if traces is not None and len(traces) and recipe.trace_weight:
        numbers = np.unique(traces.trace)
        own = (traces.trace[:, None] == numbers[None, :]).astype(float)
        x = np.block([[x, np.zeros((len(scenes), len(numbers)))], [scale.design(traces), own]])
        y = np.concatenate([y, traces.y])
        share = recipe.trace_weight * len(scenes) / len(traces)
        weight = np.concatenate([weight, np.full(len(traces), share)])
        penalty = np.concatenate([penalty, np.full(len(numbers), recipe.own_penalty)])
    first = None if start is None else np.concatenate([start, np.zeros(x.shape[1] - columns)])
    return fit_logistic(x, y, weight, penalty, first)[:columns]


def fitted_without(scenes: ToldExamples, traces: ToldExamples, recipe: ToldRecipe) -> ScoreWithout:
    """Log-odds of the traces' events, from fits on the scenes and on what is kept of the traces."""
    scale = Scale.of(scenes, recipe)
    design = scale.design(traces)
    start = fit(scenes, traces, scale, recipe)  # the optimum does not depend on it

    def scores(keep: NDArray[np.bool_]) -> Floats:
        found: Floats = design @ fit(scenes, traces.pick(keep), scale, recipe, start)
        return found

    return scores


def scenes_alone(scenes: ToldExamples, traces: ToldExamples, recipe: ToldRecipe) -> Floats:
    """Log-odds of the traces' events from a fit that has seen none of people's labels."""
    scale = Scale.of(scenes, recipe)
    return scale.design(traces) @ fit(scenes, None, scale, recipe)


def told_head(
    scenes: ToldExamples,
    traces: ToldExamples,
    common: frozenset[str],
    student: Student | None,
    recipe: ToldRecipe,
    scores: Floats,
) -> ToldHead:
    """Fit on everything, calibrate on held-out ``scores``, and fold all scales into the weights."""
    scale = Scale.of(scenes, recipe)
    slope, intercept = platt(scores, traces.need.astype(float))
    speak_at = steady_threshold(sigmoid(slope * scores + intercept), traces.need, traces.trace)
    beta = slope * fit(scenes, traces, scale, recipe)
    count, size = scenes.acts.shape[1], scenes.last.shape[1]
    acts = beta[:count] / scale.acts
    bias = float(beta[-1]) + intercept
    sentences = None
    if student is not None:
        last, lately = beta[count : count + size] / scale.last, beta[count + size : -1] / scale.lately
        bias += float((student.middle - scale.last_middle) @ last)
        bias += float((student.middle - scale.lately_middle) @ lately)
        sentences, typical = _score_table(student, last, lately, scale)
        bias += typical
    # Six digits are far below any effect, and keep the file the same on every machine's linear algebra.
    weights = tuple(round(weight, 6) + 0.0 for weight in acts.tolist())
    return ToldHead(weights, round(bias, 6), common, round(speak_at, 4), sentences)


def _score_table(student: Student, last: Floats, lately: Floats, scale: Scale) -> tuple[SentenceScores, float]:
    """The two numbers of every piece and pair, moved so that a typical sentence scores nothing; and by how
    much."""
    import numpy as np

    typical = np.array(
        [(scale.last_middle - student.middle) @ last, (scale.lately_middle - student.middle) @ lately]
    )
    both = np.column_stack([student.vectors @ last, student.vectors @ lately]) - typical
    unit = max(float(np.abs(both).max()) / 32_000, 1e-4)
    numbers = np.clip(np.rint(both / unit), -32_000, 32_000).astype(np.int16)
    of_pairs = np.column_stack([student.pair_vectors @ last, student.pair_vectors @ lately]).tolist()
    pairs = {pair: (round(of_pairs[row][0], 4), round(of_pairs[row][1], 4)) for pair, row in student.pairs.items()}
    table = ScoreTable(student.index, array("h", numbers.tobytes()), pairs, unit)
    return SentenceScores(table=table), float(typical.sum())
