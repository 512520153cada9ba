"""What an agent came to on replayed histories: figures by play and repository, with their intervals."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from attrs import define, field

from proactive_training.gym.replay_evaluation import SittingResult, offered_as
from proactive_training.metrics import times_drawn

RESAMPLES = 2000


@define
class Sums:
    """What is summed up over sittings; figures are made of sums, so that any set of them has figures."""

    sittings: int = 0
    events: int = 0
    commits: int = 0
    moments: int = 0
    hours: float = 0.0
    verdicts: Counter[str] = field(factory=Counter)
    pool: int = 0
    found: int = 0
    helped: int = 0

    def add(self, result: SittingResult, play: str | None = None) -> None:
        """Add a sitting; of one play's suggestions only, if it is given."""
        mine = [one for one in result.judged if play is None or one.play.startswith(play)]
        pool = {one for one in result.pool if play is None or one[0].startswith(play)}
        self.sittings += 1
        self.events += result.events
        self.commits += result.commits
        self.moments += result.moments
        self.hours += result.hours
        self.verdicts.update(one.verdict for one in mine)
        right = {offered_as(one.play, one.key) for one in mine if one.confirmed}
        self.pool += len(pool | right)
        self.found += len(right)
        self.helped += len({one.commit for one in mine if one.confirmed})

    def figures(self) -> dict[str, Any]:
        """The figures; a ratio whose denominator is zero is ``None``."""
        count = self.verdicts
        confirmed = count["exact"] + count["nearly"]
        told = confirmed + count["part"] + count["none"]
        alarms = count["part"] + count["none"]
        return {
            "sittings": self.sittings,
            "events": self.events,
            "commits": self.commits,
            "decisions": self.moments,
            "hours": round(self.hours, 2),
            "suggestions": sum(count.values()),
            "confirmed_exact": count["exact"],
            "confirmed_nearly": count["nearly"],
            "confirmed_part": count["part"],
            "unconfirmed": count["none"],
            "unknown": count["unknown"],
            "planted": count["planted"],
            "precision": _ratio(confirmed, told),
            "precision_exact": _ratio(count["exact"], told),
            "recall_pooled": _ratio(self.found, self.pool),
            "pool": self.pool,
            "false_alarms_per_hour": _ratio(alarms, self.hours),
            "commits_helped": self.helped,
            "commits_helped_share": _ratio(self.helped, self.commits),
        }


def report(results: Sequence[SittingResult], seed: int = 0) -> dict[str, Any]:
    """All figures, by play and repository; 95 % bootstrap intervals over repositories, or the sittings of one."""
    plays = sorted(
        {one.play for result in results for one in result.judged} | {p for r in results for p, _ in r.pool}
    )
    times = sorted(value for result in results for value in result.milliseconds)
    silences: Counter[str] = Counter()
    for result in results:
        silences.update(result.silences)
    groups: dict[str, list[SittingResult]] = defaultdict(list)
    for result in results:
        groups[result.repository].append(result)
    units = list(groups.values()) if len(groups) > 1 else [[result] for result in results]
    names = ["never", *sorted({name for result in results for name in result.baselines})]
    others = {
        name: [[result.of_baseline(name) for result in unit] for unit in units] for name in names if len(names) > 1
    }
    return {
        **_summed(results).figures(),
        "ci": _intervals(units, seed),
        "ci_over": "repositories" if len(groups) > 1 else "sittings",
        "baselines": {
            name: {**_summed(one for unit in theirs for one in unit).figures(), "ci": _intervals(theirs, seed)}
            for name, theirs in others.items()
        },
        "decision_ms": {"p50": _quantile(times, 0.5), "p99": _quantile(times, 0.99)},
        "silences": dict(silences.most_common()),
        "plays": {
            play: {**_summed(results, play).figures(), "ci": _intervals(units, seed, play)} for play in plays
        },
        "repositories": {name: _summed(members).figures() for name, members in sorted(groups.items())},
    }


def _summed(results: Iterable[SittingResult], play: str | None = None) -> Sums:
    sums = Sums()
    for result in results:
        sums.add(result, play)
    return sums


def _intervals(
    units: Sequence[Sequence[SittingResult]], seed: int, play: str | None = None
) -> dict[str, list[float]]:
    """95 % intervals of the ratios, drawing units with replacement."""
    if len(units) < 2:
        return {}
    parts = [_summed(unit, play) for unit in units]
    names = ("precision", "precision_exact", "recall_pooled", "false_alarms_per_hour", "commits_helped_share")
    draws: dict[str, list[float]] = {name: [] for name in names}
    for times in times_drawn(len(parts), RESAMPLES, seed).astype(int).tolist():
        whole = Sums()
        for part, often in zip(parts, times, strict=True):
            whole.verdicts.update({verdict: often * count for verdict, count in part.verdicts.items()})
            whole.hours += often * part.hours
            whole.commits += often * part.commits
            whole.pool += often * part.pool
            whole.found += often * part.found
            whole.helped += often * part.helped
        figures = whole.figures()
        for name in names:
            if figures[name] is not None:
                draws[name].append(figures[name])
    return {
        name: [_quantile(sorted(values), 0.025), _quantile(sorted(values), 0.975)]
        for name, values in draws.items()
        if values
    }


def _quantile(values: Sequence[float], share: float) -> float:
    return round(values[min(int(share * len(values)), len(values) - 1)], 4) if values else 0.0


def _ratio(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None
