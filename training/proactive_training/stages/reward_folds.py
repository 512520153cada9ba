"""Holds traces out in turn, and fits what is chosen or calibrated for a trace on the others alone.

For each fold a model learns from the other folds and tells the log-odds of its rows, after each epoch. How many
epochs, and the calibration, are chosen for a fold by the held-out log-odds of the other folds; for the final
model, by all. Those log-odds come from models that have learned from this fold, so that its labels do not choose
for themselves, but are not wholly without a say: for that, every pair of folds would have to be left out.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

from attrs import frozen

from proactive_inference.judge.settings import Calibration
from proactive_training.calibration import platt
from proactive_training.errors import DataError
from proactive_training.judged_rows import JudgedRow

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from proactive_training.logistic import Floats


@frozen
class Choice:
    """What held-out rows decided."""

    epochs: int
    line: int  #: of the log-odds
    proposals: Calibration
    silences: Calibration


@frozen
class HeldOut:
    """Held-out answers of every row."""

    log_odds: tuple[float, ...]  #: at the epoch that the other folds chose
    probabilities: tuple[float, ...]  #: calibrated by the other folds
    epochs: tuple[int, ...]  #: of each fold


def parts_by_trace(rows: Sequence[JudgedRow], folds: int | None, seed: int) -> list[list[int]]:
    """The rows of each fold, by number; rows of one trace stay together.

    Raises:
        DataError: there are fewer traces than folds, or than two.
    """
    traces = sorted({row.group for row in rows})
    wanted = len(traces) if folds is None else folds
    if wanted < 2 or wanted > len(traces):
        raise DataError(
            f"{len(traces)} traces cannot be held out in {wanted} parts; give --folds from 2 to {len(traces)}, "
            "or 0 for a judge that is neither calibrated nor measured"
        )
    random.Random(seed).shuffle(traces)
    part = {trace: at % wanted for at, trace in enumerate(traces)}
    return [[at for at, row in enumerate(rows) if part[row.group] == number] for number in range(wanted)]


def choose(rows: Sequence[JudgedRow], log_odds: Floats, trained: int) -> Choice:
    """The epoch with the smallest loss on these rows, and the calibration of its log-odds.

    Args:
        rows: that were held out.
        log_odds: (epochs, rows), or (1, rows) after all epochs, of which there is no choice then.
        trained: how many epochs were learned for.
    """
    import numpy as np

    target = np.asarray([row.soft_label for row in rows])
    silent = np.asarray([row.task is None for row in rows], dtype=bool)
    losses = (np.logaddexp(0.0, log_odds) - target * log_odds).mean(axis=1)
    best = int(np.argmin(losses))
    return Choice(
        best + 1 if len(log_odds) > 1 else trained,
        best,
        _calibration(log_odds[best][~silent], target[~silent]),
        _calibration(log_odds[best][silent], target[silent]),
    )


def held_out_answers(
    rows: Sequence[JudgedRow], log_odds: Floats, parts: Sequence[Sequence[int]], trained: int
) -> HeldOut:
    """Every row's answer, chosen and calibrated without its own fold.

    Args:
        rows: all of them.
        log_odds: held out, as of :func:`choose`.
        parts: the rows of each fold, by number.
        trained: how many epochs were learned for.
    """
    import numpy as np

    found, probabilities, epochs = np.zeros(len(rows)), np.zeros(len(rows)), []
    for part in parts:
        others: NDArray[np.int64] = np.setdiff1d(np.arange(len(rows)), part)
        choice = choose([rows[at] for at in others], log_odds[:, others], trained)
        epochs.append(choice.epochs)
        for at in part:
            value = float(log_odds[choice.line, at])
            calibration = choice.silences if rows[at].task is None else choice.proposals
            found[at], probabilities[at] = value, calibration.probability(value)
    return HeldOut(tuple(found.tolist()), tuple(probabilities.tolist()), tuple(epochs))


def _calibration(log_odds: Floats, target: Floats) -> Calibration:
    return Calibration(*platt(log_odds, target)) if len(log_odds) > 1 else Calibration()
