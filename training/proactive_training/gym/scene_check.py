"""Whether a file of scenes holds together: how varied they are, and which tell nearly the same."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from attrs import Factory, define, frozen

from proactive_collectors.trace import Trace
from proactive_training.bench.example import Sitting
from proactive_training.bench.near import Near, NearDuplicates
from proactive_training.gym.scene import Domain, Scene

SIMILAR = 0.4
"""From which share of common word triples on two scenes tell nearly the same. Of sittings twice as much is asked:
scenes are written one by one, and two that share so much are one with some words replaced."""

ENOUGH = 10
"""Of how many scenes on a domain's lopsidedness is told."""

LARGEST_SHARE = 1 / 3
"""A country, language, trade or tool that has more of a domain's scenes than this makes it lopsided."""

_YOUNGER = (18, 30, 50, 65)
BANDS = ("under 18", "18 to 29", "30 to 49", "50 to 64", "65 and more")
"""Ages (years) are told in these."""

ASPECTS: dict[str, Callable[[Scene], Sequence[str]]] = {
    "countries": lambda scene: [scene.persona.country],
    "languages": lambda scene: [scene.persona.language],
    "trades": lambda scene: [scene.persona.trade],
    "ages": lambda scene: [age_band(scene.persona.age)],
    "levels": lambda scene: [scene.persona.level],
    "tools": lambda scene: scene.tools,
    "programming": lambda scene: scene.programming,
}
"""In what scenes shall vary, and how to read it off."""

_LOPSIDED = ("countries", "languages", "trades", "tools")


def age_band(age: int) -> str:
    """``18 to 29`` and the like; ``age`` in years."""
    return BANDS[bisect_right(_YOUNGER, age)]


def variety(scenes: Iterable[Scene]) -> dict[Domain, dict[str, Counter[str]]]:
    """For each domain that there is, how often each value of each aspect occurs."""
    found: dict[Domain, dict[str, Counter[str]]] = {}
    for scene in scenes:
        aspects = found.setdefault(scene.domain, {name: Counter() for name in ASPECTS})
        for name, values in ASPECTS.items():
            aspects[name].update(set(values(scene)))
    return found


@frozen
class Lopsided:
    """A value that too many scenes of a domain have in common."""

    domain: Domain
    aspect: str
    value: str
    scenes: int
    of: int


def lopsided(scenes: Sequence[Scene]) -> list[Lopsided]:
    """What too many scenes of a domain have in common; of small domains nothing is said."""
    totals = Counter(scene.domain for scene in scenes)
    return [
        Lopsided(domain, aspect, value, count, totals[domain])
        for domain, aspects in variety(scenes).items()
        if totals[domain] >= ENOUGH
        for aspect in _LOPSIDED
        for value, count in aspects[aspect].most_common()
        if count > LARGEST_SHARE * totals[domain]
    ]


@define
class NearScenes:
    """Takes in scenes and tells which tell nearly the same as one before."""

    _near: NearDuplicates = Factory(lambda: NearDuplicates(SIMILAR))

    def add(self, scene: Scene) -> list[Near]:
        """Add a scene; those before that tell nearly the same, by their ids.

        Raises:
            TrainingError: the extra ``[bench]`` is not installed.
        """
        return list(self._near.add(Sitting(Trace(scene.id, ())), list(scene.texts())))


def near_scenes(scenes: Iterable[Scene]) -> list[Near]:
    """All pairs that tell nearly the same.

    Raises:
        TrainingError: the extra ``[bench]`` is not installed.
    """
    known = NearScenes()
    return [near for scene in scenes for near in known.add(scene)]
