"""Writes datasets (:mod:`proactive_training.bench.dataset`), sitting by sitting: whole, or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import define, field

from proactive_training.bench import rows
from proactive_training.bench.dataset import Dataset, Record
from proactive_training.bench.folders import new_folder
from proactive_training.bench.needs import need
from proactive_training.errors import DataError

FLUSH_BYTES = 8_000_000
FLUSH_ROWS = 8_192
SHARD_ROWS = 500_000
"""How many rows a file holds at most (a little more, since a batch is not cut)."""

SPLIT = re.compile(r"[A-Za-z]\w{0,39}")


@define
class _Table:
    folder: Path
    split: str
    schema: Any
    waiting: list[rows.Row] = field(factory=list)
    held: int = 0
    written: int = 0
    shard: int = 0
    writer: Any = None

    def add(self, row: rows.Row) -> None:
        self.waiting.append(row)
        self.held += rows.size_of(row)
        if self.held > FLUSH_BYTES or len(self.waiting) >= FLUSH_ROWS:
            self.flush()

    def flush(self) -> None:
        if not self.waiting:
            return
        pa, pq = need("pyarrow"), need("pyarrow.parquet")
        try:
            table = pa.Table.from_pylist(self.waiting, schema=self.schema)
        except UnicodeEncodeError:
            table = pa.Table.from_pylist(rows.whole(self.waiting), schema=self.schema)
        if self.writer is None:
            self.folder.mkdir(exist_ok=True)
            path = self.folder / f"{self.split}-{self.shard:05}.parquet"
            self.writer = pq.ParquetWriter(path, self.schema, compression="zstd")
        self.writer.write_table(table)
        self.written += len(self.waiting)
        self.waiting, self.held = [], 0
        if self.written >= SHARD_ROWS:
            self.close()
            self.written, self.shard = 0, self.shard + 1

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
            self.writer = None


@contextmanager
def writing(folder: Path, title: str | None = None, *, private: bool = False) -> Iterator[DatasetWriter]:
    """A writer; the dataset appears whole, with its card, when the block ends well, or not at all.

    Args:
        folder: where it will be.
        title: of the card; the folder's name if not given.
        private: whether nobody but the user may look into the folder.

    Raises:
        DataError: something is in the folder's place, or nothing was written.
    """
    with new_folder(folder, 0o700 if private else 0o755) as temporary:
        writer = DatasetWriter(temporary, folder.name if title is None else title)
        try:
            yield writer
            writer.finish()
        finally:
            writer.close()


@define
class DatasetWriter:
    """Writes the tables of a dataset; made by :func:`writing`."""

    folder: Path  #: where it is written, which is not yet where it will be
    title: str
    sittings: int = 0
    _tables: dict[tuple[str, str], _Table] = field(factory=dict)
    _schemas: dict[str, Any] = field(factory=rows.schemas)
    _seen: set[tuple[str, str]] = field(factory=set)

    def add(self, record: Record, split: str) -> None:
        """Add a sitting with all its examples of a split.

        Raises:
            DataError: the split has one of that name, or an example is of another sitting or past its end.
        """
        sitting = record.sitting
        if not SPLIT.fullmatch(split) or split == "all":  # "all" means every split to ``datasets``
            raise DataError(f"{split!r} is no name for a split; use letters, digits and underscores")
        if (split, sitting.name) in self._seen:
            raise DataError(f"two sittings are named {sitting.name!r} in split {split!r}; names must differ")
        for example in (*record.examples, *record.answers):
            if example.sitting != sitting.name or not 0 <= example.index < len(sitting.trace.events):
                raise DataError(
                    f"an example of event {example.index} of {example.sitting!r} stands with sitting "
                    f"{sitting.name!r}, which has {len(sitting.trace.events)} events"
                )
        if sitting.times and len(sitting.times) != len(sitting.trace.events):
            raise DataError(f"sitting {sitting.name!r} has {len(sitting.times)} published times for "
                            f"{len(sitting.trace.events)} events")  # fmt: skip
        self._seen.add((split, sitting.name))
        self.sittings += 1
        self._table("sittings", split).add(rows.sitting_row(sitting))
        for row in rows.event_rows(sitting):
            self._table("events", split).add(row)
        for name, examples in (("examples", record.examples), ("answers", record.answers)):
            for example in examples:
                self._table(name, split).add(rows.example_row(example))

    def add_file(self, file: rows.SourceFile) -> None:
        """Remember an imported file."""
        self._table("files", rows.FILES_SPLIT).add(rows.file_row(file))

    def _table(self, name: str, split: str) -> _Table:
        key = (name, split)
        if key not in self._tables:
            self._tables[key] = _Table(self.folder / name, split, self._schemas[name])
        return self._tables[key]

    def finish(self) -> Dataset:
        """Write out what is held back, and the card; the dataset, at its temporary place. Once done, it is done.

        Raises:
            DataError: nothing was added.
        """
        from proactive_training.bench.card import write_card

        if not self.sittings:
            raise DataError("there is no sitting to write; the dataset would be empty")
        if any(table.writer or table.waiting for table in self._tables.values()):
            for table in self._tables.values():
                table.flush()
                table.close()
            write_card(self.folder, self.title)
        return Dataset.open(self.folder)

    def close(self) -> None:
        """Close the files."""
        for table in self._tables.values():
            table.close()
