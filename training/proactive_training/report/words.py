"""What a report says in words: what its figures mean, what could not be measured and why, where all comes from."""

from __future__ import annotations

from collections.abc import Sequence

from proactive_training.evaluation_file import Evaluation, Exposure, Task
from proactive_training.report.canvas import runs
from proactive_training.report.groups import Entry, Group

TITLE = "Evaluation report"

TASKS = {
    Task.NEED: ("Is help needed at this event?", "against the labelled needs"),
    Task.REWARD: ("Would this be accepted?", "tasks and silences, against what was accepted"),
    Task.AGENT: (
        "The agent, by the paper's protocol",
        "a task is right if it is accepted, a silence if no help is needed",
    ),
}

ACTS = {Task.NEED: "speaking", Task.REWARD: "accepting", Task.AGENT: "speaking"}
"""What is done, or left, by whom is measured."""

MEANINGS = (
    ("F1", "the harmonic mean of precision and recall"),
    ("precision", "of the times it spoke, the share that were right"),
    ("recall", "of the times it was right to speak, the share at which it did"),
    ("false alarm", "of the times it spoke, the share that were wrong: 1 − precision, and 0 for who never speaks"),
    ("accuracy", "the share of all decisions that were right, silences included"),
    (
        "F1 over always",
        "the F1 less that of always speaking (accepting) on the same events, drawn together for the interval",
    ),
    ("AUC", "the chance that an event at which it is right to speak scores above one at which it is not"),
    ("AUC in traces", "the mean of the AUC inside each trace: ranking without the traces' differing needs"),
    ("calibration error", "the mean distance between what a score says and what came true, over ten bins"),
    (
        "false alarms/h",
        "wrong decisions to speak per hour of the traces' own time, breaks of over ten minutes left out",
    ),
    ("speaks", "the share of events at which it spoke (accepts: the share taken for acceptable)"),
    ("intervals", "95 %, by bootstrap over traces (over repositories, where there are any)"),
    ("held out", "each row was scored by a fit that had not seen its trace"),
)


def summary(groups: Sequence[Group]) -> str:
    """The report in one sentence."""
    count = sum(len(group.entries) for group in groups)
    data = ", ".join(dict.fromkeys(group.data for group in groups))
    return f"{count} {'evaluation' if count == 1 else 'evaluations'} on {data}."


def verdict(group: Group) -> str:
    """What can be said of a group's best against always speaking, and no more."""
    new = [entry for entry in group.entries if entry.evaluation.exposure is not Exposure.SEEN]
    if not new or not group.settled:
        return ""
    best = max(new, key=lambda entry: float(entry.evaluation.figures["f1_over_always"]))
    gain, interval = best.evaluation.figures["f1_over_always"], _gain(best)
    span = f" ({signed(interval[0])} to {signed(interval[1])})" if interval else ""
    sure = [entry.number for entry in new if (_gain(entry) or (0.0,))[0] > 0]
    named = "for " + runs(sure) if sure else "for none"
    return (
        f"F1 over always {ACTS[group.task]} on the same events: the best is {best.evaluation.name} "
        f"(number {best.number}), {signed(gain)}{span}. The whole interval is above zero {named}."
    )


def signed(number: float, digits: int = 2) -> str:
    """``+0.12`` or ``−0.03``; ``0.00`` without a sign."""
    told = format(number, f"+.{digits}f").replace("-", "−")
    return told[1:] if float(format(number, f".{digits}f")) == 0 else told


def _gain(entry: Entry) -> list[float] | None:
    found: list[float] | None = entry.evaluation.figures["ci"].get("f1_over_always")
    return found


def gaps(group: Group) -> list[str]:
    """What could not be measured, and why; each reason once, with the numbers it is about."""
    about: dict[str, list[int]] = {}
    for entry in group.entries:
        for reason in _reasons(entry.evaluation):
            about.setdefault(reason, []).append(entry.number)
    every = len(group.entries)
    return [reason if len(numbers) == every else f"{runs(numbers)}: {reason}" for reason, numbers in about.items()]


def _reasons(one: Evaluation) -> list[str]:
    figures = one.figures
    found = list(one.notes)
    if one.exposure is Exposure.SEEN:
        found.append("Fitted to these very rows: no measure of new data.")
    if one.task is Task.AGENT:
        found.append("Whether it is right to speak depends on what is said: no baselines, curves or calibration.")
    elif figures.get("auc") is None and not any("AUC" in note for note in one.notes):
        found.append(
            "One class of labels only: no AUC." if figures["labels"] in (0, figures["n"])
            else "Not every row has a score: no AUC, curves or calibration."
        )  # fmt: skip
    if not figures.get("ci"):
        found.append("A single trace or repository: no intervals.")
    if one.task is not Task.REWARD and figures.get("false_alarms_per_hour") is None:
        found.append("Times are missing, or an event comes twice: no false alarms per hour.")
    one_class = sum(trace["labels"] in (0, trace["n"]) for trace in figures["traces"])
    if one_class and figures.get("within_auc") is not None:
        found.append(f"{one_class} traces have one class of labels only and do not count in the AUC in traces.")
    if one.problems:
        found.append(f"{len(one.problems)} lines of the data were set aside, the first: {one.problems[0]}.")
    return found


def sources(group: Group) -> list[tuple[str, str, str, str, str]]:
    """Numbers and names, what they are, how they were measured, on what, and by which command: each way once."""
    ways: dict[tuple[str, str, str, str], list[Entry]] = {}
    for entry in group.entries:
        one = entry.evaluation
        split = one.data.get("split")
        data = f"{one.data.get('name', 'unnamed')}{f', split {split}' if split not in (None, 'all') else ''}"
        how = one.protocol or ("as it is" if one.threshold is None else f"threshold {one.threshold:g}")
        key = (one.kind or "–", how, f"{data}, {one.created.date().isoformat()}", one.command)
        ways.setdefault(key, []).append(entry)
    return [
        (f"{runs([e.number for e in same])}. {', '.join(e.evaluation.name for e in same)}", *key)
        for key, same in ways.items()
    ]
