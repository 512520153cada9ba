"""Teaches a bi-encoder: sentences are encoded as published, and a kernel regression learns what people took."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from proactive_inference.judge.bi_encoder import SILENCE_FILE, STEEPNESS, asked_of
from proactive_inference.judge.kernel import KERNEL_FILE, Asked, KernelRegression
from proactive_inference.judge.loading import load_encoder
from proactive_inference.judge.sentence_encoder import SentenceEncoder
from proactive_inference.judge.settings import JudgeSettings, Kind
from proactive_training.judged_rows import JudgedRow
from proactive_training.stages.recipe import base_of
from proactive_training.stages.reward_recipe import Learner, RewardRecipe, questions, row_weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class BiEncoderLearner(Learner):
    """Learns in closed form: nothing is random, and there are no epochs."""

    def __init__(self, recipe: RewardRecipe) -> None:
        self._recipe = recipe
        self._encoder = SentenceEncoder(load_encoder(recipe.model))

    def held_out(self, train: Sequence[JudgedRow], test: Sequence[JudgedRow]) -> list[list[float]]:
        """As :meth:`Learner.held_out` says."""
        proposals, silences = self._fit(train)
        asked = self._asked(test)
        found = zip(test, proposals.predict(asked), silences.predict(asked), strict=True)
        return [[STEEPNESS * (float(s if row.task is None else p) - 0.5) for row, p, s in found]]

    def finish(self, rows: Sequence[JudgedRow], epochs: int, folder: Path) -> JudgeSettings:
        """As :meth:`Learner.finish` says."""
        for regression, name in zip(self._fit(rows), (KERNEL_FILE, SILENCE_FILE), strict=True):
            regression.save(folder / name)
        return JudgeSettings(
            Kind.BI_ENCODER,
            base=base_of(self._recipe.model),
            most_events=self._recipe.most_events,
            most_tokens=self._recipe.most_tokens,
        )

    def _fit(self, rows: Sequence[JudgedRow]) -> tuple[KernelRegression, KernelRegression]:
        import numpy as np

        asked = self._asked(rows)
        target = np.asarray([row.soft_label for row in rows])
        weight = np.asarray(row_weights(rows, self._recipe.balance))
        silent = np.asarray([row.task is None for row in rows], dtype=bool)

        def learned(which: NDArray[np.bool_]) -> KernelRegression:
            if not which.any():  # nothing of this sort was judged: an even chance
                first = Asked(asked.tasks[:1], asked.newest[:1], asked.rows[:1])
                return KernelRegression.fit(first, np.asarray([0.5]), np.asarray([1.0]))
            return KernelRegression.fit(asked.take(which), target[which], self._recipe.ridge / weight[which])

        return learned(~silent), learned(silent)

    def _asked(self, rows: Sequence[JudgedRow]) -> Asked:
        return asked_of(self._encoder, questions(rows), self._recipe.most_events)
