"""The dataset card: README.md with the front matter by which ``datasets`` finds the files, and counts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from attrs import define, field

from proactive_training.bench.agreement import NAMES, Item, agreement
from proactive_training.bench.dataset import Dataset, split_order
from proactive_training.bench.needs import need
from proactive_training.bench.rows import CONFIGURATIONS, SCHEMA_VERSION

_DEFAULT = "examples"  # what load_dataset gives where none is named

_TABLES = {
    "events": "one row for each event",
    "sittings": "one row for each sitting",
    "examples": "one row for each labelled moment and what was offered there",
    "answers": "the same for what was offered, or kept silent, and not judged",
    "files": "what was imported, and how it was written",
}


@define
class _Counts:
    """What is counted, each by split."""

    domains: dict[str, Counter[str]] = field(factory=dict)
    sources: dict[str, Counter[str]] = field(factory=dict)
    licences: dict[str, Counter[str]] = field(factory=dict)
    repositories: dict[str, Counter[str]] = field(factory=dict)
    labels: dict[str, Counter[str]] = field(factory=dict)
    categories: dict[str, Counter[str]] = field(factory=dict)
    verdicts: dict[str, Counter[str]] = field(factory=dict)
    votes: list[Item] = field(factory=list)


def write_card(folder: Path, title: str | None = None) -> None:
    """Write the card of the dataset in ``folder`` anew; whatever was written into it by hand is gone.

    Raises:
        DataError: it is no dataset.
    """
    dataset = Dataset.open(folder)
    text = card(dataset, title or folder.absolute().name)
    temporary = folder / ".README.md"
    temporary.write_text(text, encoding="utf-8", newline="\n")
    temporary.replace(folder / "README.md")


def card(dataset: Dataset, title: str) -> str:
    """The card's text."""
    counts = _count(dataset)
    yaml = need("yaml")
    front = yaml.safe_dump(_front_matter(dataset, counts, title), sort_keys=False, allow_unicode=True)
    parts = [f"---\n{front}---", f"# {_plain(title)}", _INTRODUCTION, "## Size", _sizes(dataset)]
    for heading, note, by_split in (
        ("Domains", "Sittings.", counts.domains),
        ("Sources", _SOURCES, counts.sources),
        ("Repositories", "Sittings; *(none)*: of no repository.", counts.repositories),
        ("Licences", "Sittings, by what their texts come under.", counts.licences),
        ("Who labelled", "Examples.", counts.labels),
        ("Cases", "Examples, by ProactiveBench's four cases.", counts.categories),
        ("What hindsight says of the offers", "Examples with an offer.", counts.verdicts),
    ):
        if any(by_split.values()):
            parts += [f"## {heading}", note, _table(by_split)]
    if any(JOURNAL in found for found in counts.sources.values()):
        parts += ["## From a person's own journal", _COLLECTED]
    if counts.votes:
        parts += ["## Agreement", *_agreement(counts.votes)]
    parts.append(_CLOSING.format(version=SCHEMA_VERSION))
    return "\n\n".join(parts) + "\n"


_INTRODUCTION = """\
Moments of work at a computer, and whether help was wanted there, in ProactiveBench's terms. Open it with
`datasets.load_dataset(FOLDER, "examples")`, or "events", "sittings", "answers"; a row's window is the events of
its `sitting` up to its `index`."""

_SOURCES = """\
Sittings. *published*: imported; *replay*: from a repository's history; *journal*: what someone really did;
*simulated*: played by a language model (`proactive bench simulate`)."""

JOURNAL = "journal"
"""The source of what 'proactive bench collect' writes."""

_COLLECTED = """\
Made with `proactive bench collect` by the person whose work it was, from the record that proactive-lsp keeps on
their own machine. Secrets were taken out twice, when it was kept and when it was collected; events about excluded
files were left out; home folder, user, host and projects have neutral names; commits' names and the queries of web
addresses are not there. Times are the real ones.

Labels are what the person answered to suggestions (`label_source` is feedback). *Accepted*: help was wanted and
the offer welcome. *Dismissed*, or accepted and undone within minutes: the offer was not welcome, and by
ProactiveBench's rule, that a need is where some offer is taken, no help was wanted. *Done alone*: help was wanted;
whether the offer would have been taken is not known. What was left unanswered or overtaken is among the answers,
unjudged. Moments at which the assistant kept silent are not labelled. No detector finds every secret: read before
you pass it on."""

_CLOSING = """\
## About this card

It is generated, and written anew by `proactive bench card --data FOLDER`. The columns (version {version}) are
described in docs/bench.md of proactive-lsp; `proactive bench audit --data FOLDER` tells whether the splits
leak."""


def _count(dataset: Dataset) -> _Counts:
    counts = _Counts()
    group: dict[str, str] = {}
    for split in dataset.splits:
        for by_split in (counts.domains, counts.sources, counts.licences, counts.repositories):
            by_split[split] = Counter()
        for row in dataset.rows("sittings", split):
            group[row["sitting"]] = row["group"] or row["sitting"]
            counts.domains[split][row["domain"]] += 1
            counts.sources[split][row["source"] or "(none)"] += 1
            counts.licences[split][row["licence"] or "(not known)"] += 1
            counts.repositories[split][row["repository"] or "(none)"] += 1
        labels, categories, verdicts = Counter[str](), Counter[str](), Counter[str]()
        counts.labels[split], counts.categories[split], counts.verdicts[split] = labels, categories, verdicts
        columns = ["sitting", "offered", "label_source", "category", "verdict", "votes"]
        for row in dataset.rows("examples", split, columns):
            labels[row["label_source"]] += 1
            categories[row["category"] or "(not known)"] += 1
            if row["verdict"]:
                verdicts[row["verdict"]] += 1
            if row["votes"]:
                counts.votes.append(Item(tuple(row["votes"]), group[row["sitting"]]))
    if all(set(found) <= {"(none)"} for found in counts.repositories.values()):
        counts.repositories.clear()
    return counts


def _front_matter(dataset: Dataset, counts: _Counts, title: str) -> dict[str, Any]:
    licences = sorted({name for found in counts.licences.values() for name in found})
    return {
        "pretty_name": title,
        "license": [("unknown" if name == "(not known)" else name.lower()) for name in licences],
        "size_categories": [_size_category(sum(dataset.count("events", split) for split in dataset.splits))],
        "tags": ["proactive-agents", "proactivebench"],
        "configs": [
            {
                "config_name": name,
                **({"default": True} if name == _DEFAULT else {}),
                "data_files": [
                    {"split": split, "path": f"{name}/{split}-*.parquet"}
                    for split in sorted(dataset.files[name], key=split_order)
                ],
            }
            for name in CONFIGURATIONS
            if name in dataset.files
        ],
    }


def _size_category(rows: int) -> str:
    steps = [(10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M")]
    return next((name for limit, name in steps if rows < limit), "1M<n<10M" if rows < 10**7 else "n>10M")


def _sizes(dataset: Dataset) -> str:
    names = [name for name in CONFIGURATIONS if name in dataset.files and name != "files"]
    lines = [f"- *{name}*: {_TABLES[name]}" for name in dataset.files]
    counted = {s: Counter({n: dataset.count(n, s) for n in names}) for s in dataset.splits}
    return "\n".join(lines) + "\n\n" + _table(counted, names)


def _table(by_split: dict[str, Counter[str]], names: list[str] | None = None) -> str:
    """A Markdown table: a row for each split, a column for each name, the most frequent first."""
    total: Counter[str] = Counter()
    for counted in by_split.values():
        total.update(counted)
    shown = names or [name for name, _ in sorted(total.items(), key=lambda item: (-item[1], item[0]))][:20]
    rest = sum(total.values()) - sum(total[name] for name in shown)
    rows = [["split", *map(_plain, shown), *(["others"] if rest else [])]]
    rows.append(["---", *("---:" for _ in rows[0][1:])])
    for split, counted in by_split.items():
        others = sum(counted.values()) - sum(counted[name] for name in shown)
        rows.append([split, *(f"{counted[name]:,}" for name in shown), *([f"{others:,}"] if rest else [])])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _agreement(votes: list[Item]) -> list[str]:
    found = agreement(votes)
    lines = ["| figure | value | 95 % interval |", "| --- | ---: | --- |"]
    for name, words in NAMES.items():
        value, interval = found[name], found["ci"].get(name)
        told = f"{interval[0]:.2f} to {interval[1]:.2f}" if interval else ""
        lines.append(f"| {words} | {'not defined' if value is None else f'{value:.2f}'} | {told} |")
    return [f"{found['items']:,} items of {found['traces']:,} traces, intervals over traces.", "\n".join(lines)]


def _plain(text: str) -> str:
    """Text of unknown origin, so that Markdown makes nothing of it."""
    kept = "".join(c if c.isprintable() else " " for c in text)[:60]
    return "".join("\\" + c if c in "\\`*_{}[]<>#|!" else c for c in kept)
