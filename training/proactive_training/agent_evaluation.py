"""ProactiveBench's protocol for an agent: it proposes at each event, a judge says what would have been accepted.

As in the paper (arXiv 2410.12361, section 4): a proposal that is accepted is TP, one that is not FP; silence is TN
where no help is needed and FN where it is. The rule where several answers are drawn, **pred@k**: an event's
proposals are the different tasks among the first k answers; with none of them the agent was silent; if any of them
is accepted, the proposal was accepted. The first answer is taken at temperature 0, the others at a higher one.

**With the judge in the loop** a proposal that the judge rejects is not made: of the proposals that it accepts, the
one that it thinks likeliest to be accepted is made, alone; where it rejects them all, the agent is silent.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, count
from typing import Any

from attrs import evolve, frozen

from proactive_collectors.trace import Window
from proactive_inference.errors import AnswerError
from proactive_inference.models.agent_answer import AGENT_SCHEMA, read_agent_answer
from proactive_inference.models.agent_prompt import agent_messages
from proactive_inference.models.chat import MOST_TOKENS, ChatModel, Completion
from proactive_inference.models.messages import Message
from proactive_training.agent_truth import (
    ACCEPTS,
    Probability,
    Ruling,
    check_judged,
    counts_by,
    people_say,
    plain,
    rule,
)
from proactive_training.answer_cache import AnswerCache
from proactive_training.evaluation_figures import evaluation_figures
from proactive_training.evaluation_file import Evaluation, Exposure, Row, Task
from proactive_training.exposure import Seen, exposure
from proactive_training.metrics import baselines
from proactive_training.need_data import NeedData
from proactive_training.need_rows import need_rows
from proactive_training.proactivebench import Label
from proactive_training.progress import Progress

ANSWERS = 3
"""How many answers are drawn at an event, as in the paper."""

Judged = Sequence[Mapping[str, float | None]]
"""Of each event, the probability of acceptance by task; ``None``: the judge's answer has no judgement in it."""


@frozen
class Moment:
    """A labelled event, and what the agent answered there."""

    row: Row
    label: Label
    window: Window
    completions: tuple[Completion, ...] = ()

    def tasks(self, most: int) -> list[str]:
        """The different tasks among the first answers, in order; an answer that cannot be read proposes none."""
        found: dict[str, str] = {}
        for completion in self.completions[:most]:
            task = _task(completion)
            if task is not None:
                found.setdefault(plain(task), task)
        return list(found.values())


@frozen
class Agent:
    """Who is measured, and how it is asked."""

    model: ChatModel
    most_events: int
    answers: int = ANSWERS
    temperature: float = 0.7  #: of all answers but the first
    max_tokens: int = MOST_TOKENS
    seed: int = 0


def moments_of(data: NeedData, limit: int | None = None) -> list[Moment]:
    """The labelled events, or the first ``limit`` of them."""
    traces = {trace.trace.name: trace for trace in data.bench.traces}
    moments = []
    for row in need_rows(data.bench)[:limit]:
        label = traces[row.trace].labels[row.index]
        assert label is not None
        moments.append(Moment(row, label, traces[row.trace].window(row.index)))
    return moments


def ask(
    agent: Agent, moments: Sequence[Moment], cache: AnswerCache, progress: Progress | None = None
) -> list[Moment]:
    """The same events with the agent's answers.

    Raises:
        ModelError: the model cannot be asked.
        DataError: its answers cannot be kept.
    """
    asking = partial(cache.complete, agent.model, schema=AGENT_SCHEMA, max_tokens=agent.max_tokens)
    draws = [asking(_questions(agent, moments))]
    if agent.answers > 1:
        others = partial(asking, temperature=agent.temperature, seed=agent.seed, count=agent.answers - 1)
        draws.append(others(_questions(agent, moments)))
    asked: list[Moment] = []
    for moment, *answers in zip(moments, *draws, strict=True):
        asked.append(evolve(moment, completions=tuple(chain.from_iterable(answers))))
        if progress is not None:
            progress(len(asked), len(moments))
    return asked


def _questions(agent: Agent, moments: Sequence[Moment]) -> Iterator[Sequence[Message]]:
    return (agent_messages(moment.window, most_events=agent.most_events) for moment in moments)


def agent_evaluations(
    data: NeedData,
    agent: Agent,
    *,
    cache: AnswerCache | None = None,
    truth: Probability | None = None,
    loop: Probability | None = None,
    limit: int | None = None,
    progress: Progress | None = None,
    judging: Progress | None = None,
    seed: int = 0,
    learned: Collection[str] | None = None,
) -> list[Evaluation]:
    """An evaluation for each of pred@1 and pred@k, without and with the judge in the loop.

    Args:
        data: labelled events.
        agent: who is measured.
        cache: where answers are kept.
        truth: says what would have been accepted where no person did; by default the need for help does.
        loop: the judge in the loop; by default none.
        limit: only so many events.
        progress: called as events are done.
        judging: called as proposals are judged.
        seed: of the intervals.
        learned: the traces that the model has seen, if they are known.

    Raises:
        ModelError: the model or a judge cannot be asked.
        TrainingError: none of a judge's answers has a judgement in it.
        DataError: answers cannot be kept.
    """
    started = time.perf_counter()
    moments = ask(agent, moments_of(data, limit), cache if cache is not None else AnswerCache(), progress)
    cost = _cost(moments, time.perf_counter() - started)
    seen = exposure(data.names, learned, "model")
    ruled, passed = _judged(moments, agent.answers, truth, loop, judging)
    found = []
    for looped in (None, passed) if passed is not None else (None,):
        for most in sorted({1, agent.answers}):
            found.append(_evaluation(data, agent, moments, most, ruled, looped, cost, seed, seen))
    return found


def _judged(
    moments: Sequence[Moment],
    most: int,
    truth: Probability | None,
    loop: Probability | None,
    progress: Progress | None,
) -> tuple[Judged | None, Judged | None]:
    """What the two judges say of all proposals; the one who rules is not asked where people have judged.

    Raises:
        ModelError: a judge cannot be asked.
        TrainingError: none of a judge's answers has a judgement in it.
    """
    every = [moment.tasks(most) for moment in moments]
    open_to_judge = [
        [task for task in tasks if people_say(moment.label, task) is None]
        for moment, tasks in zip(moments, every, strict=True)
    ]
    total = sum(map(len, every)) if loop is not None else 0
    total += sum(map(len, open_to_judge)) if truth is not None and truth is not loop else 0
    done = count(1)

    def said(judge: Probability, tasks: Sequence[Sequence[str]]) -> Judged:
        found: list[dict[str, float | None]] = [{} for _ in moments]
        for moment, here, judged in zip(moments, tasks, found, strict=True):
            for task in here:
                judged[task] = judge(moment.window, task)
                if progress is not None:
                    progress(next(done), total)
        check_judged([value for judged in found for value in judged.values()])
        return found

    looped = said(loop, every) if loop is not None else None
    if truth is loop:
        return looped, looped
    return said(truth, open_to_judge) if truth is not None else None, looped


def _evaluation(
    data: NeedData,
    agent: Agent,
    moments: Sequence[Moment],
    most: int,
    truth: Judged | None,
    loop: Judged | None,
    cost: dict[str, Any],
    seed: int,
    seen: Seen,
) -> Evaluation:
    rows, rulings, stopped = [], [], 0
    for number, moment in enumerate(moments):
        made = moment.tasks(most)
        if loop is not None:
            stopped += sum(loop[number][task] is None for task in made)
            made = _passed(made, loop[number])
        ruled = [(task, rule(moment.label, task, truth[number] if truth is not None else None)) for task in made]
        rows.append(_row(moment, ruled))
        rulings += [ruling for _, ruling in ruled]
    name = f"{agent.model.name}, pred@{most}" + (", judge in the loop" if loop is not None else "")
    figures = evaluation_figures(rows, Task.AGENT, seed=seed)
    # What always speaking would propose is not known: each proposal counts as right where help is needed.
    figures["baselines"] = baselines(_needs(moments))
    return Evaluation(
        Task.AGENT,
        name,
        tuple(rows),
        figures,
        exposure=seen[0],
        kind="agent",
        protocol=f"pred@{most}, {'judge in the loop' if loop is not None else 'no judge in the loop'}",
        data=data.card(),
        details={
            "model": agent.model.name,
            "pred_at": most,
            "judge_in_the_loop": loop is not None,
            "counts": _counts(rows),
            "ruled_by": counts_by(rulings),
            "events": agent.most_events,
            "temperature": agent.temperature,
            "seed": agent.seed,
            **cost,
        },
        notes=(*seen[1], *_notes(rulings, stopped, cost["valid"])),
        problems=tuple(map(str, data.bench.problems)),
    )


def _passed(tasks: Sequence[str], judged: Mapping[str, float | None]) -> list[str]:
    """What the judge in the loop lets through: its favourite, or nothing."""
    said = ((judged[task], -number, task) for number, task in enumerate(tasks))
    best = max(((value, place, task) for value, place, task in said if value is not None), default=None)
    return [best[2]] if best is not None and best[0] >= ACCEPTS else []


def _row(moment: Moment, ruled: Sequence[tuple[str, Ruling]]) -> Row:
    if not ruled:
        return evolve(moment.row, speaks=False, label=moment.label.need, task=None)
    task, ruling = next(((t, r) for t, r in ruled if r.accepted), ruled[0])
    return evolve(moment.row, speaks=True, label=ruling.accepted, task=task)


def _counts(rows: Sequence[Row]) -> dict[str, int]:
    """The paper's four counts."""
    cells = {"tp": (True, True), "fp": (True, False), "tn": (False, False), "fn": (False, True)}
    return {name: sum((row.speaks, row.label) == cell for row in rows) for name, cell in cells.items()}


def _cost(moments: Sequence[Moment], seconds: float) -> dict[str, Any]:
    completions = [completion for moment in moments for completion in moment.completions]
    return {
        "valid": sum(_readable(one) for one in completions) / max(1, len(completions)),
        "tokens": sum(one.tokens for one in completions),
        "prompt_tokens": sum(one.prompt_tokens for one in completions),
        "seconds": round(seconds, 1),
    }


def _notes(rulings: Sequence[Ruling], stopped: int, valid: float) -> tuple[str, ...]:
    """What is to be said of the proposals that were ruled on, of those that the loop's judge did not judge, and of
    the share of answers that could be read."""
    by, whole = counts_by(rulings), len(rulings)
    notes = []
    if by["need"]:
        notes.append(
            f"{by['need']} of {whole} proposals were judged by nobody: "
            "they count as accepted where help was needed, which is kinder than people are."
        )
    if by["judge"]:
        notes.append(f"{by['judge']} of {whole} proposals were judged by a model, {by['people']} by people.")
    if by["unreadable"]:
        notes.append(
            f"{by['unreadable']} of {whole} proposals got no judgement that can be read: they count as rejected."
        )
    if stopped:
        notes.append(f"{stopped} proposals got no judgement that can be read in the loop: they are not made.")
    if valid < 1:
        notes.append(f"{1 - valid:.1%} of the answers could not be read: they propose nothing.")
    return tuple(notes)


def _needs(moments: Sequence[Moment]) -> Any:
    import numpy as np

    return np.asarray([moment.label.need for moment in moments], dtype=bool)


def _task(completion: Completion) -> str | None:
    try:
        return read_agent_answer(completion.text).task
    except AnswerError:
        return None


def _readable(completion: Completion) -> bool:
    try:
        read_agent_answer(completion.text)
    except AnswerError:
        return False
    return True


def agent_report(evaluations: Sequence[Evaluation]) -> dict[str, Any]:
    """What ``proactive evaluate agent --json`` prints: the first setting's figures, then all of them."""
    first = evaluations[0]
    settings = {
        one.protocol: {
            **one.figures,
            "counts": one.details["counts"],
            "ruled_by": one.details["ruled_by"],
            "notes": list(one.notes),
        }
        for one in evaluations
    }
    shared = {key: value for key, value in first.details.items() if key not in ("pred_at", "judge_in_the_loop")}
    return {
        **first.figures,
        **shared,
        "evaluated": first.name,
        "kind": first.kind,
        "exposure": first.exposure.value,
        "seen_in_training": first.exposure is Exposure.SEEN,
        "data": first.data,
        "notes": list(first.notes),
        "problems": list(first.problems),
        "settings": settings,
    }
