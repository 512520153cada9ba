"""Whatever was typed and wherever: the play never raises, and its edits fit the current texts."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proactive_inference.plays.repeated_edit import RepeatedEdit
from proactive_inference.proposal import Boundary

WORDS = [
    "cache_dir",
    "cacheDir",
    "--cache-dir",
    "root",
    "def ",
    "class A:\n    ",
    "(",
    ")",
    "self.",
    "=",
    "\n",
    '"',
    "`",
]
TEXT = st.lists(
    st.sampled_from([*WORDS, " ", "😀", "é", "\r\n", ", ", "import ", "1.2.3", ": "]), max_size=25
).map("".join)
PATH = st.sampled_from(["a.py", "b.ts", "c.go", "d.md", "e.yaml", "f.rs", "g.txt"])
EDIT = st.tuples(PATH, st.integers(0, 80), st.integers(0, 12), TEXT)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.dictionaries(PATH, TEXT, min_size=1),
    st.lists(EDIT, max_size=5),
    st.sampled_from(list(Boundary)),
)
def test_never_raises_and_edits_fit(sitting, files, edits, boundary) -> None:
    person = sitting(files)
    for path, start, length, new in edits:
        if path not in files:
            continue
        text = person.workspace.files[path]
        start = min(start, len(text))
        if text[start - 1 : start + 1] == "\r\n" or text[start + length - 1 : start + length + 1] == "\r\n":
            continue
        person.edit(path, text[start : start + length], new, at=start)
    for proposal in RepeatedEdit().propose(person.moment(boundary)):
        after = person.accept(proposal)
        assert after != person.workspace.files
        assert 0 < proposal.confidence < 1
        assert len(proposal.title) < 80
