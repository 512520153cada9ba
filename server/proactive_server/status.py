"""What an editor shows of the server at a glance: its state, what waits, and what is snoozed until when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from proactive_server.board import Board, Posted
from proactive_server.settings import Settings
from proactive_server.timeline import Timeline

if TYPE_CHECKING:
    from proactive_collectors.events import Event
    from proactive_inference.snoozes import Snooze, Snoozes


class Status:
    """Answers ``proactive/status``. For the event loop alone.

    Args:
        board: the suggestions that are out.
        timeline: for the counts and the newest decision.
        settings: those in force.
        folders: the workspace folders.
        clock: the time, in UTC.
        model: how it stands with the language model; ``None`` where none is named.
    """

    def __init__(
        self,
        board: Board,
        timeline: Timeline,
        settings: Callable[[], Settings],
        folders: Callable[[], Sequence[Path]],
        clock: Callable[[], datetime],
        model: Callable[[], dict[str, Any] | None] = lambda: None,
    ) -> None:
        self._board = board
        self._timeline = timeline
        self._settings = settings
        self._folders = folders
        self._clock = clock
        self._model = model
        self._snoozes: Snoozes | None = None

    def snoozed(self, event: Event) -> None:
        """Take note of a snooze, or of its end; other events are passed over."""
        if self._snoozes is None:
            from proactive_inference.snoozes import Snoozes

            self._snoozes = Snoozes()
        self._snoozes.take(event)

    @property
    def changes_at(self) -> datetime | None:
        """When time alone changes the answer: the next end of a snooze; ``None`` if there is none."""
        return min((snooze.until for snooze in self._standing()), default=None)

    def covers(self, uri: str) -> bool:
        """Whether there is to be quiet in a document, by a snooze of it, of its folder, or of everything."""
        if self._snoozes is None:
            return False
        from proactive_collectors.uris import to_path, to_uri
        from proactive_server.pipeline import folder_of

        folder = folder_of(to_path(uri), self._folders())
        workspace = to_uri(folder) if folder else None
        return self._snoozes.until(self._clock(), uri=uri, workspace=workspace) is not None

    def now(self, *, thinking: bool = False) -> dict[str, Any]:
        """The answer to ``proactive/status``."""
        snoozes = self._standing()
        until = self._quiet_until(snoozes)
        suggestions = [suggestion_to_dict(posted) for posted in self._board]
        paused = not self._settings().enable
        if paused:
            state = "off"
        elif until is not None:
            state = "snoozed"
        elif suggestions:
            state = "suggestion"
        elif thinking:
            state = "thinking"
        else:
            state = "watching"
        model = self._model()
        status: dict[str, Any] = {
            "state": state,
            "paused": paused,
            "suggestions": suggestions,
            "snoozes": [_snooze(snooze) for snooze in snoozes],
            "counts": self._timeline.counts,
        }
        if model is not None:
            status["model"] = model
        if until is not None:
            status["snoozedUntil"] = _time(until)
        if self._timeline.last_decision is not None:
            status["lastDecision"] = self._timeline.last_decision
        return status

    def _standing(self) -> tuple[Snooze, ...]:
        """Those that concern this workspace: the journal knows of the user's others, too."""
        if self._snoozes is None:
            return ()
        return tuple(snooze for snooze in self._snoozes.standing(self._clock()) if self._concerns(snooze.uri))

    def _concerns(self, uri: str | None) -> bool:
        folders = self._folders()
        if uri is None or not folders:
            return True
        from proactive_collectors.uris import to_path
        from proactive_server.pipeline import folder_of

        return folder_of(to_path(uri), folders) is not None

    def _quiet_until(self, snoozes: Sequence[Snooze]) -> datetime | None:
        """Until when it is silent everywhere: by a snooze of everything, or of every workspace folder."""
        if not snoozes:
            return None
        from proactive_collectors.events import SnoozeScope
        from proactive_collectors.uris import to_uri

        everywhere = [snooze.until for snooze in snoozes if snooze.scope is SnoozeScope.ALL]
        by_folder = {snooze.uri: snooze.until for snooze in snoozes if snooze.scope is SnoozeScope.WORKSPACE}
        folders = [by_folder.get(to_uri(folder)) for folder in self._folders()]
        ends = [until for until in folders if until is not None]
        if ends and len(ends) == len(folders):
            everywhere.append(min(ends))
        return max(everywhere, default=None)


def _snooze(snooze: Snooze) -> dict[str, Any]:
    plain: dict[str, Any] = {"scope": snooze.scope.value, "until": _time(snooze.until)}
    if snooze.uri is not None:
        plain["uri"] = snooze.uri
    return plain


def _time(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def suggestion_to_dict(posted: Posted) -> dict[str, Any]:
    """A suggestion that waits, as the protocol tells of it."""
    suggestion, proposal = posted.suggestion, posted.proposal
    return {
        "id": suggestion.id,
        "title": proposal.title,
        "task": proposal.task,
        "play": proposal.play,
        "uri": proposal.anchor.uri,
        "line": proposal.anchor.range.start.line,
        "hasEdit": bool(proposal.edits) or proposal.on_demand,
        "command": proposal.command,
        "need": round(suggestion.need.probability, 4),
        "because": list(suggestion.because),
    }
