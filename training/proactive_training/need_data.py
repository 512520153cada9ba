"""Reads labelled moments from the folder that holds them: in ProactiveBench's layout, or a dataset of ours."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

from proactive_training.bench.dataset import Dataset
from proactive_training.bench.folders import name_of
from proactive_training.bench.labelled import ALL, TEST, open_labelled
from proactive_training.proactivebench import Bench, bench_of


@frozen
class NeedData:
    """Labelled events, and what of the folder they are."""

    bench: Bench
    name: str  #: the folder's
    form: str  #: ``published`` or ``dataset``
    split: str  #: ``all``, or the one that was read
    notes: tuple[str, ...] = ()  #: what is to be known of the splits: a sentence each

    @property
    def names(self) -> set[str]:
        """Of the labelled traces, or of what groups them: what training must not have seen."""
        return {trace.together for trace in self.bench.traces if trace.labelled}

    def card(self) -> dict[str, object]:
        """What an evaluation keeps of it."""
        return {
            "name": self.name,
            "form": self.form,
            "split": self.split,
            "fingerprint": self.bench.fingerprint,
            "traces": sum(1 for trace in self.bench.traces if trace.labelled),
            "need_unknown": self.bench.unknown,
        }


def read_need_data(folder: Path, split: str | None = None) -> NeedData:
    """The labelled events of a folder.

    Args:
        folder: in the published layout, or a dataset of ``proactive bench``.
        split: one split, or ``all``. By default a dataset's ``test``, if it shares no trace with another split;
            else all of it, and all of a published folder.

    Raises:
        DataError: it is neither, has no such split, or no event of it has a label.
    """
    labelled = open_labelled(folder)
    leaking, asked = None, split
    if labelled.dataset is not None:
        leaking = _shared(labelled.dataset, TEST if split is None else split)
        split = split or (TEST if leaking == 0 else ALL)
    bench = bench_of((record for _, record in labelled.records(split)), list(labelled.problems), folder)
    notes = []
    if leaking:
        name = TEST if asked is None else asked
        notes.append(
            f"The split {name!r} shares {leaking} traces with others, so that what was fitted to these has seen it"
            f"{'; all splits are measured' if asked is None else ''}. 'proactive bench split' makes clean ones."
        )
    return NeedData(bench, name_of(folder), labelled.form, split or ALL, tuple(notes))


def _shared(dataset: Dataset, split: str) -> int | None:
    """How many traces a split shares with others; ``None`` if there is no such split, or no other."""
    groups = {
        name: {row["group"] or row["sitting"] for row in dataset.rows("sittings", name, ["group", "sitting"])}
        for name in dataset.splits
    }
    own = groups.pop(split, None)
    return len(own & set().union(*groups.values())) if own is not None and groups else None
