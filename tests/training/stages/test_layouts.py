"""A model that reads examples otherwise where they lie in one row is found out before it learns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from transformers import AutoModelForCausalLM, AutoTokenizer

from proactive_training.errors import TrainingError
from proactive_training.stages.agent_examples import read_agent_data
from proactive_training.stages.answer_tokens import TokenRow, token_rows
from proactive_training.stages.layouts import PACKING, SHARING, Layout, check_layout
from tiny_models import of_family


@pytest.fixture(scope="module")
def rows(published: Path, tiny: Path) -> list[TokenRow]:
    return token_rows(AutoTokenizer.from_pretrained(tiny), read_agent_data([published], softness=0.5).examples)


GATED = {"intermediate_size": 64, "num_key_value_heads": 2}
REFUSALS = {PACKING: "leave --packing out", SHARING: "leave --sharing out"}


@pytest.mark.parametrize(
    ("family", "sizes", "refused"),
    [
        ("Llama", GATED, ()),
        ("GPT2", {"n_positions": 2048}, ()),
        ("Mistral", {**GATED, "sliding_window": 8}, (SHARING,)),
        ("OPT", {"ffn_dim": 64, "word_embed_proj_dim": 32}, (PACKING,)),  # counts places by the mask alone
        ("Bloom", {}, (PACKING, SHARING)),  # tells near from far by the place in the row
        ("Mamba", {"state_size": 8}, (PACKING, SHARING)),
        ("Lfm2", {**GATED, "layer_types": ["conv", "full_attention"]}, (PACKING, SHARING)),  # a memory of 2 tokens
    ],
)
@pytest.mark.parametrize("layout", REFUSALS, ids=["packing", "sharing"])
def test_a_layout_is_refused_where_a_model_reads_it_otherwise(
    rows: list[TokenRow], tiny: Path, tmp_path: Path, family: str, sizes: Any, refused: Any, layout: Layout
) -> None:
    model = AutoModelForCausalLM.from_pretrained(of_family(family, tiny, tmp_path / "model", **sizes))
    if layout in refused:
        with pytest.raises(TrainingError, match=REFUSALS[layout]):
            check_layout(model, rows, layout)
    else:
        check_layout(model, rows, layout)


def test_examples_that_are_all_the_same_are_compared_too(rows: list[TokenRow], tiny: Path, tmp_path: Path) -> None:
    for layout in REFUSALS:
        check_layout(AutoModelForCausalLM.from_pretrained(tiny), [rows[0], rows[0]], layout)
    other = of_family("OPT", tiny, tmp_path / "model", ffn_dim=64, word_embed_proj_dim=32)
    with pytest.raises(TrainingError, match="leave --packing out"):
        check_layout(AutoModelForCausalLM.from_pretrained(other), [rows[0], rows[0]], PACKING)
