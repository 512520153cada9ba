"""The pictures of a report."""

from __future__ import annotations

from proactive_training.report.canvas import Plot, look
from proactive_training.report.comparisons import overview, precision_recall, thresholds
from proactive_training.report.groups import Group
from proactive_training.report.panels import reliability_diagrams, trace_by_trace


def plots(group: Group) -> list[Plot]:
    """All pictures that a group's rows allow.

    Raises:
        TrainingError: matplotlib is not installed.
    """
    with look():
        drawn: list[Plot | None] = [overview(group)]
        if group.settled:
            drawn += [
                precision_recall(group),
                reliability_diagrams(group),
                thresholds(group),
                trace_by_trace(group),
            ]
    return [one for one in drawn if one is not None]
