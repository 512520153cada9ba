"""How far annotators agree, with intervals over traces.

*Pairwise*: of all pairs of votes on the same item, the share that agree. *Unanimous*: the share of items on which
all agree. *Fleiss' kappa* (J. L. Fleiss, "Measuring nominal scale agreement among many raters", Psychological
Bulletin 76, 1971, 378–382): (P − Pe) / (1 − Pe), where P is the mean over items of the share of agreeing pairs,
Σⱼ nᵢⱼ (nᵢⱼ − 1) / (nᵢ (nᵢ − 1)), and Pe = Σⱼ pⱼ² with pⱼ the share of votes for answer j. Items may have different
numbers of votes nᵢ ≥ 2; where all have the same, this is Fleiss' own formula. *Krippendorff's alpha* (nominal) is
computed by the package ``krippendorff``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt
from typing import TYPE_CHECKING, Any

from attrs import frozen

from proactive_training.bench.needs import need
from proactive_training.metrics import RESAMPLES, times_drawn

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Counts = NDArray[np.int64]  # items × (no, yes)


@frozen
class Item:
    """Votes on one thing."""

    votes: tuple[bool, ...]
    trace: str  #: what is drawn as one in the bootstrap


def agreement(items: Sequence[Item], *, seed: int = 0, resamples: int = RESAMPLES) -> dict[str, Any]:
    """The figures of all items with two votes or more, and their 95 % bootstrap intervals over traces.

    Keys: ``items, traces, votes, pairwise, unanimous, fleiss_kappa, krippendorff_alpha, ci``. A figure is ``None``
    where it is not defined: without items, or where all votes are the same.
    """
    import numpy as np

    used = [item for item in items if len(item.votes) > 1]
    counts = np.asarray([[v.count(False), v.count(True)] for v in (i.votes for i in used)], dtype=np.int64)
    counts = counts.reshape(len(used), 2)
    names = sorted({item.trace for item in used})
    number = {name: n for n, name in enumerate(names)}
    trace = np.asarray([number[item.trace] for item in used], dtype=np.int64)
    point = {name: figure(counts) for name, figure in FIGURES.items()}
    draws: dict[str, list[float]] = {name: [] for name in FIGURES}
    for times in times_drawn(len(names), resamples, seed).astype(np.int64) if len(names) > 1 and resamples else ():
        chosen = np.repeat(counts, times[trace], axis=0)
        for name, figure in FIGURES.items():
            if (value := figure(chosen)) is not None:
                draws[name].append(value)
    return {
        "items": len(used),
        "traces": len(names),
        "votes": int(counts.sum()),
        **point,
        "ci": {
            name: [float(np.quantile(values, 0.025)), float(np.quantile(values, 0.975))]
            for name, values in draws.items()
            if values
        },
    }


def pairwise(counts: Counts) -> float | None:
    """The share of pairs of votes that agree."""
    agreeing, pairs = _pairs(counts)
    return float(agreeing.sum() / pairs.sum()) if pairs.sum() else None


def unanimous(counts: Counts) -> float | None:
    """The share of items on which all votes agree."""
    return float((counts.min(axis=1) == 0).mean()) if len(counts) else None


def fleiss_kappa(counts: Counts) -> float | None:
    """Fleiss' kappa, see the module's head."""
    if not len(counts):
        return None
    agreeing, pairs = _pairs(counts)
    share = counts.sum(axis=0) / counts.sum()
    by_chance = float((share**2).sum())
    return (float((agreeing / pairs).mean()) - by_chance) / (1 - by_chance) if by_chance < 1 else None


def krippendorff_alpha(counts: Counts) -> float | None:
    """Krippendorff's alpha for nominal data."""
    if not len(counts) or (counts.sum(axis=0) > 0).sum() < 2:
        return None
    return float(need("krippendorff").alpha(value_counts=counts, level_of_measurement="nominal"))


def _pairs(counts: Counts) -> tuple[Counts, Counts]:
    """Of each item, twice the number of agreeing pairs and of all pairs."""
    votes = counts.sum(axis=1)
    return (counts * (counts - 1)).sum(axis=1), votes * (votes - 1)


NAMES = {
    "pairwise": "pairs of votes that agree",
    "unanimous": "items on which all agree",
    "fleiss_kappa": "Fleiss' kappa",
    "krippendorff_alpha": "Krippendorff's alpha",
}
"""What the figures are called."""

FIGURES: dict[str, Callable[[Counts], float | None]] = {
    "pairwise": pairwise,
    "unanimous": unanimous,
    "fleiss_kappa": fleiss_kappa,
    "krippendorff_alpha": krippendorff_alpha,
}


def wilson(successes: int, trials: int) -> list[float] | None:
    """The 95 % score interval of a share; ``None`` without trials.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the American
    Statistical Association 22, 1927, 209–212.
    """
    if not trials:
        return None
    z = 1.959963984540054
    share = successes / trials
    middle = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    return [max(0.0, middle - half), min(1.0, middle + half)]
