"""Whatever a model answers, something comes back; and what comes back as an edit has been verified."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proactive_collectors.text import Range, apply_edits
from proactive_collectors.trace import Window
from proactive_collectors.workspace import Document
from proactive_inference.models.fake import FakeModel
from proactive_inference.proposal import Anchor, Proposal
from proactive_inference.writing import (
    Unwritten,
    WritingSettings,
    WritingTask,
    WrittenAnswer,
    WrittenCommand,
    WrittenEdit,
    write,
)
from proactive_inference.writing.syntax_check import parses_as_well

TEXT = "import os\n\n\ndef half(x):\n    return x / 3\n\n\ndef twice(x):\n\treturn 2 * x\n"
URI = "file:///project/a.py"


class OneFile:
    """A workspace of one file."""

    def folders(self) -> tuple[str, ...]:
        return ("file:///project",)

    def document(self, uri: str) -> Document | None:
        return Document(URI, TEXT, 1, "python") if uri == URI else None

    def resolve(self, path: str, *, cwd: str | None = None) -> str | None:
        return URI if path == "a.py" else None

    def documents(self, *suffixes: str) -> Any:
        return iter([Document(URI, TEXT, 1, "python")])


WORDS = st.sampled_from((
    "a.py", "b.py", "../a.py", "/etc/passwd", "", "edit", "command", "answer", "def half(x):", "    return x / 3",
    "return 2 * x", "return x / 2\n", "def half(x):\n    return x / 2", TEXT, TEXT.replace("3", "2"),
    "import os\n",
    "\n", "ls", "\x00", "\ud800", "<<<<<<< SEARCH\n", "=======\n", ">>>>>>> REPLACE\n", "```python\n", "```\n",
    "@@ -1 +1 @@\n", "--- a/a.py\n+++ b/a.py\n", "-    return x / 3\n", "+    return x / 2\n",
    " def half(x):\n",
    "[redacted]", "# ...", "pytest", "git status", "</think>", "{", "}",
))  # fmt: skip
KEYS = st.sampled_from(
    [
        "Work",
        "kind",
        "edits",
        "file",
        "search",
        "replace",
        "command",
        "why",
        "title",
        "text",
        "content",
        "diff",
        "summary",
    ]
)
VALUES = st.recursive(
    WORDS | st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)
EDITS = st.fixed_dictionaries({"file": WORDS, "search": WORDS, "replace": WORDS})
ANSWERS = st.one_of(
    st.text(),
    st.lists(WORDS, max_size=10).map("".join),
    VALUES.map(json.dumps),
    st.lists(EDITS, max_size=3).map(
        lambda edits: json.dumps({"Work": {"kind": "edit", "summary": "", "edits": edits}})
    ),
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ANSWERS, st.booleans())
def test_something_comes_back_and_it_is_verified(answer: str, cut: bool) -> None:
    answer = answer[: len(answer) // 2] if cut else answer
    proposal = Proposal(
        "model.fix", "k", "Halve", "Halve it in a.py.", Anchor(URI, Range.of(4, 0, 4, 0)), on_demand=True
    )
    model = FakeModel(lambda messages: answer)
    found = write(WritingTask(proposal, Window()), model, OneFile(), settings=WritingSettings(retries=1))
    if isinstance(found, WrittenEdit):
        (edit,) = found.edits
        new = apply_edits(TEXT, edit.edits)
        assert edit.uri == URI and new != TEXT
        assert parses_as_well(TEXT, new, "python")
        assert "[redacted]" not in new and "\x00" not in new and "\ud800" not in new
    elif isinstance(found, WrittenCommand):
        assert found.command.isprintable() and found.command.strip()
    elif isinstance(found, WrittenAnswer):
        assert found.title.strip() and found.text.strip()
    else:
        assert isinstance(found, Unwritten)
        assert found.sentence.endswith(".")
