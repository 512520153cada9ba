"""Code actions: the suggestion, and beside it the ways to turn it down, to have quiet, and to ask why.

Answered from the board and a look at the files that are not open, in about a millisecond; the agent is never
asked. They go by the range, since some clients send no diagnostics along.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from lsprotocol import types

from proactive_server.board import Board, Posted
from proactive_server.client import Client
from proactive_server.documents import Documents
from proactive_server.edits import Edits

ACCEPTED = "proactive.accepted"
APPLY = "proactive.apply"
DISMISS = "proactive.dismiss"
GOTO = "proactive.goto"
SHOW = "proactive.show"
SNOOZE = "proactive.snooze"
STATUS = "proactive.status"
WHY = "proactive.why"

FIX: str = types.CodeActionKind.QuickFix.value
BESIDE = FIX + ".proactive"
"""The kind of the actions that answer a suggestion in another way than by taking it."""

SNOOZE_FILE_MINUTES = 15
SNOOZE_ALL_MINUTES = 60


class CodeActions:
    """Answers ``textDocument/codeAction`` and ``codeAction/resolve``."""

    def __init__(
        self,
        board: Board,
        documents: Documents,
        edits: Edits,
        client: Callable[[], Client],
        write: Callable[[str], Awaitable[str | None]],
        tell: Callable[[str], None],
        recheck: Callable[[], None],
        refusal: Callable[[str], str | None],
    ) -> None:
        """``write`` has a suggestion written, or says why not (:meth:`Writing.write`); ``tell`` shows that.

        ``recheck`` ends those that the disk has overtaken, ``refusal`` says why one cannot be taken (`Feedback`).
        """
        self._board = board
        self._documents = documents
        self._edits = edits
        self._client = client
        self._write = write
        self._tell = tell
        self._recheck = recheck
        self._refusal = refusal

    def at(
        self, client_uri: str, first: int, last: int, only: Sequence[str] | None = None
    ) -> list[types.CodeAction | types.Command]:
        """The actions for the lines ``first`` to ``last``; of the kinds in ``only``, if it is given."""
        document = self._documents.get(client_uri)
        if document is None:
            return []
        self._recheck()
        found: list[types.CodeAction | types.Command] = []
        for posted in self._board.at(document.uri, first, last):
            offered = self._offer(posted, document.uri)
            if offered is None:
                continue
            actions = [offered, *self._beside(posted, document.uri)]
            found += [action for action in actions if _wanted(action.kind, only)]
        if self._client().literals:
            return found
        return [action.command for action in found if isinstance(action, types.CodeAction) and action.command]

    async def resolve(self, action: types.CodeAction) -> types.CodeAction:
        """Put in the edit that was left out, written now if it has to be; cancelling it stops the writing.

        One whose ground is gone, or for which nothing could be written, comes back without an edit, and the user
        is told why.
        """
        data: Any = action.data
        identifier = data.get("id") if isinstance(data, dict) else None
        if not isinstance(identifier, str) or action.kind != FIX:
            return action
        posted, refusal = self._board.get(identifier), self._refusal(identifier)
        if posted is not None:
            if refusal is None and posted.proposal.on_demand:
                refusal = await self._write(identifier)
            posted.refused = refusal is not None
        if posted is None or refusal is not None:
            self._tell(str(refusal))
            return action
        current = data.get("uri")
        action.edit = self._edits.of(posted.proposal, current if isinstance(current, str) else "")
        return action

    def _offer(self, posted: Posted, current: str) -> types.CodeAction | None:
        client, proposal = self._client(), posted.proposal
        if proposal.on_demand:
            return self._offer_on_demand(posted, current)
        # Of an edit with a command, a client as simple as Vim's ALE carries out the command alone.
        edit_alone = bool(proposal.edits) and client.literals and not client.apply_edit
        action = types.CodeAction(
            title=posted.title,
            kind=FIX,
            is_preferred=True if client.preferred and proposal.edits else None,
            command=None if edit_alone else take_command(posted, applied=client.literals),
        )
        if proposal.edits and client.literals:
            if client.resolve_edit:
                action.data = {"id": posted.id, "uri": current}
            elif (edit := self._edits.of(proposal, current)) is not None:
                action.edit = edit
            else:
                return None
        return action

    def _offer_on_demand(self, posted: Posted, current: str) -> types.CodeAction:
        """It is written when it is resolved, if the client does that, and by its command elsewhere."""
        client = self._client()
        resolved = client.literals and client.resolve_edit
        action = types.CodeAction(posted.title + " …", FIX, command=take_command(posted, applied=resolved))
        if resolved:
            action.data = {"id": posted.id, "uri": current}
        if posted.unwritten is not None and client.disabled:
            action.disabled = types.CodeActionDisabled(posted.unwritten)
        return action

    def _beside(self, posted: Posted, current: str) -> list[types.CodeAction]:
        def action(title: str, command: str, **arguments: Any) -> types.CodeAction:
            return types.CodeAction(title, BESIDE, command=types.Command(title, command, arguments=[arguments]))

        return [
            action(f"Dismiss: {posted.title}", DISMISS, id=posted.id),
            action(
                f"Snooze proactive suggestions for {SNOOZE_ALL_MINUTES} minutes",
                SNOOZE,
                scope="all",
                minutes=SNOOZE_ALL_MINUTES,
            ),
            action(
                f"Quiet in this file for {SNOOZE_FILE_MINUTES} minutes",
                SNOOZE,
                scope="file",
                minutes=SNOOZE_FILE_MINUTES,
                uri=current,
            ),
            action("Why now?", WHY, id=posted.id),
        ]


def take_command(posted: Posted, *, applied: bool) -> types.Command:
    """The command that takes a suggestion.

    Args:
        posted: the suggestion.
        applied: whether the client applies the edit itself and the command only tells of it.
    """
    proposal = posted.proposal
    without_edit = SHOW if proposal.command else GOTO
    with_edit = ACCEPTED if applied else APPLY
    command = with_edit if proposal.edits or proposal.on_demand or posted.answer else without_edit
    return types.Command(posted.title, command, arguments=[{"id": posted.id}])


def _wanted(kind: types.CodeActionKind | str | None, only: Sequence[str] | None) -> bool:
    if not only:
        return True
    name = str(kind.value if isinstance(kind, types.CodeActionKind) else kind)
    return any(not asked or name == asked or name.startswith(asked + ".") for asked in only)
