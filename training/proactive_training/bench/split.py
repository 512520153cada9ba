"""Splits a dataset anew, so that nothing of one split is known from another.

What belongs together goes to one split: the sittings of a trace (``by=TRACE``), or all of a repository
(``by=REPOSITORY``; a sitting without one stands with its trace), sittings that start with the same event, and near
duplicates. Where a set goes is decided by a hash of a name with a salt, not by a shuffle: a set that grows keeps
its place as long as its standing-for name does, and new data moves nothing else. Only a new sitting that is a near
duplicate of old ones, or joins two sets, may move them: of the names in a joined set, the one with the least hash
stands for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from proactive_training.bench.audit import audit, contexts
from proactive_training.bench.dataset import Dataset, Record
from proactive_training.bench.dataset_writer import DatasetWriter, writing
from proactive_training.bench.near import NearDuplicates, UnionFind
from proactive_training.bench.published_forms import texts_of
from proactive_training.errors import DataError


class By(StrEnum):
    """What is never divided."""

    TRACE = "trace"
    REPOSITORY = "repository"


@frozen
class Plan:
    """How to split."""

    test: float = 0.2  #: share of the sets, on average
    validation: float = 0.1
    by: By = By.TRACE
    salt: str = ""

    def __attrs_post_init__(self) -> None:
        if min(self.test, self.validation) < 0 or self.test + self.validation >= 1:
            raise DataError("--test and --validation are shares; together they must be less than 1")


def split_dataset(dataset: Dataset, plan: Plan, out: Path) -> dict[str, Any]:
    """Write the dataset with new splits; the audit of the result.

    Raises:
        DataError: a split would be empty, or, against all care, one would leak; nothing is written then.
    """
    assigned = assign(dataset, plan)
    names = set(assigned.values())
    for name, share in (("test", plan.test), ("validation", plan.validation), ("train", 1.0)):
        if share and name not in names:
            raise DataError(
                f"no trace or repository fell to {name!r}, there are too few of them; "
                "give another --salt, or another share"
            )
    with writing(out) as writer:
        for file in dataset.source_files():
            writer.add_file(file)
        for record in whole_records(dataset):
            writer.add(record, assigned[record.sitting.name])
        return refuse_leaks(writer)


def refuse_leaks(writer: DatasetWriter) -> dict[str, Any]:
    """Audit what was written; the report.

    Raises:
        DataError: a split leaks into another.
    """
    report = audit(writer.finish().every_record())
    if report["leaking"]:
        leak = report["leaks"][0]
        one, other = leak["splits"]
        raise DataError(
            f"splits {one!r} and {other!r} would share {leak['traces']} traces, {leak['contexts']} contexts and "
            f"{leak['near_duplicates']} near duplicates; nothing was written"
        )
    return report


def assign(dataset: Dataset, plan: Plan) -> dict[str, str]:
    """The split of each sitting, by its name."""
    together = UnionFind()
    duplicates = NearDuplicates()
    key: dict[str, str] = {}
    for _, record in dataset.every_record():
        sitting = record.sitting
        trace = f"trace:{sitting.together}"
        own = f"repository:{sitting.repository}" if plan.by is By.REPOSITORY and sitting.repository else trace
        key[sitting.name] = own
        together.join(trace, own)
        texts = texts_of(sitting)
        if texts:
            together.join(f"start:{contexts(sitting, texts, {0})[0].hex()}", own)
        for near in duplicates.add(sitting, texts):
            together.join(key[near.one], own)
    stands: dict[str, str] = {}
    for name in sorted(set(key.values()), key=lambda name: _share(plan.salt, "order", name)):
        stands.setdefault(together.find(name), name)
    return {name: _split(plan, stands[together.find(own)]) for name, own in key.items()}


def _split(plan: Plan, name: str) -> str:
    share = _share(plan.salt, "split", name)
    if share < plan.test:
        return "test"
    return "validation" if share < plan.test + plan.validation else "train"


def _share(salt: str, purpose: str, name: str) -> float:
    digest = hashlib.blake2b("\0".join((salt, purpose, name)).encode(errors="replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


@define
class _Parts:
    """What several splits hold of one sitting."""

    left: int
    record: Record
    seen: bool = field(default=False)


def whole_records(dataset: Dataset) -> Iterator[Record]:
    """Each sitting once, with its examples from all the splits that it stands in.

    Raises:
        DataError: two different sittings have one name.
    """
    count: dict[str, int] = {}
    for split in dataset.splits:
        for row in dataset.rows("sittings", split, ["sitting"]):
            count[row["sitting"]] = count.get(row["sitting"], 0) + 1
    parts: dict[str, _Parts] = {}
    for _, record in dataset.every_record():
        name = record.sitting.name
        if count[name] == 1:
            yield record
            continue
        held = parts.get(name)
        if held is None:
            parts[name] = _Parts(count[name] - 1, record)
            continue
        if held.record.sitting != record.sitting:
            raise DataError(f"two different sittings are named {name!r}; give one another name")
        joined = Record(
            record.sitting, held.record.examples + record.examples, held.record.answers + record.answers
        )
        held.record, held.left = joined, held.left - 1
        if not held.left:
            del parts[name]
            yield joined
