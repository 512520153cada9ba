"""Times as people write them on a command line: ``2h`` ago, or a date."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


def moment(text: str, now: datetime | None = None) -> datetime:
    """A time in UTC from ``2h`` (two hours ago; s, m, h, d, w) or from an ISO date, which is local without a zone.

    Raises:
        ValueError: it is neither; the message says what to write.
    """
    now = now or datetime.now(UTC)
    try:
        if match := re.fullmatch(r"(\d{1,9}(?:\.\d{1,6})?)\s*([smhdw])", text.strip().lower()):
            return now - timedelta(seconds=float(match[1]) * _UNITS[match[2]])
        return datetime.fromisoformat(text.strip()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text!r} is no time; write 2h, 7d or 2026-01-31T09:30.") from error
