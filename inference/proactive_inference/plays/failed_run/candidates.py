"""From where a name can be imported into a file: what others import, what the workspace defines, the library.

Identity of a candidate is where the name comes from in the end, so that ``from app import Client`` and
``from app.client import Client`` are the same offer when ``app/__init__.py`` passes ``Client`` on.
"""

from __future__ import annotations

from collections import deque

from attrs import define, frozen

from proactive_collectors.workspace import WorkspaceView
from proactive_inference.plays.failed_run.index import Facts, Index
from proactive_inference.plays.failed_run.layout import Layout, Place, search_roots
from proactive_inference.plays.failed_run.source import Role, Source, binding_scope
from proactive_inference.plays.failed_run.stdlib import Import, Use, contradicts, stdlib_imports

MOST_DEFINERS = 8
"""A name that more files than this define says nothing about which is meant."""

MOST_ON_THE_WAY = 64
"""So many files are looked at, at most, for whether one leads to another by their imports."""

CLEAR = 2
"""So many times as often as the next one a form has to be used to be taken alone."""


@frozen
class Candidate:
    """One import that would define the name."""

    statement: Import
    votes: int  #: how many other files of the workspace import it so
    defined: bool  #: whether a file of the workspace defines it


@define
class _Tally:
    statements: dict[Import, int]
    defined: bool = False


def candidates(
    name: str,
    user: Place,
    uses: list[Use],
    workspace: WorkspaceView,
    index: Index,
    command: str = "",
    cwd: str | None = None,
) -> list[Candidate]:
    """The imports of ``name`` worth offering in the file at ``user``: one, two if it cannot be told, or none."""
    search = _Search(name, user, workspace, index, command, cwd)
    tallies: dict[object, _Tally] = {}
    for place, facts in search.others():
        if place.stem == "__init__" and place.package and place.packages == user.packages[: place.package]:
            continue  # a package that passes its own names on is no example of how to import them
        for statement in facts.imports:
            if statement.binds != name or contradicts(statement, uses):
                continue
            found = search.seen_by(place, statement)
            if found is not None:
                identity, shown = found
                tally = tallies.setdefault(identity, _Tally({}))
                tally.statements[shown] = tally.statements.get(shown, 0) + 1
    for definer in search.definers():
        if (own := search.import_of(definer)) is not None:
            tally = tallies.setdefault(definer.uri, _Tally({}))
            tally.defined = True
            tally.statements.setdefault(own, 0)
    for statement in stdlib_imports(name, uses):
        tallies.setdefault(statement, _Tally({})).statements.setdefault(statement, 0)
    return _best([c for tally in tallies.values() if (c := _candidate(tally)) is not None])


def _candidate(tally: _Tally) -> Candidate | None:
    if not tally.statements:
        return None
    statement, _ = max(tally.statements.items(), key=lambda item: (item[1], -len(item[0].module)))
    return Candidate(statement, sum(tally.statements.values()), tally.defined)


def _best(found: list[Candidate]) -> list[Candidate]:
    found.sort(key=lambda c: (-c.votes, not c.defined))
    if len(found) <= 1 or found[0].votes >= max(1, CLEAR * found[1].votes):
        return found[:1]
    tied = [c for c in found if CLEAR * c.votes > found[0].votes or c.votes == found[0].votes]
    return tied if len(tied) == 2 else []


class _Search:
    """The workspace as far as it concerns one name and the file that lacks it."""

    def __init__(
        self, name: str, user: Place, workspace: WorkspaceView, index: Index, command: str, cwd: str | None
    ) -> None:
        self.name = name
        self.user = user
        self._workspace = workspace
        self._index = index
        self._layout = Layout(workspace)
        self._roots = search_roots(user, command, cwd)
        self._mentioning = index.mentioning(workspace, name)
        self._importers: dict[str, dict[str, Facts]] = {}
        self._files: dict[str, Place | None] = {}
        self._circular: dict[str, bool] = {}  # whether a file, by its URI, leads to the user's

    def others(self) -> list[tuple[Place, Facts]]:
        """The other files that mention the name."""
        return [
            (place, facts)
            for uri, facts in self._mentioning.items()
            if uri != self.user.uri and (place := self._layout.place(uri)) is not None
        ]

    def definers(self) -> list[Place]:
        """The files that define the name at their outermost level; none if there are too many to mean anything."""
        likely = [
            place
            for place, facts in self.others()
            if self.name in facts.defines and not place.is_test and place.stem != "__main__"
        ]
        if len(likely) > MOST_DEFINERS:
            return []
        return [place for place in likely if self._really_defines(place.uri)]

    def _really_defines(self, uri: str) -> bool:
        document = self._workspace.document(uri)
        if document is None:
            return False
        source = Source(uri, document.text)
        return any(
            occurrence.role in (Role.DEFINITION, Role.STORE) and binding_scope(occurrence).type == "module"
            for occurrence in source.bindings(self.name)
        )

    def seen_by(self, place: Place, statement: Import) -> tuple[object, Import] | None:
        """Another file's import: what it comes from in the end, and how the user's file would write it."""
        target = self._target(place, statement.module)
        if target is None:
            return None if statement.module.startswith(".") else (_plain(statement), statement)
        if target.uri == self.user.uri or target.is_test or self._imports_user(target):
            return None
        if statement.name is None:
            return (statement, statement)
        origin = self._origin(target, statement.name)
        if origin.stem != "__init__" and not self._has(origin, statement.name):
            return None  # that import fails as well
        inside = target.stem == "__init__" and target.packages == self.user.packages[: target.package]
        shown = origin if inside or statement.module.startswith(".") else target
        if shown is not target or statement.module.startswith("."):
            module = self._module(shown)
        else:
            module = self._relative(shown) or statement.module
        return None if module is None else (origin.uri, Import(module, statement.name, statement.alias))

    def import_of(self, definer: Place) -> Import | None:
        """The import of the name from the file that defines it; ``None`` if it cannot be had from there."""
        if definer.uri == self.user.uri or self._imports_user(definer):
            return None
        module = self._module(definer)
        return None if module is None else Import(module, self.name)

    def _module(self, target: Place) -> str | None:
        """How the user's file can import ``target``: relatively, as others do, or by the layout."""
        if relative := self._relative(target):
            return relative
        if not target.parts:
            return None
        if own := self._as_own_imports_do(target):
            return own
        if target.root in self._roots:
            return ".".join(target.parts)
        if seen := self._as_others_do(target):
            return seen
        # Directories without __init__.py are importable too, from a directory that is looked in.
        for root in self._roots:
            if target.root.startswith(root + "/"):
                between = tuple(target.root[len(root) + 1 :].split("/"))
                if all(part.isidentifier() for part in between) and between[0] not in ("src", "tests", "test"):
                    return ".".join((*between, *target.parts))
        return None

    def _as_own_imports_do(self, target: Place) -> str | None:
        """The dotted name that begins where most of the user's own imports from the same tree begin."""
        facts = self._index_of(self.user.uri)
        tops = [statement.module.split(".", 1)[0] for statement in facts.imports] if facts else []
        begins = {top: tops.count(top) for top in tops if top in target.path[:-1] and target.path.count(top) == 1}
        if not begins or not all(part.isidentifier() for part in target.path):
            return None
        top = max(begins, key=lambda top: begins[top])
        return ".".join(target.path[target.path.index(top) :])

    def _as_others_do(self, target: Place) -> str | None:
        last = target.path[-1] if target.path else ""
        if last not in self._importers:
            self._importers[last] = self._index.mentioning(self._workspace, last) if last else {}
        counts: dict[str, int] = {}
        for uri, facts in self._importers[last].items():
            place = self._layout.place(uri)
            if place is None:
                continue
            for module in {statement.module for statement in facts.imports}:
                if not module.startswith(".") and _ends_with(target.path, module):
                    near = place.root == self.user.root
                    counts[module] = counts.get(module, 0) + (3 if near else 2)
        return max(counts, key=lambda module: (counts[module], len(module))) if counts else None

    def _relative(self, target: Place) -> str | None:
        """The relative module, if both lie in one package and that is the file's style, or its siblings'."""
        user = self.user
        if (
            not user.package
            or not target.package
            or user.root != target.root
            or user.packages[0] != target.packages[0]
        ):
            return None
        if not self._relative_style():
            return None
        common = 0
        while common < min(user.package, target.package) and user.packages[common] == target.packages[common]:
            common += 1
        rest = target.parts[common:]
        return "." * (user.package - common + 1) + ".".join(rest)

    def _relative_style(self) -> bool:
        own = self._index_of(self.user.uri)
        top = self.user.packages[0]
        votes = _style(own, top) if own else 0
        if votes == 0:
            for place, facts in self.others():
                if place.root == self.user.root and place.packages[:1] == (top,):
                    votes += _style(facts, top)
        return votes > 0

    def _index_of(self, uri: str) -> Facts | None:
        document = self._workspace.document(uri)
        return None if document is None else self._index.facts(document)

    def _target(self, place: Place, module: str) -> Place | None:
        """The workspace's file that ``module`` means in the file at ``place``; ``None`` for a foreign module."""
        if module.startswith("."):
            rest = module.lstrip(".")
            up = len(module) - len(rest) - 1
            base = place.directories[: len(place.directories) - up] if up <= len(place.directories) else None
            if base is None:
                return None
            return self._file(place.folder, (*base, *(part for part in rest.split(".") if part)))
        parts = tuple(module.split("."))
        for root in dict.fromkeys((place.root, place.folder, place.folder + "/src", *self._roots)):
            if root == place.folder or root.startswith(place.folder + "/"):
                directories = tuple(part for part in root[len(place.folder) :].split("/") if part)
                if (found := self._file(place.folder, (*directories, *parts))) is not None:
                    return found
        return None

    def _file(self, folder: str, path: tuple[str, ...]) -> Place | None:
        base = "/".join((folder, *path))
        if base not in self._files:
            uris = (
                uri for uri in (base + ".py", base + "/__init__.py") if self._workspace.document(uri) is not None
            )
            uri = next(uris, None)
            self._files[base] = None if uri is None else self._layout.place(uri)
        return self._files[base]

    def _has(self, place: Place, name: str) -> bool:
        facts = self._index_of(place.uri)
        return facts is not None and (name in facts.defines or any(s.binds == name for s in facts.imports))

    def _origin(self, target: Place, name: str) -> Place:
        """The file a name comes from when ``target`` only passes it on."""
        here = target
        for _ in range(4):
            facts = self._index_of(here.uri)
            if facts is None or name in facts.defines:
                return here
            passed = next((s for s in facts.imports if s.binds == name and s.name == name), None)
            after = self._target(here, passed.module) if passed else None
            if after is None or after.uri == here.uri:
                return here
            here = after
        return here

    def _imports_user(self, target: Place) -> bool:
        """Whether the file imports the user's file, itself or through others: an import back would be circular.

        Packages around the user's file are no way to it: they are there, in part, before the file itself is.
        """
        if target.uri not in self._circular:
            self._circular[target.uri] = self._leads_to_user(target)
        return self._circular[target.uri]

    def _leads_to_user(self, target: Place) -> bool:
        seen, due = {target.uri}, deque([target])
        for _ in range(MOST_ON_THE_WAY):
            if not due:
                return False
            for found in self._imported_by(due.popleft()):
                if found.uri == self.user.uri:
                    return True
                around = found.stem == "__init__" and found.packages == self.user.packages[: found.package]
                if found.uri not in seen and not around:
                    seen.add(found.uri)
                    due.append(found)
        return False

    def _imported_by(self, place: Place) -> list[Place]:
        """The workspace's files that are imported when the file is."""
        facts = self._index_of(place.uri)
        modules = (
            module
            for statement in (facts.early if facts is not None else ())
            for module in (statement.module, _joined(statement))
        )
        return [found for module in dict.fromkeys(modules) if (found := self._target(place, module)) is not None]


def _joined(statement: Import) -> str:
    if statement.name is None:
        return statement.module
    return statement.module + ("" if statement.module.endswith(".") else ".") + statement.name


def _style(facts: Facts, top: str) -> int:
    relative = sum(statement.module.startswith(".") for statement in facts.imports)
    return relative - sum(statement.module.split(".")[0] == top for statement in facts.imports)


def _ends_with(path: tuple[str, ...], module: str) -> bool:
    parts = tuple(module.split("."))
    return len(parts) <= len(path) and path[-len(parts) :] == parts


def _plain(statement: Import) -> Import:
    return Import(statement.module, statement.name)
