"""Precision of judged proposals as tables, with intervals by bootstrap; see history.py for the rule."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from attrs import define, field, frozen

from proactive_inference.proposal import Proposal

CLASSES = ("right", "nearly", "some", "none", "gone")
DRAWS = 2_000
Figures = dict[str, object]


@frozen
class Judged:
    """A proposal, judged by the rest of its commit: numbers of places, and the lines of the wrong ones."""

    repository: str
    commit: str
    proposal: Proposal
    right: int
    gone: int
    wrong: tuple[str, ...]

    @property
    def sort(self) -> str:
        if not self.wrong:
            return "gone" if not self.right else "nearly" if self.gone else "right"
        share = len(self.wrong) / (self.right + len(self.wrong))
        return "some" if self.right and share > 0.2 else "nearly" if self.right else "none"

    def told(self) -> Figures:
        """What JSON has of it."""
        return {
            "repository": self.repository,
            "commit": self.commit,
            "play": self.proposal.play,
            "key": self.proposal.key,
            "reason": self.proposal.reason,
            "confidence": self.proposal.confidence,
            "sort": self.sort,
            "right": self.right,
            "gone": self.gone,
            "wrong": len(self.wrong),
        }


@define
class Result:
    """What one rule did in one or more repositories."""

    judged: list[Judged] = field(factory=list)
    milliseconds: list[float] = field(factory=list)
    commits: int = 0
    chances: int = 0
    met: int = 0  #: chances with a proposal
    skipped: Counter[str] = field(factory=Counter)


def together(results: Iterable[Result]) -> Result:
    """Several repositories as one."""
    whole = Result()
    for result in results:
        whole.judged += result.judged
        whole.milliseconds += result.milliseconds
        whole.commits += result.commits
        whole.chances += result.chances
        whole.met += result.met
        whole.skipped.update(result.skipped)
    return whole


def figures(result: Result, seed: int) -> Figures:
    """A row of the table. Precisions are ``None`` without a proposal that can be judged."""
    sorts = Counter(one.sort for one in result.judged)
    told = sum(sorts.values()) - sorts["gone"]
    return {
        "commits": result.commits,
        "chances": result.chances,
        "met": result.met,
        "proposals": sum(sorts.values()),
        **{sort: sorts[sort] for sort in CLASSES},
        "fully": sorts["right"] / told if told else None,
        "fully_ci": interval(result.judged, ("right",), seed),
        "fully_or_nearly": (sorts["right"] + sorts["nearly"]) / told if told else None,
        "fully_or_nearly_ci": interval(result.judged, ("right", "nearly"), seed),
        "p50_ms": quantile(result.milliseconds, 0.5),
        "p99_ms": quantile(result.milliseconds, 0.99),
        "skipped": dict(result.skipped),
    }


def interval(judged: Sequence[Judged], good: tuple[str, ...], seed: int) -> tuple[float, float] | None:
    """95 % by bootstrap over repositories with proposals, over commits if there is one only."""
    several = len({one.repository for one in judged}) > 1
    units: dict[str, list[bool]] = {}
    for one in judged:
        if one.sort != "gone":
            units.setdefault(one.repository if several else one.commit, []).append(one.sort in good)
    if len(units) < 2:
        return None
    chance, groups = random.Random(seed), list(units.values())
    drawn = []
    for _ in range(DRAWS):
        said = [right for group in chance.choices(groups, k=len(groups)) for right in group]
        drawn.append(sum(said) / len(said))
    return quantile(drawn, 0.025), quantile(drawn, 0.975)


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which this share lies; 0 without values."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)] if values else 0.0


def table(rows: Mapping[str, Figures]) -> str:
    """Rows by name, as Markdown."""
    columns = ("commits", "chances", "met", "proposals", *CLASSES)
    head = ["", *columns, "fully right", "fully or nearly", "ms p50", "p99"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for name, row in rows.items():
        cells = [name, *(str(row[column]) for column in columns)]
        cells += [percent(row["fully"], row["fully_ci"])]
        cells += [percent(row["fully_or_nearly"], row["fully_or_nearly_ci"])]
        lines.append("| " + " | ".join([*cells, f"{row['p50_ms']:.1f}", f"{row['p99_ms']:.0f}"]) + " |")
    return "\n".join(lines)


def percent(share: object, around: object) -> str:
    """``85 % [70 95]``."""
    if not isinstance(share, float):
        return "–"
    return f"{100 * share:.0f} %" + (
        f" [{100 * around[0]:.0f} {100 * around[1]:.0f}]" if isinstance(around, tuple) else ""
    )


def worst(judged: Sequence[Judged], limit: int) -> str:
    """The proposals with the largest share of wrong places, and the lines of these."""
    bad = [one for one in judged if one.wrong]
    bad.sort(key=lambda one: (-len(one.wrong) / (one.right + len(one.wrong)), -len(one.wrong), one.commit))
    lines = []
    for one in bad[:limit]:
        said = f"{one.right} right, {one.gone} gone, {len(one.wrong)} wrong"
        lines.append(
            f"{one.repository} {one.commit[:10]} {one.sort} ({said}) {one.proposal.play}: {one.proposal.title}"
        )
        lines.append(f"    {one.proposal.reason} confidence {one.proposal.confidence}")
        lines += [f"    - {line}" for line in one.wrong[:5]]
        lines += [f"    … and {len(one.wrong) - 5} more"] if len(one.wrong) > 5 else []
    return "\n".join(lines)
