"""Whatever the text: the masks keep its length, and the play never raises."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proactive_inference.plays.prose import Prose
from proactive_inference.plays.prose.markup import prose_only
from proactive_inference.proposal import Boundary

PIECES = [
    "the ", "the\n", "TODO", ": ", "```\n", "`", "$", "$$", "\\begin{verbatim}\n", "\\end{verbatim}", "::\n",
    "    ",
    "<!--",
    "-->", "| a |\n", "[", "](", ")", "of of ", "\r\n", "\n\n", "---\n", "> ", "- ", "%", "😀", "???",
    "<your x>",
    ".. note::\n", "\\verb|", "{", "}", "https://",
]  # fmt: skip
TEXT = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
LANGUAGES = ["markdown", "mdx", "restructuredtext", "latex", "plaintext", "git-commit", "asciidoc", "org", None]


@given(TEXT, st.sampled_from(LANGUAGES))
def test_masks_keep_length_and_line_ends(text: str, language: str | None) -> None:
    prose = prose_only(text, language)
    assert len(prose) == len(text)
    assert [i for i, c in enumerate(text) if c == "\n"] == [i for i, c in enumerate(prose) if c == "\n"]


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    TEXT,
    TEXT,
    st.integers(0, 200),
    st.sampled_from(["a.md", "a.rst", "a.tex", "a.txt"]),
    st.sampled_from(list(Boundary)),
)
def test_never_raises_and_edits_fit(sitting, before, typed, at, path, boundary) -> None:
    person = sitting({path: before})
    at = min(at, len(before))
    if before[at - 1 : at + 1] == "\r\n":
        at += 1
    person.edit(path, "", typed, at=at)
    for proposal in Prose().propose(person.moment(boundary)):
        if proposal.edits:
            assert len(person.accept(proposal)[path]) < len(person.workspace.files[path])
        assert len(proposal.title) < 80
