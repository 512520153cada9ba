"""Keeps what was only observed from giving orders: text in files, terminals, titles and names is data.

Two sides: `defused` takes text that addresses a model out of what a model is told; the three refusals look at what
a model answers, whether or not it obeyed something: a task, a command to show, a text to write into a file. They
are pure, and say in a few words why they refuse.
"""

from __future__ import annotations

from proactive_inference.untrusted.command_check import command_refusal
from proactive_inference.untrusted.defusing import LEFT_OUT, defused, defused_text
from proactive_inference.untrusted.finding import Sort, suspicious
from proactive_inference.untrusted.task_check import remark, task_refusal
from proactive_inference.untrusted.text_check import text_refusal

__all__ = [
    "LEFT_OUT",
    "Sort",
    "command_refusal",
    "defused",
    "defused_text",
    "remark",
    "suspicious",
    "task_refusal",
    "text_refusal",
]
