"""Sittings replayed with real linters and the agent that ships."""

import random
from datetime import datetime, timedelta

from proactive_collectors.events import (
    DiagnosticAppeared,
    EditBurst,
    Event,
    GitCommitted,
    Manner,
    SuggestionAccepted,
    SuggestionDismissed,
    SuggestionShown,
)
from proactive_collectors.workspace import WorkspaceView
from proactive_inference.agent import Agent, Step
from proactive_inference.decision import Decision
from proactive_inference.embedded import embedded_agent
from proactive_inference.need import Need
from proactive_inference.plays.repeated_edit import RepeatedEdit
from proactive_inference.policy import PolicySettings
from proactive_inference.proposal import Suggestion
from proactive_training.gym.git_objects import Git
from proactive_training.gym.history import History
from proactive_training.gym.labelling import SilentGate
from proactive_training.gym.linters import Linter
from proactive_training.gym.loop import Answer, Episode
from proactive_training.gym.replay import Stage, labels_of
from proactive_training.gym.work import SittingWork

Sittings = dict[str, SittingWork]


def _sittings(history: History) -> Sittings:
    return {sitting.commits[0].subject: sitting for sitting in history.sittings()}


def _silent() -> Agent:
    return Agent(SilentGate(), ())


def _events(episode: Episode, kind: type) -> list[Event]:
    return [event for event in episode.events if isinstance(event.data, kind)]


def test_a_replay_ends_with_the_commits_own_texts_whatever_is_drawn(history: History, linter: Linter) -> None:
    for work in history.sittings():
        for seed in range(5):
            stage = Stage.of(history.git, work, linter, seed)
            episode = stage.run(_silent())
            for commit in work.commits[-1:]:
                for file in commit.files:
                    assert stage.environment.workspace.text(file.path) == file.after
            assert [event.data.commit for event in _events(episode, GitCommitted)] == [
                commit.commit for commit in work.commits
            ]


def test_events_are_in_time_order_and_the_same_seed_gives_the_same_sitting(
    history: History, linter: Linter
) -> None:
    work = _sittings(history)["Begin"]
    runs = [Stage.of(history.git, work, linter, seed).run(_silent()).events for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]
    times = [event.time for event in runs[0]]
    assert times == sorted(times)


def test_diagnostics_are_real_and_of_the_states_on_the_way(history: History, linter: Linter) -> None:
    work = _sittings(history)["Begin"]
    said = {
        event.data.message
        for seed in range(6)
        for event in _events(Stage.of(history.git, work, linter, seed).run(_silent()), DiagnosticAppeared)
    }
    assert any("Path" in message or "run" in message for message in said), said


class _Eager:
    """A gate that always sees a need."""

    def need(self, window: object) -> Need:
        return Need(0.99)


def test_a_suggestion_that_the_commit_bears_out_is_taken_and_its_work_not_done_twice(history: History) -> None:
    work = _sittings(history)["Call it a job"]
    taken = 0
    for seed in range(8):
        stage = Stage.of(history.git, work, None, seed)
        agent = Agent(_Eager(), (RepeatedEdit(),), PolicySettings(interruption_cost=0.05, pause_seconds=0))
        episode = stage.run(agent)
        accepted = _events(episode, SuggestionAccepted)
        taken += len(accepted)
        assert len(accepted) == sum(answer is Answer.ACCEPT for answer in episode.replies.values())
        applied = [event for event in _events(episode, EditBurst) if event.data.manner is Manner.APPLIED]
        assert bool(applied) >= bool(accepted)
        for file in work.commits[-1].files:
            assert stage.environment.workspace.text(file.path) == file.after, "the rest is planned anew"
    assert taken >= 3


def test_a_suggestion_that_nothing_bears_out_is_dismissed_and_the_agent_hears_of_it(fresh) -> None:  # type: ignore[no-untyped-def]
    lines = "".join(f"old_name(first_{n})\nkeep({n})\n" for n in range(6))
    fresh.write("a.py", "from m import old_name\n" + lines)
    fresh.commit("Begin")
    # Only some of the places are changed: the offer to change the rest is wrong.
    fresh.write("a.py", ("from m import old_name\n" + lines).replace("old_name", "new_name", 3))
    fresh.commit("Two places", after=90_000)
    from proactive_training.gym.history import open_history

    git, name = open_history(fresh.folder)
    with git:
        work = list(History(git, name).sittings())[-1]
        found = []
        for seed in range(12):
            agent = Agent(_Eager(), (RepeatedEdit(),), PolicySettings(interruption_cost=0.05, pause_seconds=0))
            episode = Stage.of(git, work, None, seed).run(agent)
            shown, dismissed = _events(episode, SuggestionShown), _events(episode, SuggestionDismissed)
            for no in dismissed:
                assert not [event for event in shown if event.time > no.time and event.data.key == no.data.key]
            found += dismissed
        assert found


def test_time_passes_only_in_imagination(history: History) -> None:
    begun = datetime.now()
    work = _sittings(history)["Begin"]
    episode = Stage.of(history.git, work, None).run(_silent())
    assert episode.began and episode.ended
    assert episode.ended - episode.began > timedelta(minutes=1)
    assert datetime.now() - begun < episode.ended - episode.began


def test_an_assistant_is_asked_when_it_wants_to_be(history: History) -> None:
    class Clock:
        """Wants to be asked thirty seconds after each event."""

        def __init__(self) -> None:
            self.wake_at: datetime | None = None
            self.late: list[timedelta] = []

        def observe(self, event: Event, workspace: WorkspaceView) -> Step:
            self.wake_at = event.time + timedelta(seconds=3)
            return Step()

        def tick(self, now: datetime, workspace: WorkspaceView) -> Step:
            assert self.wake_at is not None
            self.late.append(now - self.wake_at)
            self.wake_at = None
            return Step()

    clock = Clock()
    Stage.of(history.git, _sittings(history)["Begin"], None).run(clock)
    assert clock.late
    assert all(late == timedelta(0) for late in clock.late)


# --- labels --------------------------------------------------------------------------------------------------


def test_a_rename_that_goes_on_is_a_need_with_its_confirmed_offer(history: History, linter: Linter) -> None:
    work = _sittings(history)["Call it a job"]
    rules: set[str] = set()
    exact = 0
    for seed in range(6):
        record = labels_of(Stage.of(history.git, work, linter, seed))
        for example in record.examples:
            assert 0 <= example.index < len(record.sitting.trace.events)
            rules.add(example.label.rule)
            if example.offer is not None and example.offer.proposer == "repeated_edit.replace":
                exact += example.offer.verdict is not None and example.offer.verdict.value == "exact"
                assert example.offer.edits[0].old_text == "run_task"
    assert {"confirmed", "nothing"} <= rules
    assert exact


def test_every_moment_has_its_silence_once(history: History) -> None:
    for work in history.sittings():
        record = labels_of(Stage.of(history.git, work, None))
        silences = [example.index for example in record.examples if example.offer is None]
        decisions = Stage.of(history.git, work, None).run(_silent()).moments
        assert silences == [moment.index for moment in decisions]


def test_an_error_that_stands_for_long_and_is_mended_is_a_need(fresh, linter: Linter) -> None:  # type: ignore[no-untyped-def]
    from proactive_training.gym.history import open_history

    fresh.write("a.py", "def begin():\n    return 1\n")
    fresh.commit("Begin")
    line = "math.floor(value + {0} * other) - {0} * math.floor(other * value - {0}) + math.floor(value)"
    body = "".join(f"def step_number_{n}(value, other):\n    return {line.format(n)}\n" for n in range(12))
    fresh.write("a.py", "import math\n\n\ndef begin():\n    return 1\n" + body)
    fresh.commit("Steps", after=90_000)
    git, name = open_history(fresh.folder)
    with git:
        work = list(History(git, name).sittings())[-1]
        needs = []
        for seed in range(30):
            record = labels_of(Stage.of(git, work, linter, seed))
            standing = [
                event for event in record.sitting.trace.events
                if isinstance(event.data, DiagnosticAppeared) and "math" in event.data.message
            ]  # fmt: skip
            outlives = [e for e in record.examples if e.label.rule == "outlives" and e.offer is None]
            assert not outlives or standing
            needs += [example.label.need for example in outlives]
    assert needs and all(needs)


def test_prose_alone_is_writing(history: History) -> None:
    assert labels_of(Stage.of(history.git, _sittings(history)["Aside"], None)).sitting.domain == "writing"
    assert labels_of(Stage.of(history.git, _sittings(history)["Begin"], None)).sitting.domain == "code"


def test_the_agent_that_ships_replays_without_an_error(history: History, linter: Linter, caplog) -> None:  # type: ignore[no-untyped-def]
    decisions: list[Decision] = []
    for work in history.sittings():
        episode = Stage.of(history.git, work, linter, 0).run(embedded_agent())
        decisions += [moment.decision for moment in episode.moments]
    assert decisions
    assert not [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")]
    assert all(not isinstance(d.outcome, Suggestion) or d.outcome.proposal.title for d in decisions)


def test_seeds_are_not_shared_with_the_global_generator(history: History, git: Git) -> None:
    random.seed(1)
    before = random.getstate()
    Stage.of(git, _sittings(history)["Begin"], None).run(_silent())
    assert random.getstate() == before
