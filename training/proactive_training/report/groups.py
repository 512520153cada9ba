"""Which evaluations stand side by side: those of one task on one set of data, in order, with their numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import evolve, frozen

from proactive_training.evaluation_figures import evaluation_figures
from proactive_training.evaluation_file import Evaluation, Exposure, Row, Task

_NEEDED = {"f1", "f1_over_always", "labels", "false_alarms_per_hour", "ci", "baselines", "domains", "traces"}

Key = tuple[str, int, str | None]


@frozen
class Entry:
    """An evaluation with the number by which tables and plots call it."""

    number: int
    evaluation: Evaluation


@frozen
class Group:
    """Evaluations of one task on one set of data."""

    task: Task
    data: str  #: its name
    entries: tuple[Entry, ...]  #: those that had seen the data last, else the best F1 first, on common rows
    common: tuple[Entry, ...] = ()  #: the same on the rows that all of them have, where these are not all rows

    @property
    def slug(self) -> str:
        """A short name for files and links."""
        return f"{self.task.value}-{self.entries[0].number}"

    @property
    def compared(self) -> tuple[Entry, ...]:
        """The entries on the same rows."""
        return self.common or self.entries

    @property
    def settled(self) -> bool:
        """Whether what is right does not depend on what was answered, so that baselines and curves make sense."""
        return self.task is not Task.AGENT


def groups(evaluations: Iterable[Evaluation]) -> list[Group]:
    """Groups by task and data, numbered through."""
    sets: dict[tuple[int, str], list[Evaluation]] = {}
    tasks = list(Task)
    for one in map(_with_figures, evaluations):
        data = str(one.data.get("fingerprint") or one.data.get("name") or "")
        sets.setdefault((tasks.index(one.task), data), []).append(one)
    found: list[Group] = []
    number = 0
    for (task, _), members in sorted(sets.items(), key=lambda item: item[0][0]):
        common = _common(members)
        order = sorted(
            range(len(members)),
            key=lambda n: (
                members[n].exposure is Exposure.SEEN,
                -float((common or members)[n].figures["f1"]),
                members[n].name,
            ),
        )
        entries, compared = (
            tuple(Entry(number + place, those[n]) for place, n in enumerate(order, 1)) if those else ()
            for those in (members, common)
        )
        number += len(entries)
        name = next((str(one.data["name"]) for one in members if one.data.get("name")), "unnamed data")
        found.append(Group(tasks[task], name, entries, compared))
    return found


def _with_figures(one: Evaluation) -> Evaluation:
    """With all the figures that a page shows: whoever wrote the file may have kept fewer, or more."""
    if one.figures.keys() >= _NEEDED:
        return one
    figures = evaluation_figures(one.rows, one.task, seed=int(one.details.get("seed", 0)))
    return evolve(one, figures={**one.figures, **figures})


def _common(members: Sequence[Evaluation]) -> list[Evaluation]:
    """The same on the rows that all have; nothing where these are all rows, or none."""
    keys = [{_key(row, one.task) for row in one.rows} for one in members]
    shared = set.intersection(*keys)
    if not shared or all(len(one) == len(shared) for one in keys):
        return []
    found = []
    for one in members:
        rows = tuple(row for row in one.rows if _key(row, one.task) in shared)
        figures = evaluation_figures(rows, one.task, seed=int(one.details.get("seed", 0)))
        found.append(evolve(one, rows=rows, figures=figures))
    return found


def _key(row: Row, task: Task) -> Key:
    """What was asked; a judge is asked about a task, an agent finds its own."""
    return (row.trace, row.index, row.task if task is Task.REWARD else None)
