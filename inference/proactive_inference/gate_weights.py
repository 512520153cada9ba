"""A gate's weights and where they come from: a JSON file that a person can read, and one of word scores beside it.

``gate.json`` is one object::

    {"format": "proactive-gate", "version": 2,
     "live": {"features": ["failing", …], "weights": […], "bias": 0.0},
     "told": {"features": ["last:failed", …], "weights": […], "bias": 0.0, "common": ["the", …], "speak_at": 0.4,
              "sentences": "sentences.json"},
     "metadata": {"trained": "2026-11-26", "command": "proactive train gate …", "data": […], …}}

``live`` serves typed events, ``told`` events that are known by their sentence alone. Scales and calibration are
folded into the numbers, so that ``sigmoid(bias + weights · features)`` is the probability; the told head adds
what the words of the sentences say (:mod:`proactive_inference.sentence_scores`), unless ``sentences`` is null.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import orjson
from attrs import field, frozen

from proactive_inference.errors import GateError
from proactive_inference.feature_names import NAMES
from proactive_inference.sentence_scores import FILE_NAME as SENTENCES
from proactive_inference.sentence_scores import SentenceScores
from proactive_inference.told_features import TOLD_NAMES

FORMAT = "proactive-gate"
VERSION = 2
FILE_NAME = "gate.json"
"""What the weights file is called in the folder that training writes."""

LARGEST = 5_000_000
"""A weights file larger than this many bytes is refused."""

_DAMAGED = "the weights under {!r} are damaged; train again with 'proactive train gate'"


@frozen
class Head:
    """A linear model in log-odds, over the numbers of :mod:`proactive_inference.features`."""

    weights: tuple[float, ...]
    bias: float


@frozen
class ToldHead:
    """A linear model in log-odds, over the numbers of :mod:`proactive_inference.told_features`."""

    weights: tuple[float, ...]
    bias: float
    common: frozenset[str] = frozenset()  #: words that sentences share, about nothing in particular
    speak_at: float = 0.25  #: the probability with the best F1 on held-out traces
    sentences: SentenceScores | None = field(default=None, eq=False)


@frozen
class GateWeights:
    """Both heads, and where they come from."""

    live: Head
    told: ToldHead
    metadata: dict[str, Any] = field(factory=dict)

    def to_json(self) -> bytes:
        """What ``gate.json`` holds."""
        plain = {
            "format": FORMAT,
            "version": VERSION,
            "live": {"features": NAMES, "weights": self.live.weights, "bias": self.live.bias},
            "told": {
                "features": TOLD_NAMES,
                "weights": self.told.weights,
                "bias": self.told.bias,
                "speak_at": self.told.speak_at,
                "sentences": SENTENCES if self.told.sentences else None,
                "common": sorted(self.told.common),
            },
            "metadata": self.metadata,
        }
        return orjson.dumps(plain, option=orjson.OPT_INDENT_2) + b"\n"

    def save(self, folder: Path) -> None:
        """Write ``gate.json``, and ``sentences.json`` where there are word scores.

        Raises:
            GateError: the word scores that these weights came with cannot be read any more.
            OSError: the folder cannot be written to.
        """
        folder.mkdir(parents=True, exist_ok=True)
        if self.told.sentences:
            (folder / SENTENCES).write_bytes(self.told.sentences.table.to_json())
        (folder / FILE_NAME).write_bytes(self.to_json())

    @classmethod
    def load(cls, path: Path | None = None) -> GateWeights:
        """Read a weights file, or the one in a folder that training wrote; by default the one that ships.

        Raises:
            GateError: the file is missing, broken, or made for other features.
        """
        if path is None:
            with as_file(files("proactive_inference") / "weights") as shipped:
                return cls._read(shipped / FILE_NAME, "the shipped gate")
        return cls._read(path / FILE_NAME if path.is_dir() else path, str(path))

    @classmethod
    def _read(cls, path: Path, name: str) -> GateWeights:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise GateError(
                f"{name} cannot be read ({error.strerror}); train one with 'proactive train gate'"
            ) from error
        if len(content) > LARGEST:
            raise GateError(f"{name} is larger than {LARGEST // 1_000_000} MB, so it is not a gate's weights file")
        try:
            return cls.from_json(content, path.parent)
        except GateError as error:
            raise GateError(f"{name}: {error}") from error

    @classmethod
    def from_json(cls, content: bytes, folder: Path | None = None) -> GateWeights:
        """Read what ``gate.json`` holds; ``folder`` is where its file of word scores lies.

        Raises:
            GateError: it is broken, or made for other features.
        """
        try:
            plain = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise GateError(
                "not a gate's weights file (not JSON); train one with 'proactive train gate'"
            ) from error
        if not isinstance(plain, dict) or plain.get("format") != FORMAT:
            raise GateError("not a gate's weights file; train one with 'proactive train gate'")
        if plain.get("version") != VERSION:
            raise GateError("made for other features than this version's; train again with 'proactive train gate'")
        metadata = plain.get("metadata")
        return cls(
            Head(*_linear(plain, "live", NAMES)),
            _told(plain, folder),
            metadata if isinstance(metadata, dict) else {},
        )


def _told(plain: dict[str, Any], folder: Path | None) -> ToldHead:
    weights, bias = _linear(plain, "told", TOLD_NAMES)
    told = plain["told"]
    common, speak_at, name = told.get("common"), told.get("speak_at"), told.get("sentences")
    if (
        not isinstance(common, list)
        or not all(isinstance(word, str) for word in common)
        or not isinstance(speak_at, int | float)
        or name not in (None, SENTENCES)
    ):
        raise GateError(_DAMAGED.format("told"))
    sentences = None
    if name is not None:
        path = (folder or Path()) / SENTENCES
        if not path.is_file():
            raise GateError(f"its word scores are missing; put {SENTENCES} beside it")
        sentences = SentenceScores(path)
    return ToldHead(weights, bias, frozenset(common), float(speak_at), sentences)


def _linear(plain: dict[str, Any], name: str, features: Sequence[str]) -> tuple[tuple[float, ...], float]:
    try:
        head = plain[name]
        names = list(head["features"])
        weights = tuple(float(weight) for weight in head["weights"])
        bias = float(head["bias"])
    except (KeyError, TypeError, ValueError) as error:
        raise GateError(_DAMAGED.format(name)) from error
    if names != list(features):
        raise GateError("made for other features than this version's; train again with 'proactive train gate'")
    if len(weights) != len(features) or not all(map(math.isfinite, (bias, *weights))):
        raise GateError(_DAMAGED.format(name))
    return weights, bias
