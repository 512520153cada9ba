"""Datasets on disk: Parquet files that ``datasets.load_dataset`` opens, read sitting by sitting.

::

    README.md                      the dataset card, with the front matter that names the files
    events/train-00000.parquet     and so on for each configuration (see ``rows``) and split
    files/imported-00000.parquet   what was imported, if anything was

A sitting's rows lie together, and the tables of a split hold the sittings in the same order, so that reading needs
no more memory than the largest sitting takes. A sitting with examples in several splits stands in each of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from attrs import frozen

from proactive_collectors.errors import ProactiveError
from proactive_training.bench import rows
from proactive_training.bench.example import Example, Sitting
from proactive_training.bench.needs import need
from proactive_training.errors import DataError

_FILE = re.compile(r"([A-Za-z]\w*)-(\d{5})\.parquet")


@frozen
class Record:
    """A sitting with its labelled moments and what else was offered at moments of it."""

    sitting: Sitting
    examples: tuple[Example, ...] = ()
    answers: tuple[Example, ...] = ()  #: not judged


@frozen
class Dataset:
    """A dataset that is there."""

    folder: Path
    files: dict[str, dict[str, tuple[Path, ...]]]  #: by configuration and split, in order

    @classmethod
    def open(cls, folder: Path) -> Dataset:
        """Find the files of a dataset, without reading more than their schemas.

        Raises:
            DataError: it is none, or of a newer version of this program, or one of its files is broken.
        """
        files: dict[str, dict[str, tuple[Path, ...]]] = {}
        for name in rows.CONFIGURATIONS:
            found = sorted((folder / name).glob("*.parquet"))
            for path in found:
                if match := _FILE.fullmatch(path.name):
                    splits = files.setdefault(name, {})
                    splits[match[1]] = (*splits.get(match[1], ()), path)
        if "events" not in files or "sittings" not in files:
            raise DataError(
                f"{folder} is no dataset: it has no events/SPLIT-00000.parquet; "
                "make one with 'proactive bench import'"
            )
        wanted = rows.schemas()
        for name, splits in files.items():
            for path in (path for paths in splits.values() for path in paths):
                _check(path, wanted[name])
        return cls(folder, files)

    @property
    def splits(self) -> list[str]:
        """The names of the splits, ``train``, ``validation`` and ``test`` first."""
        return sorted(self.files["sittings"], key=split_order)

    def records(self, split: str) -> Iterator[Record]:
        """The sittings of a split, one after the other.

        Raises:
            DataError: the tables do not fit each other, or hold what this program does not know.
        """
        tables = {name: _Grouped(self.rows(name, split)) for name in ("events", "examples", "answers")}
        try:
            for row in self.rows("sittings", split):
                name = row["sitting"]
                events = tables["events"].take(name)
                if [event["index"] for event in events] != list(range(row["events"])):
                    raise DataError(f"{self.folder}: events of sitting {name!r} are missing or out of order; "
                                    "write the dataset anew")  # fmt: skip
                yield Record(
                    rows.sitting_of(row, events),
                    tuple(rows.example_of(r) for r in tables["examples"].take(name)),
                    tuple(rows.example_of(r) for r in tables["answers"].take(name)),
                )
        except (ValueError, ProactiveError) as error:
            if isinstance(error, DataError):
                raise
            raise DataError(f"{self.folder}: {error}; it was made by another version, or is damaged") from error
        for name, table in tables.items():
            if left := table.left():
                raise DataError(f"{self.folder}: {name} of sitting {left!r} are out of order; write it anew")

    def every_record(self) -> Iterator[tuple[str, Record]]:
        """The sittings of all splits, each with its split's name."""
        for split in self.splits:
            for record in self.records(split):
                yield split, record

    def source_files(self) -> list[rows.SourceFile]:
        """The files that were imported."""
        return [rows.file_of(row) for row in self.rows("files", rows.FILES_SPLIT)]

    def rows(self, name: str, split: str, columns: list[str] | None = None) -> Iterator[dict[str, Any]]:
        """The bare rows of a table, read in small batches; none where there is no such table."""
        pa, pq = need("pyarrow"), need("pyarrow.parquet")
        for path in self.files.get(name, {}).get(split, ()):
            try:
                with pq.ParquetFile(path) as file:
                    for batch in file.iter_batches(batch_size=512, columns=columns):
                        yield from batch.to_pylist()
            except (OSError, pa.ArrowException) as error:
                raise DataError(f"{path} cannot be read: {error}") from error

    def count(self, name: str, split: str) -> int:
        """How many rows a table has."""
        pq = need("pyarrow.parquet")
        return sum(int(pq.read_metadata(path).num_rows) for path in self.files.get(name, {}).get(split, ()))


class _Grouped:
    """Hands out runs of rows by sitting, in the order in which the sittings are asked for."""

    def __init__(self, all_rows: Iterable[dict[str, Any]]) -> None:
        self._groups = groupby(all_rows, key=lambda row: row["sitting"])
        self._next = next(self._groups, None)

    def take(self, name: str) -> list[dict[str, Any]]:
        if self._next is None or self._next[0] != name:
            return []
        taken = list(self._next[1])
        self._next = next(self._groups, None)
        return taken

    def left(self) -> str | None:
        return None if self._next is None else str(self._next[0])


def split_order(name: str) -> tuple[int, str]:
    """A sorting key: the usual splits in their usual order, then others by name."""
    usual = ("train", "validation", "test")
    return (usual.index(name) if name in usual else len(usual), name)


def _check(path: Path, wanted: Any) -> None:
    pa, pq = need("pyarrow"), need("pyarrow.parquet")
    try:
        schema = pq.read_schema(path)
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{path} is no Parquet file: {error}") from error
    version = (schema.metadata or {}).get(rows.VERSION_KEY, b"").decode("ascii", "replace")
    if version.isdecimal() and int(version) > rows.SCHEMA_VERSION:
        raise DataError(
            f"{path} has columns of version {version}, this program knows {rows.SCHEMA_VERSION}; "
            "update proactive-lsp"
        )
    if not schema.equals(wanted, check_metadata=False):
        missing = ", ".join(sorted(set(wanted.names) - set(schema.names)))
        raise DataError(
            f"{path} has not the columns of a bench dataset{': it lacks ' + missing if missing else ''}; "
            "make one with 'proactive bench import'"
        )
