"""From a replay to what a bench keeps of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import pairwise

from proactive_collectors.events import Event
from proactive_collectors.trace import Trace
from proactive_inference.proposal import Proposal
from proactive_training.bench.example import Offer, OfferedEdit, Sitting, Verdict
from proactive_training.gym.hindsight import text_between
from proactive_training.gym.loop import Episode
from proactive_training.gym.order import Role, role_of
from proactive_training.gym.replay_workspace import path_of
from proactive_training.gym.work import SittingWork

BREAK = timedelta(minutes=10)
"""A longer time between two events is no work."""

Read = Callable[[str], str | None]


def sitting_of(work: SittingWork, episode: Episode, licence: str = "") -> Sitting:
    """A replayed sitting as a bench keeps it."""
    return Sitting(
        Trace(work.name, tuple(episode.events)),
        domain=domain_of(work),
        repository=work.repository,
        commit=work.commits[0].commit,
        source="replay",
        licence=licence,
        group=work.repository,
    )


def active_hours(events: Sequence[Event]) -> float:
    """How long somebody was at work: the time between events, but for breaks of over ten minutes."""
    gaps = (later.time - earlier.time for earlier, later in pairwise(events))
    return sum((gap for gap in gaps if gap <= BREAK), timedelta()).total_seconds() / 3600


def offer_of(proposal: Proposal, verdict: Verdict, text: Read) -> Offer:
    """A proposal as a bench keeps it.

    Args:
        proposal: made for the texts as they stand.
        verdict: by hindsight.
        text: a file's text by its URI, as it stands.
    """
    edits = tuple(
        OfferedEdit(path_of(file.uri), edit, text_between(text(file.uri) or "", edit.range))
        for file in proposal.edits
        for edit in file.edits
    )
    return Offer(
        task=proposal.task,
        title=proposal.title,
        proposer=proposal.play,
        key=proposal.key,
        path=path_of(proposal.anchor.uri),
        line=proposal.anchor.range.start.line,
        edits=edits,
        command=proposal.command,
        confidence=proposal.confidence,
        verdict=verdict,
    )


def domain_of(work: SittingWork) -> str:
    """``writing`` where only prose was changed, else ``code``."""
    paths = [file.path for commit in work.commits for file in commit.files]
    return "writing" if all(role_of(path) is Role.PROSE for path in paths) else "code"
