"""A name that is not defined here but that the workspace or the standard library defines: import it.

Also the import that looks in the wrong module, where the workspace defines the name in another one.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import TYPE_CHECKING

from proactive_collectors.text import TextEdit
from proactive_collectors.workspace import WorkspaceView
from proactive_inference.plays.failed_run.candidates import Candidate, candidates
from proactive_inference.plays.failed_run.imports import import_edits, statement_text
from proactive_inference.plays.failed_run.index import Index
from proactive_inference.plays.failed_run.layout import Layout, Place
from proactive_inference.plays.failed_run.messages import Kind
from proactive_inference.plays.failed_run.offer import offer
from proactive_inference.plays.failed_run.source import (
    BINDINGS,
    Occurrence,
    Role,
    Source,
    binding_scope,
)
from proactive_inference.plays.failed_run.spot import FailedRunEvent, Spot
from proactive_inference.plays.failed_run.stdlib import Use, use_of
from proactive_inference.proposal import Proposal

if TYPE_CHECKING:
    from tree_sitter import Node

SORT = "missing_import"

CERTAIN = 0.9
"""The interpreter names the missing name, and there is one place it can come from."""

MOST_MOVED = 4
"""Names of one statement that are looked for elsewhere."""

UNSURE = 0.5
"""There are two places it can come from."""


def missing_import(spot: Spot, failed: FailedRunEvent, workspace: WorkspaceView, index: Index) -> list[Proposal]:
    """The imports that would define the name a ``NameError`` is about, or mend a from-import that failed."""
    if spot.complaint.kind is Kind.NAME:
        return _undefined(spot, failed, workspace, index)
    if spot.complaint.kind in (Kind.IMPORT_NAME, Kind.NO_MODULE):
        return _moved(spot, failed, workspace, index)
    return []


def _undefined(spot: Spot, failed: FailedRunEvent, workspace: WorkspaceView, index: Index) -> list[Proposal]:
    name, source = spot.complaint.symbol, spot.source
    occurrences = source.occurrences(name)
    loads = [occurrence for occurrence in occurrences if occurrence.role is Role.LOAD]
    here = spot.pointed(loads)
    user = Layout(workspace).place(source.uri, importable=False)
    if not here or user is None or hasattr(builtins, name) or name.startswith("__"):
        return []
    if any(not _local_import(binding) for binding in occurrences if binding.role in BINDINGS):
        return []  # bound somewhere in the file: used too early or in the wrong scope, and no import mends that
    lacking = [occurrence for occurrence in loads if not source.visible(name, occurrence.node)]
    uses = [use_of(source, occurrence) for occurrence in lacking]
    found = candidates(name, user, uses, workspace, index, failed.command, failed.run.cwd)
    proposals = []
    for candidate in found:
        edits = import_edits(source, candidate.statement, spot.line, _ownership(workspace))
        if edits is not None:
            confidence = CERTAIN if len(found) == 1 else UNSURE
            proposals.append(_import_offer(spot, failed, candidate, here[0], edits, confidence))
    return proposals


def _import_offer(
    spot: Spot,
    failed: FailedRunEvent,
    candidate: Candidate,
    at: Occurrence,
    edits: tuple[TextEdit, ...],
    confidence: float,
) -> Proposal:
    statement = candidate.statement
    source = f"from {statement.module}" if statement.name else ""
    what = statement.alias if statement.alias and statement.name is None else statement.binds
    title = (
        f"Import '{what}' {source}" if source else f"Import {statement_text(statement).removeprefix('import ')}"
    )
    why = [f"The run failed because '{at.name}' is not defined here."]
    if candidate.votes:
        files = "1 other file imports" if candidate.votes == 1 else f"{candidate.votes} other files import"
        why.append(f"{files} it as `{statement_text(statement)}`.")
    elif candidate.defined:
        why.append(f"The workspace defines it in {statement.module}.")
    else:
        why.append(f"It belongs to the standard library: `{statement_text(statement)}`.")
    return offer(
        SORT,
        spot,
        failed,
        symbol=f"{at.name}={statement_text(statement)}",
        title=title.strip(),
        task=f"Add `{statement_text(statement)}`, which '{at.name}' needs.",
        anchor=(at.start, at.end),
        edits={spot.document: edits},
        confidence=confidence,
        reason=" ".join(why),
    )


def _local_import(binding: Occurrence) -> bool:
    """Whether a binding is an import that only another function sees."""
    return binding.role is Role.IMPORT and binding_scope(binding).type == "function_definition"


def _ownership(workspace: WorkspaceView) -> Callable[[str], bool]:
    """Tells whether a dotted module is the workspace's own, by the file or directory that bears its first part."""
    known: dict[str, bool] = {}

    def own(module: str) -> bool:
        top = module.split(".", 1)[0]
        if top not in known:
            known[top] = any(
                workspace.document(f"{folder.rstrip('/')}{below}/{top}{end}") is not None
                for folder in workspace.folders()
                for below in ("", "/src", "/tests")
                for end in (".py", "/__init__.py")
            )
        return known[top]

    return own


def _moved(spot: Spot, failed: FailedRunEvent, workspace: WorkspaceView, index: Index) -> list[Proposal]:
    """``from a import x`` where only ``b`` of the workspace defines ``x``: import it from ``b``."""
    source, complaint = spot.source, spot.complaint
    user = Layout(workspace).place(source.uri, importable=False)
    statement = _statement_at(source, spot.line)
    module_node = statement.child_by_field_name("module_name") if statement is not None else None
    if user is None or statement is None or module_node is None:
        return []
    module = source.content(module_node)
    items = statement.children_by_field_name("name")
    names = [source.content(item).split(" as ")[0].strip() for item in items]
    if complaint.kind is Kind.NO_MODULE and complaint.symbol not in (module, module.split(".")[0]):
        return []
    lost = [complaint.symbol] if complaint.kind is Kind.IMPORT_NAME else names
    if not names or not set(lost) <= set(names):
        return []
    homes = {
        _home(name, module, user, workspace, index, failed.command, failed.run.cwd) for name in lost[:MOST_MOVED]
    }
    target = homes.pop() if len(homes) == 1 and len(lost) <= MOST_MOVED else None
    if target is None:
        return []
    start, end = source.span(module_node)
    edits: tuple[TextEdit, ...] | None
    if len(lost) == len(names):
        edits = (TextEdit(source.range(start, end), target),)
    else:
        edits = _taken_out(source, statement, items, names.index(lost[0]), target)
    if edits is None:
        return []
    what = f"'{lost[0]}'" if len(lost) == 1 else f"{len(lost)} names"
    return [
        offer(
            SORT,
            spot,
            failed,
            symbol=f"{','.join(lost)}={module}>{target}",
            title=f"Import {what} from {target}",
            task=f"Import {what} from {target}, where the workspace defines {'it' if len(lost) == 1 else 'them'}.",
            anchor=(start, end),
            edits={spot.document: edits},
            confidence=CERTAIN,
            reason=f"The run failed because {what} cannot be imported from {module}; "
            f"the workspace defines {'it' if len(lost) == 1 else 'them'} in {target}.",
        )
    ]


def _home(
    name: str, not_from: str, user: Place, workspace: WorkspaceView, index: Index, command: str, cwd: str | None
) -> str | None:
    """The one other module of the workspace that defines a name."""
    found = [
        candidate.statement.module
        for candidate in candidates(name, user, [Use(called=True)], workspace, index, command, cwd)
        if candidate.statement.name == name and candidate.statement.module != not_from and candidate.defined
    ]
    return found[0] if len(found) == 1 else None


def _taken_out(
    source: Source, statement: Node, items: list[Node], slot: int, target: str
) -> tuple[TextEdit, ...] | None:
    """One name of a list on one line becomes an import of its own on the line below."""
    first, end = source.span(statement)
    line = source.line_of(first)
    below = source.line_start(line + 1)
    if source.line_of(end) != line or source.text[end:below].strip() or below == len(source.text) == end:
        return None
    indent = source.text[source.line_start(line) : first]
    stop = source.text[end:below]
    if indent.strip() or not stop:
        return None
    spans = [source.span(item) for item in items]
    cut = (spans[slot][0], spans[slot + 1][0]) if slot + 1 < len(spans) else (spans[slot - 1][1], spans[slot][1])
    taken = source.text[spans[slot][0] : spans[slot][1]]
    return (
        TextEdit(source.range(*cut), ""),
        TextEdit(source.range(below, below), f"{indent}from {target} import {taken}{stop.lstrip(' ')}"),
    )


def _statement_at(source: Source, line: int) -> Node | None:
    """The from-import whose first line is ``line``."""
    text = source.lines[line]
    start = source.line_start(line) + len(text) - len(text.lstrip())
    node = source.root.descendant_for_byte_range(source.byte(start), source.byte(start) + 1)
    while node is not None and node.type != "import_from_statement":
        node = node.parent
    return node if node is not None and source.line_of(source.span(node)[0]) == line else None
