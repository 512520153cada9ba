"""Writes the model card of a run: what it is, from what, how to use it, and what it was measured to be."""

from __future__ import annotations

from typing import Any

from proactive_training.run_directory import RunDirectory


def write_card(run: RunDirectory) -> None:
    """Write ``README.md`` from what the run's folder says."""
    told = run.description
    options, data, results = told["options"], told["data"], told.get("results", {})
    adapter = (run.path / "adapter_config.json").exists()
    base = str(options["model"]).rstrip("/").rpartition("/")[2]
    front = [
        "---",
        "library_name: peft" if adapter else "library_name: transformers",
        "tags: [proactive, lsp]",
        "---",
    ]
    lines = [
        *front,
        "",
        f"# {run.path.name}",
        "",
        f"{'An adapter on' if adapter else 'A model fine-tuned from'} {base} that reads what a person at work has "
        "just done, and answers in JSON whether to offer help now, and with which task (the form of "
        "ProactiveBench, arXiv 2410.12361).",
        "",
        "    proactive evaluate need --data DIR --model THIS_FOLDER",
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
        "## Results",
        "",
        *(f"- {key}: {short(value)}" for key, value in results.items()),
        "",
        "Figures on the moments that chose the threshold flatter it: measure it on traces that it has not seen.",
        "It was taught on few people's work; where it speaks, a person decides whether anything is done.",
        "",
    ]
    (run.path / "README.md").write_text("\n".join(lines), encoding="utf-8")


def short(value: Any) -> str:
    """A value of a run's folder in a line."""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, dict):
        return ", ".join(f"{key} {short(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return ", ".join(map(short, value))
    return str(value)
