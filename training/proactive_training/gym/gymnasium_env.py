"""The gym as a Gymnasium environment (the extra ``[gym]``); importing this module registers its names.

``gymnasium.make("proactive_training.gym.gymnasium_env:proactive/Scene-v0", scene=…, model=…)`` is an episode of a
simulated user in a simulated environment, ``…:proactive/Labelled-v0`` goes through the sittings of a dataset, and
``…:proactive/Help-v0`` takes any other course. docs/gym.md has examples.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from proactive_collectors.trace import Window
from proactive_inference.judge.judge import Judge
from proactive_inference.models.agent_prompt import agent_messages
from proactive_inference.models.chat import ChatModel
from proactive_inference.models.messages import Message
from proactive_inference.models.quoting import MOST_EVENTS, observations
from proactive_inference.models.resolve import open_model
from proactive_training.bench.dataset import Dataset, Record
from proactive_training.errors import TrainingError
from proactive_training.gym.courses import Course, LabelledCourse, LivedCourse
from proactive_training.gym.scene import Scene
from proactive_training.gym.simulate import Played, simulated_loop
from proactive_training.gym.simulated_user import MOST_ACTS

try:
    import gymnasium
    from gymnasium.spaces import Text
except ImportError as error:
    raise TrainingError(
        "the gym for others needs the package 'gymnasium'; install it with pip install 'proactive-lsp[gym]'"
    ) from error

LONGEST_EVENT = 400
"""So many characters of an event's sentence are observed."""

LONGEST_TASK = 400
"""In characters."""


class AnyText(Text):  # type: ignore[misc]  # its base is Any where Gymnasium is not followed
    """Any string up to a length, in whatever script; samples are plain letters."""

    def __init__(self, longest: int) -> None:
        super().__init__(longest, min_length=0, charset=string.ascii_letters + string.digits + " .,'\n:")

    def contains(self, x: Any) -> bool:
        """Whether ``x`` is such a string."""
        return isinstance(x, str) and len(x) <= self.max_length


class ProactiveEnv(gymnasium.Env[str, str]):  # type: ignore[misc]  # the same
    """An agent that may help, moment by moment.

    An observation is the window's last events, oldest first, one sentence a line with its time. An action is the
    sentence of a task, or the empty string for silence. Rewards are those of
    :class:`~proactive_training.gym.rewards.Rewards`: 0.75 for an offer that is taken, −0.25 for any other, 0 for
    silence. An episode ends with its course; it is never cut short.

    Args:
        course: what is gone through.
        most_events: how many events are observed.
    """

    metadata: dict[str, Any] = {"render_modes": []}  # noqa: RUF012 - Gymnasium's own form

    def __init__(self, course: Course, most_events: int = MOST_EVENTS, render_mode: str | None = None) -> None:
        self.observation_space = AnyText(most_events * (LONGEST_EVENT + 10))
        self.action_space = AnyText(LONGEST_TASK)
        self.render_mode = render_mode
        self._course = course
        self._most_events = most_events
        self._window = Window()

    @property
    def course(self) -> Course:
        """What is gone through."""
        return self._course

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        """Come to the first moment of a course; the options are the course's own.

        Raises:
            DataError: the options name no moment.
        """
        super().reset(seed=seed)
        passed = self._course.begin(int(self.np_random.integers(2**31)), dict(options or {}))
        self._window = passed.window
        return self._observation(), dict(passed.info)

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Offer a task, or stay silent.

        Raises:
            DataError: the episode has not begun or is over.
        """
        task = " ".join(str(action).split())[:LONGEST_TASK] or None
        passed = self._course.go_on(task)
        self._window = passed.window
        return self._observation(), passed.reward, passed.over, False, dict(passed.info)

    def close(self) -> None:
        """End what is under way."""
        self._course.close()

    def messages(self) -> tuple[Message, ...]:
        """The question to a language model at this moment, as the language server puts it."""
        return agent_messages(self._window, most_events=self._most_events, longest=LONGEST_EVENT)

    def _observation(self) -> str:
        told = observations(self._window, self._most_events, LONGEST_EVENT)
        return "\n".join(f"{one['Time']} {one['Event']}" for one in told)


def scene_env(
    scene: Scene,
    model: ChatModel | str | Path,
    environment: ChatModel | str | Path | None = None,
    *,
    judge: Judge | None = None,
    most_acts: int = MOST_ACTS,
    **settings: Any,
) -> ProactiveEnv:
    """A simulated user in a simulated environment.

    Args:
        scene: where it begins.
        model: plays the user, and keeps the scene unless ``environment`` does: a model or its name.
        environment: keeps the scene.
        judge: says what an offer is worth; ``None``: the user does.
        most_acts: after so many acts of the user an episode is over.
        settings: of :class:`ProactiveEnv`.

    Raises:
        ModelError: there is no such model.
    """
    user = _model(model)
    played = Played(user, user if environment is None else _model(environment), most_acts)
    course = LivedCourse(lambda seed, puppet: simulated_loop(scene, played, puppet, seed), judge)
    return ProactiveEnv(course, **settings)


def labelled_env(
    dataset: str | Path | Sequence[Record], split: str = "train", *, judge: Judge | None = None, **settings: Any
) -> ProactiveEnv:
    """The sittings of a dataset with their labels, such as a replay's.

    Args:
        dataset: its folder, or its records.
        split: of the folder.
        judge: says what an offer is worth; ``None``: the label of the moment does.
        settings: of :class:`ProactiveEnv`.

    Raises:
        DataError: it cannot be read, or has no labelled moments.
    """
    if isinstance(dataset, str | Path):
        dataset = list(Dataset.open(Path(dataset)).records(split))
    return ProactiveEnv(LabelledCourse(dataset, judge), **settings)


def _model(model: ChatModel | str | Path) -> ChatModel:
    return open_model(model) if isinstance(model, str | Path) else model


def _register() -> None:
    for name, made in (("Help", "ProactiveEnv"), ("Scene", "scene_env"), ("Labelled", "labelled_env")):
        if f"proactive/{name}-v0" not in gymnasium.registry:
            gymnasium.register(f"proactive/{name}-v0", entry_point=f"{__name__}:{made}")


_register()
