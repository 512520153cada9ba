"""Preference training on a tiny model: verdicts of people and of a journal make answers likelier or less so."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree
from statistics import mean
from typing import Any

import pytest
import torch
from typer.testing import CliRunner

from proactive_collectors.events import (
    Event,
    Payload,
    Source,
    SuggestionAccepted,
    SuggestionDismissed,
    SuggestionDoneAlone,
    SuggestionIgnored,
    TerminalRun,
)
from proactive_collectors.journal import Journal
from proactive_inference.models.loading import load_model, load_tokenizer
from proactive_inference.models.model_files import find_model
from proactive_training.commands.train import app
from proactive_training.errors import DataError
from proactive_training.exposure import learned_by
from proactive_training.run_directory import RunDirectory
from proactive_training.stages.agent_examples import read_agent_data
from proactive_training.stages.answer_tokens import token_rows
from proactive_training.stages.batching import collated, weighted_loss
from proactive_training.stages.preference_examples import PreferenceExample, from_data, from_journal
from small_traces import with_a_long_moment
from tiny_models import of_family
from training_processes import killed_at, losses

pytestmark = pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing.*:FutureWarning")

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FATES: tuple[type[Payload], ...] = (
    SuggestionAccepted, SuggestionDismissed, SuggestionDoneAlone, SuggestionIgnored, SuggestionDismissed,
)  # fmt: skip


def decision(number: int, time: datetime) -> Mapping[str, Any]:
    told = {"id": f"s{number}", "play": "p", "title": "t", "task": f"Mend line {number}"}
    return {"time": time.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "boundary": "run_failed", "suggestion": told}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal of five suggestions, each after a failed run, and what became of them."""
    path = tmp_path_factory.mktemp("journal") / "journal.sqlite3"
    journal = Journal.open(path)
    for number, fate in enumerate(FATES):
        time = START + timedelta(minutes=number)
        journal.append(Event(time=time, source=Source.EXEC, data=TerminalRun(command="pytest -q", exit_code=1)))
        shown = time + timedelta(seconds=1)
        journal.append_decision(shown, None, decision(number, shown))
        data = fate(suggestion=f"s{number}", title="t")  # type: ignore[call-arg]
        journal.append(Event(time=shown + timedelta(seconds=5), source=Source.AGENT, data=data))
    journal.append_decision(START, None, {"time": "2026-03-02T09:00:00.000000Z", "reason": "quiet"})
    journal.close()
    return path


def test_a_journal_tells_what_was_welcome(kept: Path) -> None:
    found = from_journal(kept, most_events=4)
    assert [(one.example.answer.task, one.welcome) for one in found] == [
        ("Mend line 0", True), ("Mend line 1", False), ("Mend line 2", True), ("Mend line 4", False),
    ]  # fmt: skip
    first, second = (one.example.messages[1].content for one in found[:2])
    assert "pytest -q" in first and first.count('"Time"') == 1
    assert second.count('"Time"') == 3  # the run, the fate of the first, and the next run
    assert [one.welcome for one in from_journal(kept, most_events=4, ignored=True)] == [
        True,
        False,
        True,
        False,
        False,
    ]


def test_what_is_no_journal_is_not_made_one(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is no journal"):
        from_journal(tmp_path / "journal.sqlite3", most_events=4)
    assert not (tmp_path / "journal.sqlite3").exists()


def test_labelled_offers_and_silences_are_verdicts(published: Path) -> None:
    found = from_data([published], split=None, most_events=2)
    counts: dict[tuple[str | None, bool], int] = {}
    for one in found:
        key = (one.example.answer.task, one.welcome)
        counts[key] = counts.get(key, 0) + 1
    assert counts == {
        (None, True): 24, (None, False): 12, ("Fix the error", True): 12, ("Open a chat", False): 12,
    }  # fmt: skip


def run(arguments: list[str]) -> str:
    done = CliRunner().invoke(app, ["preference", *arguments])
    assert done.exit_code == 0, (done.output, done.exception)
    return done.stdout


def test_what_people_turn_down_becomes_less_likely(
    published: Path, tiny: Path, kept: Path, tmp_path: Path
) -> None:
    options = ["--model", str(tiny), "--precision", "float32", "--learning-rate", "0.01", "--lora-rank", "8"]
    options += ["--batch", "8", "--most-events", "2", "--epochs", "3"]
    told = json.loads(
        run(
            ["--data", str(published), "--journal", str(kept), "--out", str(tmp_path / "run"), *options, "--json"]
        ).splitlines()[-1]
    )
    assert told["steps"] == 24
    rows = [row for row in RunDirectory(tmp_path / "run").metrics() if "rewards/margins" in row]
    assert rows[-1]["rewards/margins"] > rows[0]["rewards/margins"] + 0.05
    verdicts = from_data([published], split=None, most_events=2)
    before, after = (likelihoods(model, verdicts) for model in (tiny, tmp_path / "run"))
    gained: dict[bool, list[float]] = {True: [], False: []}
    for one, then, now in zip(verdicts, before, after, strict=True):
        if one.example.speaks:  # so tiny a model cannot tell moments apart: silence is welcome more often than not
            gained[one.welcome].append(now - then)
    assert mean(gained[True]) > 2 and mean(gained[False]) < -2


def likelihoods(model: Path, verdicts: Sequence[PreferenceExample]) -> list[float]:
    """The log-likelihood of each answer, in nats."""
    loaded, tokenizer = load_model(find_model(model), dtype="float32"), load_tokenizer(find_model(model))
    found = []
    for row in token_rows(tokenizer, [one.example for one in verdicts], decision_weight=1.0):
        batch = collated([row], 0)
        labels, weights = batch.pop("labels"), batch.pop("weights")
        with torch.inference_mode():
            logits = loaded(**batch).logits[:, row.start - 1 : -1]
            found.append(-float(weighted_loss(logits, labels, weights)))
    return found


OPTIONS = ["--precision", "float32", "--learning-rate", "0.02", "--batch", "4", "--most-events", "2"]


def test_a_run_names_the_traces_it_has_seen(published: Path, tiny: Path, kept: Path, tmp_path: Path) -> None:
    out, further = tmp_path / "run", tmp_path / "further"
    given = ["--data", str(published), "--held-out", "0.2", *OPTIONS, "--epochs", "0.1"]
    run(["--model", str(tiny), "--out", str(out), *given])
    everything = {one.example.group for one in from_data([published], split=None, most_events=2)}
    data = RunDirectory(out).description["data"]
    assert len(data["held_out"]) == 1 and set(data["learned_from"]) == everything - set(data["held_out"])
    assert set(learned_by(str(out)) or ()) == everything
    run(["--model", str(out), "--journal", str(kept), "--out", str(further), *OPTIONS, "--epochs", "1"])
    assert set(learned_by(str(further)) or ()) == everything | {"2026-03-02"}


def test_a_killed_run_goes_on_as_if_nothing_had_been(published: Path, tiny: Path, tmp_path: Path) -> None:
    def arguments(out: Path, *more: str) -> list[str]:
        given = ["--model", str(tiny), "--data", str(published), "--out", str(out), "--save-every", "8"]
        return [*given, *OPTIONS, "--epochs", "1", *more]

    whole, out = tmp_path / "whole", tmp_path / "run"
    run(arguments(whole))
    assert len(losses(whole)) == 15
    killed_at(["train", "preference", *arguments(out)], "Step 10/")
    assert len(losses(out)) == 10
    assert "go on with it by --resume" in refusal(arguments(out))
    assert "beta was 0.1, now 0.5" in refusal(arguments(out, "--resume", "--beta", "0.5"))
    assert "micro_batch was 4, now 2" in refusal(arguments(out, "--resume", "--micro-batch", "2"))
    assert "Going on after step 8." in run(arguments(out, "--resume"))
    assert losses(out) == pytest.approx(losses(whole), abs=1e-6)
    assert "is finished already" in run(arguments(out, "--resume"))


def refusal(arguments: list[str]) -> str:
    done = CliRunner().invoke(app, ["preference", *arguments])
    assert done.exit_code == 1, done.output
    return str(done.output).replace("\n", " ")


def test_held_out_moments_that_the_model_cannot_read_are_told_before_it_learns(tiny: Path, tmp_path: Path) -> None:
    data = with_a_long_moment(tmp_path / "data", welcome=True)
    examples = read_agent_data([data], most_events=2).examples
    long = max(examples, key=lambda one: len(one.messages[-1].content))
    sizes = {"max_position_embeddings": 700, "ffn_dim": 64, "word_embed_proj_dim": 32}
    given = ["--model", str(of_family("OPT", tiny, tmp_path / "opt", **sizes)), "--data", str(data), *OPTIONS]
    out = tmp_path / "run"
    told = refusal([*given, "--out", str(out), "--held-out", long.trace])
    assert "opt reads 700; lower --most-events" in told and not out.exists()


def test_verdicts_of_one_kind_are_refused(tiny: Path, tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    journal = Journal.open(path)
    journal.append_decision(START, None, decision(0, START))
    journal.append(Event(time=START, source=Source.AGENT, data=SuggestionAccepted(suggestion="s0", title="t")))
    journal.close()
    done = CliRunner().invoke(
        app, ["preference", "--model", str(tiny), "--journal", str(path), "--out", str(tmp_path / "run")]
    )
    assert done.exit_code == 1 and "none was rejected" in done.output.replace("\n", " ")
    done = CliRunner().invoke(app, ["preference", "--model", str(tiny), "--out", str(tmp_path / "run")])
    assert done.exit_code == 1 and "give --data, --journal, or both" in done.output.replace("\n", " ")
    assert not (tmp_path / "run").exists()


def test_a_journal_has_no_traces_to_hold_out(tiny: Path, kept: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    told = refusal(["--model", str(tiny), "--journal", str(kept), "--out", str(out), "--held-out", "0.2"])
    assert "--held-out chooses a threshold by traces of --data; give --data" in told and not out.exists()


def test_what_cannot_be_read_is_told(published: Path, tiny: Path, tmp_path: Path) -> None:
    data = copytree(published, tmp_path / "data")
    file = next((data / "reward_data").glob("*.jsonl"))
    file.write_text(file.read_text() + "no JSON\n")
    told = run(["--model", str(tiny), "--data", str(data), "--out", str(tmp_path / "run"), *OPTIONS])
    assert f"Set aside: reward_data/{file.name}" in told.replace("\n", " ")
