"""When not to speak: settings, and the memory of what was shown, dismissed and snoozed.

The policy knows time only from the events and ticks it is given, so that replay runs the very same rules.
Figures from user studies behind the defaults: at least 20 s between suggestions, about 5 s of quiet at a boundary,
and a pause that doubles with each dismissal, since most of what follows a declined edit is declined as well.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

from attrs import frozen

from proactive_collectors.events import (
    EditBurst,
    Event,
    SelectionChanged,
    Snoozed,
    SuggestionAccepted,
    SuggestionDismissed,
    SuggestionIgnored,
    SuggestionShown,
    TaskRun,
    TerminalRun,
)
from proactive_inference.decision import Reason, Silence
from proactive_inference.proposal import Boundary, Proposal
from proactive_inference.snoozes import Snoozes

TYPING_REST = timedelta(seconds=1)
"""A keystroke younger than this means that the person is typing."""

CLOCKS_APART = timedelta(seconds=1)
"""Events of several sources may be a little out of order; what lies further ahead shows that the clock was set."""

RECOVERY = timedelta(minutes=30)
"""After this long without a dismissal, the pause that dismissals have lengthened is halved, and so on."""

UNANSWERED_REST = timedelta(minutes=60)
"""An offer that expired without an answer is not made again for so long."""

REMEMBERED = 4096
"""How many dismissed or expired offers are remembered; the oldest are forgotten first."""


@frozen
class PolicySettings:
    """What the user can set; seconds and minutes as named."""

    enabled: bool = True
    interruption_cost: float = 0.25  #: what a false alarm costs where a taken offer is worth the rest up to 1
    quiet_seconds: float = 5.0
    pause_seconds: float = 20.0
    pause_cap_minutes: float = 30.0
    dismissed_sort_pause_minutes: float = 240.0
    expire_minutes: float = 10.0
    disabled_languages: tuple[str, ...] = ()
    in_comments: bool = False

    @property
    def threshold(self) -> float:
        """The probability above which speaking pays.

        With reward ``1 - c`` for an offer that is taken and ``-c`` for one that is not, the expected reward
        ``p (1 - c) - (1 - p) c`` is positive where ``p > c``.
        """
        return self.interruption_cost


class Policy:
    """The rules and their memory. Not thread-safe; holds no clock."""

    def __init__(self, settings: PolicySettings) -> None:
        self.settings = settings
        self._last_keystroke: datetime | None = None
        self._in_comment = False
        self._selecting = False
        self._in_snippet = False
        self._last_shown: datetime | None = None
        self._last_dismissed: datetime | None = None
        self._dismissals = 0.0  # how often the pause is doubled, as of the last dismissal
        self._dismissed: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._dismissed_sorts: dict[str, datetime] = {}
        self._unanswered: OrderedDict[tuple[str, str], datetime] = OrderedDict()
        self._snoozes = Snoozes()

    def observe(self, event: Event) -> None:
        """Take note of an event."""
        match event.data:
            case EditBurst() as burst:
                self._last_keystroke = event.time
                self._in_comment = burst.in_comment
            case SelectionChanged() as selection:
                self._selecting, self._in_snippet = selection.selecting, selection.in_snippet
            case SuggestionShown():
                self._last_shown = event.time
            case SuggestionAccepted():
                self._dismissals = 0.0
            case SuggestionDismissed() as dismissed:
                self._dismissals = self._doublings(event.time) + 1
                self._last_dismissed = event.time
                self._dismissed[dismissed.play, dismissed.key] = None
                self._dismissed_sorts[dismissed.play] = event.time
                _forget_oldest(self._dismissed)
            case SuggestionIgnored() as ignored:
                self._unanswered[ignored.play, ignored.key] = event.time
                _forget_oldest(self._unanswered)
            case Snoozed():
                self._snoozes.take(event)
            case _:
                pass

    # --- what the rules say -----------------------------------------------------------------------------

    def silence(self, now: datetime, boundary: Boundary, event: Event | None) -> Silence | None:
        """Why to be silent whatever the need is; ``None`` if the gate may be asked.

        ``event`` is the newest event, for its document and workspace.
        """
        self._mend(now)
        where = event.where if event else None
        if not self.settings.enabled:
            return Silence(Reason.DISABLED, "switched off")
        if where and where.language and where.language in self.settings.disabled_languages:
            return Silence(Reason.DISABLED, f"switched off for {where.language}")
        if until := self._snoozes.until(
            now, uri=where.uri if where else None, workspace=where.workspace if where else None
        ):
            return Silence(Reason.SNOOZED, f"until {until:%H:%M} UTC")
        if self._is_typing(now, boundary, event):
            return Silence(Reason.TYPING)
        if self._selecting:
            return Silence(Reason.SELECTING)
        if self._in_snippet:
            return Silence(Reason.IN_SNIPPET)
        if boundary is Boundary.QUIET and self._in_comment and not self.settings.in_comments:
            return Silence(Reason.IN_COMMENT)
        return self._pausing(now)

    def _mend(self, now: datetime) -> None:
        """Where the clock was set back, what seems to lie ahead is taken as just happened."""
        ahead = now + CLOCKS_APART
        if self._last_keystroke and self._last_keystroke > ahead:
            self._last_keystroke = now
        if self._last_shown and self._last_shown > ahead:
            self._last_shown = now
        if self._last_dismissed and self._last_dismissed > ahead:
            self._last_dismissed = now

    def _is_typing(self, now: datetime, boundary: Boundary, event: Event | None) -> bool:
        if self._last_keystroke is None or now - self._last_keystroke >= TYPING_REST:
            return False
        if boundary is Boundary.RUN_FAILED and event and isinstance(event.data, TerminalRun | TaskRun):
            # Whoever started the run had stopped typing by then, however quickly it failed.
            begun = event.time - timedelta(seconds=event.data.seconds or 0.0)
            return self._last_keystroke > begun
        return True

    def _pausing(self, now: datetime) -> Silence | None:
        free = self.free_at(now)
        if free is None or now >= free:
            return None
        left = (free - now).total_seconds()
        lengthened = self._backing_off_until(now)
        if lengthened and now < lengthened:
            return Silence(Reason.BACKING_OFF, f"{left:.0f} s left of the pause that dismissals have lengthened")
        return Silence(Reason.TOO_SOON, f"{left:.0f} s left until the next one may come")

    def unfit(
        self, now: datetime, proposal: Proposal, *, language: str | None, workspace: str | None
    ) -> Silence | None:
        """Why not to make this very proposal."""
        if language and language in self.settings.disabled_languages:
            return Silence(Reason.DISABLED, f"switched off for {language}")
        if until := self._snoozes.until(now, uri=proposal.anchor.uri, workspace=workspace):
            return Silence(Reason.SNOOZED, f"until {until:%H:%M} UTC")
        offer = proposal.play, proposal.key
        if offer in self._dismissed:
            return Silence(Reason.DISMISSED_BEFORE, "the same offer was turned down")
        dismissed = self._dismissed_sorts.get(proposal.play)
        rest = timedelta(minutes=self.settings.dismissed_sort_pause_minutes)
        if dismissed and now - dismissed < rest:
            return Silence(Reason.DISMISSED_BEFORE, f"one of its sort ({proposal.play}) was turned down lately")
        unanswered = self._unanswered.get(offer)
        if unanswered and now - unanswered < UNANSWERED_REST:
            return Silence(Reason.ALREADY_SHOWN, "the same offer was left unanswered lately")
        return None

    def free_at(self, now: datetime) -> datetime | None:
        """When the pause after the last suggestion or dismissal ends; ``None`` if there was none."""
        base = timedelta(seconds=self.settings.pause_seconds)
        ends = (self._last_shown + base if self._last_shown else None, self._backing_off_until(now))
        return max((end for end in ends if end), default=None)

    def _backing_off_until(self, now: datetime) -> datetime | None:
        if self._last_dismissed is None:
            return None
        doublings = self._doublings(now)
        if doublings <= 0:
            return None
        cap = self.settings.pause_cap_minutes * 60
        pause = min(self.settings.pause_seconds * 2 ** min(doublings, 32), max(cap, self.settings.pause_seconds))
        return self._last_dismissed + timedelta(seconds=pause)

    def _doublings(self, now: datetime) -> float:
        if self._last_dismissed is None:
            return 0.0
        return max(0.0, self._dismissals - (now - self._last_dismissed) // RECOVERY)


def _forget_oldest(memory: OrderedDict[tuple[str, str], None] | OrderedDict[tuple[str, str], datetime]) -> None:
    while len(memory) > REMEMBERED:
        memory.popitem(last=False)
