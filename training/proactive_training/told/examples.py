"""Windows of told events in numbers: acts, and the student's vectors of the last sentence and the last few."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from attrs import frozen

from proactive_collectors.trace import Trace
from proactive_inference.sentence_scores import RECENT
from proactive_inference.told_acts import outside_quotes, telling, words_of
from proactive_inference.told_features import TOLD_NAMES, told_features
from proactive_training.proactivebench import Bench, Label
from proactive_training.told.distil import Student
from proactive_training.told.scenes import HIGHEST, Scene, sentences_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from proactive_training.logistic import Floats

COMMON_SHARE = 0.08
"""In how large a share of the scenes a word stands to be common."""

_COMMON_LEAST = 3


@frozen
class ToldExamples:
    """Told windows, row by row."""

    acts: Floats  #: (examples, told features)
    last: Floats  #: (examples, size): the last sentence's vector; size 0 without a student
    lately: Floats  #: (examples, size): the mean of the last few's
    y: Floats  #: soft label, 0 to 1
    need: NDArray[np.bool_]  #: hard label
    trace: NDArray[np.int64]  #: which trace or scene
    names: tuple[str, ...] = ()  #: of the traces

    def __len__(self) -> int:
        return len(self.y)

    def pick(self, chosen: NDArray[np.bool_]) -> ToldExamples:
        """Some of the rows."""
        return ToldExamples(
            self.acts[chosen], self.last[chosen], self.lately[chosen], self.y[chosen], self.need[chosen],
            self.trace[chosen], self.names,
        )  # fmt: skip


def common_words(scenes: Sequence[Scene]) -> frozenset[str]:
    """The words that so many scenes share that they are about nothing in particular."""
    counts: Counter[str] = Counter()
    for scene in scenes:
        counts.update({word for text in scene.sentences for word in words_of(outside_quotes(text))})
    least = max(_COMMON_LEAST, COMMON_SHARE * len(scenes))
    return frozenset(word for word, count in counts.items() if count >= least)


def soft_label(label: Label, softness: float) -> float:
    """The published majority, softened by how many votes the offers of the moment got.

    In the published rows help is needed exactly where some offer was accepted by all who judged it. The share of
    all votes that accept is what that rests on, and far less a matter of luck.
    """
    if not label.task_votes:
        return float(label.need)
    return (1 - softness) * float(label.need) + softness * sum(label.task_votes) / len(label.task_votes)


def scene_examples(scenes: Sequence[Scene], common: frozenset[str], student: Student | None) -> ToldExamples:
    """Every event of the scenes; help counts as needed from the middle level on."""
    labels: list[list[tuple[float, bool] | None]] = [
        [(level / HIGHEST, 2 * level >= HIGHEST) for level in scene.levels] for scene in scenes
    ]
    return _examples([scene.trace for scene in scenes], labels, common, student)


def trace_examples(bench: Bench, common: frozenset[str], student: Student | None, softness: float) -> ToldExamples:
    """Every labelled event of people's traces."""
    labels = [
        [None if label is None else (soft_label(label, softness), label.need) for label in trace.labels]
        for trace in bench.traces
    ]
    return _examples([trace.trace for trace in bench.traces], labels, common, student)


def _examples(
    traces: Sequence[Trace],
    labels: Sequence[Sequence[tuple[float, bool] | None]],
    common: frozenset[str],
    student: Student | None,
) -> ToldExamples:
    import numpy as np

    acts, last, lately, y, need, number_of = [], [], [], [], [], []
    for number, (trace, known) in enumerate(zip(traces, labels, strict=True)):
        sentences = sentences_of(trace)
        if len(sentences) != len(known):  # typed events among them: another head's business
            continue
        tellings = [telling(text, common) for text in sentences]
        vectors = [np.zeros(0) if student is None else student.sentence(text) for text in sentences]
        for index, label in enumerate(known):
            if label is None:
                continue
            first = index + 1 - len(trace.window(index))
            acts.append(told_features(tellings[first : index + 1]))
            last.append(vectors[index])
            lately.append(np.mean(vectors[max(first, index + 1 - RECENT) : index + 1], axis=0))
            y.append(label[0])
            need.append(label[1])
            number_of.append(number)
    size = 0 if student is None else len(student.middle)
    return ToldExamples(
        np.asarray(acts, dtype=np.float64).reshape(len(y), len(TOLD_NAMES)),
        np.asarray(last, dtype=np.float64).reshape(len(y), size),
        np.asarray(lately, dtype=np.float64).reshape(len(y), size),
        np.asarray(y, dtype=np.float64), np.asarray(need, dtype=bool), np.asarray(number_of, dtype=np.int64),
        tuple(trace.name for trace in traces),
    )  # fmt: skip
