"""Replay and simulation on a real Ray cluster of two workers: the same bytes, also when workers are lost."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from typer.testing import CliRunner

from folder_digests import digests
from misbehaving_server import MisbehavingServer, answers
from proactive_training.commands.bench import app
from proactive_training.commands.simulate import _cast
from proactive_training.errors import DataError
from proactive_training.gym.engine import Engine
from proactive_training.gym.replay_run import ABOUT_RUN, Options, evaluate, replay
from proactive_training.gym.scene_file import scenes_text, shipped_scenes
from proactive_training.gym.simulate_order import Options as SimulationOptions
from proactive_training.gym.simulate_run import Result, simulate
from proactive_training.gym.transcript import Terms
from small_scenes import over_http

pytest.importorskip("pyarrow")
pytest.importorskip("ray")

SCENES = shipped_scenes()[:4]


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    """Two nodes with a processor each."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    from ray.cluster_utils import Cluster

    nodes = Cluster()
    for _ in range(2):
        nodes.add_node(num_cpus=1, include_dashboard=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_ADDRESS", nodes.address)
        yield
    nodes.shutdown()


def played(server: MisbehavingServer, out: Path, engine: Engine, **more: Any) -> Result:
    troupe = partial(_cast, f"{server.url}#small", "self")
    return simulate(SCENES, troupe, out, SimulationOptions(), concurrency=2, engine=engine, **more)


def replayed(folder: Path) -> tuple[dict[str, str], Any]:
    """All files but the one that tells how long it took; and what that one tells besides."""
    about = json.loads((folder / ABOUT_RUN).read_bytes())
    for of_the_machine in ("seconds", "jobs", "events_per_second"):
        del about["figures"][of_the_machine]
    return {name: digest for name, digest in digests(folder).items() if name != ABOUT_RUN}, about


def kill_workers(when: Any) -> list[int]:
    """Kill all that work for the cluster, once; their numbers."""
    killed: list[int] = []

    def run() -> None:
        while not when():
            time.sleep(0.01)
        for process in psutil.process_iter(["cmdline"]):
            if (process.info["cmdline"] or [""])[0].startswith("ray::_call"):
                process.kill()
                killed.append(process.pid)

    threading.Thread(target=run, daemon=True).start()
    return killed


def test_a_replay_comes_to_the_same_bytes(
    cluster: None, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("proactive_training.gym.workers.LOT", 2)
    monkeypatch.chdir(tmp_path)
    replay([repository], Path("local", "out"), Options(), jobs=2)
    told = replay([repository], Path("ray", "out"), Options(), jobs=1, engine=Engine.RAY)
    assert told.jobs == 2
    assert replayed(Path("local", "out")) == replayed(Path("ray", "out"))


def test_an_evaluation_comes_to_the_same_figures(cluster: None, repository: Path) -> None:
    found, _ = evaluate([repository], Options(limit=4), jobs=1, engine=Engine.RAY)
    known, _ = evaluate([repository], Options(limit=4), jobs=1)
    different = {key for key in known if found[key] != known[key]}
    assert found["sittings"] == 4 and different <= {"decision_ms"}


def test_a_simulation_comes_to_the_same_bytes_also_when_its_workers_are_lost(
    cluster: None, tmp_path: Path
) -> None:
    with MisbehavingServer(answers(over_http)) as server:
        local = played(server, tmp_path / "local" / "out", Engine.LOCAL)
        asked = len(server.asked)
        server.behaviour = answers(over_http, every=0.005)
        killed = kill_workers(lambda: len(server.asked) > asked * 1.4)
        ray = played(server, tmp_path / "ray" / "out", Engine.RAY)
        again = len(server.asked) - asked
    assert killed
    assert digests(tmp_path / "local" / "out") == digests(tmp_path / "ray" / "out")
    assert ray.figures == local.figures
    assert asked <= again <= asked + len(killed), "an answer that was kept is not asked for again"


def test_a_limit_holds_for_all_workers_and_the_run_goes_on_from_there(cluster: None, tmp_path: Path) -> None:
    with MisbehavingServer(answers(over_http)) as server:
        whole = played(server, tmp_path / "whole" / "out", Engine.LOCAL)
        limit = (whole.spent.prompt_tokens + whole.spent.tokens) // 2
        part = played(server, tmp_path / "part" / "out", Engine.RAY, terms=Terms(most_tokens=limit))
        assert not part.written and not (tmp_path / "part" / "out").exists()
        longest = max(len(one.text) for one in server.asked)
        assert limit <= part.spent.prompt_tokens + part.spent.tokens <= limit + 3 * longest
        asked = len(server.asked)
        rest = played(server, tmp_path / "part" / "out", Engine.RAY)
        assert rest.written and rest.spent == whole.spent
        assert len(server.asked) - asked > 0
    assert digests(tmp_path / "whole" / "out") == digests(tmp_path / "part" / "out")


def test_the_command_plays_on_the_cluster_and_tells_errors_as_ever(cluster: None, tmp_path: Path) -> None:
    file = tmp_path / "scenes.yaml"
    file.write_text(scenes_text(SCENES[:2]), encoding="utf-8")
    with MisbehavingServer(answers(over_http)) as server:
        command = [
            "simulate",
            "--scenes",
            str(file),
            "--endpoint",
            server.url,
            "--model",
            "small",
            "--engine",
            "ray",
        ]
        done = CliRunner().invoke(app, [*command, "--out", str(tmp_path / "out"), "--json"])
        assert done.exit_code == 0, done.output
        assert json.loads(done.stdout.splitlines()[-1])["written"]
        server.refuse()
        done = CliRunner().invoke(app, [*command, "--out", str(tmp_path / "other")])
    assert done.exit_code == 1 and "cannot be reached" in done.output and "Traceback" not in done.output


def test_without_a_cluster_or_without_ray_it_is_said_what_to_do(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    with pytest.raises(DataError, match="ray start --head"):
        replay([repository], tmp_path / "out", Options(), jobs=1, engine=Engine.RAY)
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(DataError, match="proactive-lsp\\[ray\\]"):
        replay([repository], tmp_path / "out", Options(), jobs=1, engine=Engine.RAY)
