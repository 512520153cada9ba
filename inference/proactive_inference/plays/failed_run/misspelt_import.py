"""A misspelt import: a name that the module does not have, or a module that the workspace does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proactive_inference.plays.failed_run.closeness import misspelling_of
from proactive_inference.plays.failed_run.definitions import Definitions
from proactive_inference.plays.failed_run.respelling import confidence_in, is_close, respelling
from proactive_inference.plays.failed_run.source import BINDINGS, Occurrence, Role, Source
from proactive_inference.plays.failed_run.spot import FailedRunEvent, Spot
from proactive_inference.proposal import Proposal

if TYPE_CHECKING:
    from tree_sitter import Node


def misspelt_name_imported(spot: Spot, failed: FailedRunEvent, definitions: Definitions) -> list[Proposal]:
    """``from utils import laod`` where the module has ``load``: it, and its uses in the file."""
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
    return [respelling(spot, failed, here, right, confidence_in(spot, right))]


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


def misspelt_module(spot: Spot, failed: FailedRunEvent, definitions: Definitions) -> list[Proposal]:
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
    modules = definitions.modules(".".join(above), source.uri)
    right = spot.complaint.hint or misspelling_of(wrong, modules)
    if right is None or not right.isidentifier():
        return []
    if not is_close(wrong, right) and right not in modules:  # anything may print a hint, and importing runs code
        return []
    here = list(paths)
    if paths[0].role is Role.IMPORT:
        if source.bindings(right):
            return []
        here += [o for o in source.occurrences(wrong) if o.role is Role.LOAD]
    return [respelling(spot, failed, here, right, confidence_in(spot, right))]


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
