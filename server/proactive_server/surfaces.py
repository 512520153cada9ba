"""The passive surfaces: hint diagnostics, code lenses, and messages with buttons for whoever wants them."""

from __future__ import annotations

from collections.abc import Callable

from lsprotocol import types

from proactive_collectors.text import Position, Range
from proactive_server.actions import take_command
from proactive_server.board import Board, Posted
from proactive_server.client import Client
from proactive_server.documents import Documents
from proactive_server.settings import Settings

SOURCE = "proactive"


class Hints:
    """Publishes a hint at the spot of each suggestion, and takes it away with it."""

    def __init__(
        self,
        board: Board,
        documents: Documents,
        settings: Callable[[], Settings],
        publish: Callable[[types.PublishDiagnosticsParams], None],
    ) -> None:
        self._board = board
        self._documents = documents
        self._settings = settings
        self._publish = publish
        self._shown: set[str] = set()

    def refresh(self, uris: frozenset[str] | None = None) -> None:
        """Draw the hints of these documents anew, or of all where there are any."""
        wanted: dict[str, list[Posted]] = {}
        if self._settings().surfaces.hints:
            for posted in self._board:
                wanted.setdefault(posted.spot.uri, []).append(posted)
        for uri in {*wanted, *self._shown}:
            if uris is not None and uri not in uris:
                continue
            document = self._documents.get(uri)
            hints = [self._hint(posted) for posted in wanted.get(uri, ())] if document else []
            if hints or uri in self._shown:
                (self._shown.add if hints else self._shown.discard)(uri)
                self._publish(
                    types.PublishDiagnosticsParams(
                        uri=document.client_uri if document else uri,
                        diagnostics=hints,
                        version=document.version if document else None,
                    )
                )

    def shifted(self, uri: str) -> bool:
        """Whether a document with hints has changed, so that they want drawing anew once the typing rests."""
        return uri in self._shown

    def _hint(self, posted: Posted) -> types.Diagnostic:
        return types.Diagnostic(
            range=_range_out(self._documents, posted.spot.uri, posted.spot.range),
            message=posted.title,
            severity=types.DiagnosticSeverity.Hint,
            source=SOURCE,
            code=posted.proposal.play,
            data={"id": posted.id},
        )


class Lenses:
    """Answers ``textDocument/codeLens``; nothing while the setting is off."""

    def __init__(self, board: Board, documents: Documents, settings: Callable[[], Settings]) -> None:
        self._board = board
        self._documents = documents
        self._settings = settings

    def of(self, client_uri: str) -> list[types.CodeLens]:
        """The lenses of a document."""
        document = self._documents.get(client_uri)
        if document is None or not self._settings().surfaces.code_lens:
            return []
        return [
            types.CodeLens(
                range=_range_out(self._documents, document.uri, posted.spot.range),
                command=take_command(posted, applied=False),
            )
            for posted in self._board
            if posted.spot.uri == document.uri
        ]


TAKE, DISMISS_IT, SNOOZE_IT = "Apply", "Dismiss", "Snooze for an hour"


def message(posted: Posted, client: Client) -> types.ShowMessageRequestParams:
    """The message with buttons for a suggestion."""
    writes = posted.proposal.edits or posted.proposal.on_demand
    take = TAKE if writes and client.apply_edit else "Show"
    return types.ShowMessageRequestParams(
        type=types.MessageType.Info,
        message=f"{posted.proposal.title}. {posted.proposal.task}",
        actions=[types.MessageActionItem(title) for title in (take, DISMISS_IT, SNOOZE_IT)],
    )


def _range_out(documents: Documents, uri: str, range_: Range) -> types.Range:
    document = documents.get(uri)
    lines = document.lines if document else ()
    last = max(len(lines) - 1, 0)

    def out(position: Position) -> types.Position:
        if document is not None and position.line > last:
            position = Position(last, len(lines[last]))
        return types.Position(*documents.units.position_out(lines, position))

    return types.Range(out(range_.start), out(range_.end))
