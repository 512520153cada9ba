"""Runs of ``proactive train agent`` on a few examples: they teach nothing, but are whole runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from small_traces import reward_rows, write_published

PROACTIVE = Path(sys.executable).parent / "proactive"


def trained(base: str, folder: Path, *more: str) -> Path:
    """The folder of a run."""
    data = write_published(folder / "data", reward_rows())
    out = folder / "run"
    options = ["--data", str(data), "--model", base, "--out", str(out), "--held-out", "0", "--early-stopping", "0"]
    options += ["--most-events", "1", "--lora-rank", "4", "--learning-rate", "0.003", *more]
    done = subprocess.run([PROACTIVE, "train", "agent", *options], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", "a library spoke amid the command's own lines"
    return out


def trained_on_smollm2(folder: Path) -> Path:
    """The folder of an adapter to SmolLM2-135M, from its GGUF file: one step on eight examples."""
    few = ("--epochs", "1", "--most-examples", "8", "--batch", "8", "--lora-layers", "2")
    return trained("SmolLM2-135M-Instruct", folder, *few)
