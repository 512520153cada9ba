"""What is applied is the replacement, and nothing else changes, whatever the text is made of."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from proactive_collectors.text import apply_edits, split_lines
from proactive_collectors.workspace import Document
from proactive_inference.writing.blocks import Block, plain_lines, read_blocks
from proactive_inference.writing.diffs import read_diff
from proactive_inference.writing.line_edits import text_edits
from proactive_inference.writing.placing import rewritten
from proactive_inference.writing.sources import Source

LINE = st.text(alphabet="abc =()\t  éß中😀", max_size=8).filter(lambda line: "..." not in line)
LINES = st.lists(LINE, min_size=1, max_size=10)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def source(text: str) -> Source:
    return Source(
        Document("file:///project/a.txt", text), "a.txt", ((0, len(split_lines(text))),), None, (), False
    )


@st.composite
def replacements(draw: st.DrawFn) -> tuple[list[str], int, int, list[str], str, bool]:
    """A file's lines, which of them are replaced by what, its lines' end, and whether the last one has it."""
    lines = draw(LINES)
    first = draw(st.integers(0, len(lines) - 1))
    end = draw(st.integers(first + 1, len(lines)))
    return lines, first, end, draw(st.lists(LINE, max_size=5)), draw(ENDS), draw(st.booleans())


def _only_place(lines: list[str], wanted: list[str]) -> bool:
    return sum(lines[at : at + len(wanted)] == wanted for at in range(len(lines))) == 1


@given(replacements())
@settings(max_examples=400, deadline=None)
def test_the_replacement_stands_there_and_all_else_as_it_was(
    case: tuple[list[str], int, int, list[str], str, bool],
) -> None:
    lines, first, end, replace, mark, ended = case
    text = mark.join(lines) + (mark if ended else "")
    wanted = lines[first:end]
    assume(any(line.strip() for line in wanted) and _only_place(plain_lines(text), wanted) and wanted[-1])
    # In the file's own words the last line's end stays, so a last line that is blank would be lost to it.
    kept = [*lines[:first], *replace, *lines[end:]]
    assume(kept and kept[-1] and (not replace or replace[-1]))
    mark = mark if mark in text else "\n"  # of one line without an end nobody knows
    block = Block(None, "\n".join(wanted), "\n".join(replace))
    new = rewritten(source(text), [block])
    assert new == mark.join(kept) + (mark if ended else "")
    edits = text_edits(text, new)
    assert apply_edits(text, edits) == new
    untouched = set(range(len(split_lines(text)))) - {
        n
        for edit in edits
        for n in range(edit.range.start.line, edit.range.end.line + (edit.range.end.character > 0))
    }
    assert len(split_lines(text)) - len(untouched) <= len(wanted) + 1


@given(st.text(alphabet="ab\n\r", max_size=30), st.text(alphabet="ab\n\r", max_size=30))
@settings(max_examples=400, deadline=None)
def test_line_edits_lead_from_any_text_to_any_other(old: str, new: str) -> None:
    edits = text_edits(old, new)
    assert apply_edits(old, edits) == new
    assert bool(edits) == (old != new)


@given(st.lists(st.tuples(LINES, LINES), min_size=1, max_size=3), st.sampled_from(["", "```\n"]))
@settings(deadline=None)
def test_blocks_that_are_written_are_read(pairs: list[tuple[list[str], list[str]]], fence: str) -> None:
    assume(all(not line.strip().startswith("=") for pair in pairs for side in pair for line in side))
    text = "".join(
        f"src/a.py\n{fence}<<<<<<< SEARCH\n" + "".join(f"{line}\n" for line in old) + "=======\n"
        + "".join(f"{line}\n" for line in new) + f">>>>>>> REPLACE\n{fence}"
        for old, new in pairs
    )  # fmt: skip
    blocks, broken = read_blocks(text)
    assert not broken
    assert [(block.file, plain_lines(block.search), plain_lines(block.replace)) for block in blocks] == [
        (
            "src/a.py",
            plain_lines("".join(f"{line}\n" for line in old)),
            plain_lines("".join(f"{line}\n" for line in new)),
        )
        for old, new in pairs
    ]


@given(LINES, st.lists(LINE, min_size=1, max_size=4), st.lists(LINE, max_size=4), LINES)
@settings(deadline=None)
def test_hunks_that_are_written_are_read(
    before: list[str], old: list[str], new: list[str], after: list[str]
) -> None:
    assume(after[-1].strip())
    body = [f" {line}" for line in before] + [f"-{line}" for line in old] + [f"+{line}" for line in new]
    text = "\n".join(["--- a/x.py", "+++ b/x.py", "@@ -1,9 +1,9 @@", *body, *(f" {line}" for line in after)])
    (block,) = read_diff(text)
    assert block == Block(
        "x.py",
        "".join(f"{line}\n" for line in [*before, *old, *after]),
        "".join(f"{line}\n" for line in [*before, *new, *after]),
    )


@given(st.text(), st.text(max_size=40), st.text(max_size=40))
@settings(deadline=None)
def test_nothing_raises_but_a_refusal(text: str, search: str, replace: str) -> None:
    from proactive_inference.writing.written import RefusedError

    try:
        new = rewritten(source(text), [Block("a.txt", search, replace)])
    except RefusedError:
        return
    assert apply_edits(text, text_edits(text, new)) == new


WORD = st.text(alphabet="abcd", min_size=1, max_size=4)
NESTED = st.lists(st.tuples(st.integers(0, 3), WORD), min_size=1, max_size=6)


def nested(lines: list[tuple[int, str]], unit: str, depth: int = 0) -> list[str]:
    """The lines, each so many units deep; as in a program none is more than one deeper than the one before."""
    found, last = [], 0
    for deep, word in lines:
        last = min(deep, last + 1)
        found.append(unit * (depth + last) + word)
    return found


@settings(deadline=None)
@given(NESTED, NESTED, st.integers(0, 2), st.sampled_from(["    ", "\t", "  "]), st.integers(0, 2))
def test_a_block_that_is_less_or_more_indented_is_carried_over(
    old: list[tuple[int, str]], new: list[tuple[int, str]], depth: int, unit: str, written: int
) -> None:
    """As a whole: what a model copied from within a class without its margin, say."""
    text = "\n".join(["head(", *nested(old, unit, depth), ")", ""])
    block = Block(None, "\n".join(nested(old, unit, written)), "\n".join(nested(new, unit, written)))
    expected = "\n".join(["head(", *nested(new, unit, depth), ")", ""])
    assert rewritten(source(text), [block]) == expected


@settings(deadline=None)
@given(
    NESTED, NESTED, st.sampled_from([("\t", "    "), ("\t", "  "), ("    ", "  "), ("    ", "\t"), ("  ", "    ")])
)
def test_a_block_in_other_units_is_carried_over(
    old: list[tuple[int, str]], new: list[tuple[int, str]], units: tuple[str, str]
) -> None:
    """Tabs or blanks, two or four: where the copied lines show how one becomes the other."""
    in_file, written = units
    old = [(0, "a"), (1, "b"), *old]  # so that there is something to see it by
    text = "\n".join(["head(", *nested(old, in_file), ")", ""])
    block = Block(None, "\n".join(nested(old, written)), "\n".join(nested(new, written)))
    expected = "\n".join(["head(", *nested(new, in_file), ")", ""])
    assert rewritten(source(text), [block]) == expected
