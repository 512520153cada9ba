import textwrap
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from proactive_training.errors import DataError
from proactive_training.gym.scene import Domain, Level, Operation
from proactive_training.gym.scene_file import (
    read_scenes,
    read_with_faults,
    scenes_text,
    shipped_scenes,
)
from proactive_training.gym.scene_form import SCENE_SCHEMA, FormError, plain_of, scene_of

ONE = """\
# one scene
- id: bread-oven
  domain: daily life
  title: An oven that is too cold
  persona:
    trade: night porter
    country: NO
    age: 47
    language: Norwegian
    level: new
    habits: [weighs everything]
  situation: >-
    The dough has risen twice. The oven's light
    is on.
  clock: 2026-03-02 09:10
  goal: Bake two loaves before noon
  tools: [kitchen scale]
  entities:
    - name: Oven
      state: at 120 degrees
      operations: [heat, open, put in (once it is at 240 degrees)]
    - name: dough
      state: risen
      operations: [fold]
    - name: timer
      state: "off"
      operations: [set]
  mishaps: [The fuse blows, The phone rings]
  wanted: [When the oven is cold after half an hour]
  unwanted: [While the dough is folded, On the phone]
"""


def _faults(text: str) -> list[str]:
    return [str(fault) for fault in read_with_faults(text, "mine.yaml")[1]]


def test_a_scene_is_read_as_it_stands_there() -> None:
    (scene,), faults = read_with_faults(ONE, "mine.yaml")
    assert not faults
    assert scene.domain is Domain.DAILY_LIFE
    assert (scene.persona.country, scene.persona.age, scene.persona.level) == ("NO", 47, Level.NEW)
    assert scene.situation == "The dough has risen twice. The oven's light is on."
    assert scene.clock == datetime(2026, 3, 2, 9, 10, tzinfo=UTC)
    oven = scene.entity("oven")
    assert oven is not None
    assert oven.operation("Put in") == Operation("put in", "once it is at 240 degrees")
    assert oven.operation("sell") is None
    assert scene.entity("fridge") is None
    assert (timer := scene.entity("timer")) is not None and timer.state == "off"


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    scenes = shipped_scenes()
    file = tmp_path / "scenes.yaml"
    file.write_text(scenes_text(scenes), encoding="utf-8")
    assert read_scenes(file) == scenes


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("age: 47", "age: old", "line 8: persona.age: 'old' is not a whole number from 8 to 100"),
        ("level: new", "level: good", "line 10: persona.level: 'good' is none of new, practised, expert"),
        ("domain: daily life", "domain: sport", "line 3: domain: 'sport' is none of coding, writing, daily life"),
        ("09:10", "9 am", "line 15: clock: '2026-03-02 9 am' is not a time such as 2026-03-02 09:10"),
        ("state: risen", "stat: risen", "line 22: entities[1]: 'state' is missing"),
        ("name: dough", "name: oven", "line 22: entities[1].name: there are two entities 'oven'"),
        (
            "[fold]",
            "[fold (once]",
            "line 24: entities[1].operations[0]: 'fold (once' is not 'operation' or 'operation (condition)'",
        ),
        ("  wanted: [When the oven is cold after half an hour]\n", "", "line 2: 'wanted' is missing"),
        ("[The fuse blows, The phone rings]", "[The fuse blows]", "line 28: mishaps: 1 in it; give 2 to 12"),
        ("goal: Bake", "goals: Bake", "line 2: 'goal' is missing"),
        ("id: bread-oven", "id: Bread oven", "line 2: id: 'Bread oven' is not made of small letters"),
        ("[set]", "{set: now}", "line 27: entities[2].operations: not a list"),
        ("language: Norwegian", "country: Norway", "line 9: persona.country: stands there twice"),
        ("domain: daily life", "domain: coding", "line 2: programming: a coding scene names its programming"),
    ],
)
def test_a_fault_is_told_with_its_line(old: str, new: str, fault: str) -> None:
    assert ONE.count(old) == 1
    (told,) = _faults(ONE.replace(old, new))
    assert told.startswith(f"mine.yaml, {fault}")


def test_other_keys_are_refused_with_those_that_there_are() -> None:
    (told,) = _faults(ONE + "  mood: good\n")
    assert told.startswith("mine.yaml, line 31: mood: no such key; there are id, domain")


def test_all_scenes_without_a_fault_are_read_and_all_faults_are_told() -> None:
    wrong = ONE.replace("bread-oven", "second").replace("age: 47", "age: 470")
    scenes, faults = read_with_faults(ONE + wrong + ONE, "mine.yaml")
    assert [scene.id for scene in scenes] == ["bread-oven"]
    assert [fault.line for fault in faults] == [38, 62]
    assert "'bread-oven' is there already, in line 2" in faults[1].reason


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "line 1: not a list of scenes"),
        ("scenes: []", "line 1: not a list of scenes"),
        ("- id: a\n   title: b\n", "line 2: not YAML: "),
        ("- &a [x, *a]\n", "line 1: [1]: an alias of another place; write the text out"),
        ("- [[[[[[[[[[a]]]]]]]]]]\n", "line 1: [0][0][0][0][0][0][0][0][0]: lists and mappings lie too deep"),
        ("- a\n", "line 1: not a mapping of keys to values"),
    ],
)
def test_what_is_no_file_of_scenes_is_said(text: str, fault: str) -> None:
    assert _faults(text)[0].startswith(f"mine.yaml, {fault}")


def test_a_file_with_faults_is_an_error_with_the_next_step(tmp_path: Path) -> None:
    file = tmp_path / "scenes.yaml"
    file.write_text(ONE.replace("age: 47", "age: 1"))
    with pytest.raises(DataError, match=r"line 8: persona.age.*'proactive bench scenes check' tells all"):
        read_scenes(file)
    with pytest.raises(DataError, match="cannot be read"):
        read_scenes(tmp_path / "none.yaml")


def test_the_schema_for_models_says_what_the_reader_takes() -> None:
    for scene in shipped_scenes():
        plain = plain_of(scene)
        asked = {key: plain.get(key, []) for key in SCENE_SCHEMA["properties"]}
        jsonschema.validate(asked, SCENE_SCHEMA)
        assert scene_of({**asked, "id": scene.id, "domain": scene.domain.value}) == scene


def test_a_plain_scene_that_is_none_names_the_place() -> None:
    with pytest.raises(FormError) as caught:
        scene_of({"id": "a", "domain": "coding", "title": 3})
    assert caught.value.place == ("title",)


def test_the_scene_in_the_docs_is_one() -> None:
    page = (Path(__file__).parents[3] / "docs" / "bench.md").read_text(encoding="utf-8")
    begins = page.index("    - id: bakery-cook-book")
    block = page[begins : page.index("\n\n", begins) + 1]
    (scene,), faults = read_with_faults(textwrap.dedent(block), "docs/bench.md")
    assert not faults
    assert scene.entities[0].operations[0] == Operation("bake", "once it has doubled")
