"""Judged scenes as examples for an agent: when help is welcome, in work of many sorts; not which help.

People's labels are few. The scenes that ship (:mod:`proactive_training.told.scenes`) say of every event how
likely help is to be wanted there. Nobody has written the tasks, so that only the decision is taught, each way with
its probability.
"""

from __future__ import annotations

import zlib
from datetime import timedelta
from pathlib import Path

from attrs import evolve

from proactive_collectors.events import Event
from proactive_collectors.trace import window_at
from proactive_inference.models.agent_prompt import agent_messages
from proactive_training.errors import DataError
from proactive_training.stages.agent_examples import AgentData, AgentExample, both_ways, fingerprint
from proactive_training.told.fit import ToldRecipe
from proactive_training.told.scenes import HIGHEST, Scene, read_scenes

SHIPPED = "shipped"
"""The name of the scenes that come with this package."""


def read_scene_data(which: str, *, most_events: int) -> AgentData:
    """The moments of scenes of the work that this program is for.

    Args:
        which: :data:`SHIPPED`, or a file.
        most_events: how many of the last events the model is told.

    Raises:
        DataError: they cannot be read, or none is of that work.
    """
    domains = ToldRecipe().domains
    examples: list[AgentExample] = []
    for scene in read_scenes(None if which == SHIPPED else Path(which).expanduser()):
        name, events = scene.trace.name, _at_an_hour_of_its_own(scene)
        for index, level in enumerate(scene.levels if scene.domain in domains else ()):
            asked = agent_messages(window_at(events, index), most_events=most_events)
            examples += both_ways(name, name, index, asked, level / HIGHEST, right=2 * level >= HIGHEST)
    if not examples:
        raise DataError(f"no scene of the domains {', '.join(domains)} in {which}")
    return AgentData(tuple(examples), fingerprint(examples))


def _at_an_hour_of_its_own(scene: Scene) -> tuple[Event, ...]:
    """Its events, begun at an hour that its name draws: all scenes begin at nine, and real work does not."""
    later = timedelta(seconds=zlib.crc32(scene.trace.name.encode()) % 86_400)
    return tuple(evolve(event, time=event.time + later) for event in scene.trace.events)
