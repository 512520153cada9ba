"""Tests of a replayed project that really run, fail and pass."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner

from proactive_collectors.events import DocumentSaved, TerminalRun
from proactive_inference.agent import Agent
from proactive_training.commands.bench import app
from proactive_training.errors import DataError
from proactive_training.gym.acts import Run, Save
from proactive_training.gym.checkout import Checkout
from proactive_training.gym.git_objects import Git
from proactive_training.gym.history import History, open_history
from proactive_training.gym.labelling import SilentGate
from proactive_training.gym.replay import Stage, labels_of
from proactive_training.gym.replay_run import Options, evaluate
from proactive_training.gym.runs import TestRunner, nearest
from proactive_training.gym.work import SittingWork
from proactive_training.throwaway import GAVE_UP, fill, run_python

TEST = "from shop.price import price\n\n\ndef test_price():\n    assert price(2) == {}\n"


def _price(per_item: int) -> str:
    return f"def price(items):\n    total = items * {per_item}\n    return total\n"


@pytest.fixture
def shop(fresh) -> Path:  # type: ignore[no-untyped-def]
    """Three commits: a price and its test, another price, and one whose test nobody has run."""
    fresh.write("shop/__init__.py", "")
    fresh.write("shop/price.py", _price(3))
    fresh.write("tests/test_price.py", TEST.format(6))
    fresh.write("README.md", "# Shop\n")
    fresh.commit("Begin")
    fresh.write("shop/price.py", _price(5))
    fresh.write("tests/test_price.py", TEST.format(10))
    fresh.commit("Dearer", after=90_000)
    fresh.write("shop/price.py", _price(7))
    fresh.commit("Dearer still, and the test forgotten", after=90_000)
    fresh.write("README.md", "# The shop\n")
    fresh.commit("Prose", after=90_000)
    return Path(fresh.folder)


@pytest.fixture
def works(shop: Path) -> Iterator[tuple[Git, dict[str, SittingWork]]]:
    git, name = open_history(shop)
    with git:
        yield git, {work.commits[0].subject: work for work in History(git, name).sittings()}


_RUNNER = TestRunner(Path(sys.executable))


def _runner() -> TestRunner:
    """One for all: the same run of the same files is made once."""
    return _RUNNER


def _runs(stage: Stage) -> list[TerminalRun]:
    episode = stage.run(Agent(SilentGate(), ()))
    return [event.data for event in episode.events if isinstance(event.data, TerminalRun)]


# --- end to end ----------------------------------------------------------------------------------------------


def test_a_test_fails_in_the_midst_of_the_work_and_passes_in_the_end(works) -> None:  # type: ignore[no-untyped-def]
    git, sittings = works
    runner = _runner()
    failed = passed = 0
    for seed in range(6):
        stage = Stage.of(git, sittings["Dearer"], None, seed, runner)
        assert stage.tests == "run"
        runs = _runs(stage)
        for run in runs:
            assert run.command == "python -m pytest -q -x tests/test_price.py"
            assert run.cwd == "/w"
            assert bool(run.exit_code) == bool(run.failures)
            passed += run.exit_code == 0
            if run.exit_code == 1 and "assert" in run.failures[0].message:
                failed += 1
                assert run.failures[0].path == "tests/test_price.py"
                assert "1 failed" in run.output
    assert failed and passed


def test_a_failure_that_outlives_the_moment_is_a_need_and_one_that_is_mended_is_none(works) -> None:  # type: ignore[no-untyped-def]
    git, sittings = works
    runner = _runner()
    rules: dict[str, set[str]] = {"Dearer": set(), "Dearer still, and the test forgotten": set()}
    for subject, found in rules.items():
        for seed in range(4):
            record = labels_of(Stage.of(git, sittings[subject], None, seed, runner))
            events = record.sitting.trace.events
            runs = [index for index, event in enumerate(events) if isinstance(event.data, TerminalRun)]
            for example in record.examples:
                if example.boundary != "run_failed" or example.offer is not None:
                    continue
                assert example.index in runs
                found.add(example.label.rule)
                later = [index for index in runs if index > example.index]
                still = not later or bool(events[later[0]].data.exit_code)  # type: ignore[union-attr]
                if example.label.rule in ("red", "mending"):
                    assert example.label.need is still is (example.label.rule == "red")
    assert rules["Dearer"] & {"mending", "about_to", "confirmed", "slip"}
    assert "red" in rules["Dearer still, and the test forgotten"]


def test_only_what_is_saved_is_run(works) -> None:  # type: ignore[no-untyped-def]
    git, sittings = works
    for seed in range(3):
        stage = Stage.of(git, sittings["Dearer"], None, seed, _runner())
        unsaved: set[str] = set()
        while (act := stage.user.act()) is not None:
            events = stage.environment.do(act, stage.work.commits[0].time)
            if isinstance(act, Save):
                unsaved.discard(act.path)
            elif isinstance(act, Run):
                assert not unsaved
            elif hasattr(act, "changes"):
                unsaved.add(act.path)  # type: ignore[attr-defined]
            assert isinstance(act, Save) == any(isinstance(event.data, DocumentSaved) for event in events)
        stage.environment.close()


def test_without_a_runner_nothing_is_run_and_the_sitting_is_the_same_but_for_that(works) -> None:  # type: ignore[no-untyped-def]
    git, sittings = works
    stage = Stage.of(git, sittings["Dearer"], None, 1)
    assert stage.tests == ""
    assert _runs(stage) == []


@pytest.mark.parametrize(
    ("subject", "why"),
    [("Begin", "nothing before the first commit"), ("Prose", "no Python is changed")],
)
def test_sittings_without_runs_tell_why(works, subject: str, why: str) -> None:  # type: ignore[no-untyped-def]
    git, sittings = works
    stage = Stage.of(git, sittings[subject], None, 0, _runner())
    assert why in stage.tests
    assert _runs(stage) == []


def test_tests_that_fail_before_the_sitting_are_not_run(fresh) -> None:  # type: ignore[no-untyped-def]
    fresh.write("shop.py", "price = 1\n")
    fresh.write("test_shop.py", "import shop\n\n\ndef test_shop():\n    assert shop.price == 2\n")
    fresh.commit("Begin")
    fresh.write("shop.py", "price = 3\n")
    fresh.commit("Change", after=90_000)
    git, name = open_history(fresh.folder)
    with git:
        work = list(History(git, name).sittings())[-1]
        stage = Stage.of(git, work, None, 0, _runner())
        assert stage.tests == "tests do not pass before the sitting"
        assert _runs(stage) == []


def test_the_command_line_runs_tests_only_when_told_and_counts(shop: Path, tmp_path: Path) -> None:
    import orjson

    def run(*arguments: str) -> dict[str, object]:
        out = str(tmp_path / str(time.monotonic_ns()))
        done = CliRunner().invoke(
            app, ["replay", "--repo", str(shop), "--out", out, "--jobs", "1", "--json", *arguments]
        )
        assert done.exit_code == 0, done.output
        found: dict[str, object] = orjson.loads(done.stdout.splitlines()[-1])
        return found

    assert run()["tests"] == run()["runs"] == {}
    told = run("--run-tests", "--no-diagnostics")
    assert told["tests"] == {
        "there is nothing before the first commit": 1, "run": 2, "no Python is changed": 1,
    }  # fmt: skip
    runs = told["runs"]
    assert isinstance(runs, dict) and sum(runs.values()) == told["kinds"]["terminal.run"]  # type: ignore[index]


def test_an_interpreter_alone_runs_nothing(shop: Path, tmp_path: Path) -> None:
    arguments = ["replay", "--repo", str(shop), "--out", str(tmp_path / "out"), "--python", sys.executable]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 1
    assert "--run-tests" in done.output
    done = CliRunner().invoke(app, [*arguments[:-1], str(tmp_path / "none"), "--run-tests"])
    assert done.exit_code == 1
    assert "no interpreter" in done.output


# --- which tests ---------------------------------------------------------------------------------------------


def test_the_nearest_tests_come_first(works) -> None:  # type: ignore[no-untyped-def]
    _, sittings = works
    texts = {
        "shop/price.py": "",
        "tests/test_other.py": "import json\n",
        "tests/test_all.py": "from shop.price import price\n",
        "tests/test_price.py": TEST,
        "shop/test_price.py": TEST,
    }
    found = list(nearest(sittings["Dearer still, and the test forgotten"], list(texts), texts.__getitem__))
    assert found == ["shop/test_price.py", "tests/test_price.py", "tests/test_all.py"]
    assert next(iter(nearest(sittings["Dearer"], list(texts), texts.__getitem__))) == "tests/test_price.py"


# --- the throw-away folder -----------------------------------------------------------------------------------


def test_a_checkout_runs_what_was_written_and_names_no_folder_of_this_machine(works) -> None:  # type: ignore[no-untyped-def]
    git, sittings = works
    checkout = Checkout(git, sittings["Dearer"].commits[0].parent, Path(sys.executable), 120.0)
    command = "python -m pytest -q -x tests/test_price.py"
    try:
        assert checkout.run(command).exit_code == 0
        checkout.write("shop/price.py", "import missing_module\n")
        outcome = checkout.run(command)
        assert outcome.exit_code != 0 and "missing_module" in outcome.output
        assert sys.prefix not in outcome.output and sys.base_prefix not in outcome.output
        assert "proactive-replay-" not in outcome.output
        checkout.write("shop/price.py", None)
        assert checkout.run(command).exit_code != 0
        checkout.write("shop/price.py", _price(3))
        assert checkout.run(command).exit_code == 0
    finally:
        checkout.close()


def test_the_same_run_of_the_same_files_is_made_once(works) -> None:  # type: ignore[no-untyped-def]
    git, sittings = works
    checkout = Checkout(git, sittings["Dearer"].commits[0].parent, Path(sys.executable), 120.0)
    command = "python -m pytest -q -x tests/test_price.py"
    try:
        first = checkout.run(command)
        again = Checkout(git, checkout.commit, checkout.python, 120.0, checkout.known)
        assert again.run(command) is first
        again.write("shop/price.py", _price(4))
        assert again.run(command) is not first
        again.close()
    finally:
        checkout.close()


def test_nothing_is_written_outside_of_the_folder(fresh, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    outside = tmp_path / "outside"
    outside.mkdir()
    fresh.write("a.py", "")
    (fresh.folder / "link").symlink_to(outside)
    (fresh.folder / "inner").symlink_to("a.py")
    fresh.commit("Links")
    root = tmp_path / "root"
    fill(root, fresh.folder)
    assert not (root / "link").exists() and (root / "inner").is_symlink()
    git, _ = open_history(fresh.folder)
    with git:
        checkout = Checkout(git, "HEAD", Path(sys.executable), 120.0)
        checkout.write("../up.py", "x = 1\n")
        checkout.write("inner", "x = 1\n")
        checkout.write("new/b.py", "print('here')\n")
        try:
            assert "here" in checkout.run("python new/b.py").output
            assert checkout.run("python -c 'import os; print(os.listdir(\"..\"))'").output.count("'") == 2
        finally:
            checkout.close()


def test_a_tree_that_is_not_there_is_an_error(shop: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be written out"):
        fill(tmp_path / "root", shop, "f" * 40)


def test_a_run_that_takes_too_long_ends_with_all_that_it_started(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(child.pid, flush=True)\ntime.sleep(600)\n"
    )
    begun = time.monotonic()
    outcome = run_python(["-c", code], tmp_path, limit=5.0)
    assert outcome.exit_code == GAVE_UP and outcome.failures == ()
    assert time.monotonic() - begun < 60
    child = int(outcome.output)
    deadline = time.monotonic() + 30
    while psutil.pid_exists(child) and psutil.Process(child).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "the child lives on"
        time.sleep(0.05)


def test_a_child_that_outlives_its_run_is_ended_and_not_waited_for(tmp_path: Path) -> None:
    code = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])"
    begun = time.monotonic()
    assert run_python(["-c", code], tmp_path, limit=300.0).exit_code == 0
    assert time.monotonic() - begun < 100


def test_endless_output_is_cut_in_the_middle(tmp_path: Path) -> None:
    code = "print('first')\nfor n in range(300_000): print(n)\nprint('last')"
    outcome = run_python(["-c", code], tmp_path)
    assert outcome.exit_code == 0
    assert outcome.output.endswith("last\n") and len(outcome.output) <= 4_000


def test_colours_are_no_part_of_what_was_printed(tmp_path: Path) -> None:
    assert run_python(["-c", "print('\\x1b[31mred\\x1b[0m')"], tmp_path).output == "red\n"


def test_what_runs_sees_little_of_this_machines_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "hidden")
    root = tmp_path / "project"
    root.mkdir()
    printed = run_python(["-c", "import os; print(dict(os.environ))"], root).output
    assert "SECRET_TOKEN" not in printed and str(Path.home()) not in printed.replace(sys.prefix, "")
    assert f"'HOME': '{tmp_path}'" in printed


def test_the_agent_is_shown_the_runs_when_they_are_asked_for(shop: Path) -> None:
    without, _ = evaluate([shop], Options(diagnostics=False), jobs=1, baselines=False)
    shown, _ = evaluate([shop], Options(diagnostics=False, python=sys.executable), jobs=1, baselines=False)
    assert shown["sittings"] == without["sittings"]
    assert shown["events"] > without["events"]
