"""A judge that encodes events and tasks apart, and compares them with what people judged before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from proactive_collectors.sentences import sentence
from proactive_inference.judge.calibrated import CalibratedJudge
from proactive_inference.judge.judge import Question
from proactive_inference.judge.kernel import KERNEL_FILE, Asked, KernelRegression
from proactive_inference.judge.likeness import likeness_row
from proactive_inference.judge.loading import encoder_place, load_encoder
from proactive_inference.judge.sentence_encoder import SentenceEncoder
from proactive_inference.judge.settings import JudgeSettings
from proactive_inference.models.model_files import ModelFiles

if TYPE_CHECKING:
    from proactive_inference.judge.kernel import Floats

SILENCE_FILE = "silence.npz"
STEEPNESS = 4.0
"""From a predicted share of votes to log-odds, about its middle; calibration does the rest."""


class Encodes(Protocol):
    """Sentences to unit vectors."""

    def encode(self, sentences: Sequence[str]) -> Floats:
        """(sentences, dimensions)"""


class BiEncoderJudge(CalibratedJudge):
    """A sentence encoder as it is published, and what a kernel regression learned."""

    def __init__(
        self,
        encoder: Encodes,
        proposals: KernelRegression,
        silences: KernelRegression,
        settings: JudgeSettings,
        name: str,
        fingerprint: str,
    ) -> None:
        super().__init__(settings, name, fingerprint)
        self._encoder = encoder
        self._proposals, self._silences = proposals, silences

    @classmethod
    def load(cls, folder: Path, settings: JudgeSettings) -> BiEncoderJudge:
        """Load what training wrote.

        Raises:
            JudgeError: a file is missing or damaged.
            ModelError: the encoder cannot be loaded.
        """
        files = ModelFiles(
            folder.resolve().name, str(folder), base=ModelFiles(settings.base, encoder_place(settings.base))
        )
        fingerprint = files.fingerprint
        proposals, silences = (KernelRegression.load(folder / name) for name in (KERNEL_FILE, SILENCE_FILE))
        encoder = SentenceEncoder(load_encoder(settings.base, quick=True))
        return cls(encoder, proposals, silences, settings, files.name, fingerprint)

    def log_odds(self, questions: Sequence[Question]) -> list[float]:
        """As :meth:`CalibratedJudge.log_odds` says."""
        if not questions:
            return []
        asked = asked_of(self._encoder, questions, self.settings.most_events)
        of_tasks, of_silences = self._proposals.predict(asked), self._silences.predict(asked)
        return [
            STEEPNESS * (float(of_silences[at] if question.task is None else of_tasks[at]) - 0.5)
            for at, question in enumerate(questions)
        ]


def asked_of(encoder: Encodes, questions: Sequence[Question], most_events: int) -> Asked:
    """Questions as numbers.

    Args:
        encoder: of sentences.
        questions: each window has an event at least, or counts as if it had an empty one.
        most_events: how many of the last are looked at.
    """
    import numpy as np

    texts = [[sentence(event) for event in q.window.events[-most_events:]] or [""] for q in questions]
    every = list(dict.fromkeys(text for one in texts for text in one))
    tasks = list(dict.fromkeys(q.task for q in questions if q.task is not None))
    vectors = encoder.encode([*every, *tasks])
    place = {text: at for at, text in enumerate(every)}
    task_place = {task: len(every) + at for at, task in enumerate(tasks)}
    nothing = np.zeros(vectors.shape[1])
    of_tasks, newest, rows = [], [], []
    for question, told in zip(questions, texts, strict=True):
        seen = vectors[[place[text] for text in told]]
        task = nothing if question.task is None else vectors[task_place[question.task]]
        events = question.window.events
        seconds = (events[-1].time - events[-2].time).total_seconds() if len(events) > 1 else 0.0
        of_tasks.append(task)
        newest.append(seen[-1])
        rows.append(likeness_row(told, seconds, question.task, seen, task))
    return Asked(np.asarray(of_tasks), np.asarray(newest), np.asarray(rows))
