"""What ends a run early is explained, and its folder is in nobody's way where nothing can be made of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from proactive_training.errors import DataError, TrainingError
from proactive_training.run_directory import RunDirectory
from proactive_training.stages.interruption import explained
from training_processes import environment, interrupted_at, killed_at, losses, spawned

OPTIONS = ["--batch", "4", "--epochs", "1", "--most-events", "2", "--precision", "float32", "--held-out", "0.2"]


def command(published: Path, tiny: Path, out: Path, *more: str) -> list[str]:
    return ["train", "agent", "--data", str(published), "--model", str(tiny), "--out", str(out), *OPTIONS, *more]


def test_ctrl_c_says_how_to_go_on(published: Path, tiny: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    told = interrupted_at(command(published, tiny, out, "--save-every", "2"), "Step 3/")
    assert "Interrupted; go on with --resume." in told and "Step 4/" not in told
    done = spawned(command(published, tiny, out, "--save-every", "2", "--resume"))
    assert done.returncode == 0 and "Going on after step 2." in done.stdout, done.stderr


def test_what_kept_nothing_is_out_of_the_way(published: Path, tiny: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    assert "Interrupted; nothing is kept of it." in interrupted_at(command(published, tiny, out), "Step 2/")
    assert not out.exists()
    killed_at(command(published, tiny, out), "Step 2/")
    assert losses(out) and RunDirectory(out).latest_checkpoint() is None
    done = spawned(command(published, tiny, out, "--resume"))
    assert done.returncode == 0, done.stderr
    assert [row["step"] for row in RunDirectory(out).metrics() if "loss" in row] == list(range(1, 9))


def _small_disk(size: str, script: str) -> subprocess.CompletedProcess[str]:
    """A shell's commands in a place where ``/mnt`` is a disk so small; skips where none can be made."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rm", "true"], check=False).returncode:
        pytest.skip("no disk can be mounted here")
    mounted = f"mount -t tmpfs -o size={size} tmpfs /mnt && {script}"
    return subprocess.run(
        ["unshare", "-rm", "sh", "-c", mounted],
        capture_output=True, text=True, timeout=300, env=environment(), check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("size", "next_step"),
    [
        ("40k", "make room there, and begin again"),  # half a checkpoint
        ("340k", "make room there, and go on with --resume"),  # a checkpoint and a half
    ],
)
def test_a_full_disk_is_told_of(published: Path, tiny: Path, size: str, next_step: str) -> None:
    arguments = command(published, tiny, Path("/mnt/run"), "--save-every", "2")
    train = " ".join(f"'{part}'" for part in (sys.executable, "-m", "proactive_server", *arguments))
    done = _small_disk(size, f"{train}; code=$?; ls /mnt; exit $code")
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    assert f"no space is left for /mnt/run; {next_step}" in " ".join(done.stderr.split())
    assert ("run" in done.stdout.split()) == ("--resume" in next_step)


def test_what_the_libraries_say_is_explained(tmp_path: Path) -> None:
    for error, words in (
        (
            RuntimeError("DefaultCPUAllocator: can't allocate memory"),
            "memory was used up .*; take less",
        ),
        (
            RuntimeError("[enforce fail at inline_container.cc] . unexpected pos 64 vs 0"),
            "no space is left for",
        ),
        (RuntimeError("I/O error: No space left on device (os error 28)"), "no space is left for"),
    ):
        run = RunDirectory.begin(tmp_path / "run", {"options": {}, "data": {}})
        with pytest.raises(TrainingError, match=words), explained(run, lambda _: None, "take less"):
            raise error
        assert not run.path.exists()


def test_another_error_is_not_explained_away_and_its_folder_tells_of_it(tmp_path: Path) -> None:
    run = RunDirectory.begin(tmp_path / "run", {"options": {}, "data": {}})
    run.log({"step": 1, "loss": 2.0})
    with pytest.raises(ValueError, match="a bug"), explained(run, lambda _: None):
        raise ValueError("a bug")
    assert run.begun and losses(run.path) == [2.0]


def test_what_another_process_began_or_what_is_of_use_stays(tmp_path: Path) -> None:
    description = {"options": {}, "data": {"fingerprint": "a"}}
    began = RunDirectory.begin(tmp_path / "run", description)
    again = RunDirectory.begin(tmp_path / "run", description, resume=True)
    with pytest.raises(KeyboardInterrupt), explained(again, lambda _: None):
        raise KeyboardInterrupt
    assert began.begun
    began.write("fold-1.json", {})
    with pytest.raises(KeyboardInterrupt), explained(began, lambda _: None):
        raise KeyboardInterrupt
    assert began.begun and began.kept


def test_a_folder_that_cannot_be_made_costs_nobody_theirs(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="cannot be made"):
        RunDirectory.create(tmp_path / "file" / "run", {})
    assert (tmp_path / "file").exists()
