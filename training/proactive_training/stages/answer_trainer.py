"""TRL's trainer for supervised fine-tuning, with logits for the answers alone and steps in a settled order.

TRL's own loop makes logits, entropies and accuracies of every token of the prompt where there is no GPU, which is
much of the work for a small model with a large vocabulary. Here the prompt has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import frozen

from proactive_training.stages.answer_tokens import Decider, TokenRow
from proactive_training.stages.batching import StepOrder, collated, packed, weighted_loss
from proactive_training.stages.held_out import HeldOut, probabilities
from proactive_training.stages.sharing import Bundle, fitting, shared, size


@frozen
class Lesson:
    """What a trainer learns from, and how it is put into batches."""

    train: Sequence[Bundle]  #: examples, or where they share what they have in common, those of a sitting
    held_out: Sequence[TokenRow]
    which: Decider
    pad: int
    step: int  #: of ``train`` in a step, over all processes
    seed: int = 0
    packing: bool = False
    sharing: bool = False
    bucketed: bool = True

    @property
    def sizes(self) -> list[int]:
        """How many tokens are read of each of ``train``."""
        return [size(bundle) if self.sharing else sum(map(len, bundle)) for bundle in self.train]

    def batch(self, chosen: Sequence[Bundle]) -> dict[str, Any]:
        """Some of ``train`` as the model reads them."""
        rows = [row for bundle in chosen for row in bundle]
        if self.sharing:
            return shared(rows)
        return packed(rows) if self.packing else collated(rows, self.pad)


def answer_trainer(lesson: Lesson, **more: Any) -> Any:
    """The trainer; ``more`` goes to TRL's (``model``, ``args``, ``processing_class``, ``peft_config``).

    Held-out moments are measured by ``evaluate``.
    """
    from datasets import Dataset
    from trl import SFTTrainer

    count = len(lesson.train)
    places = list(range(count))
    by_number = Dataset.from_dict({"number": places, "input_ids": [[0]] * count, "labels": [[0]] * count})
    sizes = lesson.sizes

    def collate(chosen: Sequence[dict[str, int]]) -> dict[str, Any]:
        return lesson.batch([lesson.train[one["number"]] for one in chosen])

    class AnswerTrainer(SFTTrainer):  # type: ignore[misc]  # the library has no types
        """Learns the answers alone."""

        def _set_signature_columns_if_needed(self) -> None:
            self._signature_columns = ["number"]

        def _get_train_sampler(self, train_dataset: Any = None) -> Any:
            return StepOrder(sizes, lesson.step, seed=lesson.seed, bucketed=lesson.bucketed)

        def _get_num_items_in_batch(self, batch_samples: list[Any], device: Any) -> Any:
            """The weight of all answers of a step, over all processes: what the loss is divided by."""
            if not batch_samples:
                return None
            whole = sum(batch["weights"].sum() for batch in batch_samples).to(device)
            return self.accelerator.gather(whole).sum()

        def compute_loss(
            self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
        ) -> Any:
            """The weighted negative log-likelihood of the answers, in nats per unit of weight."""
            inputs = dict(inputs)
            labels, weights = inputs.pop("labels"), inputs.pop("weights")
            places = inputs.pop("places", None)
            if lesson.sharing:
                inputs["attention_mask"] = fitting(inputs["attention_mask"], model)
            # One more than the answer: the logits before a token predict it.
            keep = labels.shape[1] + 1 if places is None else places
            outputs = model(**inputs, logits_to_keep=keep, use_cache=False)
            logits = outputs.logits if places is not None else outputs.logits[:, -labels.shape[1] - 1 : -1]
            whole = weights.sum() if num_items_in_batch is None else num_items_in_batch
            loss = weighted_loss(logits, labels, weights) / whole
            # Gradients are averaged over processes, while the weight is that of all of them.
            loss = loss * (1 if num_items_in_batch is None else self.accelerator.num_processes)
            return (loss, outputs) if return_outputs else loss

        def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
            super(SFTTrainer, self).log(logs, start_time)

        def evaluate(self, *_: Any, metric_key_prefix: str = "eval", **__: Any) -> dict[str, float]:
            """Every process measures all held-out moments: they are few."""
            model = self.accelerator.unwrap_model(self.model)
            with self.compute_loss_context_manager(), self.accelerator.autocast():
                said = probabilities(model, lesson.held_out, lesson.which, lesson.pad, sharing=lesson.sharing)
            found = HeldOut.of(lesson.held_out, said).figures()
            metrics = {f"{metric_key_prefix}_{key}": value for key, value in found.items()}
            self.log(metrics)
            state: Any = self
            state.control = self.callback_handler.on_evaluate(self.args, self.state, state.control, metrics)
            return metrics

        def create_model_card(self, *_: Any, **__: Any) -> None:
            """The run writes its own, once."""

    trainer = AnswerTrainer(
        train_dataset=by_number,
        eval_dataset=by_number if lesson.held_out else None,  # measured by ``evaluate``, which has its own
        data_collator=collate,
        **more,
    )
    # The loss is divided here, whatever the model does with its own: the library must not divide it again.
    trainer.model_accepts_loss_kwargs = True
    return trainer
