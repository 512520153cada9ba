import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from typer.testing import CliRunner

from proactive_inference.errors import ModelError
from proactive_inference.models.chat import Completion
from proactive_inference.models.fake import FakeModel
from proactive_training.commands.bench import app
from proactive_training.errors import DataError
from proactive_training.gym.scene import Domain, Scene
from proactive_training.gym.scene_file import read_scenes, scenes_text, shipped_scenes
from proactive_training.gym.scene_form import plain_of, schema_of
from proactive_training.gym.scene_prompt import draw, question
from proactive_training.gym.scene_widening import answers_path, aside_path, widen

WRITING = [scene for scene in shipped_scenes() if scene.domain is Domain.WRITING]
SEEDS, NEW = WRITING[:2], WRITING[10:20]


def _answer(scene: Scene, **changes: Any) -> str:
    plain = {**plain_of(scene), "programming": [], **changes}
    return json.dumps({key: plain[key] for key in schema_of(scene.domain)["properties"] if key in plain})


def _killed_after(answers: list[str], good: int) -> list[str | Exception]:
    return [*answers[:good], ModelError("the server is gone")]


def test_new_scenes_are_written_and_all_else_is_set_aside_and_counted(tmp_path: Path) -> None:
    out = tmp_path / "wide.yaml"
    answers: list[str | Completion] = [
        _answer(NEW[0]),
        "I would rather tell you a joke.",
        _answer(SEEDS[0]),  # tells a seed again
        _answer(NEW[1], clock="2026-13-02 09:10"),
        Completion(_answer(NEW[2])[:300], finished=False),
        "```json\n" + _answer(NEW[2]) + "\n```",
        _answer(NEW[0], title="The same with another title"),
        _answer(NEW[3]),
    ]
    model = FakeModel(answers, name="small")
    told: list[tuple[int, int]] = []
    found = widen(SEEDS, model, out, 3, told=lambda done, of: told.append((done, of)))

    assert read_scenes(out) == tuple(found.scenes)
    assert [scene.goal for scene in found.scenes] == [NEW[0].goal, NEW[2].goal, NEW[3].goal]
    assert {scene.written_by for scene in found.scenes} == {"small"}
    assert found.scenes[0].grown_from == SEEDS[0].id
    assert dict(found.set_aside) == {"invalid": 2, "near duplicate": 2, "cut off": 1}
    assert found.reasons["clock"] == 1
    assert found.asked == 8
    assert found.tokens == sum(len((a if isinstance(a, str) else a.text).split()) for a in answers)
    assert found.prompt_tokens > 8 * 200
    assert told[0] == (0, 3) and told[-1] == (3, 3)
    lines = [json.loads(line) for line in aside_path(out).read_text().splitlines()]
    assert [line["number"] for line in lines] == [1, 2, 3, 4, 6]
    assert lines[1]["reason"] == f"1.00 like {SEEDS[0].id}"


def test_a_model_is_held_to_the_schema_and_drawn_to_other_people(tmp_path: Path) -> None:
    model = FakeModel(itertools.repeat("no"))
    widen(SEEDS, model, tmp_path / "wide.yaml", 4, others=WRITING)
    assert len(model.asked) == 12
    assert all(asked.schema == schema_of(Domain.WRITING) for asked in model.asked)
    assert len({asked.messages[1].content for asked in model.asked}) == 12
    assert len({asked.seed for asked in model.asked}) == 12


def test_a_run_that_was_killed_goes_on_and_gives_the_same(tmp_path: Path) -> None:
    answers = [_answer(NEW[0]), "no", _answer(NEW[1]), _answer(NEW[0]), _answer(NEW[2]), _answer(NEW[3])]
    whole, broken = tmp_path / "whole.yaml", tmp_path / "broken.yaml"
    at_once = widen(SEEDS, FakeModel(answers), whole, 4)
    for good in (0, 2, 3):
        done = 0 if not answers_path(broken).exists() else len(answers_path(broken).read_bytes().splitlines()) - 1
        with pytest.raises(ModelError):
            widen(SEEDS, FakeModel(_killed_after(answers[done:], good - done)), broken, 4)
    with answers_path(broken).open("ab") as stream:
        stream.write(b'{"key": "ha')  # killed in the midst of a line
    last = FakeModel(answers[3:])
    found = widen(SEEDS, last, broken, 4)
    assert (found.asked, found.kept, len(last.asked)) == (6, 3, 3)
    assert broken.read_bytes() == whole.read_bytes()
    assert aside_path(broken).read_bytes() == aside_path(whole).read_bytes()
    assert found.tokens == at_once.tokens

    more = widen(SEEDS, FakeModel([_answer(NEW[4])]), broken, 5)
    assert len(more.scenes) == 5
    assert (more.asked, more.kept) == (7, 6)


def test_files_of_others_are_not_written_over(tmp_path: Path) -> None:
    out = tmp_path / "wide.yaml"
    out.write_text("mine")
    with pytest.raises(DataError, match="exists already"):
        widen(SEEDS, FakeModel(["no"]), out, 1)
    assert out.read_text() == "mine"
    out.unlink()
    widen(SEEDS, FakeModel([_answer(NEW[0])]), out, 1)
    with pytest.raises(DataError, match="a run with other seeds, another model"):
        widen(SEEDS, FakeModel([_answer(NEW[1])], name="another"), out, 1)
    with pytest.raises(DataError, match="there are no seeds"):
        widen([], FakeModel(["no"]), tmp_path / "new.yaml", 1)


def test_what_was_widened_is_widened_again(tmp_path: Path) -> None:
    once, twice = tmp_path / "once.yaml", tmp_path / "twice.yaml"
    long = "Antidisestablishmentarianism " * 3
    first = widen(SEEDS, FakeModel([_answer(NEW[0], title=long), _answer(NEW[1])]), once, 2)
    assert [len(scene.id) <= 80 and scene.id.endswith(f"-{n}") for n, scene in enumerate(first.scenes)] == [
        True
    ] * 2
    second = widen(
        read_scenes(once),
        FakeModel([_answer(NEW[0]), _answer(NEW[2], title=first.scenes[1].title), _answer(NEW[3], title="«»")]),
        twice, 2,
    )  # fmt: skip
    assert second.set_aside == {"near duplicate": 1}
    assert [scene.goal for scene in read_scenes(twice)] == [NEW[2].goal, NEW[3].goal]
    assert second.scenes[0].id.startswith(first.scenes[1].id)
    assert len({scene.id for scene in [*first.scenes, *second.scenes]}) == 4


def test_draws_are_the_same_whatever_was_drawn_before() -> None:
    places = sorted({(scene.persona.country, scene.persona.language) for scene in WRITING})
    one = [draw(SEEDS, places, number, 7) for number in range(40)]
    assert [draw(SEEDS, places, number, 7) for number in reversed(range(40))] == one[::-1]
    assert len({drawn.country for drawn in one}) > 15
    assert [drawn.seed for drawn in one[:4]] == [*SEEDS, *SEEDS]
    text = question(evolve(one[0], country="Malta", age=33))[1].content
    assert "somebody of 33 in Malta" in text
    assert SEEDS[0].goal in text and SEEDS[0].id not in text


def test_the_command_widens_with_a_fake_model_by_a_file(tmp_path: Path) -> None:
    seeds, script, out = tmp_path / "seeds.yaml", tmp_path / "script.txt", tmp_path / "wide.yaml"
    seeds.write_text(scenes_text(SEEDS), encoding="utf-8")
    new = {"title": "A letter that was never sent", "goal": "Find the letter and send it by six",
           "situation": "A drawer is full of drafts, and nobody remembers which one was the last.",
           "entities": [{"name": f"drawer {n}", "state": f"full of paper since {2000 + n}", "operations": ["open"]}
                        for n in range(3)],
           "mishaps": ["The drawer sticks", "A visitor comes early"],
           "wanted": ["When the fourth draft is read as if it were new"],
           "unwanted": ["While talking with the visitor", "While a draft is read aloud"]}  # fmt: skip
    script.write_text(f"{_answer(NEW[0], **new)}\nnothing\n", encoding="utf-8")
    arguments = ["scenes", "widen", "--seeds", seeds, "--model", f"fake:{script}", "--out", out, "--count", "2"]
    result = CliRunner().invoke(app, [*map(str, arguments), "--json"])
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout.splitlines()[-1])
    assert report["scenes"] == 1
    assert report["answers"] == 6
    assert report["set_aside"] == {"invalid": 3, "near duplicate": 2}
    assert report["tokens"] > 0
    (scene,) = read_scenes(out)
    assert scene.id == "a-letter-that-was-never-sent-0"
    assert scene.written_by == "script"

    again = CliRunner().invoke(app, [*map(str, arguments)])
    assert "1 of 2 scenes from 6 answers (6 kept from before)" in again.output
    assert "Set aside: 3 invalid, 2 near duplicate" in again.output


def test_the_command_says_that_no_scene_came_of_it(tmp_path: Path) -> None:
    script = tmp_path / "script.txt"
    script.write_text("nothing\n")
    out = tmp_path / "wide.yaml"
    result = CliRunner().invoke(
        app,
        ["scenes", "widen", "--model", f"fake:{script}", "--out", str(out), "--count", "1", "--domain", "coding"],
    )
    assert result.exit_code == 1
    assert "no answer was a new scene; use a larger model" in result.output
    assert not out.exists()
