"""Kernel ridge regression on few examples: a question is answered by the examples that it is like.

Two questions are alike as far as their tasks mean the same, their newest events mean the same, and their rows of
:mod:`likeness` are near each other: the sum of two linear kernels and a Gaussian one, all of scale 1.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import define, field

from proactive_inference.errors import JudgeError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

KERNEL_FILE = "kernel.npz"
_PARTS = ("tasks", "newest", "rows", "middle", "spread", "weights", "mean")


@define(eq=False)
class Asked:
    """Questions as numbers, one a line of each array."""

    tasks: Floats  #: (questions, dimensions) unit vectors; zeros for silence
    newest: Floats  #: (questions, dimensions) unit vectors
    rows: Floats  #: (questions, features) of :mod:`likeness`

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, which: Any) -> Asked:
        """Some of the lines."""
        return Asked(self.tasks[which], self.newest[which], self.rows[which])


@define(eq=False)
class KernelRegression:
    """What was learned: the examples and a weight for each."""

    examples: Asked  #: rows already scaled
    middle: Floats  #: (features,) mean of the rows
    spread: Floats  #: (features,) their standard deviation, at least a little
    weights: Floats  #: (examples,)
    mean: float = field(default=0.0)  #: of the targets

    @classmethod
    def fit(cls, asked: Asked, targets: Floats, ridge: Floats) -> KernelRegression:
        """Learn from examples; ``targets`` (examples,) from 0 to 1, ``ridge`` (examples,) above 0:
        the less, the more an example counts."""
        import numpy as np

        middle, spread = asked.rows.mean(axis=0), asked.rows.std(axis=0)
        spread = np.where(spread > 1e-6, spread, 1.0)
        examples = Asked(asked.tasks, asked.newest, (asked.rows - middle) / spread)
        mean = float(targets.mean())
        gram = _gram(examples, examples) + np.diag(ridge)
        weights = np.asarray(np.linalg.solve(gram, targets - mean), dtype=np.float64)
        return cls(examples, middle, spread, weights, mean)

    def predict(self, asked: Asked) -> Floats:
        """(questions,) around 0 to 1; beyond it for what is unlike anything seen."""
        scaled = Asked(asked.tasks, asked.newest, (asked.rows - self.middle) / self.spread)
        return _gram(scaled, self.examples) @ self.weights + self.mean

    def save(self, path: Path) -> None:
        """Write it as half-precision numbers."""
        import numpy as np

        values = (*_arrays(self.examples), self.middle, self.spread, self.weights, np.asarray([self.mean]))
        half = {name: value.astype(np.float16) for name, value in zip(_PARTS[:3], values[:3], strict=True)}
        whole = {name: value.astype(np.float32) for name, value in zip(_PARTS[3:], values[3:], strict=True)}
        np.savez_compressed(path, allow_pickle=False, **half, **whole)

    @classmethod
    def load(cls, path: Path) -> KernelRegression:
        """Read what :meth:`save` wrote.

        Raises:
            JudgeError: it cannot be read.
        """
        import numpy as np

        try:
            with np.load(path, allow_pickle=False) as found:
                tasks, newest, rows, middle, spread, weights, mean = (found[p].astype(np.float64) for p in _PARTS)
            if not len(tasks) == len(newest) == len(rows) == len(weights) or rows.shape[1] != len(middle):
                raise ValueError("its parts do not fit each other")
            return cls(Asked(tasks, newest, rows), middle, spread, weights, float(mean[0]))
        except (OSError, ValueError, KeyError, IndexError) as error:
            raise JudgeError(f"{path} cannot be read ({error}); train or copy the judge again") from error


def _arrays(asked: Asked) -> tuple[Floats, Floats, Floats]:
    return asked.tasks, asked.newest, asked.rows


def _gram(one: Asked, other: Asked) -> Floats:
    import numpy as np

    squares = (one.rows**2).sum(axis=1)[:, None] + (other.rows**2).sum(axis=1)[None] - 2 * one.rows @ other.rows.T
    gaussian = np.exp(-np.maximum(squares, 0.0) / (2 * max(1, one.rows.shape[1])))
    return np.asarray(one.tasks @ other.tasks.T + one.newest @ other.newest.T + gaussian, dtype=np.float64)
