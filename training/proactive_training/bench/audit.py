"""What a dataset is worth as a measure: leaks between its splits, balance, agreement, and what needs no model.

A *context* is what a model is asked about: all events up to a labelled moment, with their times and texts. A
*trace* is a group of sittings that start alike. A split leaks into another if they share a context or a trace, or
have sittings that are near duplicates.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from attrs import define, field

from proactive_training.bench.agreement import Item, agreement
from proactive_training.bench.dataset import Dataset, Record, split_order
from proactive_training.bench.example import Example, Sitting
from proactive_training.bench.near import SIMILAR, Near, NearDuplicates
from proactive_training.bench.published import Layout, read_published
from proactive_training.bench.published_files import Problem
from proactive_training.bench.published_forms import texts_of, time_of
from proactive_training.errors import DataError
from proactive_training.metrics import baselines, decision_figures

SHOWN = 10
"""How many near duplicates are named."""

Votes = Counter[bool]


@define
class _Split:
    sittings: int = 0
    events: int = 0
    examples: int = 0
    answers: int = 0
    traces: set[str] = field(factory=set)
    names: set[str] = field(factory=set)
    needs: dict[bytes, bool] = field(factory=dict)  #: by context, where known
    contexts: set[bytes] = field(factory=set)
    offers: dict[bytes, Votes] = field(factory=dict)  #: by context, how often an offer was accepted


@define
class _Balance:
    moments: dict[tuple[str, int], bool | None] = field(factory=dict)
    offers: int = 0
    accepted: int = 0
    categories: Counter[str] = field(factory=Counter)
    sources: Counter[str] = field(factory=Counter)
    verdicts: Counter[str] = field(factory=Counter)

    def add(self, example: Example) -> None:
        key, need = (example.sitting, example.index), example.label.need
        known = self.moments.get(key)
        self.moments[key] = need if known is None else (known or bool(need))
        if example.offer is not None and example.label.accepted is not None:
            self.offers += 1
            self.accepted += example.label.accepted
        if example.offer is not None and example.offer.verdict is not None:
            self.verdicts[example.offer.verdict.value] += 1
        self.categories[example.category.value if example.category else "not known"] += 1
        self.sources[example.label.source.value] += 1

    def report(self) -> dict[str, Any]:
        known = [need for need in self.moments.values() if need is not None]
        return {
            "moments": len(self.moments),
            "need": sum(known) / len(known) if known else None,
            "offers": self.offers,
            "accepted": self.accepted / self.offers if self.offers else None,
            "categories": dict(sorted(self.categories.items())),
            "label_sources": dict(sorted(self.sources.items())),
            "verdicts": dict(sorted(self.verdicts.items())),
        }


@define
class Audit:
    """Takes in sittings, then reports."""

    splits: dict[str, _Split] = field(factory=dict)
    balance: dict[str, dict[str, _Balance]] = field(factory=dict)
    votes: list[tuple[Item, bool]] = field(factory=list)
    near: list[Near] = field(factory=list)
    _duplicates: NearDuplicates = field(factory=NearDuplicates)

    def add(self, split: str, record: Record) -> None:
        """Take in a sitting with its examples of a split."""
        sitting = record.sitting
        part = self.splits.setdefault(split, _Split())
        part.sittings += 1
        part.events += len(sitting.trace.events)
        part.examples += len(record.examples)
        part.answers += len(record.answers)
        part.traces.add(sitting.together)
        part.names.add(sitting.name)
        texts = texts_of(sitting)
        context_at = contexts(sitting, texts, {example.index for example in record.examples})
        domains = self.balance.setdefault(split, {})
        for example in record.examples:
            context = context_at[example.index]
            part.contexts.add(context)
            if example.label.need is not None:
                part.needs[context] = part.needs.get(context, False) or example.label.need
            if example.offer is not None and example.label.accepted is not None:
                part.offers.setdefault(context, Counter())[example.label.accepted] += 1
            if example.label.votes:
                self.votes.append((Item(example.label.votes, sitting.together), example.offer is None))
            for name in ("all", sitting.domain):
                domains.setdefault(name, _Balance()).add(example)
        self.near += self._duplicates.add(sitting, texts)

    def report(self) -> dict[str, Any]:
        """All figures, ready for JSON; the keys are described in docs/bench.md."""
        train, test = self.splits.get("train", _Split()), self.splits.get("test", _Split())
        leaks = self.leaks()
        return {
            "test_contexts_in_train": len(test.contexts & train.contexts),
            "test_contexts": len(test.contexts),
            "test_traces_in_train": len(test.traces & train.traces),
            "test_traces": len(test.traces),
            "leaking": bool(leaks),
            "leaks": leaks,
            "near_duplicates": {
                "similarity": SIMILAR,
                "pairs": len(self.near),
                "across_splits": sum(leak["near_duplicates"] for leak in leaks),
                "named": [
                    {"sittings": [n.one, n.other], "similarity": round(n.similarity, 3)}
                    for n in sorted(self.near, key=lambda n: (-n.similarity, n.one, n.other))[:SHOWN]
                ],
            },
            "splits": {
                name: {
                    "sittings": part.sittings,
                    "traces": len(part.traces),
                    "events": part.events,
                    "contexts": len(part.contexts),
                    "examples": part.examples,
                    "answers": part.answers,
                }
                for name, part in sorted(self.splits.items(), key=lambda item: split_order(item[0]))
            },
            "balance": {
                split: {domain: balance.report() for domain, balance in sorted(domains.items())}
                for split, domains in sorted(self.balance.items(), key=lambda item: split_order(item[0]))
            },
            "agreement": {
                "all": agreement([item for item, _ in self.votes]),
                "offers": agreement([item for item, silent in self.votes if not silent]),
                "silences": agreement([item for item, silent in self.votes if silent]),
            },
            "baselines": {"need": need_baselines(train, test), "accepted": offer_baselines(train, test)},
        }

    def leaks(self) -> list[dict[str, Any]]:
        """For each two splits that share something: what, and how much of it."""
        found = []
        for one, other in combinations(sorted(self.splits, key=split_order), 2):
            a, b = self.splits[one], self.splits[other]
            near = sum(
                (n.one in a.names and n.other in b.names) or (n.one in b.names and n.other in a.names)
                for n in self.near
            )
            shared = {
                "contexts": len(a.contexts & b.contexts),
                "traces": len(a.traces & b.traces),
                "near_duplicates": near,
            }
            if any(shared.values()):
                found.append({"splits": [one, other], **shared})
        return found


def audit(records: Iterable[tuple[str, Record]]) -> dict[str, Any]:
    """Audit sittings, each with the name of its split."""
    found = Audit()
    for split, record in records:
        found.add(split, record)
    return found.report()


def audit_folder(folder: Path) -> dict[str, Any]:
    """Audit a dataset, or a folder in the published layout; ``problems`` tells what was set aside there.

    Raises:
        DataError: it is neither, or there is nothing in it.
    """
    problems: tuple[Problem, ...] = ()
    records: Iterable[tuple[str, Record]]
    if (folder / "events").is_dir():
        records = Dataset.open(folder).every_record()
    else:
        layout = Layout.of(folder)
        published = read_published(Layout(layout.reward, layout.traces, layout.answers))
        records, problems = published.records, published.problems
        if not published.records:
            first = f"; the first problem: {problems[0]}" if problems else ""
            raise DataError(
                f"{folder} is neither a dataset nor data in ProactiveBench's published layout "
                f"(reward_data/*.jsonl, test_data/*.json){first}"
            )
    return {**audit(records), "problems": [str(problem) for problem in problems]}


def contexts(sitting: Sitting, texts: Sequence[str], moments: set[int]) -> dict[int, bytes]:
    """A hash of all events up to each of these moments: their times and their texts (one each)."""
    digest = hashlib.blake2b(digest_size=16)
    found: dict[int, bytes] = {}
    for index in range(max(moments, default=-1) + 1):
        for part in (time_of(sitting, index).encode(), texts[index].encode(errors="replace")):
            digest.update(len(part).to_bytes(8, "big") + part)
        if index in moments:
            found[index] = digest.copy().digest()
    return found


def need_baselines(train: _Split, test: _Split) -> dict[str, Any] | None:
    """What a table of the training contexts' needs would score on the test contexts, and always and never."""
    tables = {context: Counter([need]) for context, need in train.needs.items()}
    return _baselines(tables, [(context, need) for context, need in test.needs.items()])


def offer_baselines(train: _Split, test: _Split) -> dict[str, Any] | None:
    """The same for whether an offer is accepted, by the context alone, whatever was offered."""
    asked = [(c, value) for c, votes in test.offers.items() for value in votes.elements()]
    return _baselines(train.offers, asked)


def _baselines(table: dict[bytes, Votes], asked: list[tuple[bytes, bool]]) -> dict[str, Any] | None:
    import numpy as np

    if not table or not asked:
        return None
    total: Votes = Counter()
    for votes in table.values():
        total += votes
    told = np.asarray([_majority(table.get(context, total)) for context, _ in asked], dtype=bool)
    truth = np.asarray([value for _, value in asked], dtype=bool)
    return {
        "n": len(asked),
        "known": sum(context in table for context, _ in asked) / len(asked),
        "table": decision_figures(told, truth),
        **baselines(truth),
    }


def _majority(votes: Votes) -> bool:
    return votes[True] >= votes[False]
