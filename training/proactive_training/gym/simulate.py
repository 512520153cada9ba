"""Sets up the loop of a simulated episode: any scene, in a simulated environment or in a real workspace."""

from __future__ import annotations

from datetime import UTC

from attrs import frozen

from proactive_inference.models.chat import ChatModel
from proactive_training.gym.asker import Asker
from proactive_training.gym.desk import WorldDesk
from proactive_training.gym.files_desk import FilesDesk
from proactive_training.gym.loop import Assistant, Loop, Witness
from proactive_training.gym.real_workspace import RealWorkspace
from proactive_training.gym.scene import Scene
from proactive_training.gym.simulated_environment import TROUBLE, SimulatedEnvironment
from proactive_training.gym.simulated_user import MOST_ACTS, SimulatedUser
from proactive_training.gym.world import World


@frozen
class Played:
    """Which models play a simulated episode, and how."""

    user: ChatModel
    environment: ChatModel  #: keeps the scene; it may be the same
    most_acts: int = MOST_ACTS
    trouble: float = TROUBLE  #: how often a mishap of the scene comes with an act


def simulated_loop(
    scene: Scene, played: Played, assistant: Assistant, seed: int = 0, witness: Witness | None = None
) -> Loop:
    """A simulated user in a simulated environment; equal seeds and answers give equal episodes."""
    environment = SimulatedEnvironment(
        World.of(scene), Asker(played.environment, seed=seed), trouble=played.trouble
    )
    user = SimulatedUser(scene, WorldDesk(environment), Asker(played.user, seed=seed), most_acts=played.most_acts)
    return Loop(environment, user, assistant, environment.world.clock, witness)


def workspace_loop(
    scene: Scene,
    workspace: RealWorkspace,
    model: ChatModel,
    assistant: Assistant,
    seed: int = 0,
    *,
    most_acts: int = MOST_ACTS,
    witness: Witness | None = None,
) -> Loop:
    """A simulated user in a real workspace: the persona and the goal are the scene's, all else is real."""
    user = SimulatedUser(scene, FilesDesk(workspace), Asker(model, seed=seed), most_acts=most_acts)
    return Loop(workspace, user, assistant, scene.clock.replace(tzinfo=UTC), witness)
