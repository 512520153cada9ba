"""What holds of a proposal while its text changes."""

from hypothesis import given
from hypothesis import strategies as st

from proactive_collectors.text import Change, Range, TextEdit, apply_edits, offset_at, split_lines
from proactive_inference.ground import Ground, Standing, _counts, _differing, _lines, rebase
from proactive_inference.proposal import Anchor, FileEdit, Proposal

TEXT = "import os\n\n\ndef size(path):\n    return Path(path).stat().st_size\n"


def proposal(uri, *edits):
    files = (FileEdit(uri, tuple(edits), version=3, digest="d"),) if edits else ()
    return Proposal("failed_run.missing_import", "Path", "Import 'Path'", "Import it.", Anchor(uri, SPOT), files)


SPOT = Range.of(4, 11, 4, 15)
IMPORT = TextEdit(Range.of(1, 0, 1, 0), "from pathlib import Path\n")


def change(text, range_, new):
    lines = split_lines(text)
    old = text[offset_at(lines, range_.start) : offset_at(lines, range_.end)]
    return Change(range_, old, new)


def test_a_proposal_moves_with_lines_inserted_above(memory_workspace):
    uri = memory_workspace({}).uri("a.py")
    moved = rebase(proposal(uri, IMPORT), uri, Change(Range.of(2, 0, 2, 0), "", "X = 1\n"))
    assert moved is not None
    assert moved.anchor.range == Range.of(5, 11, 5, 15)
    assert moved.edits[0].edits[0].range == Range.of(1, 0, 1, 0)
    assert moved.edits[0].version is None


def test_a_proposal_dies_when_its_own_spot_is_typed_in(memory_workspace):
    uri = memory_workspace({}).uri("a.py")
    assert rebase(proposal(uri, IMPORT), uri, Change(Range.of(4, 13, 4, 13), "", "x")) is None
    assert rebase(proposal(uri, IMPORT), uri, Change(Range.of(4, 15, 4, 15), "", "s")) is None


def test_another_file_does_not_matter(memory_workspace):
    uri = memory_workspace({}).uri("a.py")
    offered = proposal(uri, IMPORT)
    assert rebase(offered, uri + "x", Change(Range.of(0, 0, 9, 0), "", "")) == offered


@given(st.text(alphabet="ab\n", max_size=12), st.integers(0, 3), st.data())
def test_a_rebased_edit_replaces_the_same_text(new, at_line, data):
    """Whatever is typed elsewhere, the carried edit still takes out just what it took out before."""
    uri = "file:///project/a.py"
    lines = split_lines(TEXT)
    column = data.draw(st.integers(0, len(lines[at_line].rstrip("\n"))))
    made = change(TEXT, Range.of(at_line, column, at_line, column), new)
    edit = TextEdit(Range.of(4, 11, 4, 15), "pathlib.Path")
    moved = rebase(proposal(uri, edit), uri, made)
    assert moved is not None
    now = apply_edits(TEXT, [TextEdit(made.range, made.new_text)])
    range_ = moved.edits[0].edits[0].range
    now_lines = split_lines(now)
    assert now[offset_at(now_lines, range_.start) : offset_at(now_lines, range_.end)] == "Path"


def test_done_by_hand_is_told_from_gone(memory_workspace):
    workspace = memory_workspace({"a.py": TEXT})
    ground = Ground.of(proposal(workspace.uri("a.py"), IMPORT), workspace)
    assert ground.standing(workspace) is Standing.STANDS

    workspace.files["a.py"] = "from pathlib import Path\n" + TEXT  # at another place, but done all the same
    assert ground.standing(workspace) is Standing.DONE


def test_a_rewritten_line_takes_the_ground_away(memory_workspace):
    workspace = memory_workspace({"a.py": TEXT})
    uri = workspace.uri("a.py")
    ground = Ground.of(proposal(uri, TextEdit(Range.of(4, 11, 4, 15), "pathlib.Path")), workspace)
    workspace.files["a.py"] = "# new first line\n" + TEXT
    assert ground.standing(workspace) is Standing.STANDS
    workspace.files["a.py"] = TEXT.replace("Path(path).stat().st_size", "os.stat(path)")
    assert ground.standing(workspace) is Standing.GONE
    workspace.files["a.py"] = TEXT.replace("return Path", "return pathlib.Path")
    assert ground.standing(workspace) is Standing.DONE
    del workspace.files["a.py"]
    assert ground.standing(workspace) is Standing.GONE


def test_a_mere_pointer_stands_while_its_line_does(memory_workspace):
    workspace = memory_workspace({"a.py": TEXT})
    ground = Ground.of(proposal(workspace.uri("a.py")), workspace)
    workspace.files["a.py"] = "\n" + TEXT
    assert ground.standing(workspace) is Standing.STANDS
    workspace.files["a.py"] = TEXT.replace("st_size", "st_mtime")
    assert ground.standing(workspace) is Standing.GONE


LINES = st.lists(st.sampled_from(["a", "  a", "a b", "b", "", " ", "\n", "\r\n", "\r", "\x0c", "é"]), max_size=14)


@given(LINES.map("".join), LINES.map("".join))
def test_lines_are_counted_the_same_wherever_texts_are_cut(old, new):
    cut_old, cut_new = (_lines(text) for text in _differing(old, new))
    before, after = _lines(old), _lines(new)
    assert cut_old - cut_new == before - after
    assert cut_new - cut_old == after - before
    assert _counts(old, {*before, *after}) == {line: before[line] for line in {*before, *after}}
