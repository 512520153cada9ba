"""The suggestions that are out, carried along with every change of the documents they are about."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from attrs import define, evolve, field

from proactive_collectors.uris import name

if TYPE_CHECKING:
    from proactive_collectors.text import Change, Position
    from proactive_inference.proposal import Anchor, Proposal, Suggestion
    from proactive_inference.writing import WrittenAnswer

_REMEMBERED = 32


@define
class Posted:
    """A suggestion that is out, and its proposal as it stands in the text of this moment."""

    suggestion: Suggestion
    proposal: Proposal
    threshold: float | None = None
    hidden: bool = False  #: its ground is gone: no surface shows it any more
    snoozed: bool = False  #: it ended because the user wanted quiet
    overtaken: str | None = None  #: the URI of the file that it ended for, which changed beside the editor
    refused: bool = False  #: the user wanted its edit when its ground was gone
    answer: WrittenAnswer | None = None  #: what was written where it is a text to read
    at_hand: bool = False  #: the client shows its command, and says when the user has taken that
    unwritten: str | None = None  #: why nothing could be written, while the text has not changed since
    stand_in: Anchor | None = None  #: where it is shown while its own document is not open in the editor
    uris: frozenset[str] = field(init=False)

    def __attrs_post_init__(self) -> None:
        shown = {self.proposal.anchor.uri, self.spot.uri}
        self.uris = frozenset(shown | {file.uri for file in self.proposal.edits})

    @property
    def spot(self) -> Anchor:
        """Where the surfaces show it."""
        return self.stand_in or self.proposal.anchor

    @property
    def title(self) -> str:
        """The proposal's title, with the file's name where it is shown in another."""
        elsewhere = f" (in {name(self.proposal.anchor.uri)})" if self.stand_in else ""
        return self.proposal.title + elsewhere

    @property
    def offered_on_demand(self) -> bool:
        """Whether it was offered by its sentence alone, be it written by now or not."""
        return self.suggestion.proposal.on_demand

    @property
    def id(self) -> str:
        """The suggestion's identifier."""
        return self.suggestion.id

    def covers(self, uri: str, first: int, last: int) -> bool:
        """Whether a line from ``first`` to ``last`` of the document is one it is shown at or would edit."""
        spot = self.spot
        ranges = [spot.range] if spot.uri == uri else []
        ranges += [edit.range for file in self.proposal.edits if file.uri == uri for edit in file.edits]
        return any(range_.start.line <= last and first <= range_.end.line for range_ in ranges)


class Board:
    """Keeps what is out and tells the surfaces which documents to draw anew. For the event loop alone."""

    def __init__(self) -> None:
        self._posted: dict[str, Posted] = {}
        self._ended: OrderedDict[str, Posted] = OrderedDict()
        self._uris: frozenset[str] = frozenset()
        self._subscribers: list[Callable[[frozenset[str]], None]] = []

    def subscribe(self, subscriber: Callable[[frozenset[str]], None]) -> None:
        """Call ``subscriber`` with the URIs of the documents on which something appeared or went."""
        self._subscribers.append(subscriber)

    def __iter__(self) -> Iterator[Posted]:
        """Those that are to be seen."""
        return (posted for posted in self._posted.values() if not posted.hidden)

    def get(self, identifier: str) -> Posted | None:
        """A suggestion that is out or was lately."""
        return self._posted.get(identifier) or self._ended.get(identifier)

    def waits(self, identifier: str) -> bool:
        """Whether it has not been answered and has not ended."""
        return identifier in self._posted

    def post(self, posted: Posted) -> None:
        """Put a suggestion up."""
        self._posted[posted.id] = posted
        self._tell(posted.uris)

    def end(self, identifier: str) -> Posted | None:
        """Take a suggestion down for good."""
        posted = self._posted.pop(identifier, None)
        if posted is None:
            return None
        self._ended[identifier] = posted
        while len(self._ended) > _REMEMBERED:
            self._ended.popitem(last=False)
        self._tell(posted.uris)
        return posted

    def opened(self, uri: str) -> None:
        """A document is open now: what is about it is shown there from now on."""
        for posted in [posted for posted in self if posted.stand_in and posted.proposal.anchor.uri == uri]:
            posted.stand_in = None
            self._tell(posted.uris)

    def hide(self, posted: Posted) -> None:
        """Show it no more; how it ends is for the agent to find out."""
        if not posted.hidden:
            posted.hidden = True
            self._tell(posted.uris)

    def rewrite(self, posted: Posted, proposal: Proposal) -> None:
        """What was offered by its sentence alone is written now."""
        posted.proposal = proposal
        posted.uris |= {file.uri for file in proposal.edits}
        self.changed(posted)

    def changed(self, posted: Posted) -> None:
        """It is to be drawn anew, if it is out."""
        if posted.id in self._posted:
            self._tell(posted.uris)

    def concerns(self, uri: str) -> bool:
        """Whether a change of this document matters to any of them."""
        return uri in self._uris

    def rebase(self, uri: str, changes: Sequence[Change], lines: Sequence[str]) -> None:
        """Carry them over changes of a document, whose lines are now ``lines``.

        Those whose ground is gone, or whose edit is there already, are hidden.
        """
        from proactive_inference.ground import rebase

        for posted in [posted for posted in self if uri in posted.uris]:
            proposal: Proposal | None = posted.proposal
            posted.unwritten = None
            for change in changes:
                proposal = rebase(proposal, uri, change) if proposal is not None else None
            if proposal is None or _made(proposal, uri, lines):
                self.hide(posted)
            else:
                posted.proposal = proposal

    def distrust(self, uri: str) -> None:
        """Hide whatever concerns a document whose text is not surely the editor's any more."""
        for posted in [posted for posted in self if uri in posted.uris]:
            self.hide(posted)

    def settle(self, uri: str, text: str) -> None:
        """A document is closed: its edits hold from now on for a file with just this text."""
        from proactive_inference.ground import digest

        for posted in [posted for posted in self if uri in posted.uris]:
            edits = tuple(
                evolve(file, version=None, digest=digest(text)) if file.uri == uri else file
                for file in posted.proposal.edits
            )
            posted.proposal = evolve(posted.proposal, edits=edits)

    def at(self, uri: str, first: int, last: int) -> list[Posted]:
        """Those to be seen that have to do with the lines ``first`` to ``last`` of a document, newest first."""
        return [
            posted for posted in reversed(list(self)) if uri in posted.uris and posted.covers(uri, first, last)
        ]

    def _tell(self, uris: frozenset[str]) -> None:
        self._uris = frozenset().union(*(posted.uris for posted in self))
        for subscriber in self._subscribers:
            subscriber(uris)


def _made(proposal: Proposal, uri: str, lines: Sequence[str]) -> bool:
    """Whether the insertions that a proposal makes in a document stand there already.

    An insertion alters nothing that stands, so carrying it over a change cannot tell; a replacement can.
    """
    edits = [edit for file in proposal.edits if file.uri == uri for edit in file.edits]
    return bool(edits) and all(
        edit.range.empty and _stands(edit.new_text, edit.range.start, lines) for edit in edits
    )


def _stands(text: str, at: Position, lines: Sequence[str]) -> bool:
    following = "".join(lines[at.line : at.line + text.count("\n") + 1])
    return following.startswith(text, at.character)
