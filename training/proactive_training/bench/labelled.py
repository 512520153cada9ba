"""Opens a folder of labelled moments, whichever of two forms it has: ProactiveBench's published layout, or a
dataset of ours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from attrs import frozen

from proactive_training.bench.dataset import Dataset, Record, split_order
from proactive_training.bench.published import Layout, read_published
from proactive_training.bench.published_files import Problem
from proactive_training.errors import DataError

ALL, TRAIN, TEST = "all", "train", "test"
"""Names of splits; ``all`` is every one of them."""

WANTED = (
    "give a folder in ProactiveBench's published layout (reward_data/*.jsonl, test_data/*.json) or a dataset of "
    "'proactive bench'"
)
"""The next step where a folder is neither."""


@frozen
class Labelled:
    """What is in a folder, split by split."""

    folder: Path
    splits: tuple[str, ...]
    problems: tuple[Problem, ...] = ()  #: what was set aside, with file and line
    published: tuple[tuple[str, Record], ...] = ()  #: what was read of the published layout, with its split's name
    dataset: Dataset | None = None  #: the other form

    @property
    def form(self) -> str:
        """``published`` or ``dataset``."""
        return "published" if self.dataset is None else "dataset"

    def chosen(self, split: str | None) -> Sequence[str]:
        """The splits that a name stands for; ``None`` and :data:`ALL` stand for all.

        Raises:
            DataError: there is no such split.
        """
        if split in (None, ALL):
            return self.splits
        if split not in self.splits:
            raise DataError(
                f"{self.folder} has no split {split!r}; it has {', '.join(self.splits)}, or give {ALL!r}"
            )
        return [str(split)]

    def records(self, split: str | None = None) -> Iterator[tuple[str, Record]]:
        """The sittings of the splits that a name stands for, each with its split's name.

        Raises:
            DataError: there is no such split, or a file of it cannot be read.
        """
        names = self.chosen(split)
        if self.dataset is None:
            yield from ((name, record) for name, record in self.published if name in names)
        else:
            yield from ((name, record) for name in names for record in self.dataset.records(name))


def open_labelled(folder: Path) -> Labelled:
    """The labelled moments of a folder.

    Raises:
        DataError: it is neither form, or cannot be read.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} {'is no folder' if folder.exists() else 'does not exist'}; {WANTED}")
    if any(folder.glob("reward_data/*.jsonl")):
        layout = Layout.of(folder)
        found = read_published(Layout(layout.reward, layout.traces))
        splits = tuple(sorted({name for name, _ in found.records}, key=split_order))
        return Labelled(folder, splits, found.problems, found.records)
    if any(folder.glob("sittings/*.parquet")):
        dataset = Dataset.open(folder)
        return Labelled(folder, tuple(dataset.splits), dataset=dataset)
    raise DataError(f"{folder} has neither reward_data/*.jsonl nor sittings/*.parquet; {WANTED}")
