"""Chooses whole traces to hold out, and finds out where held-out traces are in the training data after all."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from pathlib import Path

from proactive_training.errors import DataError
from proactive_training.exposure import learned_by
from proactive_training.stages.agent_examples import AgentData, AgentExample
from proactive_training.stages.recipe import Say


def hold_out(data: AgentData, what: str | None, *, seed: int = 0) -> list[str]:
    """The groups that ``what`` names: a share between 0 and 1, or names of traces with commas; sorted.

    Raises:
        DataError: it names what is not there, or leaves nothing to learn from.
    """
    if not what or what == "0":
        return []
    groups = data.groups
    try:
        share = float(what)
    except ValueError:
        return _named(data, what)
    if not 0 < share < 1:
        raise DataError(f"--held-out {what} is no share between 0 and 1; give one, or names of traces")
    count = max(1, round(share * len(groups)))
    if count >= len(groups):
        raise DataError(
            f"there are {len(groups)} traces, of which {count} would be held out; "
            "give more data, or a smaller --held-out"
        )
    return sorted(random.Random(seed).sample(groups, count))


def _named(data: AgentData, what: str) -> list[str]:
    names = [name.strip() for name in what.split(",") if name.strip()]
    by_name = {example.trace: example.group for example in data.examples}
    by_name |= {group: group for group in data.groups}
    if strange := [name for name in names if name not in by_name]:
        raise DataError(
            f"there is no trace {strange[0]!r} to hold out; there are {', '.join(sorted(data.groups)[:10])}"
        )
    chosen = {by_name[name] for name in names}
    if chosen >= set(data.groups):
        raise DataError("every trace would be held out; name fewer with --held-out")
    return sorted(chosen)


def seen_before(held_out: Iterable[AgentExample], model: str, say: Say) -> dict[str, list[str]]:
    """What a run's card keeps of held-out groups that its model has learned from before; the user is told too.

    Keys: ``held_out_seen``, where there are any.
    """
    groups = {example.group for example in held_out}
    seen = sorted(groups & set(learned_by(model, weights=True) or ()))
    if not seen:
        return {}
    say(
        f"{model} has learned from {len(seen)} of the {len(groups)} held-out traces, such as {seen[0]}: the "
        "threshold and the figures from them flatter it; hold out traces that it has not seen."
    )
    return {"held_out_seen": seen}


def check_apart(train: AgentData, held_out: AgentData, where: Path) -> None:
    """Look whether held-out data are held out.

    Raises:
        DataError: traces, or the very same questions, stand in both.
    """
    both = set(train.groups) & set(held_out.groups)
    if not both:
        asked = {example.messages[-1].content for example in train.examples}
        both = {e.group for e in held_out.examples if e.messages[-1].content in asked}
    if both:
        raise DataError(
            f"{len(both)} of {len(held_out.groups)} held-out traces in {where} stand in the training data as "
            f"well, such as {min(both)}: the figures would say nothing; split by trace with 'proactive bench "
            "split', or hold out a share of the traces with --held-out 0.2"
        )


def check_both_ways(train: Sequence[AgentExample]) -> None:
    """Look whether what is left to learn from has both answers.

    Raises:
        DataError: it has silences alone, or tasks alone.
    """
    if len({example.speaks for example in train}) < 2:
        missing = "accepted task" if train and not train[0].speaks else "right silence"
        raise DataError(
            f"without the held-out traces there is no {missing} to learn from; hold out others "
            "(--held-out with names of traces, or another --seed), or give more data"
        )


def folds(groups: Sequence[str], count: int, *, seed: int = 0) -> list[list[str]]:
    """The groups dealt into ``count`` parts of like size, whatever their labels.

    Raises:
        DataError: there are fewer groups than parts.
    """
    if count < 3 or count > len(groups):
        raise DataError(
            f"{len(groups)} traces cannot be dealt into {count} folds, each with a fold to test on, one to choose "
            f"the threshold on and others to learn from; give --folds between 3 and {max(3, len(groups))}"
        )
    order = sorted(groups)
    random.Random(seed).shuffle(order)
    return [sorted(order[n::count]) for n in range(count)]
