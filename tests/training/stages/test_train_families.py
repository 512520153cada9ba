"""Models of other families learn as well: with several experts, with a memory, by tokenizers without marks."""

from __future__ import annotations

import json
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from transformers import AutoConfig
from typer.testing import CliRunner

from proactive_inference.models.agent_answer import AGENT_SCHEMA
from proactive_inference.models.agent_prompt import agent_messages
from proactive_inference.models.local import LocalModel
from proactive_training.commands.train import app
from proactive_training.need_data import read_need_data
from proactive_training.run_directory import RunDirectory
from tiny_models import of_family, without_marks

pytestmark = pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing.*:FutureWarning")

EXPERTS = {"num_local_experts": 4, "intermediate_size": 32, "num_key_value_heads": 2}
OPTIONS = ["--most-events", "2", "--batch", "4", "--epochs", "1", "--precision", "float32", "--lora-rank", "4"]
OPTIONS += ["--learning-rate", "0.01"]


def learned(published: Path, model: Path, out: Path, *more: str, stage: str = "agent") -> str:
    """What the command prints; the run's folder is then a model that answers."""
    arguments = [stage, "--data", str(published), "--model", str(model), "--out", str(out), *OPTIONS, *more]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, (done.output, done.exception)
    assert RunDirectory(out).finished
    trace = read_need_data(published).bench.traces[0]
    asked = agent_messages(trace.window(3), most_events=2)
    (answer,) = LocalModel.open(out).complete(asked, schema=AGENT_SCHEMA, max_tokens=40)
    assert "Proactive Task" in json.loads(answer.text)
    return done.output


def losses(out: Path) -> list[float]:
    return [row["loss"] for row in RunDirectory(out).metrics() if "loss" in row]


@pytest.mark.parametrize("layout", [[], ["--packing"], ["--sharing"]], ids=["alone", "packing", "sharing"])
def test_of_several_experts_what_is_around_them_learns(
    published: Path, tiny: Path, tmp_path: Path, layout: list[str]
) -> None:
    model = of_family("Mixtral", tiny, tmp_path / "mixtral", **EXPERTS)
    told = " ".join(learned(published, model, tmp_path / "run", *layout).split())
    assert "where a model has several experts, theirs stay as they are. --full teaches all." in told
    assert losses(tmp_path / "run")[-1] < losses(tmp_path / "run")[0]


def test_a_model_that_is_taught_as_a_whole_says_of_itself_what_it_said(
    published: Path, tiny: Path, tmp_path: Path
) -> None:
    model = of_family("Mixtral", tiny, tmp_path / "mixtral", **EXPERTS)
    told = learned(published, model, tmp_path / "run", "--full")
    before, after = (AutoConfig.from_pretrained(folder) for folder in (model, tmp_path / "run"))
    for name in ("use_cache", "output_router_logits", "router_aux_loss_coef"):
        assert getattr(after, name) == getattr(before, name), name
    assert before.use_cache is True and "experts" not in told


@pytest.mark.parametrize(
    ("family", "sizes"),
    [("Mamba", {"state_size": 8}), ("Mamba2", {"num_heads": 8, "head_dim": 8, "n_groups": 1, "state_size": 8})],
)
def test_a_model_of_mambas_kind_learns_by_adapters(
    published: Path, tiny: Path, tmp_path: Path, family: str, sizes: Any
) -> None:
    learned(published, of_family(family, tiny, tmp_path / "model", **sizes), tmp_path / "run")
    assert losses(tmp_path / "run")[-1] < losses(tmp_path / "run")[0]


@pytest.mark.parametrize("stage", ["agent", "preference"])
def test_a_tokenizer_needs_no_marks_of_its_own(published: Path, tiny: Path, tmp_path: Path, stage: str) -> None:
    model = copytree(tiny, tmp_path / "model")
    without_marks(model)
    learned(published, model, tmp_path / "run", stage=stage)
