"""Whether one name is a slip of the finger away from another.

The distance counts inserted, left out, replaced and swapped neighbouring characters (optimal string alignment).
"""

from __future__ import annotations

from collections.abc import Iterable

SHORTEST = 4
"""Below this many characters every name is close to too many others."""

LONG = 8
"""From this many characters on, two slips still leave one name recognisable."""


def distance(a: str, b: str, limit: int) -> int:
    """The number of slips between two names, or ``limit + 1`` as soon as it is known to be more."""
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                best = min(best, before[j - 2] + 1)
            row.append(best)
        if min(row) > limit:
            return limit + 1
        before, last = last, row
    return min(last[-1], limit + 1)


def misspelling_of(wrong: str, candidates: Iterable[str]) -> str | None:
    """The one candidate that ``wrong`` is plausibly a misspelling of; ``None`` if none or several are.

    Names that differ in a digit, in case alone or in a plural's ``s`` are different names, not misspellings.
    """
    if not SHORTEST <= len(wrong) <= 80:
        return None
    limit = 2 if len(wrong) >= LONG else 1
    letters = set(wrong)
    found: dict[int, list[str]] = {}
    for candidate in set(candidates):
        if len(candidate) < SHORTEST or abs(len(candidate) - len(wrong)) > limit:
            continue
        # One slip takes away one letter at most and brings in another; counting letters spares most of the work.
        if len(letters.symmetric_difference(candidate)) > 2 * limit or not _comparable(wrong, candidate):
            continue
        slips = distance(wrong, candidate, limit)
        if 0 < slips <= limit:
            found.setdefault(slips, []).append(candidate)
    if not found:
        return None
    nearest = found[min(found)]
    return nearest[0] if len(nearest) == 1 else None


def _comparable(a: str, b: str) -> bool:
    if a.casefold() == b.casefold() or a + "s" == b or b + "s" == a:
        return False
    if a.startswith("__") != b.startswith("__") or a.endswith("__") != b.endswith("__"):
        return False
    return [c for c in a if c.isdigit()] == [c for c in b if c.isdigit()]
