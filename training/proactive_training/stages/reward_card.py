"""Writes the model card of a judge: what it is, from what, how to use it, and what it was measured to be."""

from __future__ import annotations

from typing import Any

from proactive_training.run_directory import RunDirectory
from proactive_training.stages.model_card import short


def write_reward_card(run: RunDirectory) -> None:
    """Write ``README.md`` from what the run's folder says."""
    told = run.description
    options, data, results = told["options"], told["data"], told["results"]
    base = str(options["model"]).rstrip("/").rpartition("/")[2]
    lines = [
        "---",
        "library_name: transformers",
        "tags: [proactive, lsp, reward-model]",
        "---",
        "",
        f"# {run.path.name}",
        "",
        f"A judge ({options['kind']}) on {base}: how likely it is that a person at work would accept a task that "
        "is offered now, or that silence is right (the reward model of ProactiveBench, arXiv 2410.12361).",
        "",
        "    proactive evaluate reward --data DIR --judge THIS_FOLDER",
        "",
        "## Data",
        "",
        *(f"- {key}: {short(value)}" for key, value in data.items()),
        "",
        "## Training",
        "",
        *(f"- {key}: {short(value)}" for key, value in options.items() if key != "model"),
        *(f"- {name} {number}" for name, number in told.get("versions", {}).items()),
        "",
        "## Results on traces that were held out",
        "",
        *(_figures(results["figures"]) if "figures" in results else ["None were."]),
        "",
        "It learned from few people's judgements, who often disagreed.",
        "",
    ]
    (run.path / "README.md").write_text("\n".join(lines), encoding="utf-8")


def _figures(figures: dict[str, Any]) -> list[str]:
    """AUC and F1 of everything, of tasks and of silences."""
    lines = []
    for name, part in (("all", figures), ("proposals", figures["proposals"]), ("silences", figures["silences"])):
        if part:
            told = ", ".join(_figure(part, key) for key in ("auc", "within_auc", "f1", "accuracy", "false_alarm"))
            lines.append(f"- {name} ({part['n']}): {told}")
    return lines


def _figure(part: dict[str, Any], key: str) -> str:
    value, interval = part.get(key), part["ci"].get(key)
    if value is None:
        return f"{key} –"
    return f"{key} {value:.2f}" + (f" [{interval[0]:.2f} {interval[1]:.2f}]" if interval else "")
