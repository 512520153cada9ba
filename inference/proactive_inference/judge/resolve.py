"""Opens a judge by whatever names it: the folder of a training run, a model, or the address of a server."""

from __future__ import annotations

import json
from pathlib import Path

from proactive_inference.errors import JudgeError
from proactive_inference.judge.judge import Judge
from proactive_inference.judge.settings import JUDGE_FILE, JudgeSettings, Kind
from proactive_inference.models.resolve import is_address, open_model


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
    try:
        config = json.loads((folder / "config.json").read_bytes())
    except (OSError, ValueError):
        config = {}
    classes = config.get("architectures") or []
    if any("SequenceClassification" in one for one in classes):
        return ClassifierJudge.load(folder, None)
    return GenerativeJudge(open_model(folder))
