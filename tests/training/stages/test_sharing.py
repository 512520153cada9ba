"""What examples have in common is read once, and nothing is learned otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from proactive_training.stages.agent_examples import AgentExample, both_ways, read_agent_data
from proactive_training.stages.answer_tokens import TokenRow, agent_decider, token_rows
from proactive_training.stages.batching import collated, weighted_loss
from proactive_training.stages.held_out import probabilities
from proactive_training.stages.sharing import bundled, fitting, shared, size


@pytest.fixture(scope="module")
def examples(published: Path) -> tuple[AgentExample, ...]:
    return read_agent_data([published], softness=0.5).examples


@pytest.fixture(scope="module")
def rows(examples: tuple[AgentExample, ...], tiny: Path) -> list[TokenRow]:
    return token_rows(AutoTokenizer.from_pretrained(tiny), examples, decision_weight=7.0)


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_losses_and_gradients_are_those_of_the_examples_one_by_one(
    rows: list[TokenRow], tiny: Path, attention: str
) -> None:
    model = AutoModelForCausalLM.from_pretrained(tiny, attn_implementation=attention).eval()
    found, gradients = [], []
    for batch in (shared(rows[:12]), collated(rows[:12], 0)):
        labels, weights, places = batch.pop("labels"), batch.pop("weights"), batch.pop("places", None)
        if places is not None:
            batch["attention_mask"] = fitting(batch["attention_mask"], model)
        keep = labels.shape[1] + 1 if places is None else places
        logits = model(**batch, logits_to_keep=keep, use_cache=False).logits
        loss = weighted_loss(logits if places is not None else logits[:, :-1], labels, weights)
        model.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # the library has no types here
        found.append(float(loss.detach()))
        gradients.append(model.model.layers[0].self_attn.q_proj.weight.grad.clone())
    assert found[0] == pytest.approx(found[1], rel=1e-5)
    assert torch.allclose(gradients[0], gradients[1], atol=1e-3 * float(gradients[1].abs().max()))


def test_a_sitting_is_read_in_a_fraction_of_the_tokens(rows: list[TokenRow]) -> None:
    bundles = bundled(rows)
    assert len(bundles) == 6 and [row for bundle in bundles for row in bundle] == rows
    assert sum(map(size, bundles)) < sum(map(len, rows)) / 3
    small = bundled(rows, most=400)
    assert len(small) > 6 and [row for bundle in small for row in bundle] == rows
    assert all(len(bundle) == 1 or size(bundle) <= 400 for bundle in small)


def test_a_soft_label_costs_no_token_more(examples: tuple[AgentExample, ...], tiny: Path) -> None:
    one = next(example for example in examples if not example.speaks)
    ways = both_ways(one.trace, one.group, one.index, one.messages, 0.3, right=False)
    assert [(way.speaks, way.right, way.weight) for way in ways] == [(True, False, 0.3), (False, True, 0.7)]
    first, second = token_rows(AutoTokenizer.from_pretrained(tiny), ways)
    assert first.tokens[:-1] == second.tokens[:-1] and first.tokens[-1] != second.tokens[-1]
    assert size((first, second)) == size((first,)) == len(first) - 1
    assert first.weights[-1] == pytest.approx(10 * 0.3) and second.weights[-1] == pytest.approx(10 * 0.7)


def test_probabilities_are_the_same(rows: list[TokenRow], tiny: Path, examples: tuple[AgentExample, ...]) -> None:
    model = AutoModelForCausalLM.from_pretrained(tiny).eval()
    which = agent_decider(AutoTokenizer.from_pretrained(tiny), examples[0].messages)
    chosen = [row for row, example in zip(rows, examples, strict=True) if example.right]
    one, other = (probabilities(model, chosen, which, 0, sharing=sharing) for sharing in (False, True))
    assert one == pytest.approx(other, abs=1e-5) and len({round(value, 6) for value in one}) > 10
