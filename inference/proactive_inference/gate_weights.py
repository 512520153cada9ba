"""A gate's weights and where they come from, as one JSON file that a person can read.

The file is one object::

    {"format": "proactive-gate", "version": 1, "features": ["failing", …],
     "live": {"weights": […], "bias": 0.0}, "told": {"weights": […], "bias": 0.0},
     "metadata": {"trained": "2026-11-21", "command": "proactive train gate …", "data": […], …}}

``live`` serves windows of typed events, ``told`` windows whose events are known by their sentence alone. Scales
and calibration are folded into the numbers, so that ``sigmoid(bias + weights · features)`` is the probability.
"""

from __future__ import annotations

import math
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
from attrs import field, frozen

from proactive_inference.errors import GateError
from proactive_inference.feature_names import NAMES

FORMAT = "proactive-gate"
VERSION = 1
FILE_NAME = "gate.json"
"""What the weights file is called in the folder that training writes."""

LARGEST = 5_000_000
"""A weights file larger than this many bytes is refused."""


@frozen
class Head:
    """A linear model in log-odds."""

    weights: tuple[float, ...]
    bias: float


@frozen
class GateWeights:
    """Both heads, and where they come from."""

    live: Head
    told: Head
    metadata: dict[str, Any] = field(factory=dict)

    def to_json(self) -> bytes:
        """The file's content."""
        plain = {
            "format": FORMAT,
            "version": VERSION,
            "features": NAMES,
            "live": {"weights": self.live.weights, "bias": self.live.bias},
            "told": {"weights": self.told.weights, "bias": self.told.bias},
            "metadata": self.metadata,
        }
        return orjson.dumps(plain, option=orjson.OPT_INDENT_2) + b"\n"

    @classmethod
    def load(cls, path: Path | None = None) -> GateWeights:
        """Read a weights file, or the one in a folder that training wrote; by default the one that ships.

        Raises:
            GateError: the file is missing, broken, or made for other features.
        """
        shipped = files("proactive_inference") / "weights" / FILE_NAME
        name = str(path) if path else "the shipped gate"
        if path is not None and path.is_dir():
            path = path / FILE_NAME
        try:
            content = (path or shipped).read_bytes()
        except OSError as error:
            raise GateError(
                f"{name} cannot be read ({error.strerror}); train one with 'proactive train gate'"
            ) from error
        if len(content) > LARGEST:
            raise GateError(f"{name} is larger than {LARGEST // 1_000_000} MB, so it is not a gate's weights file")
        try:
            return cls.from_json(content)
        except GateError as error:
            raise GateError(f"{name}: {error}") from error

    @classmethod
    def from_json(cls, content: bytes) -> GateWeights:
        """Read a weights file's content.

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
        if plain.get("version") != VERSION or plain.get("features") != list(NAMES):
            raise GateError("made for other features than this version's; train again with 'proactive train gate'")
        metadata = plain.get("metadata")
        return cls(_head(plain, "live"), _head(plain, "told"), metadata if isinstance(metadata, dict) else {})


def _head(plain: dict[str, Any], name: str) -> Head:
    try:
        head = plain[name]
        weights = tuple(float(weight) for weight in head["weights"])
        bias = float(head["bias"])
    except (KeyError, TypeError, ValueError) as error:
        raise GateError(
            f"the weights under {name!r} are damaged; train again with 'proactive train gate'"
        ) from error
    if len(weights) != len(NAMES) or not all(map(math.isfinite, (bias, *weights))):
        raise GateError(f"the weights under {name!r} are damaged; train again with 'proactive train gate'")
    return Head(weights, bias)
