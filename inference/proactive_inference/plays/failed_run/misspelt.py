"""A misspelt name, attribute, argument or import: put right what the interpreter itself says was meant.

Where it gives no hint (pytest shows none before Python 3.12), the one close name that the code itself offers is
taken, with less confidence: names seen from the line, what a module or class of the workspace defines, the
parameters of the function that is called.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from proactive_collectors.text import TextEdit
from proactive_collectors.workspace import Document, WorkspaceView
from proactive_inference.plays.failed_run.closeness import LONG, distance, misspelling_of
from proactive_inference.plays.failed_run.definitions import Definitions, attributes
from proactive_inference.plays.failed_run.messages import Kind
from proactive_inference.plays.failed_run.offer import offer
from proactive_inference.plays.failed_run.source import BINDINGS, Occurrence, Role, Source, binding_scope, scope
from proactive_inference.plays.failed_run.spot import FailedRunEvent, Spot
from proactive_inference.proposal import Proposal

if TYPE_CHECKING:
    from tree_sitter import Node

SORT = "misspelt"

HINTED = 0.85
"""The interpreter says what was meant."""

CLOSE = 0.7
"""One close name is there, and it is the only one."""

FAR = 0.5
"""The interpreter says what was meant, but it is spelt quite differently."""

DEFINITION = 0.6
"""Every use spells it one way and only the definition another."""

_WORD = re.compile(r"[^\W\d]\w*")
_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))
_MOST_WORDS = 20_000
_FIXTURES = re.compile(r"available fixtures: ([\w, ]{1,5000})")


def misspelt(spot: Spot, failed: FailedRunEvent, workspace: WorkspaceView) -> list[Proposal]:
    """The respelling that the failure calls for: one, or none."""
    definitions = Definitions(workspace)
    match spot.complaint.kind:
        case Kind.NAME:
            return _name(spot, failed, workspace) or _without_self(spot, failed)
        case Kind.MODULE_ATTRIBUTE | Kind.ATTRIBUTE:
            return _attribute(spot, failed, workspace, definitions)
        case Kind.KEYWORD:
            return _keyword(spot, failed, definitions)
        case Kind.IMPORT_NAME:
            return _imported(spot, failed, definitions)
        case Kind.NO_MODULE:
            return _module(spot, failed, definitions)
        case Kind.FIXTURE:
            return _fixture(spot, failed)
        case _:
            return []


def _is_close(wrong: str, right: str) -> bool:
    return distance(wrong, right, 2) <= (2 if len(wrong) >= LONG else 1)


def _confidence(spot: Spot, right: str) -> float:
    if spot.complaint.hint is None:
        return CLOSE
    return HINTED if _is_close(spot.complaint.symbol.rsplit(".", 1)[-1], right) else FAR


def _name(spot: Spot, failed: FailedRunEvent, workspace: WorkspaceView) -> list[Proposal]:
    source, wrong = spot.source, spot.complaint.symbol
    occurrences = source.occurrences(wrong)
    loads = [occurrence for occurrence in occurrences if occurrence.role is Role.LOAD]
    here = spot.pointed(loads)
    if not here or any(occurrence.role in BINDINGS for occurrence in occurrences):
        return []
    at = here[0].node
    right = spot.complaint.hint
    if right is not None:
        # The interpreter guesses far afield; ``False`` for ``value`` helps nobody.
        if not source.visible(right, at) and not (hasattr(builtins, right) and _is_close(wrong, right)):
            return []
    else:
        right = misspelling_of(wrong, _names_seen(source, wrong, at))
        if right is None:
            return []
    confidence = _confidence(spot, right)
    if definition := _only_the_definition_differs(source, wrong, right, (Role.DEFINITION,), workspace):
        return [_respelling(spot, failed, [definition], wrong, DEFINITION)]
    # The same name elsewhere fails the same way wherever what was meant is seen from there.
    alike = [o for o in loads if source.visible(right, o.node) or hasattr(builtins, right)]
    return [_respelling(spot, failed, alike, right, confidence)]


def _without_self(spot: Spot, failed: FailedRunEvent) -> list[Proposal]:
    """A method that names an attribute of its own object without saying whose: ``size`` for ``self.size``."""
    source, name = spot.source, spot.complaint.symbol
    here = spot.pointed([o for o in source.occurrences(name) if o.role is Role.LOAD])
    if not here or hasattr(builtins, name):
        return []
    method = scope(here[0].node)
    class_ = scope(method)
    if method.type != "function_definition" or class_.type != "class_definition":
        return []
    first = method.child_by_field_name("parameters")
    first = first.named_children[0] if first is not None and first.named_children else None
    if first is None or source.content(first) != "self" or name not in attributes(source, class_):
        return []
    if any(binding_scope(binding).id != class_.id for binding in source.bindings(name)):
        return []
    alike = [o for o in here if scope(o.node).id == method.id]
    confidence = HINTED if spot.complaint.hint == f"self.{name}" else CLOSE
    return [_respelling(spot, failed, alike, f"self.{name}", confidence)]


def _names_seen(source: Source, wrong: str, at: Node) -> Iterable[str]:
    words = set(_WORD.findall(source.text)[:_MOST_WORDS]) - {wrong}
    near = {word for word in words if abs(len(word) - len(wrong)) <= 2 and misspelling_of(wrong, (word,))}
    return {word for word in near if source.visible(word, at)} | _BUILTINS


def _only_the_definition_differs(
    source: Source, wrong: str, right: str, kinds: tuple[Role, ...], workspace: WorkspaceView
) -> Occurrence | None:
    """The definition of ``right``, if nothing at all uses that spelling and other places have ``wrong``."""
    if hasattr(builtins, right) or not right.isidentifier():
        return None
    others = source.occurrences(right)
    if len(source.occurrences(wrong)) < 2 or len(others) != 1 or others[0].role not in kinds:
        return None
    if others[0].role is Role.ATTRIBUTE and not (
        _is_assigned(others[0].node) and _object(source, others[0]) == "self"
    ):
        return None
    if len(re.findall(rf"\b{right}\b", source.text)) > 1:
        return None
    if any(right in document.text for document in workspace.documents(".py") if document.uri != source.uri):
        return None
    return others[0]


def _attribute(
    spot: Spot, failed: FailedRunEvent, workspace: WorkspaceView, definitions: Definitions
) -> list[Proposal]:
    source, complaint = spot.source, spot.complaint
    attributes = [
        o for o in source.occurrences(complaint.symbol) if o.role is Role.ATTRIBUTE and not _is_assigned(o.node)
    ]
    here = spot.pointed(attributes)
    if not here or complaint.owner == "NoneType":  # nothing was there at all, whatever its attributes are called
        return []
    right = complaint.hint
    if right is None:
        known = (
            definitions.module_names(complaint.owner)
            if complaint.kind is Kind.MODULE_ATTRIBUTE
            else definitions.class_names(complaint.owner.rsplit(".", 1)[-1], source)
        )
        right = misspelling_of(complaint.symbol, known)
        if right is None:
            return []
        if len(here) > 1:
            return []
    elif not right.isidentifier():
        return []
    kinds = (Role.DEFINITION, Role.ATTRIBUTE)
    if complaint.kind is Kind.ATTRIBUTE and (
        definition := _only_the_definition_differs(source, complaint.symbol, right, kinds, workspace)
    ):
        return [_respelling(spot, failed, [definition], complaint.symbol, DEFINITION)]
    same = {_object(source, occurrence) for occurrence in here}
    alike = list(here)
    if len(same) == 1:
        (owner,) = same
        for occurrence in attributes:
            if (
                occurrence not in here
                and _object(source, occurrence) == owner
                and _fails_alike(spot, owner, here[0], occurrence)
            ):
                alike.append(occurrence)
    return [_respelling(spot, failed, alike, right, _confidence(spot, right))]


def _object(source: Source, attribute: Occurrence) -> str:
    parent = attribute.node.parent
    return source.content(parent.child_by_field_name("object")) if parent is not None else ""


def _fails_alike(spot: Spot, owner: str, one: Occurrence, other: Occurrence) -> bool:
    """Whether the same attribute of what is written the same is missing there, too."""
    if spot.complaint.kind is Kind.MODULE_ATTRIBUTE:
        bindings = spot.source.bindings(owner) if owner.isidentifier() else []
        return bool(bindings) and all(binding.role is Role.IMPORT for binding in bindings)
    first, second = _class_of(one.node), _class_of(other.node)
    return owner == "self" and first is not None and second is not None and first.id == second.id


def _class_of(node: Node) -> Node | None:
    here = scope(node)
    while here.parent is not None and here.type != "class_definition":
        here = scope(here)
    return here if here.type == "class_definition" else None


def _is_assigned(node: Node) -> bool:
    attribute = node.parent
    above = attribute.parent if attribute is not None else None
    return above is not None and above.child_by_field_name("left") == attribute


def _keyword(spot: Spot, failed: FailedRunEvent, definitions: Definitions) -> list[Proposal]:
    source, complaint = spot.source, spot.complaint
    *_, function = complaint.owner.split(".")
    keywords = [o for o in source.occurrences(complaint.symbol) if o.role is Role.KEYWORD]
    here = spot.pointed(keywords) or [o for o in keywords if _call_is_on(source, o, spot.line)]
    if len(here) != 1:
        return []
    right = complaint.hint
    if right is None:
        right = misspelling_of(complaint.symbol, definitions.parameters(complaint.owner, source))
    if right is None or not right.isidentifier() or right in _passed(source, here[0]):
        return []
    called = _called(source, here[0])
    alike = list(here)
    if called == function:
        alike += [
            o
            for o in keywords
            if o not in here and _called(source, o) == called and right not in _passed(source, o)
        ]
    return [_respelling(spot, failed, alike, right, _confidence(spot, right))]


def _call(keyword: Occurrence) -> Node | None:
    node: Node | None = keyword.node
    while node is not None and node.type not in ("call", "class_definition"):
        node = node.parent
    return node if node is not None and node.type == "call" else None


def _call_is_on(source: Source, keyword: Occurrence, line: int) -> bool:
    call = _call(keyword)
    return call is not None and source.line_of(source.span(call)[0]) == line


def _called(source: Source, keyword: Occurrence) -> str:
    call = _call(keyword)
    return source.content(call.child_by_field_name("function")) if call is not None else ""


def _passed(source: Source, keyword: Occurrence) -> set[str]:
    call = _call(keyword)
    arguments = call.child_by_field_name("arguments") if call is not None else None
    if arguments is None:
        return set()
    return {
        source.content(argument.child_by_field_name("name"))
        for argument in arguments.named_children
        if argument.type == "keyword_argument"
    }


def _fixture(spot: Spot, failed: FailedRunEvent) -> list[Proposal]:
    """A test's parameter that is no fixture but nearly one: it and its uses in the test."""
    source, wrong = spot.source, spot.complaint.symbol
    known = {name for found in _FIXTURES.findall(failed.run.output) for name in found.replace(",", " ").split()}
    right = misspelling_of(wrong, known)
    if right is None:
        return []
    for parameter in source.occurrences(wrong):
        test = scope(parameter.node)
        if parameter.role is Role.PARAMETER and _begins_on(source, test, spot.line):
            inside = [o for o in source.occurrences(wrong) if test.start_byte <= o.node.start_byte < test.end_byte]
            if any(o.role in BINDINGS and o is not parameter for o in inside) or right in source.content(test):
                return []
            places = [parameter, *(o for o in inside if o.role is Role.LOAD)]
            return [_respelling(spot, failed, places, right, CLOSE)]
    return []


def _begins_on(source: Source, function: Node, line: int) -> bool:
    """Whether a function, or the first of its decorators, begins on a line."""
    starts = [function]
    if function.parent is not None and function.parent.type == "decorated_definition":
        starts.append(function.parent)
    return any(source.line_of(source.span(node)[0]) == line for node in starts)


def _imported(spot: Spot, failed: FailedRunEvent, definitions: Definitions) -> list[Proposal]:
    source, complaint = spot.source, spot.complaint
    imports = [o for o in source.occurrences(complaint.symbol) if _is_imported_name(o)]
    here = spot.pointed(imports) or [o for o in imports if _statement_begins_on(source, o.node, spot.line)]
    if len(here) != 1:
        return []
    names = definitions.module_names(complaint.owner)
    right = complaint.hint or misspelling_of(complaint.symbol, names)
    if right is None or not right.isidentifier() or (names and right not in names):
        return []
    uses = source.occurrences(complaint.symbol)
    renamed = (
        here[0].node.parent is not None
        and here[0].node.parent.parent is not None
        and (here[0].node.parent.parent.type == "aliased_import")
    )
    if not renamed:
        # Whoever uses the misspelt name in this file gets the right one, if the file has no other of that name.
        others = [o for o in uses if o.role is not Role.LOAD and o.start != here[0].start]
        if any(o.role in BINDINGS for o in others) or source.bindings(right):
            return []
        here += [o for o in uses if o.role is Role.LOAD]
    return [_respelling(spot, failed, here, right, _confidence(spot, right))]


def _is_imported_name(occurrence: Occurrence) -> bool:
    path = occurrence.node.parent
    above = path.parent if path is not None else None
    if path is None or above is None or path.type != "dotted_name":
        return False
    if above.type == "aliased_import":
        return above.parent is not None and above.parent.type == "import_from_statement"
    return above.type == "import_from_statement" and above.child_by_field_name("module_name") != path


def _statement_begins_on(source: Source, node: Node, line: int) -> bool:
    here: Node | None = node
    while here is not None and not here.type.endswith("_statement"):
        here = here.parent
    return here is not None and source.line_of(source.span(here)[0]) == line


def _module(spot: Spot, failed: FailedRunEvent, definitions: Definitions) -> list[Proposal]:
    """``import utlis`` where the workspace has ``utils``."""
    source, missing = spot.source, spot.complaint.symbol
    *above, wrong = missing.split(".")
    paths = [
        o
        for o in source.occurrences(wrong)
        if _module_path(source, o, missing) and source.line_of(o.start) == spot.line
    ]
    if len(paths) != 1:
        return []
    right = spot.complaint.hint or misspelling_of(wrong, definitions.modules(".".join(above), source.uri))
    if right is None or not right.isidentifier():
        return []
    here = list(paths)
    if paths[0].role is Role.IMPORT:
        if source.bindings(right):
            return []
        here += [o for o in source.occurrences(wrong) if o.role is Role.LOAD]
    return [_respelling(spot, failed, here, right, _confidence(spot, right))]


def _module_path(source: Source, occurrence: Occurrence, missing: str) -> bool:
    path = occurrence.node.parent
    if path is None or path.type != "dotted_name":
        return False
    above = path.parent
    if above is None:
        return False
    in_from = above.type == "import_from_statement" and above.child_by_field_name("module_name") == path
    plain = above.type in ("import_statement", "aliased_import")
    whole = source.content(path)
    depth = len(missing.split("."))
    return (
        (in_from or plain)
        and whole.split(".")[:depth] == missing.split(".")
        and (path.named_children[depth - 1] == occurrence.node)
    )


def _respelling(
    spot: Spot, failed: FailedRunEvent, places: list[Occurrence], right: str, confidence: float
) -> Proposal:
    source = spot.source
    places = sorted(places, key=lambda place: place.start)
    edits = tuple(TextEdit(source.range(place.start, place.end), right) for place in places)
    wrong = places[0].name
    at = next((place for place in places if source.line_of(place.start) == spot.line), places[0])
    many = f" in {len(places)} places" if len(places) > 1 else ""
    said = (
        "the interpreter itself asks whether that was meant"
        if spot.complaint.hint
        else ("it is the only name so close to it there")
    )
    document: Document = spot.document
    return offer(
        SORT,
        spot,
        failed,
        symbol=f"{wrong}>{right}",
        title=f"Change '{wrong}' to '{right}'{many}",
        task=f"Put the misspelt '{wrong}' right: '{right}'{many}.",
        anchor=(at.start, at.end),
        edits={document: edits},
        confidence=confidence,
        reason=f"The run failed on '{spot.complaint.symbol}', which does not exist; {said}.",
    )
