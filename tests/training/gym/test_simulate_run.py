"""Scenes played into a dataset: judged predictions, limits, a server that behaves badly, kills at any moment."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from folder_digests import digests
from misbehaving_server import MisbehavingServer, answers, busy, dies, fails_midway, in_turn
from proactive_collectors.events import Event, Observed, Source, SuggestionAccepted
from proactive_collectors.trace import Window
from proactive_inference.errors import AnswerError, ModelError
from proactive_inference.judge.generative import GenerativeJudge
from proactive_inference.judge.judge import Question
from proactive_inference.judge.resolve import load_judge
from proactive_inference.models.fake import FakeModel
from proactive_training.bench.audit import audit_folder
from proactive_training.bench.dataset import Dataset, Record
from proactive_training.bench.example import LabelSource
from proactive_training.commands.bench import app
from proactive_training.errors import DataError
from proactive_training.gym.critics import TrainedCritic
from proactive_training.gym.parts import parts_of
from proactive_training.gym.rewards import Rewards
from proactive_training.gym.scene_file import scenes_text, shipped_scenes
from proactive_training.gym.simulate_order import Options
from proactive_training.gym.simulate_run import Result, simulate
from proactive_training.gym.simulated_sitting import Cast
from proactive_training.gym.transcript import Purse, Terms, Transcript
from small_scenes import BAD, GOOD, Told, by_rule, over_http, rule, scene
from tiny_models import always_says, tiny_bert

pytest.importorskip("pyarrow")

SCENES = [scene(), scene(id="second", title="Another"), scene(id="third", title="One more")]


def _run(
    out: Path, model: FakeModel | None = None, options: Options | None = None, scenes: Any = SCENES, **more: Any
) -> Result:
    cast = Cast(model or by_rule(rule, "small"))
    return simulate(scenes, lambda: cast, out, options or Options(), **more)


def _records(out: Path) -> list[Record]:
    return list(Dataset.open(out).records("train"))


def test_what_the_judge_accepts_is_offered_and_all_that_was_judged_is_an_example(tmp_path: Path) -> None:
    result = _run(tmp_path / "out")
    records = _records(tmp_path / "out")
    assert [record.sitting.name for record in records] == ["programme", "second", "third"]
    examples = records[0].examples
    assert {one.label.source for one in examples} == {LabelSource.JUDGE}
    told = [(one.offer.task if one.offer else None, one.label.need, one.label.accepted) for one in examples]
    assert told[:2] == [(BAD, True, False), (GOOD, True, True)], "the judge's reason brought a better one"
    assert examples[0].index == examples[1].index
    events = records[0].sitting.trace.events
    taken = sum(isinstance(event.data, SuggestionAccepted) for event in events)
    assert taken == sum(one.offer is not None and one.label.accepted is True for one in examples) > 0
    assert [one.offer for one in records[0].answers], "silences nobody judged"
    assert result.figures.tallies["environment"].invalid == len(
        (tmp_path / "out" / "invalid.jsonl").read_text().splitlines()
    )
    line = json.loads((tmp_path / "out" / "invalid.jsonl").read_text().splitlines()[0])
    assert line["text"] == "Well, let me think." and line["who"] == "environment"
    assert "JSON" in line["wrong"]
    audited = audit_folder(tmp_path / "out")
    assert not audited["problems"] and not audited["leaking"]


def test_where_all_that_was_offered_is_rejected_silence_was_right(tmp_path: Path) -> None:
    def stubborn(told: Told) -> Any:
        said = rule(told)
        return said | {"Proactive Task": BAD} if said is not None and "Proactive Task" in said else said

    _run(tmp_path / "out", by_rule(stubborn))
    first, second = _records(tmp_path / "out")[0].examples[:2]
    assert first.offer is not None and (first.label.need, first.label.accepted) == (False, False)
    assert second.offer is None and (second.label.need, second.label.accepted) == (False, True)


class _Strict:
    """A trained judge who wants help everywhere, and only of one sort."""

    name = fingerprint = "strict"

    def answer(self, questions: Any) -> list[float]:
        return [0.9 if isinstance(one, Question) and one.task == GOOD else 0.1 for one in questions]


def test_a_trained_judge_and_a_language_model_judge_silence_too(tmp_path: Path) -> None:
    model = by_rule(rule, "small")
    simulate(SCENES, lambda: Cast(model, trained=_Strict()), tmp_path / "trained", Options())
    simulate(SCENES, lambda: Cast(model, judge=by_rule(rule, "judge")), tmp_path / "judged", Options())
    trained = _records(tmp_path / "trained")[0].examples
    assert [(one.offer, one.label.need, one.label.accepted) for one in trained if one.offer is None]
    assert all(one.label.accepted is False for one in trained if one.offer is None)
    judged = _records(tmp_path / "judged")[0].examples
    assert any(one.offer is None and one.label.accepted for one in judged)
    assert not _records(tmp_path / "judged")[0].answers


def test_concurrency_makes_no_difference_and_events_are_played_until_there_are_enough(tmp_path: Path) -> None:
    options = Options(events=60)
    one = _run(tmp_path / "one" / "out", options=options)
    _run(tmp_path / "four" / "out", options=options, concurrency=4)
    assert one.figures.events >= 60
    assert digests(tmp_path / "one" / "out") == digests(tmp_path / "four" / "out")
    names = [record.sitting.name for record in _records(tmp_path / "one" / "out")]
    assert len(names) == len(set(names)) > 3 and names[3] == "programme.2"


def test_a_run_that_breaks_off_anywhere_comes_to_the_same_bytes(tmp_path: Path) -> None:
    whole = by_rule(rule, "small")
    _run(tmp_path / "whole" / "out", whole)
    asked = len(whole.asked)
    draw = random.Random(5)
    out = tmp_path / "broken" / "out"
    left = sorted(draw.sample(range(1, asked), 6))
    total = 0
    for stop in [*(after - before for before, after in zip([0, *left], left, strict=False)), None]:
        model = by_rule(rule, "small")
        function = model._function
        assert function is not None

        def until(messages: Any, stop: int | None = stop, model: Any = model, function: Any = function) -> Any:
            return ModelError("the server is gone") if stop is not None and len(model.asked) > stop else function(
                messages
            )  # fmt: skip

        model._function = until
        if stop is None:
            _run(out, model)
            total += len(model.asked)
        else:
            with pytest.raises(ModelError):
                _run(out, model)
            total += len(model.asked) - 1
            for path in parts_of(out).glob("*.jsonl"):
                assert path.read_bytes().endswith(b"\n")
        assert out.exists() == (stop is None)
    assert total == asked, "nothing was asked twice"
    assert digests(tmp_path / "whole" / "out") == digests(out)


def test_half_a_line_at_the_end_is_asked_again(tmp_path: Path) -> None:
    _run(tmp_path / "whole" / "out")
    _run(tmp_path / "cut" / "out")
    kept = tmp_path / "cut" / "out.parts" / "second.jsonl"
    kept.write_bytes(kept.read_bytes()[:-30])
    for path in sorted((tmp_path / "cut" / "out").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    again = by_rule(rule, "small")
    _run(tmp_path / "cut" / "out", again)
    assert len(again.asked) == 1
    assert digests(tmp_path / "whole" / "out") == digests(tmp_path / "cut" / "out")


def test_a_limit_ends_the_run_and_it_goes_on_later_or_is_written_as_it_stands(tmp_path: Path) -> None:
    whole = _run(tmp_path / "whole" / "out", terms=Terms(price_in=1.0, price_out=2.0))
    assert whole.cost == pytest.approx((whole.spent.prompt_tokens + 2 * whole.spent.tokens) / 1e6)
    out = tmp_path / "limited" / "out"
    limited = _run(out, terms=Terms(most_cost=whole.cost * 0.6, price_in=1.0, price_out=2.0))
    assert not limited.written and not out.exists()
    assert whole.cost * 0.6 <= limited.cost < whole.cost * 0.7
    silent = FakeModel([], name="small")
    stands = _run(out, silent, as_it_stands=True)
    assert stands.written and silent.asked == []
    assert [record.sitting.name for record in _records(out)] == ["programme"]
    for path in sorted(out.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    on = _run(out)
    assert on.spent == whole.spent
    assert digests(tmp_path / "whole" / "out") == digests(out)


def test_answers_of_another_judge_of_the_same_name_are_not_taken(tmp_path: Path) -> None:
    """Two real judges, both called ``judge``."""
    folders = [tiny_bert(tmp_path / name / "judge", labels=2) for name in ("glad", "strict")]
    for folder, probability in zip(folders, (0.9, 0.1), strict=True):
        always_says(folder, probability)
    glad, strict = map(load_judge, folders)
    with pytest.raises(ModelError):
        simulate(SCENES, lambda: Cast(FakeModel([], name="small"), trained=glad), tmp_path / "out", Options())
    with pytest.raises(DataError, match="differs in: judge"):
        simulate(SCENES, lambda: Cast(FakeModel([], name="small"), trained=strict), tmp_path / "out", Options())
    window = Window((Event(datetime(2024, 6, 1, tzinfo=UTC), Source.DATASET, Observed("The user waits.")),))
    for judge, accepts in ((glad, True), (strict, False)):
        critic = TrainedCritic(judge, Transcript(tmp_path / "episode.jsonl", Purse()), threading.Lock())
        assert critic.judge(window, GOOD).accepted is accepts


def test_a_judge_without_a_judgement_neither_takes_nor_turns_down(tmp_path: Path) -> None:
    judge = GenerativeJudge(FakeModel(["So be it."] * 2))
    window = Window((Event(datetime(2024, 6, 1, tzinfo=UTC), Source.DATASET, Observed("The user waits.")),))
    critic = TrainedCritic(judge, Transcript(tmp_path / "episode.jsonl", Purse()), threading.Lock())
    with pytest.raises(AnswerError, match="gave no judgement"):
        critic.judge(window, GOOD)
    assert Rewards().of_judge(judge, window, GOOD) == 0.0


def test_answers_of_another_run_are_not_taken(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        _run(tmp_path / "out", FakeModel([], name="small"))
    with pytest.raises(DataError, match="differs in: seed"):
        _run(tmp_path / "out", options=Options(seed=1))
    with pytest.raises(DataError, match="differs in: model"):
        _run(tmp_path / "out", by_rule(rule, "other"))


# --- the command, over a server ------------------------------------------------------------------------------


SHIPPED = shipped_scenes()[:3]


def _file(tmp_path: Path) -> Path:
    file = tmp_path / "scenes.yaml"
    file.write_text(scenes_text(SHIPPED), encoding="utf-8")
    return file


def _arguments(server: MisbehavingServer, file: Path, out: Path) -> list[str]:
    return [
        "simulate", "--scenes", str(file), "--endpoint", server.url, "--model", "small", "--out", str(out),
        "--concurrency", "2", "--json",
    ]  # fmt: skip


def test_the_command_gets_over_a_busy_and_a_dying_server_and_sets_rubbish_aside(tmp_path: Path) -> None:
    file = _file(tmp_path)
    good = answers(over_http)
    with MisbehavingServer(good) as server:
        done = CliRunner().invoke(app, _arguments(server, file, tmp_path / "well" / "out"))
        assert done.exit_code == 0, done.output
        server.behaviour = in_turn(
            busy(503, "0"), good, dies(after=3), good, busy(429, "0"), answers("Rubbish."), good
        )
        done = CliRunner().invoke(app, _arguments(server, file, tmp_path / "badly" / "out"))
        assert done.exit_code == 0, done.output
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["written"] and told["spent"]["tokens"] > 0
    lines = (tmp_path / "badly" / "out" / "invalid.jsonl").read_text().splitlines()
    assert "Rubbish." in [json.loads(line)["text"] for line in lines]
    assert [record.sitting.name for record in _records(tmp_path / "badly" / "out")] == [one.id for one in SHIPPED]


def test_an_answer_that_the_server_fails_at_midway_is_set_aside_and_a_server_that_always_does_ends_the_run(
    tmp_path: Path,
) -> None:
    file = _file(tmp_path)
    out = tmp_path / "out"
    with MisbehavingServer(fails_midway("the format does not match")) as server:
        done = CliRunner().invoke(app, _arguments(server, file, out))
        assert done.exit_code == 1
        assert "broke off its answer: the format does not match" in done.stderr
        good = answers(over_http)
        server.behaviour = in_turn(good, *[fails_midway()] * 4, good)  # each question is put twice at once
        done = CliRunner().invoke(app, _arguments(server, file, tmp_path / "again" / "out"))
        assert done.exit_code == 0, done.output
    told = json.loads(done.stdout.splitlines()[-1])
    lines = (tmp_path / "again" / "out" / "invalid.jsonl").read_text().splitlines()
    assert told["written"] and any(json.loads(line)["text"] == "" for line in lines)


def test_the_command_that_is_killed_goes_on_and_comes_to_the_same_bytes(tmp_path: Path) -> None:
    file = _file(tmp_path)
    with MisbehavingServer(answers(over_http)) as server:
        whole, out = tmp_path / "whole" / "out", tmp_path / "killed" / "out"
        assert CliRunner().invoke(app, _arguments(server, file, whole)).exit_code == 0
        draw, kills = random.Random(3), 0
        server.behaviour = answers(over_http, every=0.005)
        code = "import sys; from proactive_training.commands.bench import app; app(sys.argv[1:])"
        for _ in range(3):
            process = subprocess.Popen(
                [sys.executable, "-c", code, *_arguments(server, file, out)],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            begun = len(server.asked)
            wanted = begun + draw.randint(3, 12)
            while process.poll() is None and len(server.asked) < wanted:
                time.sleep(0.01)
            process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
            kills += process.wait() != 0
        assert kills == 3 and not out.exists()
        server.behaviour = answers(over_http)
        done = CliRunner().invoke(app, _arguments(server, file, out))
        assert done.exit_code == 0, done.output
    assert digests(whole) == digests(out)


def test_the_command_says_in_a_sentence_what_is_wrong(tmp_path: Path) -> None:
    fake = tmp_path / "answers.txt"
    fake.write_text("No.\n")
    for arguments, said in (
        (["--out", str(tmp_path / "a")], "--endpoint"),
        (["--out", str(tmp_path / "a"), "--model", f"fake:{fake}", "--most-cost", "1"], "--price-in"),
        (["--out", str(tmp_path / "b"), "--model", f"fake:{fake}"], "no episode came to an event"),
    ):
        done = CliRunner().invoke(app, ["simulate", "--scenes", str(_file(tmp_path)), *arguments])
        assert done.exit_code == 1
        assert said in done.stderr
