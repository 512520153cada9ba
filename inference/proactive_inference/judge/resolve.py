"""Opens a judge by whatever names it: the folder of a training run, a model, or the address of a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from proactive_inference.errors import JudgeError
from proactive_inference.judge.judge import Judge
from proactive_inference.judge.settings import JUDGE_FILE, JudgeSettings, Kind
from proactive_inference.models.naming import is_address
from proactive_inference.models.resolve import open_model

if TYPE_CHECKING:
    from proactive_inference.judge.generative import GenerativeJudge
    from proactive_inference.models.shared.limits import Limits


def load_judge(judge: str | Path) -> Judge:
    """Open a judge.

    Args:
        judge: a folder that ``proactive train reward`` wrote; a folder of any sequence classifier with one label
            or two; or a language model, which then judges in the paper's form, by a folder, a GGUF file, a name or
            a server's address (:func:`proactive_inference.models.resolve.open_model`).

    Raises:
        JudgeError: the folder's settings are damaged, or it holds no judge.
        ModelError: what it stands on cannot be opened.
    """
    from proactive_inference.judge.generative import GenerativeJudge

    if is_address(judge):
        return GenerativeJudge(open_model(str(judge)))
    folder = Path(judge).expanduser()
    if folder.name == JUDGE_FILE:
        folder = folder.parent
    if not folder.is_dir():
        return GenerativeJudge(open_model(str(judge)))
    settings = JudgeSettings.read(folder)
    if settings is None:
        return _without_settings(folder)
    match settings.kind:
        case Kind.CROSS_ENCODER:
            from proactive_inference.judge.cross_encoder import CrossEncoderJudge

            return CrossEncoderJudge.load(folder, settings)
        case Kind.BI_ENCODER:
            from proactive_inference.judge.bi_encoder import BiEncoderJudge

            return BiEncoderJudge.load(folder, settings)
        case Kind.CLASSIFIER:
            from proactive_inference.judge.classifier import ClassifierJudge

            return ClassifierJudge.load(folder, settings)
        case Kind.GENERATIVE:
            return GenerativeJudge(open_model(folder), settings, folder.resolve().name)


def open_served_judge(judge: str, limits: Limits | None = None) -> GenerativeJudge:
    """Open a judge for an editor: asked like a language model, in the process that editors share or on a server.

    Raises:
        ModelError: there is no such judge.
    """
    from proactive_inference.judge.generative import GenerativeJudge
    from proactive_inference.models.resolve import open_served_model
    from proactive_inference.models.shared.held import judge_in

    settings = None
    if not is_address(judge):
        folder = Path(judge).expanduser()
        held = judge_in(folder)
        if held is not None:  # its answers are calibrated where they are made
            settings = JudgeSettings(held.kind, most_events=held.most_events)
        elif folder.is_dir():
            settings = JudgeSettings.read(folder)
    return GenerativeJudge(open_served_model(judge, limits), settings)


def _without_settings(folder: Path) -> Judge:
    """A folder that this program did not write: a classifier by its configuration, else a language model."""
    from proactive_inference.judge.classifier import ClassifierJudge
    from proactive_inference.judge.generative import GenerativeJudge

    if not any((folder / name).is_file() for name in ("config.json", "adapter_config.json")) and not any(
        folder.glob("*.gguf")
    ):
        raise JudgeError(
            f"{folder} holds no judge: it has neither {JUDGE_FILE} nor config.json; give the folder that "
            "'proactive train reward' wrote, a model's folder, or the address of a server (http://…)"
        )
    if is_classifier(folder):
        return ClassifierJudge.load(folder, None)
    return GenerativeJudge(open_model(folder))


def is_classifier(folder: Path) -> bool:
    """Whether a folder holds a sequence classifier of any origin, by its configuration."""
    try:
        config = json.loads((folder / "config.json").read_bytes())
    except (OSError, ValueError):
        return False
    classes = (config.get("architectures") or []) if isinstance(config, dict) else []
    return any("SequenceClassification" in str(one) for one in classes)
