"""The quiet that the user has asked for: in a file, in a workspace folder, or everywhere, each until some time."""

from __future__ import annotations

from datetime import datetime, timedelta

from attrs import frozen

from proactive_collectors.events import Event, Snoozed, SnoozeScope


@frozen
class Snooze:
    """One that stands."""

    scope: SnoozeScope
    until: datetime
    uri: str | None = None  #: of the file or the workspace folder


class Snoozes:
    """Those that were asked for. Holds no clock; taking in the same event again changes nothing."""

    def __init__(self) -> None:
        self._files: dict[str, datetime] = {}
        self._workspaces: dict[str, datetime] = {}
        self._all: datetime | None = None

    def take(self, event: Event) -> None:
        """Take in an event; one that is no `Snoozed` is passed over."""
        snooze = event.data
        if not isinstance(snooze, Snoozed):
            return
        until = event.time + timedelta(minutes=snooze.minutes)
        if snooze.scope is SnoozeScope.FILE and event.where.uri:
            self._files[event.where.uri] = until
        elif snooze.scope is SnoozeScope.WORKSPACE and event.where.workspace:
            self._workspaces[event.where.workspace] = until
        elif snooze.scope is SnoozeScope.ALL:
            self._all = until
            if snooze.minutes <= 0:  # "all" also ends what was snoozed more narrowly
                self._files.clear()
                self._workspaces.clear()

    def until(self, now: datetime, *, uri: str | None = None, workspace: str | None = None) -> datetime | None:
        """When the snooze that covers this document or workspace ends; ``None`` if there is none."""
        ends = (
            self._all,
            self._files.get(uri) if uri else None,
            self._workspaces.get(workspace) if workspace else None,
        )
        return max((end for end in ends if end and end > now), default=None)

    def standing(self, now: datetime) -> tuple[Snooze, ...]:
        """All that have not ended, the widest first."""
        everywhere = [Snooze(SnoozeScope.ALL, self._all)] if self._all else []
        folders = [Snooze(SnoozeScope.WORKSPACE, until, uri) for uri, until in sorted(self._workspaces.items())]
        files = [Snooze(SnoozeScope.FILE, until, uri) for uri, until in sorted(self._files.items())]
        return tuple(snooze for snooze in (*everywhere, *folders, *files) if snooze.until > now)
