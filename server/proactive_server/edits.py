"""From a proposal's edits to a ``WorkspaceEdit``: for the text as it is now, and never outside the workspace."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types

from proactive_collectors.file_texts import FileTexts
from proactive_collectors.text import Position, split_lines
from proactive_collectors.uris import name, to_path
from proactive_server.client import Client
from proactive_server.documents import Documents

if TYPE_CHECKING:
    from proactive_inference.proposal import FileEdit, Proposal

_HERE = "proactive.here"
_ELSEWHERE = "proactive.elsewhere"
_LOOK = "proactive.look"


class Workspace:
    """The folders that edits must stay in, links followed. Without any folder, the open files alone."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self.folders: tuple[Path, ...] = ()

    def holds(self, uri: str) -> bool:
        """Whether the file at ``uri`` may be edited."""
        path = to_path(uri)
        if path is None or not path.is_absolute() or ".." in path.parts:
            return False
        try:
            real = os.path.realpath(path)
            roots = [os.path.realpath(folder) for folder in self.folders]
        except (OSError, ValueError):
            return False
        if not self.folders:
            return self._documents.get(uri) is not None
        return any(real.startswith(root.rstrip(os.sep) + os.sep) for root in roots)


class Edits:
    """Builds workspace edits for one client."""

    def __init__(self, documents: Documents, workspace: Workspace, client: Callable[[], Client]) -> None:
        self._documents = documents
        self._workspace = workspace
        self._client = client
        self._texts = FileTexts()

    def of(self, proposal: Proposal, current: str) -> types.WorkspaceEdit | None:
        """The edit as the client takes it; ``None`` if the text is no longer the one it was made for.

        Args:
            proposal: one with edits, carried over all changes since it was made.
            current: the URI of the document from which it is asked for; edits of others ask for confirmation
                where the client can.
        """
        client = self._client()
        files: list[tuple[FileEdit, int | None, list[types.TextEdit]]] = []
        for file in proposal.edits:
            found = self._text_edits(file)
            if found is None:
                return None
            files.append((file, *found))
        if not files:
            return None
        if not client.document_changes:
            return types.WorkspaceEdit(
                changes={self._documents.client_uri(file.uri): edits for file, _, edits in files}
            )
        annotate = client.annotations and any(file.uri != current for file, _, _ in files)
        changes: list[types.TextDocumentEdit | types.CreateFile | types.RenameFile | types.DeleteFile] = []
        for file, version, edits in files:
            kind = _HERE if file.uri == current else _ELSEWHERE
            changes.append(
                types.TextDocumentEdit(
                    types.OptionalVersionedTextDocumentIdentifier(
                        uri=self._documents.client_uri(file.uri), version=version
                    ),
                    [types.AnnotatedTextEdit(kind, edit.range, edit.new_text) for edit in edits]
                    if annotate
                    else edits,
                )
            )
        if not annotate:
            return types.WorkspaceEdit(document_changes=changes)
        # VS Code leaves unticked in its preview what asks for confirmation: there an edit of nothing asks, so that
        # the preview opens with all that is offered ticked.
        ask = not client.ticked_preview
        others = [name(file.uri) for file, _, _ in files if file.uri != current]
        about = ", ".join(others[:3]) + (f" and {len(others) - 3} more" if len(others) > 3 else "")
        annotations = {_ELSEWHERE: types.ChangeAnnotation(proposal.title, ask, f"also changes {about}")}
        if len(others) < len(files):
            annotations[_HERE] = types.ChangeAnnotation(proposal.title, False)
        if not ask:
            annotations[_LOOK] = types.ChangeAnnotation("Look before you apply", True, "changes nothing itself")
            last = changes[-1]
            assert isinstance(last, types.TextDocumentEdit)
            end = self._end(files[-1][0])
            last.edits = [*last.edits, types.AnnotatedTextEdit(_LOOK, types.Range(end, end), "")]
        return types.WorkspaceEdit(document_changes=changes, change_annotations=annotations)

    def changed(self, proposal: Proposal) -> str | None:
        """The URI of a file that no longer has the text that the proposal was made for; ``None`` if there is none.

        Of one that it is only about and does not edit: that is gone.
        """
        for file in proposal.edits:
            if not self._workspace.holds(file.uri) or self._lines(file) is None:
                return file.uri
        return None if self.there(proposal.anchor.uri) else proposal.anchor.uri

    def there(self, uri: str) -> bool:
        """Whether a document is open or on disk."""
        path = to_path(uri)
        return self._documents.get(uri) is not None or (path is not None and path.exists())

    def _end(self, file: FileEdit) -> types.Position:
        """The end of a file that stands: most often an empty line, which says nothing in a preview."""
        lines = self._lines(file) or [""]
        end = Position(len(lines) - 1, len(lines[-1]))
        return types.Position(*self._documents.units.position_out(lines, end))

    def _text_edits(self, file: FileEdit) -> tuple[int | None, list[types.TextEdit]] | None:
        if not self._workspace.holds(file.uri) or (lines := self._lines(file)) is None:
            return None
        document = self._documents.get(file.uri)
        units = self._documents.units
        edits: list[types.TextEdit] = []
        for edit in file.edits:
            start = types.Position(*units.position_out(lines, edit.range.start))
            end = types.Position(*units.position_out(lines, edit.range.end))
            edits.append(types.TextEdit(types.Range(start, end), edit.new_text))
        return (document.version if document else None), edits

    def _lines(self, file: FileEdit) -> Sequence[str] | None:
        """The file's lines; ``None`` if they are not those that the edit was made for or carried along with."""
        from proactive_inference.ground import digest

        document = self._documents.get(file.uri)
        if document is not None:
            # Without a digest it was carried over each change; with one there was no change, or a reopening.
            same = not file.digest or document.version == file.version
            return document.lines if same or digest(document.snapshot().text) == file.digest else None
        path = to_path(file.uri)
        on_disk = self._texts.read(os.fspath(path)) if path is not None else None
        if on_disk is None or digest(on_disk.text) != file.digest:
            return None
        return split_lines(on_disk.text)
