"""Pictures that compare evaluations, on the events that all of them have: intervals, curves, thresholds."""

from __future__ import annotations

from proactive_training.report.canvas import (
    DASHED,
    FAINT,
    RULE,
    Plot,
    finish,
    labelled_points,
    new_figure,
    style,
)
from proactive_training.report.curves import sweep
from proactive_training.report.groups import Group
from proactive_training.report.lines import alike, dotted, line_of, name_of, on_common, seen
from proactive_training.report.words import ACTS


def overview(group: Group) -> Plot:
    """F1, false alarm and recall of each, with intervals."""
    entries = group.compared
    always = entries[0].evaluation.figures["baselines"].get("always")
    figure, axes = new_figure(9.2, 0.9 + 0.26 * len(entries), 3)
    for one, (key, title) in zip(
        axes, (("f1", "F1"), ("false_alarm", "false alarm"), ("recall", "recall")), strict=True
    ):
        for place, entry in enumerate(entries):
            figures = entry.evaluation.figures
            low, high = figures["ci"].get(key, (figures[key], figures[key]))
            colour = FAINT if seen(entry) else style(0)["color"]
            one.plot([low, high], [place, place], color=colour, alpha=0.45, linewidth=2.4, zorder=2)
            one.scatter([figures[key]], [place], s=26, color=colour, zorder=3)
        if always:
            one.axvline(always[key], color=style(1)["color"], linewidth=1.2, linestyle=DASHED, zorder=1)
        one.set(xlim=(-0.02, 1.02), ylim=(len(entries) - 0.4, -0.6), title=title)
        one.set_yticks(range(len(entries)), [name_of([e]) if one is axes[0] else "" for e in entries])
        one.tick_params(axis="y", length=0)
        one.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "", "0.5", "", "1"])
    dashed = f" The dashed line is always {ACTS[group.task]}." if always else ""
    grey = " Grey: seen in training." if any(map(seen, entries)) else ""
    return finish(
        figure, f"{group.slug}-overview", "Figures with their intervals",
        f"Dots are the figures, bars their 95 % intervals over traces.{on_common(group)}{dashed}{grey}",
        "; ".join(f"{entry.evaluation.name}: F1 {entry.evaluation.figures['f1']:.2f}" for entry in entries),
    )  # fmt: skip


def precision_recall(group: Group) -> Plot:
    """A curve for each with a score, a dot for each decision."""
    figure, (one,) = new_figure(8.4, 4.4)
    for f1 in (0.2, 0.4, 0.6, 0.8):
        least = f1 / (2 - f1)  # the recall at which precision is one
        recall = [least + step * (1 - least) / 60 for step in range(61)]
        one.plot(recall, [f1 * r / (2 * r - f1) for r in recall], color=RULE, linewidth=0.9, zorder=1)
        one.annotate(f"F1 {f1}", (1.0, least), xytext=(5, -3), textcoords="offset points", fontsize=7, color=FAINT)
    told = []
    for place, same in enumerate(alike(group.compared)):
        if (found := sweep(same[0].evaluation.rows)) is not None:
            one.plot(found.recall, found.precision, label=name_of(same), zorder=2, **line_of(same, place))
            area = same[0].evaluation.figures["auc"]
            told.append(f"{name_of(same)}: AUC {'none' if area is None else f'{area:.2f}'}")
    figures = [(entry.number, entry.evaluation.figures) for entry in group.compared]
    labelled_points(one, [(found["recall"], found["precision"], number) for number, found in figures])
    told += [
        f"number {number}: precision {found['precision']:.2f} at recall {found['recall']:.2f}"
        for number, found in figures
    ]
    one.set(xlim=(0, 1.005), ylim=(0, 1.02), xlabel="recall", ylabel="precision")
    if one.get_legend_handles_labels()[0]:
        figure.legend(loc="outside right upper")
    return finish(
        figure, f"{group.slug}-precision-recall", "Precision and recall",
        "Lines: every threshold on the score. Dots: what was really decided, with the table's numbers. Thin "
        f"curves join points of equal F1.{on_common(group)}{dotted(group)}",
        "; ".join(told),
    )  # fmt: skip


def thresholds(group: Group) -> Plot | None:
    """What thresholds cost in false alarms per hour, and what is found for it; ``None`` without hours."""
    points = [
        (entry.evaluation.figures["false_alarms_per_hour"], entry.evaluation.figures["recall"], entry.number)
        for entry in group.compared
        if entry.evaluation.figures.get("false_alarms_per_hour") is not None
    ]
    if not points:
        return None
    figure, (left, right) = new_figure(9.2, 4.3, 2)
    told = []
    for place, same in enumerate(alike(group.compared)):
        rows = same[0].evaluation.rows
        by_score, by_rank = sweep(rows, by_score=True), sweep(rows)
        if by_score is None or by_rank is None or not by_score.false_alarms_per_hour:
            continue
        rates = by_score.false_alarms_per_hour
        line = line_of(same, place)
        left.step(
            [1.0, *by_score.threshold, 0.0], [0.0, *rates, rates[-1]], where="post", label=name_of(same), **line
        )
        right.plot(by_rank.false_alarms_per_hour or (), by_rank.recall, **line)
        for one in (entry.evaluation for entry in same):
            rate = one.figures["false_alarms_per_hour"]
            if one.threshold is not None and rate is not None:
                left.scatter([one.threshold], [rate], s=26, color=line["color"], zorder=3)
                told.append(f"{one.name} at {one.threshold:g}: {rate:.1f} false alarms an hour")
    labelled_points(right, points, width=max(x for x, *_ in points))
    told += [
        f"number {number}: {rate:.1f} false alarms an hour at recall {recall:.2f}"
        for rate, recall, number in points
    ]
    left.set(xlim=(0, 1), xlabel="speaks at this score", ylabel="false alarms per hour")
    right.set(ylim=(0, 1.06), xlabel="false alarms per hour", ylabel="recall")
    left.set_ylim(bottom=0)
    right.set_xlim(left=0)
    if left.get_legend_handles_labels()[0]:
        figure.legend(loc="outside lower left", ncols=2)
    else:
        left.text(0.5, 0.5, "no scores", ha="center", color=FAINT, transform=left.transAxes)
    return finish(
        figure, f"{group.slug}-thresholds", "Threshold against false alarms per hour",
        "Left: what a threshold costs; dots where it stands. Right: what is found for it; dots are the decisions "
        "as made, with the table's numbers. Hours are the traces' own times, without breaks of over ten minutes."
        f"{on_common(group)}{dotted(group)}",
        "; ".join(told),
    )  # fmt: skip
