from pathlib import Path

from attrs import evolve
from typer.testing import CliRunner

from proactive_training.commands.bench import app
from proactive_training.gym.scene import Domain, Level
from proactive_training.gym.scene_check import ENOUGH, age_band, lopsided, near_scenes, variety
from proactive_training.gym.scene_file import scenes_and_faults, scenes_text, shipped_scenes

LEAST = 40
"""Scenes of each domain that ship."""


def _run(*arguments: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["scenes", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def test_the_shipped_scenes_keep_to_the_form_and_are_varied() -> None:
    scenes, faults = scenes_and_faults()
    assert not faults
    assert not near_scenes(scenes)
    assert not lopsided(scenes)
    assert len({scene.id for scene in scenes}) == len(scenes)
    found = variety(scenes)
    for domain in Domain:
        aspects = found[domain]
        count = sum(scene.domain is domain for scene in scenes)
        assert count >= LEAST
        assert len(aspects["trades"]) == count
        assert len(aspects["countries"]) >= LEAST
        assert len(aspects["languages"]) >= 25
        assert len(aspects["tools"]) >= 80
        assert len(aspects["ages"]) == 5
        assert set(aspects["levels"]) == set(Level)
    assert len(found[Domain.CODING]["programming"]) >= 35


def test_every_shipped_scene_has_more_moments_to_be_silent_in_and_things_under_a_condition() -> None:
    scenes = shipped_scenes()
    assert all(len(scene.unwanted) >= 2 for scene in scenes)
    assert sum(len(scene.unwanted) > len(scene.wanted) for scene in scenes) > 0.7 * len(scenes)
    conditions = [
        operation.only for s in scenes for e in s.entities for operation in e.operations if operation.only
    ]
    assert len(conditions) > len(scenes) / 2


def test_a_scene_with_other_names_is_a_near_duplicate() -> None:
    one, other, *_ = shipped_scenes()
    who = evolve(one.persona, trade="baker", country="Norway", habits=("hums",))
    copy = evolve(one, id="another", title="Something else", persona=who, goal="Be done by noon")
    (near,) = near_scenes([one, other, copy])
    assert (near.one, near.other) == (one.id, "another")
    assert 0.4 <= near.similarity < 1


def test_what_too_many_share_is_told_of_domains_that_are_large_enough() -> None:
    scenes = [scene for scene in shipped_scenes() if scene.domain is Domain.WRITING][:ENOUGH]
    same = [
        evolve(s, persona=evolve(s.persona, country="Malta"), tools=(f"tool {n}",)) for n, s in enumerate(scenes)
    ]
    told = [(one.aspect, one.value, one.scenes, one.of) for one in lopsided(same)]
    assert ("countries", "Malta", ENOUGH, ENOUGH) in told
    assert not lopsided(same[1:])


def test_ages_are_told_in_bands() -> None:
    assert [age_band(age) for age in (17, 18, 49, 50, 64, 65)] == [
        "under 18", "18 to 29", "30 to 49", "50 to 64", "50 to 64", "65 and more"
    ]  # fmt: skip


def test_check_says_what_is_wrong_and_exits_with_one(tmp_path: Path) -> None:
    one, other, *_ = shipped_scenes()
    file = tmp_path / "mine.yaml"
    file.write_text(scenes_text([one, other]), encoding="utf-8")
    code, out, _ = _run("check", file)
    assert code == 0
    assert "2 scenes, 0 faults, 0 near duplicates." in out

    file.write_text(
        scenes_text([one, evolve(one, id="again"), other]).replace("level: practised", "level: fair", 1)
    )
    code, out, err = _run("check", file)
    assert code == 1
    assert f"Fault: {file}, line 9: persona.level: 'fair' is none of new, practised, expert" in err
    assert "2 scenes, 1 faults, 0 near duplicates." in out

    file.write_text(scenes_text([one, evolve(one, id="again")]), encoding="utf-8")
    code, out, err = _run("check", file)
    assert code == 1
    assert f"Nearly the same (1.00): {one.id} and again" in err


def test_strict_wants_variety(tmp_path: Path) -> None:
    scenes = [scene for scene in shipped_scenes() if scene.domain is Domain.WRITING][:ENOUGH]
    file = tmp_path / "mine.yaml"
    file.write_text(scenes_text(evolve(s, persona=evolve(s.persona, country="Malta")) for s in scenes))
    code, _, err = _run("check", file)
    assert code == 0
    assert "Lopsided: 10 of 10 scenes of writing share 'Malta' (countries)" in err
    assert _run("check", file, "--strict")[0] == 1


def test_list_and_show_are_for_people() -> None:
    code, out, _ = _run("list", "--domain", "daily life")
    assert code == 0
    assert "pill-organiser" in out and "bakery-cook-book" not in out
    code, out, _ = _run("show", "bakery-cook-book")
    assert code == 0
    assert out.startswith("- id: bakery-cook-book\n")
    code, _, err = _run("show", "nothing")
    assert code == 1
    assert "no scene is called 'nothing'; see 'proactive bench scenes list'" in err
    code, _, err = _run("list", "--domain", "sport")
    assert code == 1
    assert "there is no domain 'sport'; give coding, writing, daily life" in err
