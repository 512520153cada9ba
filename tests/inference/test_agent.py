"""The chain as a whole: boundaries, silence with its reason, and what becomes of a suggestion."""

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from proactive_collectors.events import (
    Change,
    DocumentSaved,
    EditBurst,
    Event,
    Failure,
    GitCommitted,
    SelectionChanged,
    Snoozed,
    SnoozeScope,
    Source,
    SuggestionAccepted,
    SuggestionDismissed,
    SuggestionDoneAlone,
    SuggestionIgnored,
    SuggestionShown,
    SuggestionSuperseded,
    TerminalRun,
    Where,
)
from proactive_collectors.text import Range, TextEdit
from proactive_inference.agent import Agent
from proactive_inference.decision import Reason, Silence
from proactive_inference.life import outcome_event
from proactive_inference.need import Evidence, Need
from proactive_inference.policy import PolicySettings
from proactive_inference.proposal import Anchor, Boundary, FileEdit, Proposal, Suggestion

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TEXT = "print(nmae)\n"


class SetGate:
    """A gate whose answer the test sets: here the rules are tested, not the learning."""

    def __init__(self, probability=0.9):
        self.probability = probability
        self.asked = 0

    def need(self, window):
        self.asked += 1
        return Need(self.probability, (Evidence("the last event", 2.0, len(window) - 1),))


class SpellingPlay:
    """Offers to replace ``nmae`` wherever it stands in ``a.py``."""

    name = "spelling"

    def __init__(self, confidence=0.9):
        self.confidence = confidence

    def propose(self, moment):
        document = moment.workspace.document(moment.workspace.folders()[0] + "/a.py")
        at = document.text.find("nmae") if document else -1
        if at < 0:
            return []
        range_ = Range.of(0, at, 0, at + 4)
        edit = FileEdit(document.uri, (TextEdit(range_, "name"),))
        anchor = Anchor(document.uri, range_)
        return [
            Proposal("spelling.name", "nmae", "Fix 'nmae'", "Fix it.", anchor, (edit,), confidence=self.confidence)
        ]


class BrokenPlay:
    name = "broken"

    def propose(self, moment):
        raise RuntimeError("a defect in a play")


@pytest.fixture
def sitting(memory_workspace):
    return Sitting(memory_workspace({"a.py": TEXT}))


class Sitting:
    """Feeds events at given seconds, and shows suggestions as the server does."""

    def __init__(self, workspace, *, gate=None, plays=None, settings=None):
        self.workspace = workspace
        self.gate = gate or SetGate()
        self.agent = Agent(self.gate, plays or [SpellingPlay()], settings or PolicySettings())

    def at(self, seconds, data, **where):
        where = {"uri": self.workspace.uri("a.py"), "workspace": self.workspace.folders()[0], **where}
        event = Event(time=START + timedelta(seconds=seconds), source=Source.LSP, where=Where(**where), data=data)
        return self._show(self.agent.observe(event, self.workspace))

    def tick(self, seconds):
        return self._show(self.agent.tick(START + timedelta(seconds=seconds), self.workspace))

    def _show(self, step):
        if step.decision and isinstance(step.decision.outcome, Suggestion):
            shown = outcome_event(step.decision.time, step.decision.outcome, SuggestionShown)
            self.agent.observe(shown, self.workspace)
        return step

    def answer(self, seconds, kind, suggestion):
        event = outcome_event(START + timedelta(seconds=seconds), suggestion, kind)
        return self.agent.observe(event, self.workspace)


FAILED = TerminalRun(
    command="pytest -q", exit_code=1, failures=(Failure("NameError: name 'nmae' is not defined"),)
)
PASSED = TerminalRun(command="pytest", exit_code=0)
TYPED = EditBurst((Change(Range.of(0, 0, 0, 0), "", "x"),), keystrokes=1)


def outcome(step):
    assert step.decision is not None
    return step.decision.outcome


def reason(step):
    silence = outcome(step)
    assert isinstance(silence, Silence)
    return silence.reason


def test_a_failed_run_is_answered_at_once(sitting):
    suggestion = outcome(sitting.at(0, FAILED))
    assert isinstance(suggestion, Suggestion)
    assert suggestion.boundary is Boundary.RUN_FAILED
    assert "pytest -q" in suggestion.because[0]
    assert sitting.agent.live == (suggestion,)


def test_a_commit_is_answered_at_once(sitting):
    assert outcome(sitting.at(0, GitCommitted("c" * 40, "Rename"))).boundary is Boundary.COMMITTED


@pytest.mark.parametrize("ended_by_hand", [0, 130, -2])
def test_a_run_that_went_well_or_was_interrupted_is_no_boundary(sitting, ended_by_hand):
    step = sitting.at(0, TerminalRun(command="pytest", exit_code=ended_by_hand))
    assert step.decision is None
    assert sitting.gate.asked == 0


@pytest.mark.parametrize(
    "answer",
    [
        TerminalRun("grep -rn nmae .", exit_code=1),
        TerminalRun("yes", exit_code=141),
        TerminalRun("test -f x", exit_code=1),
    ],
)
def test_a_run_whose_exit_is_an_answer_neither_asks_nor_uses_up_the_quiet_moment(sitting, answer):
    sitting.at(0, TYPED)
    assert sitting.at(2, answer).decision is None
    assert sitting.agent.wake_at == START + timedelta(seconds=7)
    assert outcome(sitting.tick(7)).boundary is Boundary.QUIET


def test_a_run_that_was_killed_from_outside_has_failed(sitting):
    assert outcome(sitting.at(0, TerminalRun("make", exit_code=137))).boundary is Boundary.RUN_FAILED


def test_after_an_edit_the_question_waits_for_quiet(sitting):
    assert sitting.at(0, TYPED).decision is None
    assert sitting.agent.wake_at == START + timedelta(seconds=5)
    assert sitting.tick(4.9).decision is None
    assert outcome(sitting.tick(5)).boundary is Boundary.QUIET
    assert sitting.tick(6).decision is None, "one quiet moment is asked about once"


def test_each_activity_puts_the_quiet_moment_off(sitting):
    sitting.at(0, TYPED)
    sitting.at(3, DocumentSaved())
    sitting.at(6, SelectionChanged(selecting=False))
    assert sitting.agent.wake_at == START + timedelta(seconds=11)


def test_below_the_threshold_no_play_is_asked(memory_workspace):
    sitting = Sitting(memory_workspace({"a.py": TEXT}), gate=SetGate(0.2), plays=[BrokenPlay()])
    step = sitting.at(0, FAILED)
    assert reason(step) is Reason.NO_NEED
    assert step.decision.need.probability == 0.2
    assert "0.20 below 0.25" in outcome(step).detail


def test_the_threshold_is_what_an_interruption_costs(memory_workspace):
    for cost, speaks in ((0.1, True), (0.3, False)):
        settings = PolicySettings(interruption_cost=cost)
        sitting = Sitting(memory_workspace({"a.py": TEXT}), gate=SetGate(0.22), settings=settings)
        assert isinstance(outcome(sitting.at(0, FAILED)), Suggestion) is speaks


def test_a_proposal_that_is_unlikely_to_be_taken_is_kept_back(memory_workspace):
    sitting = Sitting(memory_workspace({"a.py": TEXT}), gate=SetGate(0.6), plays=[SpellingPlay(0.3)])
    assert reason(sitting.at(0, FAILED)) is Reason.NOT_WORTH_IT


def test_a_play_that_fails_takes_no_other_with_it(memory_workspace, caplog):
    sitting = Sitting(memory_workspace({"a.py": TEXT}), plays=[BrokenPlay(), SpellingPlay()])
    assert isinstance(outcome(sitting.at(0, FAILED)), Suggestion)
    assert "the play broken failed" in caplog.text


def test_nothing_to_offer_is_a_reason(memory_workspace):
    assert reason(Sitting(memory_workspace({"a.py": "ok\n"})).at(0, FAILED)) is Reason.NO_PROPOSAL


def test_typing_and_selecting_forbid_and_are_asked_again(sitting):
    sitting.at(0, TYPED)
    assert reason(sitting.at(0.5, evolve(FAILED, seconds=2.0))) is Reason.TYPING
    assert isinstance(outcome(sitting.tick(5.5)), Suggestion)


def test_a_quick_run_is_answered_though_the_last_keystroke_is_fresh(sitting):
    sitting.at(0, TYPED)
    run = evolve(FAILED, seconds=0.3)
    assert isinstance(outcome(sitting.at(0.6, run)), Suggestion)
    sitting.at(60, TYPED)
    assert reason(sitting.at(60.2, run)) is Reason.TYPING, "typed while it ran"


def test_a_selection_forbids(sitting):
    sitting.at(0, SelectionChanged(selecting=True))
    assert reason(sitting.at(1, FAILED)) is Reason.SELECTING
    sitting.at(2, SelectionChanged(in_snippet=True))
    assert reason(sitting.at(3, FAILED)) is Reason.IN_SNIPPET


def test_comments_are_left_alone_unless_wanted(memory_workspace):
    for wanted in (False, True):
        sitting = Sitting(memory_workspace({"a.py": TEXT}), settings=PolicySettings(in_comments=wanted))
        sitting.at(0, EditBurst(TYPED.changes, in_comment=True))
        assert isinstance(outcome(sitting.tick(5)), Suggestion) is wanted


def test_a_language_can_be_switched_off(memory_workspace):
    settings = PolicySettings(disabled_languages=("python",))
    sitting = Sitting(memory_workspace({"a.py": TEXT}), settings=settings)
    assert reason(sitting.at(0, FAILED, language="python")) is Reason.DISABLED
    assert reason(sitting.at(30, FAILED, uri=None)) is Reason.DISABLED, (
        "the file the offer is about counts as well"
    )


def test_two_suggestions_keep_their_distance(sitting):
    first = outcome(sitting.at(0, FAILED))
    sitting.answer(2, SuggestionAccepted, first)
    assert reason(sitting.at(10, FAILED)) is Reason.TOO_SOON
    assert sitting.agent.wake_at == START + timedelta(seconds=20)
    assert isinstance(outcome(sitting.tick(20)), Suggestion), "what was held back is asked when the pause is over"


def test_a_run_that_passes_settles_what_was_held_back(sitting):
    sitting.answer(2, SuggestionAccepted, outcome(sitting.at(0, FAILED)))
    sitting.at(10, FAILED)
    sitting.at(12, TerminalRun(command="ls", exit_code=0))
    assert sitting.agent.wake_at is not None, "another program's success settles nothing"
    sitting.at(14, PASSED)
    assert sitting.agent.wake_at is None


def test_a_dismissal_doubles_the_pause_and_time_halves_it(memory_workspace):
    sitting = Sitting(memory_workspace({"a.py": TEXT}), settings=PolicySettings(dismissed_sort_pause_minutes=0))
    at, pauses = 0.0, []
    for number in range(3):
        sitting.workspace.files["a.py"] = f"nmae = {number}\n"
        sitting.agent.policy._dismissed.clear()  # each is another offer; here only the pause matters
        suggestion = outcome(sitting.at(at, FAILED))
        assert isinstance(suggestion, Suggestion)
        sitting.answer(at + 1, SuggestionDismissed, suggestion)
        now = START + timedelta(seconds=at + 1)
        pauses.append((sitting.agent.policy.free_at(now) - now).total_seconds())
        at += pauses[-1] + 2
    assert pauses == [40, 80, 160]
    later = START + timedelta(seconds=at) + timedelta(minutes=61)
    assert sitting.agent.policy._doublings(later) == 1


def test_back_off_is_named_and_capped(memory_workspace):
    sitting = Sitting(memory_workspace({"a.py": TEXT}), settings=PolicySettings(pause_cap_minutes=0.5))
    sitting.answer(1, SuggestionDismissed, outcome(sitting.at(0, FAILED)))
    assert reason(sitting.at(25, FAILED)) is Reason.BACKING_OFF
    assert reason(sitting.at(31.5, FAILED)) is Reason.DISMISSED_BEFORE


def test_what_was_dismissed_never_returns_and_its_sort_rests(sitting):
    suggestion = outcome(sitting.at(0, FAILED))
    sitting.answer(1, SuggestionDismissed, suggestion)
    assert sitting.agent.live == ()
    day = 24 * 3600
    assert reason(sitting.at(3600, FAILED)) is Reason.DISMISSED_BEFORE
    assert reason(sitting.at(day, FAILED)) is Reason.DISMISSED_BEFORE


def test_dismissals_are_recalled_from_the_journal(sitting, memory_workspace):
    suggestion = outcome(sitting.at(0, FAILED))
    dismissal = outcome_event(START + timedelta(seconds=1), suggestion, SuggestionDismissed)
    tomorrow = Sitting(memory_workspace({"a.py": TEXT}))
    tomorrow.agent.recall([dismissal])
    assert reason(tomorrow.at(24 * 3600, FAILED)) is Reason.DISMISSED_BEFORE


def test_snooze_reaches_as_far_as_asked(memory_workspace):
    def fresh():
        return Sitting(memory_workspace({"a.py": TEXT}))

    for scope in SnoozeScope:
        sitting = fresh()
        sitting.at(0, Snoozed(scope, minutes=15))
        assert reason(sitting.at(60, FAILED)) is Reason.SNOOZED
        assert isinstance(outcome(sitting.at(15 * 60 + 1, FAILED)), Suggestion)
    elsewhere = fresh()
    elsewhere.at(0, Snoozed(SnoozeScope.FILE, minutes=15), uri=elsewhere.workspace.uri("b.py"))
    assert isinstance(outcome(elsewhere.at(60, FAILED)), Suggestion)
    ended = fresh()
    ended.at(0, Snoozed(SnoozeScope.WORKSPACE, minutes=15))
    ended.at(1, Snoozed(SnoozeScope.ALL, minutes=0))
    assert isinstance(outcome(ended.at(60, FAILED)), Suggestion)


def test_an_unanswered_suggestion_expires_and_rests(sitting):
    sitting.at(0, FAILED)
    assert sitting.agent.wake_at == START + timedelta(minutes=10)
    (ended,) = sitting.tick(600).ended
    assert isinstance(ended.data, SuggestionIgnored)
    assert sitting.agent.live == ()
    assert reason(sitting.at(660, FAILED)) is Reason.ALREADY_SHOWN


def test_what_expired_and_is_then_done_by_hand_is_an_outcome_of_its_own(sitting):
    sitting.at(0, FAILED)
    assert isinstance(sitting.tick(600).ended[0].data, SuggestionIgnored)
    assert sitting.at(700, TYPED).ended == ()
    sitting.workspace.files["a.py"] = TEXT.replace("nmae", "name")
    (ended,) = sitting.at(800, TYPED).ended
    assert isinstance(ended.data, SuggestionDoneAlone)
    assert sitting.at(810, TYPED).ended == ()


def test_what_expired_is_not_followed_for_ever(sitting):
    sitting.at(0, FAILED)
    sitting.tick(600)
    sitting.workspace.files["a.py"] = TEXT.replace("nmae", "name")
    assert sitting.at(600 + 3600, TYPED).ended == ()


def test_the_same_offer_is_not_made_twice_while_it_waits(sitting):
    sitting.at(0, FAILED)
    assert reason(sitting.at(30, FAILED)) is Reason.ALREADY_SHOWN


def test_what_a_snooze_put_away_can_be_offered_again_once_the_quiet_has_ended(sitting):
    suggestion = outcome(sitting.at(0, FAILED))
    sitting.answer(1, SuggestionSuperseded, suggestion)
    assert sitting.agent.live == ()
    sitting.at(1, Snoozed(SnoozeScope.ALL, minutes=60))
    assert reason(sitting.at(30, FAILED)) is Reason.SNOOZED
    sitting.at(40, Snoozed(SnoozeScope.ALL, minutes=0))
    assert isinstance(outcome(sitting.at(50, FAILED)), Suggestion)


def test_done_by_hand_is_an_outcome_of_its_own(sitting):
    sitting.at(0, FAILED)
    sitting.workspace.files["a.py"] = TEXT.replace("nmae", "name")
    assert sitting.at(8, TYPED).ended == ()
    (ended,) = sitting.tick(11).ended
    assert isinstance(ended.data, SuggestionDoneAlone)
    assert sitting.agent.live == ()


def test_done_by_hand_and_run_at_once_is_done_by_hand(sitting):
    sitting.at(0, FAILED)
    sitting.workspace.files["a.py"] = TEXT.replace("nmae", "name")
    sitting.at(8, TYPED)
    (ended,) = sitting.at(9, PASSED).ended
    assert isinstance(ended.data, SuggestionDoneAlone)


def test_an_acceptance_that_is_told_after_its_edit_is_no_deed_alone(sitting):
    suggestion = outcome(sitting.at(0, FAILED))
    sitting.workspace.files["a.py"] = TEXT.replace("nmae", "name")
    sitting.at(8, TYPED)
    assert sitting.answer(8.5, SuggestionAccepted, suggestion).ended == ()
    assert sitting.tick(60).ended == ()


def test_an_accepted_edit_that_is_undone_was_not_wanted(sitting):
    suggestion = outcome(sitting.at(0, FAILED))
    sitting.workspace.files["a.py"] = TEXT.replace("nmae", "name")
    sitting.answer(8, SuggestionAccepted, suggestion)
    assert sitting.at(9, TYPED).ended == ()
    sitting.workspace.files["a.py"] = TEXT
    (ended,) = sitting.at(30, TYPED).ended
    assert isinstance(ended.data, SuggestionDismissed)
    assert reason(sitting.at(600, FAILED)) is Reason.DISMISSED_BEFORE


def test_what_happens_to_an_accepted_edit_much_later_is_no_dismissal(sitting):
    suggestion = outcome(sitting.at(0, FAILED))
    sitting.workspace.files["a.py"] = TEXT.replace("nmae", "name")
    sitting.answer(8, SuggestionAccepted, suggestion)
    sitting.workspace.files["a.py"] = TEXT
    assert sitting.at(600, TYPED).ended == ()


def test_an_acceptance_before_its_edit_is_seen_is_no_regret(sitting):
    suggestion = outcome(sitting.at(0, FAILED))
    sitting.answer(8, SuggestionAccepted, suggestion)
    assert sitting.at(8.5, TYPED).ended == (), "the text is as before only because the edit has not come yet"


def test_a_suggestion_dies_with_its_ground(sitting):
    sitting.at(0, FAILED)
    sitting.workspace.files["a.py"] = "something_else()\n"
    sitting.at(8, TYPED)
    (ended,) = sitting.tick(11).ended
    assert isinstance(ended.data, SuggestionSuperseded)


def test_a_suggestion_ends_when_the_run_passes(sitting):
    sitting.at(0, FAILED)
    assert sitting.at(30, TerminalRun(command="ls", exit_code=0)).ended == ()
    (ended,) = sitting.at(40, PASSED).ended
    assert isinstance(ended.data, SuggestionSuperseded)


def test_another_offer_takes_the_place_of_the_one_that_waits(memory_workspace):
    class Numbered(SpellingPlay):
        def propose(self, moment):
            return [evolve(p, key=str(moment.time)) for p in super().propose(moment)]

    sitting = Sitting(memory_workspace({"a.py": TEXT}), plays=[Numbered()])
    first = outcome(sitting.at(0, FAILED))
    step = sitting.at(30, FAILED)
    assert step.decision.withdrawn == (first.id,)
    assert sitting.agent.live == (outcome(step),)
