"""Judges on encoders of other families than BERT: by sentences, or by both texts where layers stand apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from proactive_inference.judge.judge import Question
from proactive_inference.judge.resolve import load_judge
from proactive_training.commands.train import app
from proactive_training.judged_rows import read_judged
from small_traces import reward_rows, write_published
from tiny_models import encoder_of_family, tiny_bert, tiny_llama, without_marks

DISTILLED = {"dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 64}
ROBERTA = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
ROBERTA |= {"max_position_embeddings": 514, "type_vocab_size": 1}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_published(tmp_path_factory.mktemp("judged") / "data", reward_rows())


def learned(judged: Path, model: Path, out: Path, kind: str) -> Any:
    arguments = ["reward", "--data", str(judged), "--kind", kind, "--model", str(model), "--out", str(out)]
    return CliRunner().invoke(app, [*arguments, "--folds", "2"])


@pytest.mark.parametrize(
    ("family", "sizes"),
    [("DistilBert", DISTILLED), ("MPNet", {}), ("ModernBert", {}), ("DebertaV2", {}), ("Roberta", ROBERTA)],
)
def test_any_encoder_of_sentences_can_be_a_judge(
    judged: Path, tmp_path: Path, family: str, sizes: dict[str, int]
) -> None:
    base = encoder_of_family(family, tiny_bert(tmp_path / "bert"), tmp_path / "encoder", **sizes)
    done = learned(judged, base, tmp_path / "judge", "bi-encoder")
    assert done.exit_code == 0, done.output
    window = read_judged(judged).rows[0].window
    assert 0 < load_judge(tmp_path / "judge").answer([Question(window, "Fix the error")])[0] < 1


def test_a_model_without_types_of_tokens_still_reads_two_texts(judged: Path, tmp_path: Path) -> None:
    """RoBERTa has room for one type of token; which text a token is of is known all the same."""
    base = encoder_of_family("Roberta", tiny_bert(tmp_path / "bert"), tmp_path / "encoder", **ROBERTA)
    done = learned(judged, base, tmp_path / "judge", "cross-encoder")
    assert done.exit_code == 0, done.output
    judge = load_judge(tmp_path / "judge")
    windows = [row.window for row in read_judged(judged).rows]
    for task in ("Fix the error", None):
        assert len({round(odds, 6) for odds in judge.log_odds([Question(one, task) for one in windows])}) > 1


@pytest.mark.parametrize("family", ["MPNet", "DebertaV2", "ModernBert"])
def test_an_encoder_whose_layers_need_the_rest_of_it_is_refused(judged: Path, tmp_path: Path, family: str) -> None:
    base = encoder_of_family(family, tiny_bert(tmp_path / "bert"), tmp_path / "encoder")
    done = learned(judged, base, tmp_path / "judge", "cross-encoder")
    assert done.exit_code == 1 and "use --kind bi-encoder or classifier" in " ".join(done.output.split())
    assert not (tmp_path / "judge").exists()


def test_a_classifier_begins_from_a_whole_model(judged: Path, tmp_path: Path) -> None:
    run = tmp_path / "agent"
    few = ["--epochs", "1", "--most-events", "1", "--most-examples", "4", "--batch", "4", "--held-out", "0"]
    base = tiny_llama(tmp_path / "llama")
    taught = ["agent", "--data", str(judged), "--model", str(base), "--out", str(run), *few]
    assert CliRunner().invoke(app, taught).exit_code == 0
    done = learned(judged, run, tmp_path / "judge", "classifier")
    assert (
        done.exit_code == 1 and "is an adapter" in done.output and "with --merge" in done.output.replace("\n", " ")
    )
    sizes = {"d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4, "decoder_start_token_id": 0}
    two_halves = encoder_of_family("T5", tiny_bert(tmp_path / "bert"), tmp_path / "t5", **sizes)
    for kind in ("classifier", "bi-encoder"):
        done = learned(judged, two_halves, tmp_path / "judge", kind)
        assert done.exit_code == 1 and "is a t5, which" in done.output, done.output
    assert not (tmp_path / "judge").exists()


@pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing.*:FutureWarning")
def test_a_classifiers_tokenizer_needs_no_marks_of_its_own(judged: Path, tmp_path: Path) -> None:
    base = tiny_llama(tmp_path / "llama")
    without_marks(base)
    done = learned(judged, base, tmp_path / "judge", "classifier")
    assert done.exit_code == 0, done.output
    window = read_judged(judged).rows[0].window
    questions = [Question(window, "Fix the error"), Question(window, "Open a chat and ask a colleague")]
    judge = load_judge(tmp_path / "judge")
    alone = [judge.answer([one])[0] for one in questions]
    assert judge.answer(questions) == pytest.approx(alone, abs=1e-5)
