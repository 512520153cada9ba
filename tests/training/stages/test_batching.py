from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from proactive_inference.models.forks import JUDGE_FORK
from proactive_inference.models.judge_answer import JudgeAnswer
from proactive_training.errors import TrainingError
from proactive_training.stages.agent_examples import read_agent_data, with_silences
from proactive_training.stages.answer_tokens import TokenRow, agent_decider, answer_tokens, token_rows
from proactive_training.stages.batching import IGNORED, StepOrder, collated, packed, padded_share, weighted_loss
from tiny_models import tiny_llama


@pytest.fixture(scope="module")
def rows(published: Path, tiny: Path) -> list[TokenRow]:
    examples = with_silences(read_agent_data([published]).examples, 0.5)
    return token_rows(AutoTokenizer.from_pretrained(tiny), examples, decision_weight=7.0)


def test_the_answer_alone_is_learned_and_its_decision_counts_most(rows: list[TokenRow], tiny: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny)
    for row in rows:
        told, answer = tokenizer.decode(row.tokens[: row.start]), tokenizer.decode(row.tokens[row.start :])
        assert told.endswith("<|im_start|>assistant\n")
        assert answer.startswith('{"Purpose": ""') and answer.endswith("}<|im_end|>")
        value = tokenizer.decode(row.tokens[row.decision :]).lstrip()
        assert value.startswith('"Fix' if row.speaks else "null")
        heaviest = max(range(len(row.weights)), key=lambda n: row.weights[n])
        assert heaviest == row.decision - row.start
        assert row.weights[heaviest] == pytest.approx(7 * row.weights[0])


def test_a_model_decides_between_two_tokens(rows: list[TokenRow], published: Path, tiny: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny)
    which = agent_decider(tokenizer, read_agent_data([published]).examples[0].messages)
    assert {row.tokens[row.decision] for row in rows if row.speaks} == {which.speak}
    assert {row.tokens[row.decision] for row in rows if not row.speaks} == {which.silent}


def test_a_judgement_decides_behind_its_quotation_mark(published: Path, tiny: Path) -> None:
    tokenizer, messages = AutoTokenizer.from_pretrained(tiny), read_agent_data([published]).examples[0].messages
    yes, no = (answer_tokens(tokenizer, messages, JudgeAnswer("So.", said), JUDGE_FORK) for said in (True, False))
    assert tokenizer.decode(yes.tokens[yes.decision :]) == 'accepted"}<|im_end|>'
    assert yes.start == no.start and yes.tokens[: yes.decision] == no.tokens[: no.decision]


def test_a_tokenizer_that_begins_both_answers_alike_is_refused(published: Path, tmp_path: Path) -> None:
    """Each token is a byte: the blank is one, whatever follows."""
    tokenizer = AutoTokenizer.from_pretrained(tiny_llama(tmp_path / "bytes", vocabulary=259))
    with pytest.raises(TrainingError, match=r"'Proactive Task' with the same token \(\d+\); use another model"):
        agent_decider(tokenizer, read_agent_data([published]).examples[0].messages)


def test_every_example_comes_in_every_epoch_in_another_order() -> None:
    order = StepOrder(list(range(10, 31)), 4, seed=1)
    first, second = order.order(0), order.order(1)
    assert len(first) == len(order) == 24 and set(first) == set(range(21))
    assert first != second and first == StepOrder(list(range(10, 31)), 4, seed=1).order(0)
    order.set_epoch(1)
    assert list(order) == second


def test_batches_of_like_lengths_hold_less_padding() -> None:
    lengths = [50 + 37 * n % 400 for n in range(200)]
    alike, mixed = (StepOrder(lengths, 8, bucketed=bucketed).order(0) for bucketed in (True, False))
    assert padded_share(lengths, alike, 4) < padded_share(lengths, mixed, 4) / 3


def test_padding_and_packing_change_nothing_about_the_loss(rows: list[TokenRow], tiny: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(tiny).eval()
    chosen = [rows[0], rows[5], rows[9], rows[20]]
    assert len({len(row) for row in chosen}) > 1
    with torch.inference_mode():
        alone = 0.0
        for row in chosen:
            logits = model(torch.tensor([row.tokens])).logits[0, row.start - 1 : -1]
            each = torch.nn.functional.cross_entropy(
                logits, torch.tensor(row.tokens[row.start :]), reduction="none"
            )
            alone += float((each * torch.tensor(row.weights)).sum())
        batch = collated(chosen, 0)
        labels, weights = batch.pop("labels"), batch.pop("weights")
        logits = model(**batch, logits_to_keep=labels.shape[1] + 1).logits[:, :-1]
        together = float(weighted_loss(logits, labels, weights))
        row = packed(chosen)
        labels, weights, places = row.pop("labels"), row.pop("weights"), row.pop("places")
        in_one = float(weighted_loss(model(**row, logits_to_keep=places, use_cache=False).logits, labels, weights))
    assert together == pytest.approx(alone, rel=1e-5)
    assert in_one == pytest.approx(alone, rel=1e-5)


def test_padding_is_never_learned(rows: list[TokenRow]) -> None:
    one, other = (next(row for row in rows if row.speaks == speaks) for speaks in (True, False))
    batch = collated([one, other], 0)
    padding = batch["labels"] == IGNORED
    assert padding.any() and not batch["weights"][padding].any()
