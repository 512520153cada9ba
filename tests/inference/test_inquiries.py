"""What the agent asks a language model, when it takes the answer, and what becomes of it."""

from datetime import UTC, datetime, timedelta

import pytest

from proactive_collectors.events import (
    DocumentSaved,
    EditBurst,
    Event,
    Failure,
    GitSwitched,
    Snoozed,
    SnoozeScope,
    Source,
    SuggestionDismissed,
    SuggestionShown,
    TerminalRun,
    Where,
)
from proactive_collectors.text import Change, Range
from proactive_inference.advice import Adviser, Judges
from proactive_inference.agent import Agent
from proactive_inference.decision import Reason, Silence
from proactive_inference.errors import UnwantedError
from proactive_inference.inquiry import Advice, AdvisedTask
from proactive_inference.judge.generative import GenerativeJudge
from proactive_inference.judge.judge import Judge
from proactive_inference.life import outcome_event
from proactive_inference.models.agent_answer import AgentAnswer
from proactive_inference.models.asking import Asking
from proactive_inference.models.fake import FakeModel
from proactive_inference.models.judge_answer import JudgeAnswer
from proactive_inference.need import Need
from proactive_inference.policy import PolicySettings
from proactive_inference.proposal import Anchor, Boundary, Proposal, Suggestion

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FAILED = TerminalRun(
    command="pytest -q",
    exit_code=1,
    failures=(Failure("AssertionError: assert 3 == 4", path="b.py", line=1, test="test_b"),),
)
TYPED = EditBurst((Change(Range.of(1, 0, 1, 0), "", "x"),), keystrokes=1)
TASK = "Correct the sum in b.py so that test_b passes."


class SetGate:
    def __init__(self, probability):
        self.probability = probability

    def need(self, window):
        return Need(self.probability)


class Sitting:
    def __init__(self, workspace, probability=0.9, plays=(), **settings):
        self.workspace = workspace
        self.agent = Agent(SetGate(probability), plays, PolicySettings(**settings))
        self.agent.inquire(True)
        self.now = None

    def at(self, seconds, data, file="a.py"):
        where = Where(uri=self.workspace.uri(file), workspace=self.workspace.folders()[0])
        self.now = START + timedelta(seconds=seconds)
        return self.agent.observe(Event(self.now, Source.LSP, data, where), self.workspace)

    def advise(self, inquiry, *answers, **settings):
        self.model = FakeModel(answers)
        return Adviser(self.model, **settings).advise(inquiry)

    def take(self, advice, after=2.0):
        self.now += timedelta(seconds=after)
        return self.agent.advised(advice, self.now, self.workspace)


@pytest.fixture
def sitting(memory_workspace):
    return Sitting(
        memory_workspace({"a.py": "import b\n\nprint(b.f(1))\n", "b.py": "def f(x):\n    return x + 2\n"})
    )


def propose(task=TASK, thoughts="A test failed."):
    return AgentAnswer("make the test pass", thoughts, task, "Shall I?")


def test_a_model_is_asked_where_the_plays_have_nothing_and_its_task_is_shown_at_the_file_it_names(sitting):
    step = sitting.at(0, FAILED)
    assert step.decision.outcome.reason is Reason.NO_PROPOSAL
    assert step.inquiry is not None and step.inquiry is sitting.agent.inquiry
    step = sitting.take(sitting.advise(step.inquiry, propose()))
    suggestion = step.decision.outcome
    assert isinstance(suggestion, Suggestion)
    assert suggestion.proposal.on_demand and suggestion.proposal.edits == ()
    assert suggestion.proposal.task == TASK and suggestion.proposal.play == "model.fix"
    assert suggestion.proposal.anchor.uri.endswith("b.py") and suggestion.proposal.anchor.range.start.line == 1
    assert suggestion.boundary is Boundary.RUN_FAILED and "pytest" in " ".join(suggestion.because)
    assert sitting.agent.inquiry is None and sitting.agent.live == (suggestion,)


def test_no_model_is_asked_where_the_gate_or_the_policy_is_silent(memory_workspace):
    calm = Sitting(memory_workspace({"a.py": "x\n", "b.py": "y\n"}), probability=0.1)
    assert calm.at(0, FAILED).inquiry is None
    off = Sitting(memory_workspace({"a.py": "x\n", "b.py": "y\n"}), enabled=False)
    assert off.at(0, FAILED).inquiry is None
    without = Sitting(memory_workspace({"a.py": "x\n", "b.py": "y\n"}))
    without.agent.inquire(False)
    assert without.at(0, FAILED).inquiry is None


@pytest.mark.parametrize(
    "event",
    [TYPED, FAILED, GitSwitched(branch="other"), Snoozed(SnoozeScope.ALL, 60)],
    ids=lambda event: event.kind,
)
def test_an_answer_to_a_ground_that_changed_is_not_taken(sitting, event):
    inquiry = sitting.at(0, FAILED).inquiry
    advice = sitting.advise(inquiry, propose())
    step = sitting.at(3, event)
    assert sitting.agent.inquiry is step.inquiry is not inquiry
    assert sitting.take(advice).decision is None
    assert sitting.agent.live == ()


def test_an_answer_survives_what_does_not_change_the_ground(sitting):
    advice = sitting.advise(sitting.at(0, FAILED).inquiry, propose())
    sitting.at(1, DocumentSaved())
    assert isinstance(sitting.take(advice).decision.outcome, Suggestion)


class ShowTheWay:
    """Offers to go to the failure, and nothing more."""

    name = "way"

    def propose(self, moment):
        uri = moment.workspace.folders()[0] + "/b.py"
        return [Proposal("way.failure", "b", "Go there", "It failed there.", Anchor(uri, Range.of(1, 0, 1, 0)))]


@pytest.mark.parametrize("task", [TASK, None])
def test_an_offer_that_only_shows_the_way_waits_for_the_model_and_comes_if_it_has_nothing(memory_workspace, task):
    sitting = Sitting(memory_workspace({"a.py": "x\n", "b.py": "def f(x):\n    return 1\n"}), plays=[ShowTheWay()])
    step = sitting.at(0, FAILED)
    assert step.decision.outcome.reason is Reason.MODEL_ASKED and sitting.agent.live == ()
    offered = sitting.take(sitting.advise(step.inquiry, propose(task))).decision.outcome
    assert offered.proposal.play == ("model.fix" if task else "way.failure")


def test_an_offer_that_only_shows_the_way_makes_room_for_the_models(memory_workspace):
    sitting = Sitting(memory_workspace({"a.py": "x\n", "b.py": "def f(x):\n    return 1\n"}), plays=[ShowTheWay()])
    shown = sitting.take(sitting.advise(sitting.at(0, FAILED).inquiry, propose(None))).decision.outcome
    sitting.agent.observe(outcome_event(sitting.now, shown, SuggestionShown), sitting.workspace)
    decision = sitting.take(sitting.advise(sitting.at(30, FAILED).inquiry, propose())).decision
    assert decision.outcome.proposal.play == "model.fix" and decision.withdrawn == (shown.id,)


def test_what_a_model_offered_before_makes_room_after_a_new_run(sitting):
    first = sitting.take(sitting.advise(sitting.at(0, FAILED).inquiry, propose())).decision.outcome
    sitting.agent.observe(outcome_event(sitting.now, first, SuggestionShown), sitting.workspace)
    decision = sitting.take(sitting.advise(sitting.at(30, FAILED).inquiry, propose("Explain b.f."))).decision
    assert decision.outcome.proposal.play == "model.explain" and decision.withdrawn == (first.id,)


def test_a_silent_model_is_a_silence_with_its_thought(sitting):
    advice = sitting.advise(sitting.at(0, FAILED).inquiry, propose(None, "They expect it to fail."))
    silence = sitting.take(advice).decision.outcome
    assert silence == Silence(Reason.MODEL_SILENT, "They expect it to fail.")


def test_an_answer_that_cannot_be_read_is_a_silence_that_says_so(sitting):
    advice = sitting.advise(sitting.at(0, FAILED).inquiry, "I'd love to help!")
    silence = sitting.take(advice).decision.outcome
    assert silence.reason is Reason.MODEL_UNREADABLE and "love to help" in silence.detail


def test_what_was_turned_down_is_told_to_the_model_and_not_offered_again_in_other_words(sitting):
    step = sitting.take(sitting.advise(sitting.at(0, FAILED).inquiry, propose()))
    suggestion = step.decision.outcome
    sitting.agent.observe(outcome_event(sitting.now, suggestion, SuggestionShown), sitting.workspace)
    sitting.agent.observe(outcome_event(sitting.now, suggestion, SuggestionDismissed), sitting.workspace)
    inquiry = sitting.at(4000, FAILED).inquiry  # long after it has left the window
    assert [event.data.title for event in inquiry.dismissed] == [suggestion.proposal.title]
    assert all(not isinstance(event.data, SuggestionDismissed) for event in inquiry.window)
    advice = sitting.advise(inquiry, propose("Correct the sum in b.py, so that test_b passes!"))
    told = sitting.model.asked[0].messages[-1].content
    assert told.count(suggestion.proposal.title) == 1
    assert advice.tasks == () and advice.silence.reason is Reason.DISMISSED_BEFORE


def test_the_fast_judge_ranks_the_best_of_several_answers(sitting):
    class Lengths(Judge):
        name = fingerprint = "lengths"

        def answer(self, questions):
            return [min(0.9, len(question.task) / 100) for question in questions]

    inquiry = sitting.at(0, FAILED).inquiry
    short, long = "Run pytest.", "Explain why b.f adds two and how test_b expects otherwise."
    advice = sitting.advise(
        inquiry, propose(short), propose(long), propose(short), judges=Judges(Lengths()), best_of=3
    )
    assert [one.task for one in advice.tasks] == [long, short]
    assert advice.calls == 2 and advice.tokens > 0
    assert sitting.model.asked[0].temperature == 0 and sitting.model.asked[1].count == 2
    assert sitting.take(advice).decision.outcome.proposal.task == long


def test_the_slow_judge_is_asked_only_near_the_threshold(memory_workspace):
    files = {"a.py": "x\n", "b.py": "def f(x):\n    return 1\n"}
    sure, near = Sitting(memory_workspace(files), 0.95), Sitting(memory_workspace(files), 0.5)
    for sitting, asked in ((sure, 0), (near, 1)):
        judge = FakeModel([JudgeAnswer("They would not.", False)] * asked)
        inquiry = sitting.at(0, FAILED).inquiry
        advice = sitting.advise(inquiry, propose(), judges=Judges(slow=GenerativeJudge(judge)))
        assert len(judge.asked) == asked and advice.calls == 1 + asked
        dropped = isinstance(sitting.take(advice).decision.outcome, Silence)
        assert dropped is bool(asked)


def test_a_model_is_not_asked_where_no_answer_of_it_could_be_offered(memory_workspace):
    files = {"a.py": "x\n", "b.py": "def f(x):\n    return 1\n"}
    slow = Judges(slow=GenerativeJudge(FakeModel([JudgeAnswer("They would.", True)])))
    for probability, judges, asked in ((0.45, None, 0), (0.55, None, 1), (0.28, slow, 0), (0.35, slow, 1)):
        sitting = Sitting(memory_workspace(files), probability)
        inquiry = sitting.at(0, FAILED).inquiry
        advice = sitting.advise(inquiry, *[propose()] * asked, judges=judges)
        assert len(sitting.model.asked) == asked and (advice.calls > 0) is bool(asked)
        if not asked:
            assert advice.silence is not None and advice.silence.reason is Reason.NOT_WORTH_IT
            assert isinstance(sitting.take(advice).decision.outcome, Silence)


def test_a_task_about_nothing_that_can_be_read_is_not_offered(memory_workspace):
    sitting = Sitting(memory_workspace({}))
    inquiry = sitting.at(0, TerminalRun(command="make", exit_code=2), file="gone.py").inquiry
    silence = sitting.take(Advice(inquiry.id, "fake", (AdvisedTask("Do it.", 0.9),))).decision.outcome
    assert silence.reason is Reason.NO_PROPOSAL


def test_a_question_fits_its_tokens_and_keeps_the_newest_event(sitting):
    for second in range(12):
        sitting.at(second, TYPED)
    inquiry = sitting.at(20, FAILED).inquiry
    asked = []
    for most in (10_000, 250):
        sitting.advise(inquiry, propose(), question_tokens=most)
        asked.append(sitting.model.asked[0].messages[-1].content)
    assert asked[0].count('"Event"') == 13 and 1 <= asked[1].count('"Event"') < 13
    assert all("pytest -q" in text for text in asked)


def test_a_question_taken_back_ends_the_asking(sitting):
    inquiry, asking = sitting.at(0, FAILED).inquiry, Asking()
    asking.take_back()
    with pytest.raises(UnwantedError):
        Adviser(FakeModel([propose()])).advise(inquiry, asking)
