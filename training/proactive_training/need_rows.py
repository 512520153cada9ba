"""The labelled events of a bench as an evaluation's rows, before anybody has answered."""

from __future__ import annotations

from proactive_training.evaluation_file import Row
from proactive_training.proactivebench import Bench, Label

BREAK_SECONDS = 600.0
"""A longer time between two events is no work, as in replay."""


def need_rows(bench: Bench) -> tuple[Row, ...]:
    """A row for each labelled event, trace by trace and event by event, all silent and without a score."""
    rows = []
    for trace in bench.traces:
        events = trace.trace.events
        for index in trace.labelled:
            label = trace.labels[index]
            assert label is not None
            gap = (events[index].time - events[index - 1].time).total_seconds() if index else 0.0
            rows.append(
                Row(
                    trace=trace.trace.name,
                    index=index,
                    label=label.need,
                    speaks=False,
                    domain=trace.domain,
                    group=trace.group,
                    time=events[index].time,
                    seconds=gap if 0 <= gap <= BREAK_SECONDS else 0.0,
                    votes=need_votes(label),
                )
            )
    return tuple(rows)


def need_votes(label: Label) -> tuple[bool, ...]:
    """Of each annotator who judged silence here, whether it was wrong."""
    return tuple(not vote for vote in label.silence_votes)
