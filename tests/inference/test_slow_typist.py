"""A replacement that is typed slowly: the rests cut it into bursts, and the suggestion comes all the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from proactive_collectors.buffer import TextBuffer
from proactive_collectors.bursts import BurstBuilder
from proactive_collectors.events import DocumentSaved, EditBurst, Event, Source, SuggestionShown, Where
from proactive_collectors.text import Range, position_at
from proactive_inference.agent import Agent
from proactive_inference.gate import LearnedGate
from proactive_inference.life import outcome_event
from proactive_inference.plays.repeated_edit import RepeatedEdit
from proactive_inference.policy import PolicySettings
from proactive_inference.proposal import Suggestion

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CLI = '''"""The command line."""


def usage():
    return "tool [--cache-dir PATH]"


def cache(argv):
    return argv[argv.index("--cache-dir") + 1]
'''
README = "Pass `--cache-dir PATH` to say where downloads are kept.\n"


class Typist:
    """Types into ``cli.py`` with rests, and hears what the agent says; it is told of what it has shown."""

    def __init__(self, memory_workspace) -> None:
        self.workspace = memory_workspace({"cli.py": CLI, "README.md": README})
        self.agent = Agent(LearnedGate.load(), [RepeatedEdit()], PolicySettings())
        self.builder, self.buffer = BurstBuilder(), TextBuffer(CLI)
        self.seconds = 100.0
        self.made: float = 0.0
        self.offers: list[Suggestion] = []

    def wait(self, seconds: float) -> None:
        """Let time pass in which nothing is typed."""
        for _ in range(round(seconds * 10)):
            self.seconds += 0.1
            if self.builder.pending and self.seconds - self.made > 1.5:
                self._tell(self.builder.finish())
            self._hear(self.agent.tick(self._now, self.workspace))

    def key(self, start: int, end: int, text: str) -> None:
        lines = self.buffer.lines
        change = self.buffer.replace(Range(position_at(lines, start), position_at(lines, end)), text)
        done = self.builder.add(change, self.seconds)
        self.made = self.seconds
        self._tell(done)
        self.workspace.files["cli.py"] = self.buffer.text

    def save(self) -> None:
        self._tell(self.builder.finish())
        self._event(DocumentSaved())

    @property
    def _now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def _tell(self, burst: EditBurst | None) -> None:
        if burst is not None:
            self._event(burst)

    def _event(self, data) -> None:
        where = Where(uri=self.workspace.uri("cli.py"), workspace=self.workspace.folders()[0])
        self._hear(
            self.agent.observe(Event(time=self._now, source=Source.LSP, where=where, data=data), self.workspace)
        )

    def _hear(self, step) -> None:
        if step.decision and isinstance(step.decision.outcome, Suggestion):
            self.offers.append(step.decision.outcome)
            self.agent.observe(outcome_event(self._now, step.decision.outcome, SuggestionShown), self.workspace)


@pytest.mark.parametrize("word", ["folder", "destination"])
@pytest.mark.parametrize("rubbing", [False, True], ids=["over the selection", "rubbed out first"])
@pytest.mark.parametrize("rest", [0.1, 2.0, 6.0])
def test_a_replacement_typed_slowly_is_offered_to_be_finished(memory_workspace, word, rubbing, rest) -> None:
    typist = Typist(memory_workspace)
    for _ in range(2):
        at = typist.buffer.text.index("--cache-dir") + len("--cache-")
        gone = 3
        if rubbing:
            for end in (at + 3, at + 2, at + 1):
                typist.key(end - 1, end, "")
                typist.wait(rest)
            gone = 0
        for number, letter in enumerate(word):
            typist.key(at + number, at + number + (0 if number else gone), letter)
            typist.wait(rest)
        typist.wait(3)
    typist.save()
    typist.wait(60)
    assert [offer.proposal.title for offer in typist.offers] == [
        f"Replace the remaining '--cache-dir' with '--cache-{word}'"
    ]
