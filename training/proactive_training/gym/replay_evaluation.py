"""An agent replayed over real histories: what it offered, what the person did, and what it missed.

A suggestion is *confirmed* where the rest of the sitting bears it out in full (``exact``) or but for at most a
fifth of its places (``nearly``); ``part`` and ``none`` are false alarms, the first with something right in it;
``unknown`` are those of which what came next tells nothing, and those without an edit; ``planted`` those that are
right, but only of slips that the replay itself made: both are counted, and left out of precision. Confirmed
suggestions are taken, and so are their edits.

Recall is over the pool: every offer of any proposer at any boundary, each once a sitting, that is confirmed, not
planted, and that the person did not do at once. The naive rule is one of the proposers, so that what no play saw
is missed there, too; what it finds is for the repeated edit to find.

Beside the agent three others are measured in the same sittings: ``always``, the same plays with a gate that always
says yes; ``naive``, the naive rule alone; and ``never``, which says nothing.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from attrs import define, evolve, field, frozen

from proactive_collectors.events import Event
from proactive_collectors.workspace import WorkspaceView
from proactive_inference.agent import Agent, Step
from proactive_inference.embedded import embedded_agent, embedded_plays
from proactive_inference.proposal import Suggestion
from proactive_training.bench.dataset import Record
from proactive_training.bench.example import Example, Label, LabelSource, Verdict
from proactive_training.gym.hindsight import Judgement
from proactive_training.gym.labelling import Labeller, SilentGate
from proactive_training.gym.loop import Episode, Moment
from proactive_training.gym.naive import NaiveRule, always_agent, naive_agent
from proactive_training.gym.records import active_hours, offer_of, sitting_of
from proactive_training.gym.replay import Stage
from proactive_training.gym.replaying_user import ReplayingUser
from proactive_training.gym.work import SittingWork
from proactive_training.gym.workers import Lot, Tools

AgentMaker = Callable[[], Agent]

BASELINES: Mapping[str, AgentMaker] = {"always": always_agent, "naive": naive_agent}
"""What is measured beside the agent under test."""


@frozen
class Judged:
    """One suggestion and what the history says of it."""

    play: str
    key: str
    verdict: str  #: ``exact``, ``nearly``, ``part``, ``none``, ``unknown`` or ``planted``
    commit: str
    places: int
    wrong: tuple[str, ...]  #: the places that were not borne out
    example: Example | None  #: for the review form

    @property
    def confirmed(self) -> bool:
        """Whether most people would have been glad of it."""
        return self.verdict in ("exact", "nearly")

    @property
    def told(self) -> bool:
        """Whether the history says anything of it."""
        return self.verdict not in ("unknown", "planted")


@frozen
class SittingResult:
    """One sitting."""

    repository: str
    name: str
    events: int
    commits: int
    hours: float
    moments: int
    judged: tuple[Judged, ...]
    pool: frozenset[tuple[str, str]]  #: proposer and key of what could have been offered rightly
    silences: dict[str, int]  #: by reason
    milliseconds: tuple[float, ...]  #: CPU time of each decision
    record: Record | None  #: with its events, where something has to be shown
    baselines: dict[str, tuple[Judged, ...]] = field(factory=dict)  #: what the others suggested

    def of_baseline(self, name: str) -> SittingResult:
        """The same sitting with what a baseline suggested in it."""
        return evolve(self, judged=self.baselines.get(name, ()), baselines={})


@define
class Timed:
    """An assistant whose decisions are timed."""

    agent: Agent
    milliseconds: list[float] = field(factory=list)

    @property
    def wake_at(self) -> datetime | None:
        """When it has something to do."""
        return self.agent.wake_at

    def observe(self, event: Event, workspace: WorkspaceView) -> Step:
        """Take in an event."""
        begun = time.thread_time()
        return self._noted(begun, self.agent.observe(event, workspace))

    def tick(self, now: datetime, workspace: WorkspaceView) -> Step:
        """Do what is due."""
        begun = time.thread_time()
        return self._noted(begun, self.agent.tick(now, workspace))

    def _noted(self, begun: float, step: Step) -> Step:
        if step.decision is not None:
            self.milliseconds.append(1000 * (time.thread_time() - begun))
        return step


@define
class Critic:
    """Looks on and judges each suggestion when it comes."""

    user: ReplayingUser
    sitting: str
    judged: list[Judged] = field(factory=list)
    silences: Counter[str] = field(factory=Counter)

    def decided(self, episode: Episode, moment: Moment) -> None:
        """Judge a suggestion, or count a silence."""
        outcome = moment.decision.outcome
        if not isinstance(outcome, Suggestion):
            self.silences[outcome.reason.value] += 1
            return
        proposal = outcome.proposal
        judgement = self.user.judge(outcome) if proposal.edits else Judgement()
        verdict = verdict_of(judgement)
        if verdict in ("exact", "nearly") and self.user.planted(proposal.edits):
            verdict = "planted"
        offer = offer_of(proposal, judgement.verdict, self.user.now)
        accepted = None if verdict == "unknown" else verdict in ("exact", "nearly", "planted")
        said = "; ".join(judgement.wrong[:5])
        label = Label(LabelSource.HINDSIGHT, None, accepted, (), f"{verdict}{': ' + said if said else ''}")
        commit = self.user.commit
        self.judged.append(
            Judged(
                proposal.play,
                proposal.key,
                verdict,
                commit.commit if commit else "",
                sum(len(file.edits) for file in proposal.edits),
                judgement.wrong,
                Example(self.sitting, max(moment.index, 0), label, offer, moment.decision.boundary.value),
            )
        )

    def acted(self, now: datetime) -> None:
        """Nothing follows from it."""


def verdict_of(judgement: Judgement) -> str:
    """``exact``, ``nearly``, ``part``, ``none`` or ``unknown``."""
    if judgement.verdict is Verdict.PART and judgement.mostly:
        return "nearly"
    return judgement.verdict.value


@frozen
class Trial:
    """What is measured."""

    seed: int = 0
    make: AgentMaker = embedded_agent  #: the agent under test, anew for each sitting
    baselines: bool = True  #: and the others beside it


def evaluate_lot(tools: Tools, lot: Lot, trial: Trial) -> list[SittingResult]:
    """Replay a lot for a trial."""
    return [evaluate_sitting(tools, work, trial) for work in lot]


def evaluate_sitting(tools: Tools, work: SittingWork, trial: Trial) -> SittingResult:
    """One sitting: once for the pool, once with the agent under test, and once with each of the baselines."""
    stage = Stage.of(tools.git, work, tools.linter, trial.seed, tools.runner)
    labeller = Labeller(stage.environment, stage.user, (*embedded_plays(), NaiveRule()))
    pooled = stage.run(Agent(SilentGate(), ()), labeller)
    pool = {
        (example.offer.proposer, example.offer.key)
        for example in labeller.examples(work.name, pooled.events)
        if example.offer is not None and example.label.accepted and example.label.rule == "confirmed"
    }
    agent, critic, episode = _tried(tools, work, trial.seed, trial.make)
    others = {
        name: tuple(map(light, _tried(tools, work, trial.seed, make)[1].judged))
        for name, make in (BASELINES.items() if trial.baselines else ())
    }
    bad = any(one.told and not one.confirmed for one in critic.judged)
    record = (
        Record(sitting_of(work, episode), tuple(one.example for one in critic.judged if one.example))
        if bad
        else None
    )
    return SittingResult(
        work.repository,
        work.name,
        len(episode.events),
        len(work.commits),
        active_hours(episode.events),
        len(episode.moments),
        tuple(critic.judged),
        frozenset(offered_as(*one) for one in pool - labeller.planted),
        dict(critic.silences),
        tuple(agent.milliseconds),
        record,
        others,
    )


def _tried(tools: Tools, work: SittingWork, seed: int, make: AgentMaker) -> tuple[Timed, Critic, Episode]:
    stage = Stage.of(tools.git, work, tools.linter, seed, tools.runner)
    agent = Timed(make())
    critic = Critic(stage.user, work.name)
    return agent, critic, stage.run(agent, critic)


def offered_as(play: str, key: str) -> tuple[str, str]:
    """What an offer is, whoever makes it: the naive rule's are those of the repeated edit."""
    return ("repeated_edit.replace" if play == NaiveRule.name else play), key


def judged_of(results: Iterable[SittingResult]) -> Iterator[tuple[Judged, Record]]:
    """The suggestions that were wrong, with their sittings."""
    for result in results:
        for one in result.judged:
            if one.told and not one.confirmed and result.record is not None:
                yield one, result.record


def light(judged: Judged) -> Judged:
    """The same without what only a review form needs."""
    return evolve(judged, wrong=(), example=None)


def worst(found: Iterable[tuple[Judged, Record]], count: int) -> list[tuple[Judged, Record]]:
    """The suggestions that were most wrong: those with nothing right first, then by how many places were wrong."""
    return sorted(found, key=lambda pair: (pair[0].verdict != "none", -len(pair[0].wrong)))[:count]
