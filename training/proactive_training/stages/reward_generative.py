"""Teaches a language model the paper's form of a judge: a thought, then the judgement, as JSON (arXiv 2410.12361).

Nobody wrote thoughts down. The one that is taught says what has just happened, and nothing of the judgement: if it
told what people said, the judgement would only repeat it, and its probability would say nothing. Where annotators
disagree, both judgements are taught, each as often as it was given.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from proactive_collectors.trace import Window
from proactive_inference.judge.generative import MOST_TOKENS, GenerativeJudge, parts
from proactive_inference.judge.settings import JudgeSettings, Kind
from proactive_inference.models.forks import JUDGE_FORK
from proactive_inference.models.judge_answer import JudgeAnswer
from proactive_inference.models.judge_prompt import judge_messages
from proactive_inference.models.loading import load_tokenizer
from proactive_inference.models.local import LocalModel
from proactive_inference.models.messages import Message
from proactive_inference.models.model_files import find_model
from proactive_inference.models.model_settings import ModelSettings
from proactive_inference.models.quoting import observations
from proactive_training.errors import TrainingError
from proactive_training.judged_rows import JudgedRow
from proactive_training.progress import ProgressLine
from proactive_training.stages.adapters import lora_config
from proactive_training.stages.answer_tokens import (
    DECISION_WEIGHT,
    Decider,
    TokenRow,
    answer_tokens,
    decider,
    weighted_row,
)
from proactive_training.stages.answer_trainer import Lesson, answer_trainer
from proactive_training.stages.layouts import SHARING, check_layout
from proactive_training.stages.learning import checkpointing_name, loss_alone, padding, trainable_model
from proactive_training.stages.preflight import check_run
from proactive_training.stages.quiet import quiet
from proactive_training.stages.recipe import Recipe, base_of
from proactive_training.stages.reward_recipe import (
    Learner,
    RewardRecipe,
    questions,
    row_weights,
    trainer_arguments,
)
from proactive_training.stages.sharing import bundled
from proactive_training.stages.step_progress import step_progress

LONGEST_THOUGHT = 60
"""Characters: it is written before every judgement."""


class GenerativeLearner(Learner):
    """Learns as an agent does, by answers alone; what is asked at one moment is read once where the model can."""

    def __init__(self, recipe: RewardRecipe) -> None:
        self._recipe = recipe
        self._files = find_model(recipe.model)
        self._tokenizer = load_tokenizer(self._files)
        if not getattr(self._tokenizer, "chat_template", None):
            raise TrainingError(
                f"{recipe.model} has no chat template, which a generative judge is asked through; "
                "give an instruction model, or use --kind classifier"
            )

    def check(self, rows: Sequence[JudgedRow]) -> None:
        """As :meth:`Learner.check` says: the model, its tokenizer and template, and the length of what is read."""
        recipe = self._recipe
        _decider(self._tokenizer, _messages(rows[0], recipe))
        agents = Recipe(
            recipe.model, batch=recipe.batch, micro_batch=1, precision=recipe.precision, check_memory=False
        )
        check_run(agents, self._files, lessons(self._tokenizer, rows, recipe), answer=MOST_TOKENS)

    def held_out(self, train: Sequence[JudgedRow], test: Sequence[JudgedRow]) -> list[list[float]]:
        """As :meth:`Learner.held_out` says; once, since asking takes longer than learning."""
        with tempfile.TemporaryDirectory() as temporary:
            settings = self.finish(train, self._recipe.epochs, Path(temporary))
            judge = GenerativeJudge(LocalModel.open(temporary), settings)
            line, found = ProgressLine("Asked of traces held out"), list[float]()
            for part in parts(questions(test)):
                found += judge.log_odds(part)
                line(len(found), len(test))
            return [found]

    def finish(self, rows: Sequence[JudgedRow], epochs: int, folder: Path) -> JudgeSettings:
        """As :meth:`Learner.finish` says; there is one choice of epochs, the recipe's."""
        import torch
        from transformers import PrinterCallback

        recipe = self._recipe
        torch.manual_seed(recipe.seed)
        which = _decider(self._tokenizer, _messages(rows[0], recipe))
        taught = lessons(self._tokenizer, rows, recipe)
        with tempfile.TemporaryDirectory() as temporary, quiet():
            model = trainable_model(self._files, half=recipe.precision == "bfloat16")
            sharing = _shares(model, taught)
            lesson = Lesson(
                bundled(taught), (), which, padding(self._tokenizer), recipe.batch, recipe.seed, sharing=sharing
            )
            trainer = answer_trainer(
                lesson,
                model=model,
                args=_arguments(recipe, temporary),
                processing_class=self._tokenizer,
                peft_config=lora_config(model, recipe),
            )
            trainer.remove_callback(PrinterCallback)
            trainer.add_callback(step_progress("Learned"))
            trainer.train()
            trainer.model.peft_config["default"].base_model_name_or_path = base_of(recipe.model)
            trainer.model.save_pretrained(folder, save_embedding_layers=False)
        self._tokenizer.save_pretrained(folder)
        ModelSettings(kind="judge", base=base_of(recipe.model), most_events=recipe.most_events).write(folder)
        return JudgeSettings(
            Kind.GENERATIVE,
            base=base_of(recipe.model),
            most_events=recipe.most_events,
            most_tokens=recipe.most_tokens,
        )


def lessons(tokenizer: Any, rows: Sequence[JudgedRow], recipe: RewardRecipe) -> list[TokenRow]:
    """The rows as tokens, those of a moment together; a row on which people disagree is two.

    Raises:
        TrainingError: the chat template changes answers, or the tokenizer cannot tell where its tokens stand.
        ModelError: the chat template cannot be used.
    """
    weights = row_weights(rows, recipe.balance)
    each = sorted(zip(rows, weights, strict=True), key=lambda one: (one[0].trace.name, one[0].index))
    return [lesson for row, weight in each for lesson in _both_ways(tokenizer, row, weight, recipe)]


def thought(window: Window) -> str:
    """What has just happened, in few words, without what a tokenizer could take for a mark of its own."""
    told = observations(window, 1, LONGEST_THOUGHT)
    return told[-1]["Event"].replace("<", "(").replace("[", "(") if told else "Nothing has happened yet."


def _both_ways(tokenizer: Any, row: JudgedRow, weight: float, recipe: RewardRecipe) -> Iterator[TokenRow]:
    messages, told = _messages(row, recipe), thought(row.window)
    likely = row.soft_label >= 0.5
    for accepted, share in ((True, row.soft_label), (False, 1 - row.soft_label)):
        if share > 0:
            yield weighted_row(
                answer_tokens(tokenizer, messages, JudgeAnswer(told, accepted), JUDGE_FORK),
                weight * share,
                DECISION_WEIGHT,
                alone=accepted is not likely,
                speaks=accepted,
                sitting=f"{row.trace.name}/{row.index}",
            )


def _messages(row: JudgedRow, recipe: RewardRecipe) -> tuple[Message, ...]:
    return judge_messages(row.window, row.task, most_events=recipe.most_events)


def _decider(tokenizer: Any, messages: Sequence[Message]) -> Decider:
    """The tokens with which a judgement begins; see :func:`answer_tokens.decider`."""
    yes, no = (JudgeAnswer("So.", accepted) for accepted in (True, False))
    return decider(tokenizer, messages, JUDGE_FORK, yes, no, "use --kind classifier")


def _shares(model: Any, rows: Sequence[TokenRow]) -> bool:
    """Whether the model reads at once what rows have in common, as it reads them one by one."""
    try:
        check_layout(model, rows, SHARING)
    except TrainingError:
        return False
    return True


def _arguments(recipe: RewardRecipe, folder: str) -> Any:
    from trl import SFTConfig

    return SFTConfig(
        **trainer_arguments(recipe, folder),
        per_device_train_batch_size=1,
        gradient_accumulation_steps=recipe.batch,
        dataset_kwargs={"skip_prepare_dataset": True},
        **{checkpointing_name(SFTConfig): False},
        **loss_alone(SFTConfig),
    )
