"""What every judge does alike, asked with a scripted model and with tiny real ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from proactive_collectors.events import Event, Observed, Source
from proactive_collectors.trace import Window
from proactive_inference.errors import JudgeError, ModelError
from proactive_inference.judge.generative import TOGETHER, GenerativeJudge, parts
from proactive_inference.judge.judge import Question, accept_probability, rank
from proactive_inference.judge.kernel import Asked, KernelRegression
from proactive_inference.judge.likeness import NAMES, likeness_row
from proactive_inference.judge.loading import load_encoder
from proactive_inference.judge.pair_encoding import pair_tokens
from proactive_inference.judge.pair_text import SILENCE, task_text, window_text
from proactive_inference.judge.resolve import load_judge
from proactive_inference.judge.sentence_encoder import SentenceEncoder
from proactive_inference.judge.settings import Calibration, JudgeSettings, Kind
from proactive_inference.models.chat import Completion
from proactive_inference.models.fake import FakeModel
from proactive_inference.models.judge_answer import JudgeAnswer
from tiny_models import tiny_bert, tiny_llama

NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)


def _window(*told: tuple[int, str]) -> Window:
    return Window(tuple(Event(NOON + timedelta(seconds=at), Source.DATASET, Observed(text)) for at, text in told))


WINDOW = _window((0, "The user opens a page."), (300, "The user sees an error."))


def test_the_newest_event_comes_first() -> None:
    assert window_text(WINDOW, 6) == "The user sees an error. 5 min ago: The user opens a page."
    assert window_text(WINDOW, 1) == "The user sees an error."
    assert window_text(Window(), 6) == ""
    assert (task_text(None), task_text("Mend\nit")) == (SILENCE, "Mend it")


def test_a_generative_judge_reads_probabilities_judgements_and_nothing() -> None:
    answers = [
        Completion(JudgeAnswer("Yes.", True).to_json(), probability_of_accepting=0.8),
        JudgeAnswer("No.", False),
        "What a day!",
    ]
    judge = GenerativeJudge(FakeModel(answers))
    found = judge.answer([Question(WINDOW, "Mend it"), Question(WINDOW, "Sing"), Question(WINDOW, None)])
    assert found == pytest.approx([0.8, 0.05, 0.5])
    assert judge.unreadable == 1


def test_offers_at_one_moment_are_asked_side_by_side_and_judged_as_alone(tmp_path: Path) -> None:
    judge = load_judge(tiny_llama(tmp_path / "tiny"))
    other = _window((0, "The user runs the tests."))
    asked = [Question(WINDOW, task) for task in ("Mend it", "Sing", None)]
    asked += [Question(other, "Mend it"), Question(WINDOW, "Wait")]
    assert [len(part) for part in parts(asked)] == [3, 2]
    together = judge.answer(asked)
    assert together == pytest.approx([judge.answer([one])[0] for one in asked], abs=1e-4)
    assert len(set(together)) == len(asked)
    many = [Question(_window((n, "The user types.")), "Wait") for n in range(TOGETHER + 1)]
    assert [len(part) for part in parts([*asked[:3] * 3, *many])] == [TOGETHER, 1, TOGETHER, 1]
    assert [one for part in parts([*asked, *many]) for one in part] == [*asked, *many]


def test_calibration_has_its_own_place_for_silence() -> None:
    settings = JudgeSettings(Kind.GENERATIVE, silences=Calibration(1.0, 2.0))
    model = FakeModel(lambda _: Completion("", probability_of_accepting=0.5))
    judge = GenerativeJudge(model, settings)
    assert accept_probability(judge, WINDOW, "Mend it") == pytest.approx(0.5)
    assert accept_probability(judge, WINDOW, None) == pytest.approx(1 / (1 + np.exp(-2.0)))


def test_tasks_are_ranked() -> None:
    scores = {"Mend it": 0.9, "Sing": 0.1, "Wait": 0.5}
    model = FakeModel(
        lambda messages: Completion(
            "", probability_of_accepting=next(p for t, p in scores.items() if t in messages[-1].content)
        )
    )
    assert [task for task, _ in rank(GenerativeJudge(model), WINDOW, ["Sing", "Mend it", "Wait"])] == [
        "Mend it",
        "Wait",
        "Sing",
    ]


def test_settings_are_kept(tmp_path: Path) -> None:
    settings = JudgeSettings(Kind.CLASSIFIER, "base", 3, 40, Calibration(0.5, 0.1), metadata={"a": 1})
    settings.write(tmp_path)
    assert JudgeSettings.read(tmp_path) == settings
    (tmp_path / "judge.json").write_text('{"format": "proactive-judge", "version": 1, "kind": "oracle"}')
    with pytest.raises(JudgeError, match=r"judge.json is damaged"):
        JudgeSettings.read(tmp_path)


def test_any_sequence_classifier_is_a_judge(tmp_path: Path) -> None:
    judge = load_judge(tiny_bert(tmp_path / "two", labels=2))
    found = judge.answer([Question(WINDOW, "Mend it"), Question(WINDOW, None)])
    assert all(0 < value < 1 for value in found)
    alone = [accept_probability(judge, WINDOW, task) for task in ("Mend it", None)]
    assert found == pytest.approx(alone, abs=1e-5)  # padding changes nothing
    with pytest.raises(JudgeError, match="tells 3 labels apart"):
        load_judge(tiny_bert(tmp_path / "three", labels=3))


def test_a_language_model_is_a_judge(tmp_path: Path) -> None:
    judge = load_judge(tiny_llama(tmp_path / "tiny"))
    assert isinstance(judge, GenerativeJudge)
    assert 0 < accept_probability(judge, WINDOW, "Mend it") < 1


def test_a_fingerprint_tells_judges_of_one_name_apart(tmp_path: Path) -> None:
    folders = [tiny_bert(tmp_path / name / "judge", labels=2) for name in "ab"]
    one, other = map(load_judge, folders)
    assert one.name == other.name and one.fingerprint != other.fingerprint
    assert load_judge(folders[0]).fingerprint == one.fingerprint
    glad = JudgeSettings(Kind.GENERATIVE, proposals=Calibration(1.0, 2.0))
    model = FakeModel([])
    assert GenerativeJudge(model).fingerprint == GenerativeJudge(model).fingerprint
    assert GenerativeJudge(model).fingerprint != GenerativeJudge(model, glad).fingerprint


def test_what_is_no_encoder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JudgeError, match="is a llama, which is no encoder"):
        load_encoder(tiny_llama(tmp_path / "tiny"))
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_encoder(tmp_path / "nothing")


def test_an_encoder_that_answers_quickly_says_nearly_the_same(tmp_path: Path) -> None:
    folder = tiny_bert(tmp_path / "encoder")
    quick = load_encoder(folder, quick=True)
    assert str(quick.model.dtype) in {"torch.bfloat16", "torch.float32"}  # as the processor has it
    told = ["The user opens a page.", "An error."]
    exact = SentenceEncoder(load_encoder(folder)).encode(told)
    assert SentenceEncoder(quick).encode(told) == pytest.approx(exact, abs=0.02)


def test_kernel_regression_learns_is_kept_and_damage_is_told(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    tasks = draw.normal(size=(40, 8))
    tasks /= np.linalg.norm(tasks, axis=1, keepdims=True)
    asked = Asked(tasks, np.roll(tasks, 1, axis=0), draw.normal(size=(40, 3)))
    target = (tasks[:, 0] > 0).astype(np.float64)
    learned = KernelRegression.fit(asked, target, np.full(40, 0.1))
    assert ((learned.predict(asked) > 0.5) == (target > 0.5)).mean() > 0.95
    learned.save(tmp_path / "kernel.npz")
    assert KernelRegression.load(tmp_path / "kernel.npz").predict(asked) == pytest.approx(
        learned.predict(asked), abs=0.02
    )
    (tmp_path / "kernel.npz").write_bytes(b"PK")
    with pytest.raises(JudgeError, match="cannot be read"):
        KernelRegression.load(tmp_path / "kernel.npz")


def test_likeness_has_a_name_for_each_number() -> None:
    vectors = np.eye(3)[:2]
    row = dict(
        zip(
            NAMES,
            likeness_row(
                ["The user opens.", "The user sees an error."], 300, "Explain the error", vectors, vectors[1]
            ),
            strict=True,
        )
    )
    assert (row["task like newest"], row["task like earlier ones"]) == (1, 0)
    assert row["task like newest more than all"] == pytest.approx(0.5)
    assert (row["newest event: failure"], row["task: explain"], row["task: tool"]) == (1, 1, 0)
    assert row["whole minutes since the event before"] == 1


@pytest.mark.parametrize("most", [40, 512])
def test_which_text_a_token_is_of_is_what_berts_tokenizer_says(tmp_path: Path, most: int) -> None:
    tokenizer = load_encoder(tiny_bert(tmp_path / "encoder")).tokenizer
    (found,) = pair_tokens(tokenizer, [Question(WINDOW, "Mend it")], 4, most)
    cut = {"truncation": "only_second", "max_length": most, "return_token_type_ids": True}
    assert (
        found["token_type_ids"] == tokenizer(task_text("Mend it"), window_text(WINDOW, 4), **cut)["token_type_ids"]
    )
