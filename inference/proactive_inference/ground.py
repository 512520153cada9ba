"""The ground a proposal stands on: carried along with edits, found gone, or found already done by hand.

Two views of the same question. `rebase` follows every single change exactly, by position, for what an editor
shows right now. `Ground` compares whole lines with the text as it is, wherever they moved, so that it also tells
when the person made the proposed change alone; it needs no record of the changes in between.
"""

from __future__ import annotations

import hashlib
from collections import Counter
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
            before = _lines(document.text)
            after = _lines(apply_edits(document.text, file.edits))
            files.append(
                _FileGround(
                    file.uri,
                    at_least={line: after[line] for line in after - before},
                    at_most={line: after[line] for line in before - after},
                    needs={line: before[line] for line in before - after},
                )
            )
        if not proposal.edits and (document := workspace.document(proposal.anchor.uri)) is not None:
            lines = split_lines(document.text)
            spot = range(proposal.anchor.range.start.line, proposal.anchor.range.end.line + 1)
            counts = _lines(document.text)
            needs = {
                text: counts[text] for number in spot if number < len(lines) and (text := lines[number].strip())
            }
            files.append(_FileGround(proposal.anchor.uri, {}, {}, needs))
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
            now = _lines(document.text)
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
