"""Edits, commands and answers that a language model writes once they are wanted, checked before anybody sees them.

`write` is the way in: a task and a view of the workspace go in; out comes something that was verified against the
text as it stands, or the reason why there is none.
"""

from proactive_inference.writing.task import WritingSettings, WritingTask
from proactive_inference.writing.write import write
from proactive_inference.writing.written import (
    Unwritten,
    UnwrittenReason,
    Written,
    WrittenAnswer,
    WrittenCommand,
    WrittenEdit,
)

__all__ = [
    "Unwritten",
    "UnwrittenReason",
    "WritingSettings",
    "WritingTask",
    "Written",
    "WrittenAnswer",
    "WrittenCommand",
    "WrittenEdit",
    "write",
]
