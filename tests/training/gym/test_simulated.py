"""Simulated users in simulated environments and in real workspaces, with models that answer by rule."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from proactive_collectors.events import (
    SuggestionAccepted,
    SuggestionDismissed,
    TerminalRun,
)
from proactive_collectors.sentences import sentence
from proactive_inference.agent import Agent
from proactive_inference.models.agent_answer import AgentAnswer
from proactive_inference.models.fake import FakeModel
from proactive_training.errors import DataError
from proactive_training.gym.acts import Act, Do, Open, Run, Say
from proactive_training.gym.asker import Asker
from proactive_training.gym.desk import told_of_user
from proactive_training.gym.history import History
from proactive_training.gym.labelling import SilentGate
from proactive_training.gym.loop import Answer, Episode, Loop, Reply
from proactive_training.gym.plain import AnyAct, plain, structured
from proactive_training.gym.real_folder import NOT_ALLOWED, RealFolder
from proactive_training.gym.real_workspace import RealWorkspace
from proactive_training.gym.replay import Stage
from proactive_training.gym.saving import resume, saved
from proactive_training.gym.simulate import Played, simulated_loop, workspace_loop
from proactive_training.gym.simulated_environment import SimulatedEnvironment
from proactive_training.gym.simulated_user import GIVES_UP
from proactive_training.gym.telling_assistant import TellingAssistant
from proactive_training.gym.world import World, changed, read_consequence
from small_scenes import STOP, Told, by_rule, came, did, do, scene

LOOK_UP = "Look the cast up in the rehearsal plan and put it into the programme."


def _user(told: Told) -> Any:
    """Opens the programme, calls for the cast, answers what is asked, sends; takes what names the cast."""
    if "Offer" in told:
        good = "cast" in told["Offer"]
        return {
            "Thought": "It saves a call." if good else "Not now.",
            "Judgement": "accepted" if good else "rejected",
        }
    state = {one["Name"]: one["State"] for one in told["Sees"]["Entities"]}
    if "Question" in told["Sees"]:
        return STOP | {"Act": "answer", "What": "The evening one."}
    if "cast is in" in state["programme.odt"]:
        return STOP if "sent" in state["programme.odt"] else do("programme.odt", "send", "The user sends it.")
    if did(told) == 0:
        return do("programme.odt", "open", "The user opens the programme.")
    return do("telephone", "call", "The user calls the director about the cast.", 120)


def _keeper(told: Told) -> Any:
    """The director asks back once; a task that was accepted brings the cast in."""
    act = told["Act"]
    if "Mishap" in told:
        return came(Events=["The lights go out, and come back."])
    if act.startswith("The assistant"):
        change = {"Name": "programme.odt", "State": "the cast is in", "Operations": ["open", "send"]}
        return came(Events=["The assistant puts the cast into the programme."], Changes=[change])
    if "calls" in act:
        return came(Question="Which performance?", Later=[{"Seconds": 90, "Event": "The kettle boils."}])
    if "answers" in act:
        change = {"Name": "programme.odt", "State": "the cast is in", "Operations": ["open", "send"]}
        return came(Events=["The director reads the cast out."], Changes=[change])
    if "sends" in act:
        return came(Changes=[{"Name": "programme.odt", "State": "the cast is in, sent", "Operations": ["open"]}])
    return came()


def _offers(*tasks: str | None) -> FakeModel:
    return FakeModel([AgentAnswer("", "", task, "") for task in (*tasks, *[None] * 60)])


def _silent() -> Agent:
    return Agent(SilentGate(), ())


def _told(episode: Episode) -> list[str]:
    return [sentence(event) for event in episode.events]


def _loop(assistant: Any, seed: int = 0, trouble: float = 0.0, keeper: Any = _keeper, user: Any = _user) -> Loop:
    played = Played(by_rule(user, "user"), by_rule(keeper, "keeper"), most_acts=12, trouble=trouble)
    return simulated_loop(scene(), played, assistant, seed)


def test_the_user_works_towards_the_goal_and_answers_what_the_environment_asks() -> None:
    loop = _loop(_silent())
    told = _told(loop.run())
    assert told == [
        "The user opens the programme.",
        "The user calls the director about the cast.",
        "The user answers: The evening one.",
        "The director reads the cast out.",
        "The user sends it.",
        "The kettle boils.",
    ]
    times = [event.time for event in loop.episode.events]
    assert times == sorted(times)
    assert isinstance(loop.environment, SimulatedEnvironment)
    entity = loop.environment.world.entity("programme.odt")
    assert entity is not None and entity.state == "the cast is in, sent"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("The user calls the printer.", "The user calls the printer."),
        ("the user: calls the printer.", "The user calls the printer."),
        ("Calls the printer.", "The user calls the printer."),
        ("I call the printer.", "The user call the printer."),
        ("They call the printer.", "The user call the printer."),
        ("Ignores the telephone.", "The user ignores the telephone."),
    ],
)
def test_what_is_done_is_told_of_the_user_however_a_model_says_it(said: str, told: str) -> None:
    assert told_of_user(said) == told


@pytest.mark.parametrize("said", ["The user", "I.", "..."])
def test_where_only_the_subject_is_said_nothing_is_done(said: str) -> None:
    with pytest.raises(ValueError, match="must say what the user does"):
        told_of_user(said)


def test_a_task_that_the_user_takes_is_carried_out_and_changes_what_comes_next() -> None:
    loop = _loop(TellingAssistant(_offers(LOOK_UP)))
    episode = loop.run()
    told = _told(episode)
    assert list(episode.replies.values()) == [Answer.ACCEPT]
    assert "The assistant puts the cast into the programme." in told
    assert not any("calls" in one for one in told), "nobody calls for what is there"
    assert told[-1] == "The user sends it."
    assert [one.accepted for one in loop.user.opinions] == [True]  # type: ignore[attr-defined]
    assert loop.user.opinions[0].thought == "It saves a call."  # type: ignore[attr-defined]


def test_a_task_that_the_user_turns_down_changes_nothing() -> None:
    loop = _loop(TellingAssistant(_offers("Order a pizza.")))
    episode = loop.run()
    assert [event.data.title for event in episode.events if isinstance(event.data, SuggestionDismissed)]
    assert not [event for event in episode.events if isinstance(event.data, SuggestionAccepted)]
    assert [one for one in _told(episode) if "offer" not in one] == _told(_loop(_silent()).run())


def test_an_offer_without_a_verdict_is_left_unanswered_and_counted() -> None:
    def mute(told: Told) -> Any:
        return "Hm." if "Offer" in told else _user(told)

    loop = _loop(TellingAssistant(_offers(LOOK_UP)), user=mute)
    assert list(loop.run().replies.values()) == [Answer.IGNORE]
    tally = loop.user.asker.tally  # type: ignore[attr-defined]
    assert (tally.invalid, tally.failed) == (3, 1)


# --- what is not allowed -------------------------------------------------------------------------------------


class _Scripted:
    """A user who does what is written down."""

    def __init__(self, *acts: Act) -> None:
        self._acts = list(acts)

    def act(self) -> Act | None:
        return self._acts.pop(0) if self._acts else None

    def still_means(self, act: Act) -> bool:
        return True

    def reply(self, suggestion: object) -> Reply:
        return Reply(Answer.IGNORE)


def _scripted(*acts: Act, keeper: Any = _keeper, trouble: float = 0.0) -> tuple[SimulatedEnvironment, Episode]:
    model = by_rule(keeper)
    environment = SimulatedEnvironment(World.of(scene()), Asker(model), trouble=trouble)
    episode = Loop(environment, _Scripted(*acts), _silent(), environment.world.clock).run()
    return environment, episode


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (Do(what="The user folds it.", entity="programme.odt", operation="fold"), "'fold' cannot be done"),
        (Do(what="The user drives off.", entity="car", operation="drive"), "there is no 'car' here"),
        (Say(answer="Yes."), "nothing was asked"),
    ],
)
def test_what_the_scene_does_not_have_is_refused_without_asking_the_model(act: Act, reason: str) -> None:
    environment, episode = _scripted(act)
    assert episode.events == []
    assert environment.asker.tally.asked == 0
    assert environment.refusals == 1
    assert reason in (environment.world.refusal or "")


def test_the_keeper_refuses_what_its_condition_forbids_and_the_user_sees_why() -> None:
    def strict(told: Told) -> Any:
        return came(Allowed=False, Reason="the cast is not in yet") if "sends" in told["Act"] else _keeper(told)

    seen: list[str] = []

    def hasty(told: Told) -> Any:
        if "Refused" in told["Sees"]:
            seen.append(told["Sees"]["Refused"])
            return STOP
        return do("programme.odt", "send", "The user sends it.")

    loop = _loop(_silent(), keeper=strict, user=hasty)
    before = loop.environment.world.entities  # type: ignore[attr-defined]
    assert loop.run().events == []
    assert seen == ["the cast is not in yet"]
    assert loop.environment.world.entities == before  # type: ignore[attr-defined]


def test_an_invalid_answer_is_told_what_was_wrong_and_asked_again() -> None:
    def careless(told: Told) -> Any:
        if not told["wrong"]:
            return came(Gone=["umbrella"])
        assert "umbrella" in told["wrong"][-1]
        return came(Events=["The printer hums."])

    environment, episode = _scripted(
        Do(what="The user calls.", entity="telephone", operation="call"), keeper=careless
    )
    assert _told(episode) == ["The user calls.", "The printer hums."]
    assert (environment.asker.tally.asked, environment.asker.tally.invalid) == (2, 1)
    assert environment.asker.tally.failed == 0


def test_of_what_the_scene_allows_the_model_need_not_say_whether_it_is_and_of_a_condition_it_must() -> None:
    heard: list[Mapping[str, Any]] = []

    class Heard(FakeModel):
        def complete(self, messages: Any, *, schema: Any = None, **more: Any) -> Any:
            heard.append(schema["properties"])
            return super().complete(messages, schema=schema, **more)

    keeper = Heard(lambda messages: json.dumps({"Events": ["Somebody answers."]}))
    environment = SimulatedEnvironment(World.of(scene()), Asker(keeper), trouble=0.0)
    came_of = [
        environment.do(Do(what="The user does it.", entity=entity, operation=operation), environment.world.clock)
        for entity, operation in (("telephone", "call"), ("programme.odt", "send"))
    ]
    assert [len(events) for events in came_of] == [2, 0]
    assert ["Allowed" in properties for properties in heard] == [False, True, True, True]


@pytest.mark.parametrize(
    "answer",
    [
        "I cannot say.",
        {"Reason": ""},
        came(Allowed="yes"),
        came(Allowed=False),
        came(Events=[""]),
        came(Events="one"),
        came(Events=["x"] * 9),
        came(Changes=[{"Name": "stapler", "State": "new"}]),
        came(Changes=["stapler"]),
        came(Later=[{"Seconds": -1, "Event": "It rains."}]),
        came(Later=[{"Event": "It rains."}]),
        came(Question=7),
    ],
)
def test_without_a_valid_answer_the_act_comes_to_nothing_and_is_counted(answer: Any) -> None:
    environment, episode = _scripted(
        Do(what="The user calls.", entity="telephone", operation="call"), keeper=lambda told: answer
    )
    assert episode.events == []
    assert environment.world.entities == scene().entities
    assert (environment.asker.tally.asked, environment.asker.tally.invalid, environment.asker.tally.failed) == (
        3,
        3,
        1,
    )


def test_a_user_whose_model_has_no_valid_choice_gives_up() -> None:
    loop = _loop(_silent(), user=lambda told: do("umbrella", "open", "The user opens it."))
    assert loop.run().events == []
    assert loop.user.asker.tally.failed == GIVES_UP  # type: ignore[attr-defined]


def test_an_entity_keeps_its_operations_unless_others_are_named_and_new_ones_come_and_go() -> None:
    world = World.of(scene())
    calls = read_consequence(
        world,
        {
            "allowed": True,
            "changes": [
                {"Name": "TELEPHONE", "State": "engaged", "Operations": []},
                {"Name": "programme.odt", "State": "the cast is in", "Operations": ["send", "print (on A5)"]},
                {"Name": "note", "State": "names, scribbled", "Operations": ["read"]},
            ],
        },
    )
    after = changed(world, ["The user calls."], calls, world.clock)
    assert [str(one) for one in after.entities[0].operations] == ["send", "print (on A5)"]
    assert (after.entities[1].name, after.entities[1].state) == ("telephone", "engaged")
    assert after.entities[1].operations == world.entities[1].operations
    assert [one.name for one in after.entities] == ["programme.odt", "telephone", "note"]
    gone = changed(after, [], read_consequence(after, {"allowed": True, "gone": ["Note"]}), world.clock)
    assert [one.name for one in gone.entities] == ["programme.odt", "telephone"]


# --- mishaps, time, other users' acts ------------------------------------------------------------------------


def test_each_mishap_happens_once_at_most_and_equal_seeds_draw_the_same() -> None:
    told = [_told(_loop(_silent(), seed, trouble=0.2).run()) for seed in (*range(8), *range(8))]
    assert told[:8] == told[8:]
    dark = [sum("lights" in one for one in sentences) for sentences in told]
    assert set(dark) == {0, 1}


def test_what_is_due_later_happens_by_itself_when_its_time_comes() -> None:
    call = Do(what="The user calls.", entity="telephone", operation="call")
    environment, episode = _scripted(call, Do(what="The user waits by the kettle.", after=200.0))
    said = _told(episode)
    assert said == ["The user calls.", "The kettle boils.", "The user waits by the kettle."]
    assert (episode.events[1].time - episode.events[0].time).total_seconds() == 90
    assert environment.world.due == ()


def test_acts_of_an_editor_stay_typed_in_a_simulated_environment() -> None:
    _, episode = _scripted(Open(path="cast.md"), Run(command="lp cast.md"))
    assert [event.kind for event in episode.events] == ["document.opened", "observed"]


def test_every_sort_of_act_is_kept_as_plain_json() -> None:
    for act in (Open(path="a"), Do(what="The user waits."), Say(answer="Yes."), Run(command="x", lasts=2.0)):
        assert structured(plain(act, AnyAct), AnyAct) == act  # type: ignore[arg-type]


# --- a real workspace ----------------------------------------------------------------------------------------

WRONG = "def area(width, height):\n    return width + height\n"
RIGHT = WRONG.replace("width + height", "width * height")
TEST = "from shapes import area\n\n\ndef test_area():\n    assert area(3, 4) == 12\n"
COMMAND = "python -m pytest -q"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "shapes"
    folder.mkdir()
    (folder / "shapes.py").write_text(WRONG)
    (folder / "test_shapes.py").write_text(TEST)
    (folder / ".env").write_text("KEY=1\n")
    return folder


def _choice(act: str, path: str = "", old: str = "", new: str = "") -> Told:
    return {"Thought": "", "Act": act, "Path": path, "Old": old, "New": new, "Seconds": 5}


def _programmer(told: Told) -> Any:
    """Runs the tests; puts right what fails unless the assistant has, and runs them again."""
    if "Offer" in told:
        return {"Thought": "Please.", "Judgement": "accepted"}
    last = told["Sees"].get("Last test")
    if last is None:
        return _choice("test")
    if last["Exit code"] == 0:
        return _choice("stop")
    text = told["Sees"]["Open"].get("shapes.py")
    if text is None:
        return _choice("open", "shapes.py")
    return _choice("edit", "shapes.py", "+", "*") if "+" in text else _choice("test")


def _runs(episode: Episode) -> list[int | None]:
    return [event.data.exit_code for event in episode.events if isinstance(event.data, TerminalRun)]


def test_a_simulated_user_edits_real_files_and_really_runs_their_tests(project: Path) -> None:
    workspace = RealWorkspace.of_folder(RealFolder(project, COMMAND))
    loop = workspace_loop(scene(), workspace, by_rule(_programmer), _silent())
    try:
        episode = loop.run()
        assert _runs(episode) == [1, 0]
        failure = next(e.data for e in episode.events if isinstance(e.data, TerminalRun)).failures[0]
        assert "assert 7 == 12" in failure.message
        assert workspace.workspace.text("shapes.py") == RIGHT
        assert workspace.workspace.text(".env") is None, "hidden files are not there"
    finally:
        workspace.close()
    assert (project / "shapes.py").read_text() == WRONG, "the folder itself is never changed"


def test_an_accepted_task_is_written_checked_and_changes_the_real_files(project: Path) -> None:
    edit = {"file": "shapes.py", "search": "width + height", "replace": "width * height"}
    written = {"Work": {"kind": "edit", "summary": "Multiply.", "edits": [edit]}}
    writer = FakeModel([json.dumps(written)], name="writer")
    workspace = RealWorkspace.of_folder(RealFolder(project, COMMAND), writer=writer)
    assistant = TellingAssistant(_offers("Fix the formula of area in shapes.py."))
    loop = workspace_loop(scene(), workspace, by_rule(_programmer), assistant)
    try:
        episode = loop.run()
        assert workspace.workspace.text("shapes.py") == RIGHT
        assert _runs(episode) == [1, 0]
        assert workspace.undone == 0
        assert not [event for event in episode.events if event.kind == "edit.burst"], "nobody typed"
    finally:
        workspace.close()


@pytest.mark.parametrize(
    "choice",
    [
        _choice("edit", "../outside.py", "", "x = 1\n"),
        _choice("edit", "/etc/hosts.txt", "", "x\n"),
        _choice("edit", ".github/run.yml", "", "x\n"),
        _choice("edit", "a/../../b.py", "", "x\n"),
        _choice("edit", "run.sh", "", "rm -r /\n"),
        _choice("edit", "shapes.py", "nowhere", "x"),
        _choice("edit", "shapes.py", "h", "x"),
        _choice("edit", "shapes.py", "+", "+"),
        _choice("edit", "shapes.py", "", "x"),
        _choice("open", ".env"),
        _choice("run", "ls"),
        {"Act": "rest", "Seconds": 10**6},
    ],
)
def test_nothing_but_edits_of_the_folders_files_can_be_chosen(project: Path, choice: Told) -> None:
    workspace = RealWorkspace.of_folder(RealFolder(project, COMMAND))
    loop = workspace_loop(scene(), workspace, by_rule(lambda told: choice), _silent())
    try:
        assert loop.run().events == []
        assert loop.user.asker.tally.failed == GIVES_UP  # type: ignore[attr-defined]
    finally:
        workspace.close()


def test_a_new_file_is_made_below_the_folder_and_only_the_given_command_runs(project: Path) -> None:
    folder = RealFolder(project, COMMAND)
    workspace = RealWorkspace.of_folder(folder)
    said = iter([_choice("edit", "docs/area.md", "", "An area.\n"), _choice("test"), _choice("stop")])
    try:
        workspace_loop(scene(), workspace, by_rule(lambda told: next(said)), _silent()).run()
        assert folder.written["docs/area.md"] == "An area.\n"
        assert folder.run("python -c 1").exit_code == NOT_ALLOWED
        assert RealFolder(project, "rm -r .").run("rm -r .").exit_code == NOT_ALLOWED
    finally:
        workspace.close()


def test_a_folder_that_is_none_is_said() -> None:
    with pytest.raises(DataError, match="is no folder"):
        RealWorkspace.of_folder(RealFolder(Path("nowhere"), COMMAND))


def test_a_simulated_user_works_where_a_history_is_replayed(history: History) -> None:
    work = next(one for one in history.sittings() if one.commits[0].subject == "Call it a job")
    stage = Stage.of(history.git, work, None)
    workspace = RealWorkspace(stage.environment)
    path = work.commits[0].files[0].path
    before = workspace.workspace.text(path) or ""
    line = before.splitlines()[0]
    assert before.count(line) == 1

    def user(told: Told) -> Any:
        assert path in told["Sees"]["Files"]
        if not told["Did"]:
            return _choice("edit", path, line, f"# A remark.\n{line}")
        return _choice("stop") if told["wrong"] else _choice("test")  # there are none to run here

    loop = workspace_loop(scene(), workspace, by_rule(user), _silent())
    episode = loop.run()
    assert [event.kind for event in episode.events] == ["document.opened", "edit.burst"]
    assert workspace.workspace.text(path) == f"# A remark.\n{before}"
    assert loop.user.asker.tally.invalid == 1  # type: ignore[attr-defined]


# --- equal seeds, and saving ---------------------------------------------------------------------------------


def _by_window(told: Told) -> Any:
    """Offers after a call, and once nonsense."""
    last = told["Observations"][-1]["Event"]
    task = LOOK_UP if "calls" in last else "Order a pizza." if "opens" in last else None
    return {"Purpose": "", "Thoughts": "", "Proactive Task": task, "Response": ""}


def _eventful(seed: int) -> Loop:
    return _loop(TellingAssistant(by_rule(_by_window)), seed, trouble=0.4)


def test_equal_seeds_give_equal_episodes() -> None:
    runs = [_eventful(seed).run() for seed in (3, 3, 4)]
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


@pytest.mark.parametrize("after", [0, 1, 2, 3, 4])
def test_an_episode_that_was_saved_in_the_middle_goes_on_as_if_it_had_not_been(after: int) -> None:
    whole = _eventful(3)
    whole.run()
    first = _eventful(3)
    for _ in range(after):
        first.turn()
    line = saved(first)
    second = _eventful(3)
    resume(second, line)
    assert saved(second) == line
    assert second.run() == whole.episode
    assert second.environment.world == whole.environment.world  # type: ignore[attr-defined]
    assert second.user.state() == whole.user.state()  # type: ignore[attr-defined]


def test_an_episode_in_a_real_folder_can_be_saved_as_well(project: Path) -> None:
    def loop() -> Loop:
        workspace = RealWorkspace.of_folder(RealFolder(project, COMMAND))
        return workspace_loop(scene(), workspace, by_rule(_programmer), TellingAssistant(_offers()))

    whole, first, second = loops = loop(), loop(), loop()
    try:
        episode = whole.run()
        for _ in range(3):  # a failed run, the file opened, an edit that is not saved yet
            first.turn()
        resume(second, saved(first))
        assert second.run() == episode
        assert _runs(episode) == [1, 0]
    finally:
        for one in loops:
            one.environment.close()  # type: ignore[attr-defined]


def test_what_cannot_be_saved_says_so() -> None:
    with pytest.raises(DataError, match="Agent"):
        saved(_loop(_silent()))
    with pytest.raises(DataError, match="saved episode"):
        resume(_eventful(1), b'{"version": 1}')
    with pytest.raises(DataError, match="saved episode"):
        resume(_eventful(1), b"half of a li")
