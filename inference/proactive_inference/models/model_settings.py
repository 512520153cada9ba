"""What a model that was trained here brings along for its use: ``proactive_model.json`` in its folder.

::

    {"format": "proactive-model", "version": 1, "kind": "agent",
     "base": "SmolLM2-135M-Instruct", "most_events": 16, "speaking_threshold": 0.31}

Training writes it, whoever opens the folder reads it, so that a model is asked at work as it was when it was
measured. A folder without it is used with the usual settings.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from attrs import asdict, frozen

from proactive_inference.errors import ModelError
from proactive_inference.models.quoting import MOST_EVENTS

SETTINGS_FILE = "proactive_model.json"
FORMAT = "proactive-model"
VERSION = 1


@frozen
class ModelSettings:
    """How a model is to be asked."""

    kind: str = "agent"  #: what it was trained for: ``agent`` or ``judge``
    base: str = ""  #: of an adapter: what :func:`resolve.open_model` takes; empty: as adapter_config.json says
    most_events: int = MOST_EVENTS  #: how many events it is told
    speaking_threshold: float | None = None
    """It speaks where ``probability_of_speaking`` is at least this; ``None``: as its answer says by itself."""

    def write(self, folder: Path) -> None:
        """Keep the settings in a model's folder."""
        whole = {"format": FORMAT, "version": VERSION, **asdict(self)}
        (folder / SETTINGS_FILE).write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> ModelSettings:
        """The settings in a model's folder, or the usual ones.

        Raises:
            ModelError: they are damaged, or of a newer version.
        """
        path = folder / SETTINGS_FILE
        if not path.is_file():
            return cls()
        try:
            value = json.loads(path.read_bytes())
            if value["format"] != FORMAT or not isinstance(value["version"], int):
                raise ValueError(f"format {value['format']!r}")
            if value["version"] > VERSION:
                raise ModelError(
                    f"{path} is of version {value['version']}, this program knows {VERSION}; update proactive-lsp"
                )
            return cls(
                kind=str(value.get("kind", "agent")),
                base=str(value.get("base", "")),
                most_events=_positive(value.get("most_events", MOST_EVENTS)),
                speaking_threshold=_share(value.get("speaking_threshold")),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(f"{path} is damaged ({error}); train the model again or delete the file") from error


def _positive(value: Any) -> int:
    if not isinstance(value, int) or value < 1:
        raise ValueError(f"most_events is {value!r}")
    return value


def _share(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError(f"speaking_threshold is {value!r}")
    return float(value)
