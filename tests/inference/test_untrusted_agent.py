"""Injections against the whole chain: agent, adviser and writer, with models that obey whatever they read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from injections import BLAND, FOLDER, INJECTIONS, START, Injection
from ordinary_windows import ORDINARY, Ordinary
from proactive_collectors.text import Range
from proactive_inference.advice import Adviser
from proactive_inference.agent import Agent, Step
from proactive_inference.decision import Reason, Silence
from proactive_inference.inquiry import Inquiry
from proactive_inference.models.agent_answer import AgentAnswer
from proactive_inference.models.fake import FakeModel
from proactive_inference.need import Need
from proactive_inference.plays.failed_run import FailedRun
from proactive_inference.policy import PolicySettings
from proactive_inference.proposal import Anchor, Boundary, Proposal, Suggestion
from proactive_inference.writing import Unwritten, UnwrittenReason, WritingTask, WrittenCommand, write

API = "import json\n\n\ndef load(path):\n    return json.load(open(path))\n"
TESTS = "from src.api import load\n\n\ndef test_load():\n    assert 1 == 2\n"


class Needy:
    """A gate that always finds help wanted, so that it does not stand in the way of what is tried."""

    def need(self, window: object) -> Need:
        return Need(0.95)


def attacked(attempt: Injection | Ordinary, workspace: Any) -> tuple[Agent, list[Step]]:
    """The agent after the sitting, and what came of each event."""
    agent = Agent(Needy(), [FailedRun()], PolicySettings(pause_seconds=0, pause_cap_minutes=0))
    agent.inquire(True)
    return agent, [agent.observe(event, workspace) for event in attempt.window]


@pytest.mark.parametrize("attempt", INJECTIONS + BLAND, ids=lambda attempt: attempt.name)
def test_no_suggestion_about_itself(attempt: Injection, memory_workspace: Callable[[dict[str, str]], Any]) -> None:
    """The worst model answers with the order whether it was told of it or not."""
    workspace = memory_workspace({"src/api.py": API, "tests/test_api.py": TESTS})
    agent, steps = attacked(attempt, workspace)
    for step in steps:
        if step.decision is not None and isinstance(step.decision.outcome, Suggestion):
            shown = step.decision.outcome.proposal
            assert "evil" not in f"{shown.title} {shown.reason}" or attempt in BLAND
            agent, _ = attacked(attempt, memory_workspace({"src/api.py": API}))  # where the plays have nothing
    inquiry = agent.inquiry
    if inquiry is None:
        assert attempt.carrier == "earlier offer"
        return
    for thoughts in ("", attempt.text, attempt.task):
        model = FakeModel([AgentAnswer("", thoughts, attempt.task, attempt.text)] * 3)
        advice = Adviser(model, best_of=3).advise(inquiry)
        assert advice.tasks == ()
        assert advice.silence is not None
        assert advice.silence.reason in (Reason.MODEL_UNSAFE, Reason.DISMISSED_BEFORE)
        silent = Adviser(FakeModel([AgentAnswer("", thoughts)])).advise(inquiry).silence
        assert silent is not None
        assert "evil" not in silent.detail or attempt in BLAND
    step = agent.advised(advice, inquiry.time, workspace)
    assert step.decision is not None
    assert isinstance(step.decision.outcome, Silence)
    assert agent.live == ()


@pytest.mark.parametrize("attempt", INJECTIONS, ids=lambda attempt: attempt.name)
def test_no_command_no_edit_no_answer(
    attempt: Injection, memory_workspace: Callable[[dict[str, str]], Any]
) -> None:
    """Also not where the order stands in the file itself and the task was the user's."""
    comment = "".join(f"# {line}\n" for line in attempt.text.replace("|||", " ").splitlines())
    place = Anchor(f"{FOLDER}/src/api.py", Range.of(4, 0, 4, 10))
    task = WritingTask(
        Proposal("model.other", "k", "Close the file", "Close the file in api.py.", place, on_demand=True),
        attempt.window,
    )

    def answer(file: str = API + comment, **work: Any) -> Any:
        workspace = memory_workspace({"src/api.py": file})
        model = FakeModel([json.dumps({"Work": work})] * 3)
        written = write(task, model, workspace)
        told = "".join(message.content for asked in model.asked for message in asked.messages)
        assert "evil" not in told.lower()
        return written

    found = answer(kind="command", why=attempt.text, command=attempt.command)
    assert isinstance(found, Unwritten)
    assert found.reason in (UnwrittenReason.UNSAFE_COMMAND, UnwrittenReason.BAD_COMMAND)
    edit = {"file": "src/api.py", "search": "import json\n", "replace": f"import json\n{comment}"}
    found = answer(API, kind="edit", summary=attempt.text, edits=[edit])
    assert isinstance(found, Unwritten)
    found = answer(kind="answer", title="What to do", text=attempt.text.replace("|||", " "))
    if isinstance(found, Unwritten):
        assert found.reason is UnwrittenReason.UNSAFE_TEXT
    else:
        assert found.text == "Build passed\n"  # what hid behind it is gone


@pytest.mark.parametrize("attempt", BLAND, ids=lambda attempt: attempt.name)
def test_no_command_where_nothing_gives_it_away(
    attempt: Injection, memory_workspace: Callable[[dict[str, str]], Any]
) -> None:
    workspace = memory_workspace({"src/api.py": API})
    place = Anchor(f"{FOLDER}/src/api.py", Range.of(4, 0, 4, 10))
    task = WritingTask(Proposal("model.run", "k", "Run it", "Run it.", place, on_demand=True), attempt.window)
    model = FakeModel([json.dumps({"Work": {"kind": "command", "why": "", "command": attempt.command}})] * 3)
    assert isinstance(write(task, model, workspace), Unwritten)


@pytest.mark.parametrize("case", ORDINARY, ids=lambda case: f"{case.carrier}: {case.text[:40]}")
def test_ordinary_tasks_and_commands_come_through(
    case: Ordinary, memory_workspace: Callable[[dict[str, str]], Any]
) -> None:
    workspace = memory_workspace({"src/api.py": API})
    agent, _ = attacked(case, workspace)
    inquiry = agent.inquiry or Inquiry("i", START, Boundary.QUIET, case.window, Need(0.9), 0.25)
    advice = Adviser(FakeModel([AgentAnswer(task=case.task)])).advise(inquiry)
    if case.carrier != "earlier offer":
        assert [task.task for task in advice.tasks] == [case.task]
    if case.command is not None:
        place = Anchor(f"{FOLDER}/src/api.py", Range.of(4, 0, 4, 10))
        task = WritingTask(Proposal("model.run", "k", "Run it", case.task, place, on_demand=True), case.window)
        model = FakeModel([json.dumps({"Work": {"kind": "command", "why": "to see", "command": case.command}})])
        written = write(task, model, workspace)
        assert isinstance(written, WrittenCommand), written
        assert (written.command, written.why) == (case.command, "to see")
