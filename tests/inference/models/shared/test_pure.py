"""The parts of the shared worker that need no process."""

from __future__ import annotations

import json
import os
import struct
import threading
from pathlib import Path

import pytest
from attrs import evolve

from proactive_inference.errors import UnwantedError
from proactive_inference.models.asking import Asking
from proactive_inference.models.messages import Message
from proactive_inference.models.model_files import find_model
from proactive_inference.models.shared.answering import State
from proactive_inference.models.shared.limits import Limits
from proactive_inference.models.shared.lock import ProcessLock, holder
from proactive_inference.models.shared.log import keep_small
from proactive_inference.models.shared.memory import numbers
from proactive_inference.models.shared.pause import Pause, SetupError, WorkerError
from proactive_inference.models.shared.places import Announcement, absolute, worker_folder
from proactive_inference.models.shared.questions import Question
from proactive_inference.models.shared.starting import Wanted
from proactive_inference.models.shared.turns import Turns
from proactive_inference.models.shared.watching import Ending, Seen, reason_to_end
from proactive_inference.models.shared.wire import WireError, is_proof, length_of, packed, proof, unpacked
from proactive_inference.models.shared.workspace_turn import workspace_turn


def test_each_asker_has_a_turn() -> None:
    turns: Turns[str] = Turns()
    for asker, question in (("a", "a1"), ("a", "a2"), ("a", "a3"), ("b", "b1"), ("c", "c1"), ("b", "b2")):
        assert turns.add(asker, question)
    assert len(turns) == 6
    assert [turns.take() for _ in range(3)] == ["a1", "b1", "c1"]
    turns.remove("a2")
    assert [turns.take() for _ in range(2)] == ["a3", "b2"]
    turns.add("a", "a4")
    assert turns.close() == ["a4"]
    assert turns.take() is None and not turns.add("a", "a5") and len(turns) == 0


def test_a_frame_comes_back_whatever_it_holds() -> None:
    frame = {"told": 'né 漢字 "\\" \ud800 \n', "n": [1, 2.5, None]}
    data = packed(frame)
    assert length_of(data[:4]) == len(data) - 4
    assert unpacked(data[4:]) == frame
    with pytest.raises(WireError):
        length_of(struct.pack(">I", 1 << 31))
    for body in (b"[1]", b"{", b"\xff"):
        with pytest.raises(WireError):
            unpacked(body)


def test_a_proof_is_of_one_side_one_connection_and_one_token() -> None:
    given = proof("token", "worker", "a", "b")
    assert is_proof(given, "token", "worker", "a", "b")
    for other in (("token", "client", "a", "b"), ("token", "worker", "b", "a"), ("taken", "worker", "a", "b")):
        assert not is_proof(given, *other)
    assert not is_proof(None, "token", "worker", "a", "b") and not is_proof("é", "token", "worker", "a", "b")


def test_a_question_comes_back() -> None:
    many = ((Message("system", "é"), Message("user", "{}")), (Message("user", "x"),))
    question = Question(many, {"type": "object"}, 7, 0.5, None, 2, 3.5)
    assert Question.from_frame(unpacked(packed(question.as_frame())[4:])) == question
    with pytest.raises(ValueError, match="no question"):
        Question.from_frame({"many": [[{"role": "user"}]]})
    wanted = Wanted("m", Path("/f"), Limits(memory=5), "cpu")
    assert Wanted.from_json(wanted.as_json()) == wanted


def test_a_pause_says_the_same_again_and_doubles() -> None:
    now = [0.0]
    pause = Pause(first=10, monotonic=lambda: now[0])
    pause.check("m")
    for length in (10, 20, 40):
        pause.failed("m", SetupError("install it"))
        now[0] += length - 1
        with pytest.raises(SetupError, match="install it"):
            pause.check("m")
        pause.check("another model")
        now[0] += 1
        pause.check("m")
    pause.worked()
    pause.failed("m", WorkerError("died", died=True))
    pause.check("m")  # the first time it is started again at once
    pause.failed("m", WorkerError("died", died=True))
    with pytest.raises(WorkerError, match="died") as caught:
        pause.check("m")
    assert caught.value.seconds == 10


def test_a_worker_ends_when_it_has_to_and_not_before() -> None:
    limits = Limits(memory=1_000_000_000, idle_seconds=600, load_seconds=300)
    well = Seen("m", True, State.IDLE, 5.0, 900_000_000, True, False, 599.0, None)
    loading = evolve(well, state=State.LOADING, memory=990_000_000, idle=0.0)
    failure = Ending("no package", "install it", "setup")
    for seen in (
        well,
        loading,
        evolve(
            well, asked=True, state=State.ANSWERING, idle=9999.0, memory=1_200_000_000
        ),  # its steps look to that
        evolve(loading, weighed=False, memory=2_000_000_000),  # its weights will be refused with better words
        evolve(loading, state=State.FAILED, failure=failure, memory=2_000_000_000),  # somebody should hear why
    ):
        assert reason_to_end(seen, limits) is None
    for seen, why, kind in (
        (evolve(well, announced=False, asked=True), "its file is gone", "again"),
        (evolve(well, idle=601.0), "nobody asks it", "again"),
        (evolve(well, memory=1_100_000_000), "it took too much memory", "worker"),
        (evolve(well, asked=True, memory=1_300_000_000), "it took too much memory", "worker"),
        (evolve(loading, since=301.0), "loading took too long", "worker"),
        (evolve(loading, memory=1_100_000_000), "loading took too much memory", "setup"),
        (evolve(loading, state=State.FAILED, failure=failure, since=30.0), "no package", "setup"),
    ):
        ending = reason_to_end(seen, limits)
        assert ending is not None and (ending.why, ending.kind) == (why, kind)
        assert ending.frame == {"error": ending.error, "kind": kind}


def test_one_model_has_one_folder_whatever_it_is_called(tiny_model: Path, tmp_path: Path, state: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tiny_model)
    folders = {worker_folder(find_model(absolute(name))) for name in (tiny_model, link, str(tiny_model) + "/.")}
    assert len(folders) == 1 and folders.pop().is_relative_to(state)
    plain, half = (worker_folder(find_model(tiny_model), dtype=dtype) for dtype in (None, "bfloat16"))
    assert plain != half
    assert absolute("SmolLM2-135M-Instruct") == "SmolLM2-135M-Instruct"
    assert absolute("owner/name") == "owner/name"


def test_an_announcement_that_others_can_read_or_write_is_none(tmp_path: Path) -> None:
    announced = Announcement(1, "secret", 2, "m")
    announced.write(tmp_path)
    path = tmp_path / "worker.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert Announcement.read(tmp_path) == announced
    path.chmod(0o644)
    assert Announcement.read(tmp_path) is None
    path.chmod(0o600)
    Announcement(1, "another", 3, "m").withdraw(tmp_path)
    assert path.exists()
    announced.withdraw(tmp_path)
    assert not path.exists() and Announcement.read(tmp_path) is None
    path.write_text("{")
    path.chmod(0o600)
    assert Announcement.read(tmp_path) is None


def test_a_lock_is_held_once_and_says_by_whom(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert holder(path) is None
    lock = ProcessLock(path)
    assert lock.acquire() and not ProcessLock(path).acquire(0.1)
    assert holder(path) == os.getpid()
    lock.release()
    assert holder(path) is None


def test_a_log_keeps_its_later_half(tmp_path: Path) -> None:
    path = tmp_path / "worker.log"
    keep_small(tmp_path)
    path.write_text("".join(f"line {n}\n" for n in range(100)))
    keep_small(tmp_path, 10_000)
    assert path.read_text().startswith("line 0\n")
    with path.open("a") as writing:
        keep_small(tmp_path, 400)
        writing.write("after\n")
    lines = path.read_text().splitlines()
    assert lines[-2:] == ["line 99", "after"] and lines[0].startswith("line ") and 10 < len(lines) < 40


def test_the_numbers_of_a_model_are_counted_without_loading_it(tiny_model: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    expected = sum(one.numel() for one in load_file(tiny_model / "model.safetensors").values())
    assert numbers(find_model(tiny_model), tiny_model) == expected
    # in several files, as large models are
    weights = (tiny_model / "model.safetensors").read_bytes()
    for name in ("a.safetensors", "b.safetensors"):
        (tmp_path / name).write_bytes(weights)
    index = {"weight_map": {"x": "a.safetensors", "y": "b.safetensors", "z": "a.safetensors"}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    (tmp_path / "config.json").write_text("{}")
    assert numbers(find_model(tmp_path), tmp_path) == 2 * expected
    (tmp_path / "a.safetensors").write_bytes(weights[:20])
    assert numbers(find_model(tmp_path), tmp_path) is None


def test_threads_are_half_the_cores_unless_said() -> None:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    assert Limits().threads_used == max(1, cores // 2)
    assert Limits(threads=1).threads_used == 1
    assert Limits(threads=10_000).threads_used == cores


def test_one_question_about_a_workspace_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROACTIVE_STATE_DIR", str(tmp_path / "state"))
    one, other, link = tmp_path / "one", tmp_path / "other", tmp_path / "link"
    one.mkdir()
    link.symlink_to(one)
    with workspace_turn([one], Asking()):
        (lock,) = (tmp_path / "state" / "turns").iterdir()
        assert holder(lock) == os.getpid() and lock.read_text() == str(os.getpid())
        with workspace_turn([other], Asking(0.1)), workspace_turn([], Asking(0.1)):
            pass
        for folder in (one, link):
            with (
                pytest.raises(UnwantedError, match="another editor"),
                workspace_turn([other, folder], Asking(0.1)),
            ):
                pass
        with workspace_turn([other], Asking(0.1)):  # what was held while waiting is let go
            pass
        waits = Asking()
        threading.Timer(0.1, waits.take_back).start()
        with pytest.raises(UnwantedError, match="another editor"), workspace_turn([one], waits):
            pass
    with workspace_turn([one, other], Asking(0.1)):
        pass


def test_without_a_place_for_locks_questions_are_asked_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "state").write_text("a file")
    monkeypatch.setenv("PROACTIVE_STATE_DIR", str(tmp_path / "state"))
    entered = 0
    with workspace_turn([tmp_path], Asking(0.1)), workspace_turn([tmp_path], Asking(0.1)):
        entered += 1
    assert entered == 1
