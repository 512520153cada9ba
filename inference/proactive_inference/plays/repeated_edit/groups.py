"""Equal replacements taken together, and what speaks for or against following them up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from attrs import evolve, frozen

from proactive_collectors.events import DiagnosticEvent, DiagnosticResolved, RunEvent
from proactive_inference.plays import Moment
from proactive_inference.plays.repeated_edit.replacements import Form, Spot
from proactive_inference.plays.repeated_edit.roles import Place, Role
from proactive_inference.plays.repeated_edit.tokens import is_number, occurrences, too_common

_UNDEFINED = re.compile(
    r"undefined|not defined|undeclared|cannot find|can't find|unresolved|no attribute|does not exist|unknown|"
    r"has no |no member|not found|cannot import|not exported",
    re.I,
)


MERGED = 2
"""Where so many other spellings gave way to the same new one, each place is meant by itself."""


@frozen
class Group:
    """Equal replacements, oldest first."""

    old: str
    new: str
    spots: tuple[Spot, ...]
    forms: tuple[Form, ...]  #: one for each spot

    @property
    def rank(self) -> tuple[int, int]:
        """Grows with the time of the newest of them."""
        return max((max(one.events), one.rank) for one in self.spots)


def pairs_of(group: Group) -> Iterable[tuple[Spot, Form]]:
    """Each spot with the form in which it is one of the group."""
    return zip(group.spots, group.forms, strict=True)


def seen_place(one: Spot, form: Form) -> Place:
    """Where the new spelling stands."""
    return evolve(one.place, start=form.start, end=form.end)


def groups_of(spots: Sequence[Spot]) -> list[Group]:
    """Equal replacements, newest first; of those with the same places the widest spelling."""
    by_pair: dict[tuple[str, str], dict[tuple[str, int], tuple[Spot, Form]]] = {}
    for one in spots:
        for form in one.forms:
            if form.old != form.new and not too_common(form.old) and _says_something(form.new):
                pairs = by_pair.setdefault((form.old, form.new), {})
                pairs.setdefault((one.place.uri, form.start), (one, form))
    groups = []
    for (old, new), found in by_pair.items():
        ordered = sorted(found.values(), key=lambda pair: (max(pair[0].events), pair[0].rank))
        groups.append(Group(old, new, tuple(s for s, _ in ordered), tuple(f for _, f in ordered)))
    groups.sort(key=lambda group: (group.rank, len(group.spots), len(group.old)), reverse=True)
    kept: list[Group] = []
    for group in groups:
        narrower = any(
            group.old != other.old and group.old in other.old and set(group.spots) <= set(other.spots)
            for other in groups
            if len(other.spots) >= 2
        )
        if not narrower:
            kept.append(group)
    return kept


def _says_something(new: str) -> bool:
    return len(new) >= 2 and (any(map(str.isalpha, new)) or is_number(new))


def contested(group: Group, pairs: Iterable[tuple[str, str]]) -> bool:
    """Whether other replacements speak against this one: another successor, the way back, a chain, a merger."""
    if len({old for old, new in pairs if old and new == group.new and old != group.old}) >= MERGED:
        return True
    return any(
        (old == group.old and new != group.new) or old == group.new or new == group.old
        for old, new in pairs
        if old and (old, new) != (group.old, group.new)
    )


def is_definition(place: Place) -> bool:
    """Whether a name is given its meaning there for others to use."""
    return place.role is Role.DEFINITION or (place.binds and place.role in (Role.ATTRIBUTE, Role.PARAMETER))


def complaints(moment: Moment, first: int = 0) -> list[str]:
    """What diagnostics and failed runs say of names that are missing, from the ``first`` event on."""
    messages: list[str] = []
    for event in moment.window.events[first:]:
        data = event.data
        if isinstance(data, DiagnosticEvent) and not isinstance(data, DiagnosticResolved):
            messages.append(data.message)
        elif isinstance(data, RunEvent):
            messages += [failure.message for failure in data.failures]
    return [message for message in messages if _UNDEFINED.search(message)]


def complained(group: Group, moment: Moment) -> bool:
    """Whether a diagnostic or a failed run says that the old name is gone."""
    first = min(min(one.events) for one in group.spots)
    return any(True for message in complaints(moment, first) for _ in occurrences(message, group.old))
