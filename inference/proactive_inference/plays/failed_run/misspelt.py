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

from proactive_collectors.workspace import WorkspaceView
from proactive_inference.plays.failed_run.closeness import misspelling_of
from proactive_inference.plays.failed_run.definitions import Definitions, attributes
from proactive_inference.plays.failed_run.messages import Kind
from proactive_inference.plays.failed_run.misspelt_argument import misspelt_fixture, misspelt_keyword
from proactive_inference.plays.failed_run.misspelt_import import misspelt_module, misspelt_name_imported
from proactive_inference.plays.failed_run.respelling import (
    CLOSE,
    DEFINITION,
    HINTED,
    confidence_in,
    is_close,
    respelling,
)
from proactive_inference.plays.failed_run.source import BINDINGS, Occurrence, Role, Source, binding_scope, scope
from proactive_inference.plays.failed_run.spot import FailedRunEvent, Spot
from proactive_inference.proposal import Proposal

if TYPE_CHECKING:
    from tree_sitter import Node

_WORD = re.compile(r"[^\W\d]\w*")
_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))
_MOST_WORDS = 20_000


def misspelt(spot: Spot, failed: FailedRunEvent, workspace: WorkspaceView) -> list[Proposal]:
    """The respelling that the failure calls for: one, or none."""
    definitions = Definitions(workspace)
    match spot.complaint.kind:
        case Kind.NAME:
            return _name(spot, failed, workspace) or _without_self(spot, failed)
        case Kind.MODULE_ATTRIBUTE | Kind.ATTRIBUTE:
            return _attribute(spot, failed, workspace, definitions)
        case Kind.KEYWORD:
            return misspelt_keyword(spot, failed, definitions)
        case Kind.IMPORT_NAME:
            return misspelt_name_imported(spot, failed, definitions)
        case Kind.NO_MODULE:
            return misspelt_module(spot, failed, definitions)
        case Kind.FIXTURE:
            return misspelt_fixture(spot, failed)
        case _:
            return []


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
        if not source.visible(right, at) and not (hasattr(builtins, right) and is_close(wrong, right)):
            return []
    else:
        right = misspelling_of(wrong, _names_seen(source, wrong, at))
        if right is None:
            return []
    confidence = confidence_in(spot, right)
    if definition := _only_the_definition_differs(source, wrong, right, (Role.DEFINITION,), workspace):
        return [respelling(spot, failed, [definition], wrong, DEFINITION)]
    # The same name elsewhere fails the same way wherever what was meant is seen from there.
    alike = [o for o in loads if source.visible(right, o.node) or hasattr(builtins, right)]
    return [respelling(spot, failed, alike, right, confidence)]


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
    return [respelling(spot, failed, alike, f"self.{name}", confidence)]


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
        return [respelling(spot, failed, [definition], complaint.symbol, DEFINITION)]
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
    return [respelling(spot, failed, alike, right, confidence_in(spot, right))]


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
