import random

import pytest

from proactive_training.gym.hunks import Hunk
from proactive_training.gym.order import Role, ordered, role_of


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("pyproject.toml", Role.SETTINGS),
        ("src/app.py", Role.CODE),
        ("web/app.tsx", Role.CODE),
        ("tests/test_app.py", Role.TESTS),
        ("pkg/app_test.go", Role.TESTS),
        ("web/app.spec.ts", Role.TESTS),
        ("docs/index.rst", Role.PROSE),
        ("CHANGELOG", Role.PROSE),
    ],
)
def test_a_file_is_for_what_its_name_says(path: str, role: Role) -> None:
    assert role_of(path) is role


def _new(text: str, at: int = 0) -> Hunk:
    return Hunk(at, at, "", text)


def test_definitions_come_before_their_uses_and_code_before_tests_and_prose() -> None:
    files = {
        "README.md": [_new("Call `shrink_image`.\n")],
        "app/a_view.py": [_new("    shrink_image(picture)\n", 9)],
        "app/tools.py": [_new("def shrink_image(picture):\n    return picture\n")],
        "tests/test_tools.py": [_new("def test_shrink():\n    shrink_image(1)\n")],
        "setup.cfg": [_new("[options]\n")],
    }
    for seed in range(20):
        steps = ordered(files, random.Random(seed))
        paths = [step.path for step in steps]
        assert paths == ["setup.cfg", "app/tools.py", "app/a_view.py", "tests/test_tools.py", "README.md"]
        assert steps[2].why == "after the definition of shrink_image in tools.py"


def test_definitions_in_a_circle_still_have_an_order() -> None:
    files = {
        "a.py": [_new("def first_one():\n    second_one()\n")],
        "b.py": [_new("def second_one():\n    first_one()\n")],
    }
    assert [step.path for step in ordered(files, random.Random(1))] == ["a.py", "b.py"]


def test_an_import_is_sometimes_forgotten_until_it_is_missed() -> None:
    files = {"a.py": [_new("import json\n"), _new("def load():\n    return json.load\n", 5), _new("x = 1\n", 9)]}
    orders = {tuple(step.number for step in ordered(files, random.Random(seed))) for seed in range(40)}
    assert orders == {(0, 1, 2), (1, 0, 2)}
    late = next(s for seed in range(40) if (s := ordered(files, random.Random(seed)))[0].number == 1)
    assert late[1].why == "an import that was forgotten"


def test_every_hunk_has_its_turn_once() -> None:
    files = {f"m{number}.py": [_new("x\n", at) for at in range(number)] for number in range(5)}
    steps = ordered(files, random.Random(3))
    assert sorted((step.path, step.number) for step in steps) == sorted(
        (path, number) for path, hunks in files.items() for number in range(len(hunks))
    )
