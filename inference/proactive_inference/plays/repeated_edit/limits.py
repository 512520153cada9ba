"""The limits that both offers of this play keep to."""

from __future__ import annotations

from datetime import timedelta

MAX_PLACES = 40
"""More places than this are not offered at once."""

FRESH = timedelta(minutes=10)
"""How old the newest of the equal replacements may be, unless a commit was just made."""

SURE = 3
"""So many equal replacements are no chance, where two may be."""
