"""Which uses of a name are left: by its scope, its class, its imports, as far as one file's syntax shows them.

A local variable stays within its function, a member within what can be its class, a global name where it is
imported. Whenever the old name is still defined after uses were moved away from it, the rest may well be meant,
and nothing is returned.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from proactive_inference.plays.repeated_edit.candidates import NONE, Remaining, Seen, binder, candidates, simple
from proactive_inference.plays.repeated_edit.library import Library
from proactive_inference.plays.repeated_edit.limits import SURE
from proactive_inference.plays.repeated_edit.roles import NAMES, Place, Role, Source, Span
from proactive_inference.plays.repeated_edit.tokens import distinctive, occurrences

_GLOBAL = frozenset({Role.VARIABLE, Role.DEFINITION, Role.TYPE, Role.IMPORT})
LONG = 9
"""A name of so many characters is hardly another thing's name by chance."""

_SELF = frozenset({"self", "this", "cls", "super()"})


def names_left(seen: Seen, names: Sequence[Place], library: Library) -> Remaining:
    """The uses left of a name that was replaced at these places."""
    if not (simple(seen.old) and simple(seen.new)):
        return _phrases(seen, names, library)
    ways = {"local": _locals, "member": _members, "keyword": _keywords, "global": _globals}
    groups: dict[str, list[Place]] = {}
    for place in names:
        groups.setdefault(_group(seen, place, library), []).append(place)
    found = [
        ways[group](seen, places, library)
        for group, places in groups.items()
        if len(places) >= 2 or any(place.binds for place in places)
    ]
    left = dict.fromkeys(place for part in found for place in part.places)
    broken = bool(found) and all(part.broken for part in found)
    return Remaining(tuple(left), broken, next((part.why for part in found if part.why), ""))


def _group(seen: Seen, place: Place, library: Library) -> str:
    if place.role is Role.ATTRIBUTE:
        return "member"
    if place.role is Role.KEYWORD:
        return "keyword"
    return "local" if _region(seen, place, library) is not None else "global"


def _region(seen: Seen, place: Place, library: Library) -> Span | None:
    """The function whose own the name at ``place`` is, be it by its new or its old spelling."""
    source = library.source(place.uri)
    if source is None or place.scope is None:
        return None
    for spelling in (seen.new, seen.old):
        span = binder(source.places(spelling), place)
        if span is not None:
            return span
    return None


def _locals(seen: Seen, places: Sequence[Place], library: Library) -> Remaining:
    found: list[Place] = []
    broken = True
    for uri in dict.fromkeys(place.uri for place in places):
        source = library.source(uri)
        if source is None:
            continue
        here = [place for place in places if place.uri == uri]
        olds = source.places(seen.old)
        for region in dict.fromkeys(_region(seen, place, library) for place in here):
            if region is None:
                continue
            left = [
                place
                for place in candidates(source, seen)
                if place.role in (Role.VARIABLE, Role.PARAMETER, Role.DEFINITION)
                and place.scope is not None
                and region[0] <= place.scope[0]
                and place.scope[1] <= region[1]
                and binder(olds, place) in (None, region)
            ]
            if _known_outside(seen, source):
                if len(here) < SURE:
                    return NONE  # it may well be the one outside that is meant
                # Where the old name has a meaning outside, too, a line with both speaks of that one.
                left = [place for place in left if not _speaks_of(seen.new, source, place)]
            binds = [place for place in source.places(seen.new) if place.binds and place.scope == region]
            first = min(binds, key=lambda place: place.start, default=None)
            if first is not None and first.role is not Role.PARAMETER:
                if any(place.start < first.start for place in left):
                    return NONE  # what stands before the variable comes to be is another thing of the same name
                # What it is made of in the same line is, too: ``rows = rows(table)``.
                end = source.text.find("\n", first.start)
                left = [place for place in left if place.start > end >= 0]
            renamed = any(place.binds and place.scope == region for place in here)
            if any(place.binds for place in left):
                return NONE  # the old variable lives on, or was declared anew
            if not renamed and binder(source.places(seen.new), here[0]) is not None:
                broken = False
            found += left
    return Remaining(tuple(found), broken, "the variable was renamed in its function") if found else NONE


def _known_outside(seen: Seen, source: Source) -> bool:
    """Whether the old name means something outside of functions, or is imported."""
    if source.document.language == "go" and _go_package(source, seen.old):
        return True
    return any(place.role is Role.IMPORT or _defines(place) for place in source.places(seen.old))


def _members(seen: Seen, places: Sequence[Place], library: Library) -> Remaining:
    sources = library.containing(seen.old)
    if sources is None:
        return NONE
    files = {place.uri for place in places}
    owners = {place.owner for place in places if place.binds or place.receiver in _SELF}
    receivers = {place.receiver for place in places if not place.binds or place.receiver}
    defined = any(place.binds for place in places)
    if any(place.receiver and _imported(place, library) for place in places):
        return NONE  # a module goes on having the old member, and what is left may go on using it
    left: list[Place] = []
    for source in sources:
        for place in candidates(source, seen):
            if place.role is not Role.ATTRIBUTE:
                continue
            if not _imported(place, library):
                left.append(place)
    alive = [place for place in left if place.binds]
    if alive and not defined:
        return NONE
    if any(not place.receiver and place.uri in files and place.owner in owners for place in alive):
        return NONE  # the class still has it
    strangers = [place for place in alive if place.uri not in files or place.owner not in owners]
    own = [place for place in left if place.uri in files and place.owner in owners and _own(place, owners)]
    if strangers:
        return Remaining(tuple(own), False, "the same member of the same class") if own else NONE
    if defined and (distinctive(seen.old) or len(seen.old) >= LONG):
        return Remaining(tuple(left), True, "its definition was renamed") if left else NONE
    if defined:
        own += [place for place in left if place.uri in files and place.receiver in receivers and place not in own]
        return Remaining(tuple(own), True, "its definition was renamed") if own else NONE
    return NONE  # it is defined out of sight, and goes on being


def _own(place: Place, owners: set[str]) -> bool:
    return place.receiver in _SELF or (place.binds and place.owner in owners)


def _keywords(seen: Seen, places: Sequence[Place], library: Library) -> Remaining:
    if not (distinctive(seen.old) or len(seen.old) >= LONG):
        return NONE  # calls of other functions have a keyword of this name as well
    files = {place.uri for place in places}
    left: list[Place] = []
    for uri in sorted(files):
        source = library.source(uri)
        if source is not None:
            left += [p for p in candidates(source, seen) if p.role is Role.KEYWORD]
    return Remaining(tuple(left), False, "the same keyword") if left else NONE


def _globals(seen: Seen, places: Sequence[Place], library: Library) -> Remaining:
    sources = library.containing(seen.old)
    if sources is None:
        return NONE
    files = {place.uri for place in places}
    defined = any(_defines(place) for place in places)
    moved = {place.uri for place in places if place.role is Role.IMPORT}
    folders = {PurePosixPath(uri).parent for uri in files}
    modules = {_module(place.uri, library) for place in places if _defines(place)}
    left: list[Place] = []
    alive: list[Place] = []
    for source in sources:
        uri = source.document.uri
        olds = source.places(seen.old)
        if any(_defines(place) and _speaks_of(seen.new, source, place) for place in olds):
            return NONE  # the old name lives on as another name of the new one
        here = [
            place for place in candidates(source, seen) if place.role in _GLOBAL and binder(olds, place) is None
        ]
        own = [place for place in here if _defines(place)]
        imports = [place for place in here if place.role is Role.IMPORT]
        if own and not (uri in files and defined and all(place.role is Role.VARIABLE for place in own)):
            alive += own
            continue
        if uri in files:
            if imports and not defined and not moved:
                return NONE  # the name is still imported: what is left is meant
            left += here
        elif (imports and (defined or len(moved) > 1)) or (
            source.document.language in ("go", "rust") and PurePosixPath(uri).parent in folders and defined
        ):
            left += here
        if defined and source.document.language != "rust":  # there ``io::Lock`` is as likely another
            left += [
                place
                for place in candidates(source, seen)
                if place.role is Role.ATTRIBUTE and place.receiver and _imported(place, library)
                if _last(place.receiver) in modules
                or (distinctive(seen.old) and source.document.language != "go")  # there it is another package's
            ]
    if alive and (not defined or any(place.uri in files for place in alive)):
        return NONE
    if not (alive or defined or moved):
        return NONE  # built in, or defined out of sight, and goes on being
    if alive:
        left = [place for place in left if place.uri in files]
    why = "its definition was renamed" if defined else "the same name"
    return Remaining(tuple(left), defined, why) if left else NONE


def _defines(place: Place) -> bool:
    return place.role is Role.DEFINITION or (place.role is Role.VARIABLE and place.binds and place.scope is None)


def _speaks_of(spelling: str, source: Source, place: Place) -> bool:
    return any(True for _ in occurrences(source.line_of(place.start), spelling))


def _module(uri: str, library: Library) -> str:
    """What a file is called where it is imported: ``keys`` for ``lib/keys.py`` and ``keys/__init__.py``."""
    path = PurePosixPath(uri)
    source = library.source(uri) if path.suffix == ".go" else None
    package = re.search(r"^package (\w+)", source.text, re.M) if source is not None else None
    if package:
        return package[1]
    return path.parent.name if path.stem in ("__init__", "index", "mod") else path.stem


def _last(receiver: str) -> str:
    return re.split(r"\.|::", receiver)[-1]


def _imported(place: Place, library: Library) -> bool:
    """Whether the receiver is a module or a name that the file imports."""
    root = place.receiver.split(".", 1)[0].split("::", 1)[0]
    if not root.isidentifier() or root in _SELF:
        return False
    source = library.source(place.uri)
    if source is None:
        return False
    if source.document.language == "go":
        return _go_package(source, root)
    return any(other.role is Role.IMPORT for other in source.places(root))


def _go_package(source: Source, root: str) -> bool:
    root = re.escape(root)
    pattern = rf'^[ \t]*(?:import[ \t]+)?(?:{root}[ \t]+"|"(?:[^"\n]*/)?(?:go-)?{root}(?:/v\d+|\.v\d+)?"[ \t]*$)'
    return re.search(pattern, source.text[:6_000], re.M) is not None


def _phrases(seen: Seen, places: Sequence[Place], library: Library) -> Remaining:
    """``Path`` made ``pathlib.Path``: the uses left in the same files, if nothing there binds the name."""
    if not _requalified(seen.old, seen.new):
        return NONE  # ``typing.Any`` made ``str``: another thing, at these places
    left: list[Place] = []
    for uri in dict.fromkeys(place.uri for place in places):
        source = library.source(uri)
        if source is None:
            continue
        here = [place for place in candidates(source, seen) if place.role in NAMES]
        if any(place.binds for place in source.places(seen.old)):
            return NONE
        roles = {place.role for place in places if place.uri == uri} | {Role.TYPE, Role.VARIABLE}
        left += [place for place in here if place.role in roles]
    return Remaining(tuple(left), False, "the same name") if left else NONE


def _requalified(old: str, new: str) -> bool:
    """Whether only what stands before the dot differs, or its absence."""
    olds, news = re.split(r"[.:/]+", old), re.split(r"[.:/]+", new)
    return olds[-1] == news[-1] or olds[0] == news[0] != ""
