"""What a worker can hold: a language model, or a judge that a training run wrote."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from proactive_inference.errors import JudgeError, ModelError
from proactive_inference.models.model_files import ModelFiles, find_model

if TYPE_CHECKING:
    from proactive_inference.judge.settings import JudgeSettings


def find_held(name: str | Path) -> ModelFiles:
    """The files of a model (:func:`model_files.find_model`) or of a judge.

    Raises:
        ModelError: there is no such model.
    """
    folder = Path(name).expanduser()
    return ModelFiles(folder.resolve().name, str(folder)) if judge_in(folder) else find_model(name)


def judge_in(folder: Path) -> JudgeSettings | None:
    """The settings of the judge in a folder, unless it is a language model that judges: that is held as one.

    Raises:
        ModelError: they are damaged.
    """
    from proactive_inference.judge.resolve import is_classifier
    from proactive_inference.judge.settings import JudgeSettings, Kind

    if not folder.is_dir():
        return None
    try:
        settings = JudgeSettings.read(folder)
    except JudgeError as error:
        raise ModelError(str(error)) from error
    if settings is None:
        return JudgeSettings(Kind.CLASSIFIER) if is_classifier(folder) else None
    return settings if settings.kind is not Kind.GENERATIVE else None
