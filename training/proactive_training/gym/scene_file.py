"""Files of scenes: a YAML list that people write and review; the scenes that ship.

Every scalar is read as the text that stands there, so that ``NO`` is no truth value and ``2026-03-02`` no date.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from attrs import Factory, define, frozen

from proactive_training.errors import DataError
from proactive_training.gym.scene import Scene
from proactive_training.gym.scene_form import FormError, Place, plain_of, scene_of

SHIPPED = ("coding", "writing", "daily_life")
"""The files that ship, in ``data/scenes``."""

DEEPEST = 8
"""How deep lists and mappings may lie in each other."""


@frozen
class Fault:
    """A scene, or a file, that cannot be read."""

    file: str
    line: int  #: counted from one
    reason: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.reason}"


def read_scenes(path: Path) -> tuple[Scene, ...]:
    """The scenes of a file, in order.

    Raises:
        DataError: the file cannot be read, holds no scene, or one that is none; the first fault is told.
    """
    return _without_faults(*read_with_faults(_text_of(path), str(path)))


def shipped_scenes() -> tuple[Scene, ...]:
    """The scenes that ship with this package, domain by domain.

    Raises:
        DataError: they are missing or spoilt.
    """
    found: list[Scene] = []
    for text, name in _shipped_texts():
        found += _without_faults(*read_with_faults(text, name))
    return tuple(found)


def scenes_and_faults(path: Path | None = None) -> tuple[list[Scene], list[Fault]]:
    """The scenes of a file, by default those that ship, and everything that cannot be read.

    Raises:
        DataError: the file cannot be read.
    """
    scenes: list[Scene] = []
    faults: list[Fault] = []
    for text, name in [(_text_of(path), str(path))] if path else _shipped_texts():
        some, wrong = read_with_faults(text, name)
        scenes += some
        faults += wrong
    return scenes, faults


def read_with_faults(text: str, name: str) -> tuple[list[Scene], list[Fault]]:
    """The scenes of a file's text, and what cannot be read of it; ``name`` is what to call the file."""
    import yaml

    try:
        root = yaml.compose(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or str(error) or type(error).__name__
        return [], [Fault(name, mark.line + 1 if mark else 1, f"not YAML: {what}")]
    if root is None or root.id != "sequence" or not root.value:
        return [], [Fault(name, 1, "not a list of scenes; each begins with '- id: …'")]
    scenes: list[Scene] = []
    faults: list[Fault] = []
    lines: dict[str, int] = {}
    for node in root.value:
        walk = _Walk()
        try:
            scene = scene_of(walk.plain(node))
            if scene.id in lines:
                raise FormError(("id",), f"{scene.id!r} is there already, in line {lines[scene.id]}")
        except FormError as error:
            faults.append(Fault(name, walk.line_of(error.place), str(error)))
            continue
        lines[scene.id] = walk.line_of(("id",))
        scenes.append(scene)
    return scenes, faults


def scenes_text(scenes: Iterable[Scene]) -> str:
    """The text of a file, which :func:`read_scenes` reads."""
    from yaml import safe_dump

    return "\n".join(
        safe_dump([plain_of(scene)], sort_keys=False, allow_unicode=True, width=115) for scene in scenes
    )


@define
class _Walk:
    """Makes plain values of one scene's YAML, and keeps in which line each stands."""

    lines: dict[Place, int] = Factory(dict)
    _met: set[int] = Factory(set)

    def plain(self, node: Any, place: Place = ()) -> Any:
        self.lines.setdefault(place, node.start_mark.line + 1)
        if id(node) in self._met:  # a few of them can stand for more text than there is memory
            raise FormError(place, "an alias of another place; write the text out")
        self._met.add(id(node))
        if len(place) > DEEPEST:
            raise FormError(place, "lists and mappings lie too deep in each other")
        if node.id == "scalar":
            return node.value
        if node.id == "sequence":
            return [self.plain(item, (*place, number)) for number, item in enumerate(node.value)]
        found: dict[str, Any] = {}
        for key, value in node.value:
            if key.id != "scalar":
                raise FormError(place, "a key that is no word")
            self.lines[(*place, key.value)] = key.start_mark.line + 1
            if key.value in found:
                raise FormError((*place, key.value), "stands there twice")
            found[key.value] = self.plain(value, (*place, key.value))
        return found

    def line_of(self, place: Place) -> int:
        """The line of the place, or of the nearest thing around it."""
        while place not in self.lines:
            place = place[:-1]
        return self.lines[place]


def _without_faults(scenes: list[Scene], faults: list[Fault]) -> tuple[Scene, ...]:
    if faults:
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise DataError(f"{faults[0]}{more}; 'proactive bench scenes check' tells all")
    return tuple(scenes)


def _shipped_texts() -> Iterator[tuple[str, str]]:
    for name in SHIPPED:
        file = files("proactive_training") / "data" / "scenes" / f"{name}.yaml"
        try:
            yield file.read_text(encoding="utf-8"), f"{name}.yaml"
        except OSError as error:
            raise DataError(
                f"the shipped scenes {name}.yaml cannot be read ({error.strerror}); install the package again"
            ) from error


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read ({error}); give a YAML file of scenes") from error
