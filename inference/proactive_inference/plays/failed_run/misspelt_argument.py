"""A misspelt argument: a call names what the function does not have, or a test asks for what is no fixture."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from proactive_inference.plays.failed_run.closeness import misspelling_of
from proactive_inference.plays.failed_run.definitions import Definitions
from proactive_inference.plays.failed_run.respelling import CLOSE, confidence_in, respelling
from proactive_inference.plays.failed_run.source import BINDINGS, Occurrence, Role, Source, scope
from proactive_inference.plays.failed_run.spot import FailedRunEvent, Spot
from proactive_inference.proposal import Proposal

if TYPE_CHECKING:
    from tree_sitter import Node

_FIXTURES = re.compile(r"available fixtures: ([\w, ]{1,5000})")


def misspelt_keyword(spot: Spot, failed: FailedRunEvent, definitions: Definitions) -> list[Proposal]:
    """An argument that the function has under another name: this call and those that make the same mistake."""
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
    return [respelling(spot, failed, alike, right, confidence_in(spot, right))]


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


def misspelt_fixture(spot: Spot, failed: FailedRunEvent) -> list[Proposal]:
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
            return [respelling(spot, failed, places, right, CLOSE)]
    return []


def _begins_on(source: Source, function: Node, line: int) -> bool:
    """Whether a function, or the first of its decorators, begins on a line."""
    starts = [function]
    if function.parent is not None and function.parent.type == "decorated_definition":
        starts.append(function.parent)
    return any(source.line_of(source.span(node)[0]) == line for node in starts)
