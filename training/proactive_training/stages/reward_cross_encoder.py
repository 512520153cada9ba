"""Teaches a cross-encoder: the last layers of an encoder and a small head learn from pairs, the first stay.

What the first layers make of each pair is computed once and kept, so that an epoch costs only the last ones. Each
batch comes from one trace: beside how likely each row is, the model learns to put what more annotators took above
what fewer did there, whatever the trace's own rate.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from typing import Any

from proactive_inference.judge.cross_encoder import HEAD_FILE
from proactive_inference.judge.loading import load_encoder
from proactive_inference.judge.pair_encoding import (
    head_inputs,
    head_log_odds,
    new_head,
    padded,
    pair_tokens,
    pooled,
)
from proactive_inference.judge.settings import JudgeSettings, Kind
from proactive_training.errors import TrainingError
from proactive_training.judged_rows import JudgedRow
from proactive_training.stages.quiet import quiet
from proactive_training.stages.reward_recipe import Learner, RewardRecipe, questions, row_weights

WARM_UP = 0.1
"""The share of the steps in which the learning rate rises."""

DECAY = 0.05
AT_ONCE = 64
"""Rows whose first layers are computed together."""


class CrossEncoderLearner(Learner):
    """Learns by AdamW with a linear schedule; the same seed gives the same weights on the same machine."""

    def __init__(self, recipe: RewardRecipe) -> None:
        self._recipe = recipe
        self._encoder = load_encoder(recipe.model)
        layers = getattr(getattr(self._encoder.model, "encoder", None), "layer", None)
        if layers is None:
            raise TrainingError(
                f"the layers of {recipe.model} cannot be told apart; give an encoder like all-MiniLM-L6-v2, "
                "or use --kind bi-encoder or classifier"
            )
        self._layers = layers
        self._first = max(0, len(layers) - recipe.train_layers)
        self._kept: dict[tuple[bytes, int, str | None], tuple[Any, Any]] = {}

    def check(self, rows: Sequence[JudgedRow]) -> None:
        """As :meth:`Learner.check` says: whether the layers, one after the other, do what the model does."""
        import torch

        tokens = pair_tokens(
            self._encoder.tokenizer, questions(rows[:1]), self._recipe.most_events, self._recipe.most_tokens
        )
        with torch.inference_mode():
            whole = self._encoder(padded(self._encoder.tokenizer, tokens), output_hidden_states=True)
            state = whole.hidden_states[0]
            try:
                for layer in self._layers:
                    state = layer(state, torch.zeros(1, 1, 1, state.shape[1]))
                same = torch.allclose(state, whole.last_hidden_state, atol=1e-3)
            except Exception:  # each family in its own way
                same = False
        if not same:
            raise TrainingError(
                f"the layers of {self._recipe.model} cannot be taught apart from the rest of it; give an encoder "
                "like all-MiniLM-L6-v2, or use --kind bi-encoder or classifier"
            )

    def held_out(self, train: Sequence[JudgedRow], test: Sequence[JudgedRow]) -> list[list[float]]:
        """As :meth:`Learner.held_out` says."""
        tests = self._states(test)
        return [self._log_odds(model, test, tests) for model in self._epochs(train)]

    def finish(self, rows: Sequence[JudgedRow], epochs: int, folder: Path) -> JudgeSettings:
        """As :meth:`Learner.finish` says."""
        from safetensors.torch import save_file

        layers, head = next(islice(self._epochs(rows), epochs - 1, None))
        whole = copy.deepcopy(self._encoder.model)
        for at, layer in enumerate(layers):
            whole.encoder.layer[self._first + at] = layer
        with quiet():
            whole.save_pretrained(folder)
        self._encoder.tokenizer.save_pretrained(folder)
        save_file({name: value.detach().contiguous() for name, value in head.items()}, folder / HEAD_FILE)
        return JudgeSettings(
            Kind.CROSS_ENCODER, most_events=self._recipe.most_events, most_tokens=self._recipe.most_tokens
        )

    def _epochs(self, rows: Sequence[JudgedRow]) -> Iterator[tuple[Any, dict[str, Any]]]:
        """The last layers and the head after each epoch; they go on changing."""
        import torch

        recipe = self._recipe
        states = self._states(rows)
        target = torch.tensor([row.soft_label for row in rows])
        weight = torch.tensor(row_weights(rows, recipe.balance))
        silent = torch.tensor([row.task is None for row in rows])
        order = random.Random(recipe.seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            layers = torch.nn.ModuleList(copy.deepcopy(layer) for layer in self._layers[self._first :])
            head = {
                name: torch.nn.Parameter(value)
                for name, value in new_head(self._encoder.model.config.hidden_size).items()
            }
            optimizer = torch.optim.AdamW(
                [
                    {"params": list(layers.parameters()), "lr": recipe.learning_rate},
                    {"params": list(head.values()), "lr": recipe.head_rate},
                ],
                weight_decay=DECAY,
            )
            steps = recipe.epochs * len(self._batches(rows, order))
            warm = max(1, round(WARM_UP * steps))
            schedule = torch.optim.lr_scheduler.LambdaLR(
                optimizer, lambda step: min((step + 1) / warm, max(0.0, (steps - step) / steps))
            )
            for _ in range(recipe.epochs):
                for batch in self._batches(rows, order):
                    values = self._forward(layers, head, [states[at] for at in batch], silent[batch], train=True)
                    loss = _loss(values, target[batch], weight[batch], silent[batch], recipe.rank_weight)
                    optimizer.zero_grad()
                    loss.backward()
                    torch.nn.utils.clip_grad_norm_([*layers.parameters(), *head.values()], 1.0)
                    optimizer.step()
                    schedule.step()
                yield layers, head

    def _batches(self, rows: Sequence[JudgedRow], order: random.Random) -> list[list[int]]:
        """The rows of an epoch by number, each batch of one trace."""
        traces: dict[str, list[int]] = {}
        for at, row in enumerate(rows):
            traces.setdefault(row.group, []).append(at)
        found = []
        for numbers in traces.values():
            order.shuffle(numbers)
            found += [numbers[at : at + self._recipe.batch] for at in range(0, len(numbers), self._recipe.batch)]
        order.shuffle(found)
        return found

    def _states(self, rows: Sequence[JudgedRow]) -> list[tuple[Any, Any]]:
        """Of each row, what the first layers make of it, and which of its tokens are of what was seen."""
        import torch

        keys = [(row.context, row.index, row.task) for row in rows]
        new = [at for at, key in enumerate(keys) if key not in self._kept]
        tokens = pair_tokens(
            self._encoder.tokenizer,
            questions([rows[at] for at in new]),
            self._recipe.most_events,
            self._recipe.most_tokens,
        )
        order = sorted(range(len(new)), key=lambda at: len(tokens[at]["input_ids"]))
        with torch.inference_mode(), self._precision():
            for start in range(0, len(order), AT_ONCE):
                chosen = order[start : start + AT_ONCE]
                batch = padded(self._encoder.tokenizer, [tokens[at] for at in chosen])
                layers = self._encoder(batch, output_hidden_states=True).hidden_states
                for place, at in enumerate(chosen):
                    length = len(tokens[at]["input_ids"])
                    state = layers[self._first][place, :length].to(torch.bfloat16).clone()
                    self._kept[keys[new[at]]] = state, batch["token_type_ids"][place, :length].clone()
        return [self._kept[key] for key in keys]

    def _forward(
        self, layers: Any, head: dict[str, Any], states: Sequence[tuple[Any, Any]], silent: Any, *, train: bool
    ) -> Any:
        """(rows,) log-odds."""
        import torch
        from torch.nn.utils.rnn import pad_sequence

        layers.train(train)
        hidden = pad_sequence([state for state, _ in states], batch_first=True).float()
        types = pad_sequence([kinds for _, kinds in states], batch_first=True).float()
        lengths = torch.tensor([len(state) for state, _ in states])
        mask = (torch.arange(hidden.shape[1])[None] < lengths[:, None]).float()
        away = ((1.0 - mask) * torch.finfo(torch.bfloat16).min)[:, None, None, :]
        with self._precision():
            for layer in layers:
                hidden = layer(hidden, away)
        task, seen = pooled(hidden.float(), mask, types)
        inputs = head_inputs(task, seen)
        parts = torch.nn.functional.dropout(inputs[:, :-1], self._recipe.dropout, training=train)
        inputs = torch.cat([parts, inputs[:, -1:]], dim=1)  # likeness itself is always there
        return head_log_odds(head, inputs, seen, silent)

    def _log_odds(
        self, model: tuple[Any, dict[str, Any]], rows: Sequence[JudgedRow], states: Sequence[tuple[Any, Any]]
    ) -> list[float]:
        import torch

        found: list[float] = []
        with torch.inference_mode():
            for start in range(0, len(rows), AT_ONCE):
                silent = torch.tensor([row.task is None for row in rows[start : start + AT_ONCE]])
                values = self._forward(*model, states[start : start + AT_ONCE], silent, train=False)
                found += values.tolist()
        return found

    def _precision(self) -> Any:
        import torch

        return torch.autocast("cpu", torch.bfloat16) if self._recipe.precision == "bfloat16" else nullcontext()


def _loss(values: Any, target: Any, weight: Any, silent: Any, rank_weight: float) -> Any:
    """Cross-entropy with soft targets, and of each two tasks the log-odds that the better one is above."""
    import torch

    loss = (torch.nn.functional.binary_cross_entropy_with_logits(values, target, reduction="none") * weight).mean()
    tasks, wanted = values[~silent], target[~silent]
    better = (wanted[:, None] - wanted[None]).clamp(min=0.0)
    if rank_weight and float(better.sum()) > 0:
        above = tasks[:, None] - tasks[None]
        loss = loss + rank_weight * (better * torch.nn.functional.softplus(-above)).sum() / better.sum()
    return loss
