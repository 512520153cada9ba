"""What a trained judge brings along for its use: ``judge.json`` in its folder.

::

    {"format": "proactive-judge", "version": 1, "kind": "cross-encoder", "base": "", "most_events": 6,
     "most_tokens": 112, "proposals": {"slope": 0.9, "intercept": -0.2},
     "silences": {"slope": 1.0, "intercept": 0.1},
     "metadata": {"data": {…}, "figures": {…}}}

``slope`` and ``intercept`` are Platt's scaling of its log-odds (Platt, 1999), fitted on traces that the model had
not seen; tasks and silences have their own.
"""

from __future__ import annotations

import json
import math
from enum import StrEnum
from pathlib import Path
from typing import Any

from attrs import asdict, field, frozen

from proactive_inference.errors import JudgeError

JUDGE_FILE = "judge.json"
FORMAT = "proactive-judge"
VERSION = 1


class Kind(StrEnum):
    """What sort of model a judge is."""

    CROSS_ENCODER = "cross-encoder"  #: an encoder reads events and task together
    BI_ENCODER = "bi-encoder"  #: an encoder reads events and tasks apart; what is alike decides
    CLASSIFIER = "classifier"  #: a causal language model, or any other, as sequence classifier
    GENERATIVE = "generative"  #: a language model that writes a thought and a judgement


@frozen
class Calibration:
    """From log-odds to a probability: ``sigmoid(slope · log-odds + intercept)``."""

    slope: float = 1.0
    intercept: float = 0.0

    def probability(self, log_odds: float) -> float:
        """The calibrated probability."""
        return 0.5 * (1.0 + math.tanh(0.5 * (self.slope * log_odds + self.intercept)))


def log_odds(probability: float) -> float:
    """Of a probability, which is kept a little away from 0 and 1."""
    probability = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(probability / (1 - probability))


@frozen
class JudgeSettings:
    """How a judge is to be asked, and what its answers mean."""

    kind: Kind
    base: str = ""  #: of an adapter, or of a generative judge: the model that it stands on
    most_events: int = 6  #: how many events it is told
    most_tokens: int = 112  #: events and task together; what is over is cut from the oldest events
    proposals: Calibration = field(factory=Calibration)
    silences: Calibration = field(factory=Calibration)
    metadata: dict[str, Any] = field(factory=dict)  #: of its training: data, options, figures

    def calibration(self, task: str | None) -> Calibration:
        """The one for this question."""
        return self.silences if task is None else self.proposals

    def write(self, folder: Path) -> None:
        """Keep the settings in a judge's folder."""
        whole = {"format": FORMAT, "version": VERSION, **asdict(self)}
        (folder / JUDGE_FILE).write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> JudgeSettings | None:
        """The settings in a folder; ``None`` where there are none.

        Raises:
            JudgeError: they are damaged, or of a newer version.
        """
        path = folder / JUDGE_FILE
        if not path.is_file():
            return None
        try:
            value = json.loads(path.read_bytes())
            if value["format"] != FORMAT or not isinstance(value["version"], int):
                raise ValueError(f"format {value['format']!r}")
            if value["version"] > VERSION:
                raise JudgeError(
                    f"{path} is of version {value['version']}, this program knows {VERSION}; update proactive-lsp"
                )
            return cls(
                kind=Kind(value["kind"]),
                base=str(value["base"]),
                most_events=_positive(value["most_events"]),
                most_tokens=_positive(value["most_tokens"]),
                proposals=_calibration(value["proposals"]),
                silences=_calibration(value["silences"]),
                metadata=dict(value["metadata"]),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise JudgeError(f"{path} is damaged ({error}); train the judge again, or copy it again") from error


def _positive(value: Any) -> int:
    if not isinstance(value, int) or value < 1:
        raise ValueError(f"{value!r} is no number of events or tokens")
    return value


def _calibration(value: dict[str, Any]) -> Calibration:
    found = Calibration(float(value["slope"]), float(value["intercept"]))
    if not (math.isfinite(found.slope) and math.isfinite(found.intercept)):
        raise ValueError(f"{value!r} is no calibration")
    return found
