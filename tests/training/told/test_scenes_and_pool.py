"""Judged scenes, those that ship among them, and the pool of sentences made from them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from proactive_training.errors import DataError
from proactive_training.told.examples import common_words
from proactive_training.told.pool import sentence_pool
from proactive_training.told.scenes import HIGHEST, read_scenes


def test_the_shipped_scenes_are_many_different_and_mostly_silent() -> None:
    scenes = read_scenes()
    assert Counter(scene.domain for scene in scenes).keys() == {"code", "writing", "daily"}
    assert min(Counter(scene.domain for scene in scenes).values()) >= 60
    assert len({scene.trace.name for scene in scenes}) == len(scenes)
    levels = [level for scene in scenes for level in scene.levels]
    assert 0.25 * HIGHEST < sum(levels) / len(levels) < 0.45 * HIGHEST
    sentences = [sentence for scene in scenes for sentence in scene.sentences]
    assert len(set(sentences)) > 0.9 * len(sentences)


def test_a_scene_is_read_event_by_event(tmp_path: Path) -> None:
    path = tmp_path / "scenes.jsonl"
    line = {
        "scene": "x",
        "domain": "code",
        "topic": "t",
        "events": [[0, "The user waits.", 0], [9, "It fails.", 8]],
    }
    path.write_text(json.dumps(line) + "\n\n")
    (scene,) = read_scenes(path)
    assert (scene.levels, scene.sentences) == ((0, 8), ["The user waits.", "It fails."])
    assert (scene.trace.events[1].time - scene.trace.events[0].time).total_seconds() == 9


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 1: not a scene"),
        ('{"scene": "x", "domain": "code", "events": []}', "line 1: not a scene"),
        ('{"scene": "x", "domain": "code", "events": [[0, "A.", 11]]}', "whole number from 0 to 10"),
        ('{"scene": "x", "domain": "code", "events": [[0, " ", 1]]}', "a sentence is empty"),
        ('{"scene": "x", "domain": "code", "events": [[0, "A."]]}', "line 1: not a scene"),
        ("", "no scene in it"),
    ],
)
def test_what_is_no_scene_is_told_of(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "scenes.jsonl"
    path.write_text(line)
    with pytest.raises(DataError, match=message):
        read_scenes(path)
    with pytest.raises(DataError, match="cannot be read"):
        read_scenes(tmp_path / "none.jsonl")


def test_common_words_are_those_that_scenes_share() -> None:
    common = common_words(read_scenes())
    assert {"the", "types", "browser"} <= common
    assert not {"pandas", "tomato", "embedding"} & common
    assert len(common) < 300


def test_the_pool_keeps_what_is_given_and_repeats_itself_by_seed() -> None:
    given = [f"The user opens 'file {n}' and reads about topic {n} for a while." for n in range(20)]
    pool = sentence_pool(given, 200, seed=4)
    assert pool[:20] == given
    assert len(pool) == len(set(pool)) == 200
    assert pool == sentence_pool(given, 200, seed=4) != sentence_pool(given, 200, seed=5)
    assert sentence_pool(["One."], 50) == ["One.", "One. One."]  # of one word there is no more to be made
