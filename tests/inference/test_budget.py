"""How often a language model may be asked, and how long it is left alone after failures."""

from datetime import UTC, datetime, timedelta

from proactive_inference.availability import FIRST_PAUSE, LONGEST_PAUSE, Availability
from proactive_inference.budget import Budget

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_calls_and_tokens_count_for_an_hour():
    budget = Budget(calls=3, tokens=1000)
    budget.spend(NOW, 2, 400)
    assert budget.used(NOW) == (2, 400) and budget.exhausted(NOW) is None
    later = NOW + timedelta(minutes=30)
    budget.spend(later, 1, 100)
    assert budget.exhausted(later) == "3 of 3 calls of this hour are used"
    assert budget.used(NOW + timedelta(minutes=61)) == (1, 100)
    budget.spend(later, 1, 900)
    assert budget.exhausted(NOW + timedelta(minutes=61)) == "1000 of 1000 tokens of this hour are used"
    assert budget.exhausted(later + timedelta(hours=1)) is None


def test_a_budget_of_nothing_is_used_up_from_the_start():
    assert Budget(calls=0, tokens=10).exhausted(NOW) is not None


def test_the_pause_after_failures_doubles_up_to_a_limit_and_an_answer_ends_it():
    model, now = Availability(), NOW
    assert model.well and model.may_ask(now)
    pauses = []
    for _ in range(9):
        model.failed(now, "the server is down")
        assert not model.well and not model.may_ask(now)
        begun = now
        while not model.may_ask(now):
            now += timedelta(seconds=1)
        pauses.append(now - begun)
    assert pauses[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE] and pauses[-1] == LONGEST_PAUSE
    model.answered()
    model.failed(now, "busy", timedelta(seconds=45))
    assert not model.may_ask(now + timedelta(seconds=44)) and model.may_ask(now + timedelta(seconds=45))
    model.answered()
    assert model.well and model.may_ask(now)
    model.failed(now, "again")
    assert model.may_ask(now + FIRST_PAUSE)
