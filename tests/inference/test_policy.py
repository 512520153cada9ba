"""The rules by themselves, on a clock of the test's own."""

from datetime import UTC, datetime, timedelta

from proactive_collectors.events import (
    DocumentSaved,
    EditBurst,
    Event,
    Source,
    SuggestionDismissed,
    SuggestionShown,
)
from proactive_inference.decision import Reason
from proactive_inference.policy import Policy, PolicySettings
from proactive_inference.proposal import Boundary

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def asked(policy: Policy, time: datetime) -> Reason | None:
    silence = policy.silence(time, Boundary.QUIET, Event(time, Source.LSP, DocumentSaved()))
    return silence.reason if silence else None


def test_a_clock_set_back_an_hour_lengthens_no_pause() -> None:
    policy = Policy(PolicySettings(pause_seconds=20))
    policy.observe(Event(after(3600), Source.LSP, EditBurst(())))
    policy.observe(Event(after(3600), Source.AGENT, SuggestionShown("1", "p", "k", "t")))
    assert asked(policy, after(10)) is Reason.TYPING, "for all one knows, the last key was pressed just now"
    assert asked(policy, after(12)) is Reason.TOO_SOON
    assert asked(policy, after(31)) is None


def test_a_dismissal_before_the_clock_was_set_back_still_counts() -> None:
    policy = Policy(PolicySettings(pause_seconds=20))
    policy.observe(Event(after(3600), Source.AGENT, SuggestionDismissed("1", "p", "k", "t")))
    assert asked(policy, after(10)) is Reason.BACKING_OFF
    assert asked(policy, after(49)) is Reason.BACKING_OFF
    assert asked(policy, after(51)) is None


def test_sources_a_moment_apart_are_no_clock_set_back() -> None:
    policy = Policy(PolicySettings(pause_seconds=20))
    policy.observe(Event(after(0.5), Source.AGENT, SuggestionShown("1", "p", "k", "t")))
    assert asked(policy, after(0)) is Reason.TOO_SOON
    assert asked(policy, after(20.4)) is Reason.TOO_SOON
    assert asked(policy, after(20.5)) is None
