"""Draws moments into review forms, and counts what people said of them."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import define, field

from proactive_training.bench.agreement import wilson
from proactive_training.bench.dataset import Dataset, Record
from proactive_training.bench.example import Example, LabelSource, Sitting, Verdict
from proactive_training.bench.folders import new_folder
from proactive_training.bench.review import Form, Judgement, parse_judgement, render
from proactive_training.errors import DataError


def write_sample(
    dataset: Dataset,
    out: Path,
    *,
    sample: int = 60,
    seed: int = 0,
    split: str | None = None,
    source: LabelSource | None = None,
    by_rule: bool = False,
) -> int:
    """Write a form for each of ``sample`` labelled moments; how many there are.

    All moments have the same chance; or, ``by_rule``, each rule that decided gets as many forms as any other, as
    far as it has moments, and within it all have the same chance.

    Raises:
        DataError: ``out`` is in the way, there is no such split, or no moment is labelled (by ``source``).
    """
    if split is not None and split not in dataset.splits:
        raise DataError(f"{dataset.folder} has no split {split!r}; it has {', '.join(dataset.splits)}")
    chance = random.Random(seed)
    strata: dict[str, _Reservoir] = {}
    for number, (sitting, examples) in enumerate(_all_moments(dataset, split, source)):
        stratum = " + ".join(sorted({e.label.rule for e in examples})) if by_rule else ""
        at = strata.setdefault(stratum, _Reservoir(sample)).place(chance)
        if at is not None:
            strata[stratum].held[at : at + 1] = [(number, Form.of(sitting, examples))]
    drawn = [
        one for stratum, share in _shares(strata, sample) for one in chance.sample(strata[stratum].held, share)
    ]
    if not drawn:
        raise DataError(f"no labelled moment in {dataset.folder}{f' (by {source.value})' if source else ''}")
    with new_folder(out) as folder:
        for position, (_, form) in enumerate(sorted(drawn, key=lambda d: d[0]), 1):
            plain = re.sub(r"[^\w.-]", "-", form.sitting, flags=re.ASCII)[:60]
            path = folder / f"{position:03}-{plain}-{form.index}.md"
            path.write_text(render(form), encoding="utf-8", errors="replace", newline="\n")
    return len(drawn)


def _all_moments(
    dataset: Dataset, split: str | None, source: LabelSource | None
) -> Iterator[tuple[Sitting, list[Example]]]:
    for name in [split] if split else dataset.splits:
        for record in dataset.records(name):
            for examples in moments(record, source):
                yield record.sitting, examples


@define
class _Reservoir:
    """Holds an even sample of what has come by, and no more (Vitter's algorithm R)."""

    size: int
    seen: int = 0
    held: list[tuple[int, Form]] = field(factory=list)

    def place(self, chance: random.Random) -> int | None:
        """Where the next one is to be put; ``None`` if it was not drawn."""
        at = self.seen if self.seen < self.size else chance.randrange(self.seen + 1)
        self.seen += 1
        return at if at < self.size else None


def _shares(strata: dict[str, _Reservoir], sample: int) -> Iterator[tuple[str, int]]:
    """How many to take of each stratum: the same of each, and of the others what a small one has not."""
    left, strata_left = sample, len(strata)
    for name in sorted(strata, key=lambda name: (len(strata[name].held), name)):
        share = min(len(strata[name].held), -(-left // strata_left))
        yield name, share
        left, strata_left = left - share, strata_left - 1


def moments(record: Record, source: LabelSource | None = None) -> Iterator[list[Example]]:
    """The labelled moments of a sitting, in order, each with all examples that say something of it."""
    found: dict[int, list[Example]] = {}
    for example in record.examples:
        label, verdict = example.label, example.offer.verdict if example.offer else None
        # A rule that leaves the need unknown says something, too: that nobody can tell.
        says = (
            label.need is not None
            or label.accepted is not None
            or verdict not in (None, Verdict.UNKNOWN)
            or bool(label.rule)
        )
        if says and source in (None, label.source):
            found.setdefault(example.index, []).append(example)
    for _, examples in sorted(found.items()):
        yield examples


@define
class _Tally:
    words: Counter[str] = field(factory=Counter)

    def report(self) -> dict[str, Any]:
        right, wrong = self.words["right"], self.words["wrong"]
        return {
            "right": right,
            "wrong": wrong,
            "unsure": self.words["unsure"],
            "blank": self.words["blank"],
            "share_right": right / (right + wrong) if right + wrong else None,
            "ci": wilson(right, right + wrong),
        }


def judged_report(folder: Path) -> dict[str, Any]:
    """What people said of the forms in a folder, in all and by who labelled, rule and verdict.

    Keys: ``forms, right, wrong, unsure, blank, share_right`` (of those that are right or wrong), ``ci`` (95 %,
    Wilson's), ``by``, ``found_wrong`` (file and note), ``problems``.

    Raises:
        DataError: there is no form.
    """
    files = sorted(folder.glob("*.md"))
    if not files:
        raise DataError(
            f"{folder} has no *.md; make forms with 'proactive bench review --data DIR --out {folder}'"
        )
    everything, by, problems, wrong = _Tally(), dict[str, dict[str, _Tally]](), [], []
    forms = 0
    for file in files:
        try:
            judged, note, front = parse_judgement(file.read_text(encoding="utf-8"))
        except (DataError, UnicodeDecodeError) as error:
            problems.append(f"{file.name}: {error}")
            continue
        forms += 1
        word = judged.value if judged else "blank"
        everything.words[word] += 1
        if judged is Judgement.WRONG:
            wrong.append({"file": file.name, "note": note})
        for sort, names in _sorts(front).items():
            for name in names:
                by.setdefault(sort, {}).setdefault(name, _Tally()).words[word] += 1
    return {
        "forms": forms,
        **everything.report(),
        "by": {s: {name: tally.report() for name, tally in sorted(found.items())} for s, found in by.items()},
        "found_wrong": wrong,
        "problems": problems,
    }


def _sorts(front: dict[str, Any]) -> dict[str, set[str]]:
    """What a form may be counted under; people may have edited any of it."""
    found: dict[str, set[str]] = {"label": set(), "rule": set(), "verdict": set(), "proposer": set()}
    examples = front.get("examples")
    for example in examples if isinstance(examples, list) else ():
        if isinstance(example, dict):
            offer = example.get("offer")
            offer = offer if isinstance(offer, dict) else {}
            values = (("label", example), ("rule", example), ("verdict", offer), ("proposer", offer))
            for name, holder in values:
                if isinstance(holder.get(name), str) and holder[name]:
                    found[name].add(holder[name])
    return {name: values for name, values in found.items() if values}
