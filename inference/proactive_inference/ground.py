"""The ground a proposal stands on: carried along with edits, found gone, or found already done by hand.

Two views of the same question. `rebase` follows every single change exactly, by position, for what an editor
shows right now. `Ground` compares whole lines with the text as it is, wherever they moved, so that it also tells
when the person made the proposed change alone; it needs no record of the changes in between.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from enum import Enum

from attrs import evolve, frozen

from proactive_collectors.text import Change, TextEdit, apply_edits, shift_range, split_lines
from proactive_collectors.workspace import WorkspaceView
from proactive_inference.proposal import Anchor, FileEdit, Proposal


def digest(text: str) -> str:
    """A short fingerprint of a text, to tell whether it changed (not a secret, not for security)."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def rebase(proposal: Proposal, uri: str, change: Change) -> Proposal | None:
    """The same proposal after ``change`` was made to the document ``uri``.

    ``None`` if the change altered a place that the proposal edits or is anchored at. Versions and digests of the
    changed file are dropped: the positions are right for the text that holds now.
    """
    anchor = proposal.anchor
    if anchor.uri == uri:
        range_ = shift_range(anchor.range, change)
        if range_ is None:
            return None
        anchor = Anchor(uri, range_)
    edits: list[FileEdit] = []
    for file in proposal.edits:
        if file.uri != uri:
            edits.append(file)
            continue
        moved: list[TextEdit] = []
        for edit in file.edits:
            range_ = shift_range(edit.range, change)
            if range_ is None:
                return None
            moved.append(TextEdit(range_, edit.new_text))
        edits.append(FileEdit(uri, tuple(moved)))
    return evolve(proposal, anchor=anchor, edits=tuple(edits))


class Standing(Enum):
    """How a proposal stands against the text as it is now."""

    STANDS = "stands"
    DONE = "done"  #: the person made the change alone
    GONE = "gone"  #: what it rested on has changed otherwise


@frozen
class _FileGround:
    uri: str
    at_least: dict[str, int]  # lines the edit brings, and how often they stand in the edited text
    at_most: dict[str, int]  # lines the edit takes away, and how often they are left in the edited text
    needs: dict[str, int]  # lines the edit rests on, and how often they stand in the text before it


@frozen
class Ground:
    """What must hold of the workspace's lines for a proposal to stand."""

    files: tuple[_FileGround, ...]

    @classmethod
    def of(cls, proposal: Proposal, workspace: WorkspaceView) -> Ground:
        """Take the ground of a proposal made for the texts that ``workspace`` shows now."""
        files: list[_FileGround] = []
        for file in proposal.edits:
            if (document := workspace.document(file.uri)) is None:
                continue
            edited = apply_edits(document.text, file.edits)
            old, new = _differing(document.text, edited)
            before, after = _lines(old), _lines(new)
            brought, taken = after - before, before - after
            in_all = _counts(edited, {*brought, *taken})
            files.append(
                _FileGround(
                    file.uri,
                    at_least={line: in_all[line] for line in brought},
                    at_most={line: in_all[line] for line in taken},
                    needs=_counts(document.text, taken),
                )
            )
        if not proposal.edits and (document := workspace.document(proposal.anchor.uri)) is not None:
            lines = split_lines(document.text)
            spot = range(proposal.anchor.range.start.line, proposal.anchor.range.end.line + 1)
            wanted = [text for number in spot if number < len(lines) and (text := lines[number].strip())]
            files.append(_FileGround(proposal.anchor.uri, {}, {}, _counts(document.text, wanted)))
        return cls(tuple(files))

    @property
    def uris(self) -> frozenset[str]:
        """The documents it concerns."""
        return frozenset(file.uri for file in self.files)

    def standing(self, workspace: WorkspaceView) -> Standing:
        """Compare with the texts as they are now."""
        done = bool(self.files)
        gone = False
        for file in self.files:
            document = workspace.document(file.uri)
            if document is None:
                return Standing.GONE
            now = _counts(document.text, {*file.at_least, *file.at_most, *file.needs})
            done = (
                done
                and bool(file.at_least or file.at_most)
                and all(now[line] >= count for line, count in file.at_least.items())
                and all(now[line] <= count for line, count in file.at_most.items())
            )
            gone = gone or any(now[line] < count for line, count in file.needs.items())
        if done:
            return Standing.DONE
        return Standing.GONE if gone else Standing.STANDS


def _lines(text: str) -> Counter[str]:
    """How often each line stands in a text; indentation and line ends aside, which formatters change."""
    return Counter(stripped for line in split_lines(text) if (stripped := line.strip()))


def _counts(text: str, wanted: Iterable[str]) -> dict[str, int]:
    """As `_lines`, for some lines only: searched for, which in a long text is far cheaper than to cut it up."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    found: dict[str, int] = {}
    for line in wanted:
        found[line] = 0
        at = text.find(line)
        while at >= 0:
            low, high = text.rfind("\n", 0, at) + 1, text.find("\n", at)
            high = len(text) if high < 0 else high
            found[line] += text[low:high].strip() == line
            at = text.find(line, high)
    return found


def _differing(old: str, new: str) -> tuple[str, str]:
    """The lines of two texts between those that are the same at the beginning and at the end."""
    low, high = 0, min(len(old), len(new))
    most = high
    while low < high:  # halving: how much is the same at the beginning
        middle = (low + high + 1) // 2
        low, high = (middle, high) if old[low:middle] == new[low:middle] else (low, middle - 1)
    before = max(old.rfind(end, 0, low) for end in "\r\n") + 1
    low, high = 0, most - low
    while low < high:
        middle = (low + high + 1) // 2
        same = old[len(old) - middle : len(old) - low] == new[len(new) - middle : len(new) - low]
        low, high = (middle, high) if same else (low, middle - 1)
    ends = [at for end in "\r\n" if (at := old.find(end, len(old) - low)) >= 0]
    after = len(old) - min(ends, default=len(old))
    return old[before : len(old) - after], new[before : len(new) - after]
