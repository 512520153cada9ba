"""Nothing to mend by rule: go to the failing line, with the failure put in plain words.

Failures with one cause (the same line, or the same words) are one offer, that of the most tests first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from proactive_collectors.events import EditBurst
from proactive_collectors.trace import Window
from proactive_inference.plays.failed_run.messages import body, error_class
from proactive_inference.plays.failed_run.offer import LONGEST_TITLE, offer, shortened
from proactive_inference.plays.failed_run.spot import FailedRunEvent, Spot
from proactive_inference.proposal import Proposal
from proactive_inference.untrusted import LEFT_OUT, suspicious

SORT = "go_to"

CONFIDENCE = 0.4
"""Many people find the line themselves: with the default cost of an interruption it is offered where the need is
above 0.63, which is where a run failed for certain and nothing has been done about it yet."""

MOST = 2
"""So many places at most are offered for one run."""

_INTENDED = frozenset({"KeyboardInterrupt", "SystemExit", "BdbQuit", "Exit"})
_LONGEST_SIDE = 60
_ASSERT = re.compile(
    r"^assert (?P<left>.{1,200}?) (?P<sign>==|!=|<=|>=|<|>|is not|is|not in|in) (?P<right>.{1,200})$"
)
_SIGNS = {
    "==": "the left side came out as {left}, the right side as {right}",
    "!=": "both sides came out as {left}",
    "in": "{left} is not among {right}",
    "not in": "{left} is among {right}",
    "is": "{left} is not the same object as {right}",
    "is not": "{left} is the same object as {right}",
    "<": "{left} is not less than {right}",
    ">": "{left} is not greater than {right}",
    "<=": "{left} is greater than {right}",
    ">=": "{left} is less than {right}",
}
_GUESS = re.compile(r"\. Did you (?:mean|forget).{0,200}$")
_MISSING = re.compile(
    r"^(?P<function>[\w.<>]+)\(\) missing \d+ required (?:positional|keyword-only) arguments?: .{1,200}$"
)
_TAKES = re.compile(
    r"^(?P<function>[\w.<>]+)\(\) (?:takes .{1,80} but .{1,40} given|got an unexpected keyword argument .{1,80})$"
)


def go_to(spots: Sequence[Spot], failed: FailedRunEvent, window: Window) -> list[Proposal]:
    """Offers to go to the failing lines, those of the most failures first."""
    groups: dict[tuple[str, int], list[Spot]] = {}
    for spot in spots:
        if error_class(spot.failure) not in _INTENDED:
            groups.setdefault((spot.source.uri, spot.line), []).append(spot)
    ranked = sorted(groups.values(), key=len, reverse=True)
    return [_offer(group, failed, window) for group in ranked[:MOST]]


def _offer(group: list[Spot], failed: FailedRunEvent, window: Window) -> Proposal:
    spot = group[0]
    said = _GUESS.sub("", _told(body(spot.failure))) or error_class(spot.failure) or "the run failed"
    error = error_class(spot.failure)
    if error and error != "AssertionError" and not said.startswith(error):
        said = f"{error}: {said}"
    tests = {other.failure.test for other in group if other.failure.test}
    if len(tests) > 1:
        title = f"Go to the failure: {len(tests)} tests fail here, {said}"
    else:
        name = next(iter(tests), None) or spot.failure.symbol
        where = _short(_told(name)) if name else None
        title = f"Go to the failure: {where}, {said}" if where else f"Go to the failure: {said}"
    text = spot.line_text
    start = spot.source.line_start(spot.line)
    return offer(
        SORT,
        spot,
        failed,
        symbol=f"{spot.failure.symbol or ''}:{text.strip()[:80]}",
        title=shortened(title, LONGEST_TITLE),
        task=f"Look at line {spot.line + 1}, where the run failed.",
        anchor=(start + len(text) - len(text.lstrip()), start + len(text.rstrip())),
        edits={},
        confidence=CONFIDENCE,
        reason=_reason(spot, said, len(tests), failed, window),
    )


def _told(text: str) -> str:
    """What was printed, unless it wants to be obeyed: a title would lend it our voice."""
    return LEFT_OUT if suspicious(text) else text


def _short(name: str) -> str:
    """The last part of a test's or function's name: ``test_get`` of ``tests/test_api.py::TestApi::test_get``."""
    if "::" in name:
        return name.rsplit("::", 1)[-1]
    return name.rsplit(".", 1)[-1] if re.fullmatch(r"[\w.<>]+", name) else name


def _reason(spot: Spot, said: str, tests: int, failed: FailedRunEvent, window: Window) -> str:
    message = _told(body(spot.failure))
    many = f"{tests} tests fail here. " if tests > 1 else ""
    if match := _ASSERT.match(message):
        left, right = (shortened(match[side], _LONGEST_SIDE) for side in ("left", "right"))
        return f"{many}The assertion does not hold: {_SIGNS[match['sign']].format(left=left, right=right)}."
    if match := _MISSING.match(message) or _TAKES.match(message):
        function = match["function"].rsplit(".", 1)[-1]
        if changed := _changed_in(function, failed, window):
            return f"{many}{shortened(said, 200)}. `{function}` was changed in this sitting, in {changed}."
    return f"{many}The run stopped here: {shortened(said, 200)}."


def _changed_in(function: str, failed: FailedRunEvent, window: Window) -> str | None:
    """The file in which an edit before the run touched the definition of ``function``."""
    for event in reversed(window.events[: failed.index]):
        if isinstance(event.data, EditBurst) and event.where.uri:
            inside = (event.where.symbol or "").rsplit(".", 1)[-1] == function
            written = any(f"def {function}(" in change.new_text for change in event.data.changes)
            if inside or written:
                return event.where.uri.rsplit("/", 1)[-1]
    return None
