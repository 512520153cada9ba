"""How often the repeated-edit play is right: real commits, done again hunk by hunk, judged by their rest.

    python benchmarks/history.py REPO... [--commits 150] [--order file|random] [--seed 7] [--seconds 60]
                                         [--worst 10] [--json]

REPO is any git directory, bare or not; nothing is checked out, its objects are read with plumbing commands.
Commits are taken in an order drawn by the seed. A commit's hunks are made in its parent's tree one after the
other, twenty seconds apart: files by path and hunks from top to bottom (``file``), or both shuffled
(``random``, which hides that a person went past a place). After each hunk, six seconds later, the play is asked
at a quiet moment.

The rule. A proposal counts once, when it first comes. A place of it is *right* if the hunk still to come that
covers its line has that much more of the new spelling and that much less of the old one; *gone* if there the
old spelling goes but something else comes, or the commit deletes or renames the file, or it could not be read:
nothing tells what the person would have said; else *wrong*. A proposal is ``right`` if all its places are,
``nearly`` if at most 20 % of the right and wrong ones are wrong (or some are gone), ``some`` if any is right,
``gone`` if no place is right or wrong, else ``none``. Precision leaves ``gone`` out. Intervals: 95 %, bootstrap
over repositories, over commits if there is one only. A *chance* is a commit in which a word is replaced by the
same other word twice and then, in a later hunk, again.

Biases. The commit is taken for the truth: a place that was rightly offered but forgotten, or done in the next
commit, counts as wrong. Within a hunk places are counted, not matched. Nobody edits in whole hunks, and files
that a commit adds are never seen. Random order asks at moments that no person would make. Projects repeat
themselves, so the proposals of one repository are fewer observations than their number says.

Beside it the same is done with a *naive rule*: as soon as two words on lines that otherwise keep their shape
were replaced by the same other word (three characters or more, with a letter), offer it at every whole-word
occurrence left in the files that this commit has changed so far. Times are CPU milliseconds of one question to
the play, reading from git taken out.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from history_figures import Judged, Result, figures, table, together, worst

from proactive_collectors.events import EditBurst, Event, Source, Where
from proactive_collectors.languages import language_of
from proactive_collectors.text import Change, Position, Range, TextEdit, end_of, split_lines
from proactive_collectors.trace import Window
from proactive_collectors.workspace import Document
from proactive_inference.plays import Moment, Play
from proactive_inference.plays.repeated_edit import RepeatedEdit
from proactive_inference.proposal import Boundary, Proposal
from proactive_training.gym.git_objects import Git
from proactive_training.gym.hunks import Modified, comparable, hunks
from proactive_training.gym.naive import NaiveRule, Pair, replaced

ROOT = "file:///w/"
START = datetime(2026, 1, 1, tzinfo=UTC)
MAX_FILES, MAX_HUNKS = 40, 80
"""Commits with more modified files, or a file with more hunks, are left out."""
WORD = re.compile(r"\w+")


class Workspace:
    """The parent's tree with the hunks made so far, as the play reads it."""

    def __init__(self, git: Git, tree: dict[str, str]) -> None:
        self.git, self.tree = git, tree
        self.changed: dict[str, Modified] = {}

    def folders(self) -> tuple[str, ...]:
        return (ROOT.rstrip("/"),)

    def document(self, uri: str) -> Document | None:
        path = uri.removeprefix(ROOT)
        file = self.changed.get(path)
        blob = self.tree.get(path)
        text = file.text if file else self.git.text(blob) if blob is not None else None
        version = len(file.made) if file else None
        return None if text is None else Document(uri, text, version, language_of(uri))

    def resolve(self, path: str, *, cwd: str | None = None) -> str | None:
        return None

    def documents(self, *suffixes: str) -> Iterator[Document]:
        for path in sorted(self.tree, key=lambda path: (path not in self.changed, path)):
            document = self.document(ROOT + path) if path.endswith(suffixes or ("",)) else None
            if document is not None:
                yield document


def commits(git: Git) -> list[str]:
    """All but merges and first commits, newest first."""
    listed = [line.split() for line in git.run("rev-list", "--parents", "HEAD").splitlines()]
    return [line[0] for line in listed if len(line) == 2]


def merges(git: Git) -> int:
    """How many merges there are."""
    return int(git.run("rev-list", "--count", "--merges", "HEAD"))


def modified_files(git: Git, commit: str) -> tuple[dict[str, Modified], set[str], Counter[str]]:
    """The files that a commit modifies, the paths that cannot be judged, and why and how often."""
    parts = iter(git.run("diff-tree", "-r", "-M", "-z", "--no-commit-id", "--raw", commit).split("\0")[:-1])
    files: dict[str, Modified] = {}
    lost: set[str] = set()
    skipped: Counter[str] = Counter()
    for part in parts:
        old_mode, _, old, new, status = part.removeprefix(":").split()
        path = next(parts)
        if status[0] in "RC":
            next(parts)
        if status[0] in "RD":
            lost.add(path)
            skipped["renamed files" if status[0] == "R" else "deleted files"] += 1
        elif status == "M" and old_mode.startswith("100"):
            texts = git.text(old), git.text(new)
            if texts[0] is None or texts[1] is None or not comparable(*texts):
                lost.add(path)
                skipped["unreadable or incomparable files"] += 1
            else:
                lines = split_lines(texts[0])
                files[path] = Modified(lines, hunks(lines, split_lines(texts[1])))
    return files, lost, skipped


def had_chance(hunks: Sequence[Pair]) -> bool:
    """Whether in these texts, before and after, in their order, a pair of words went on after two."""
    done: Counter[Pair] = Counter()
    for old, new in hunks:
        pairs = replaced(old, new)
        if any(done[pair] >= 2 for pair in pairs):
            return True
        done.update(pairs)
    return False


def judge(
    proposal: Proposal, files: dict[str, Modified], lost: set[str], workspace: Workspace
) -> tuple[int, int, list[str]]:
    """How many places are right, how many gone, and the lines of the wrong ones."""
    right, gone = 0, 0
    wrong: list[str] = []
    for edit in proposal.edits:
        path = edit.uri.removeprefix(ROOT)
        document = workspace.document(edit.uri)
        if path in lost or document is None:
            gone += len(edit.edits)
            continue
        lines = split_lines(document.text)
        pending = files[path].pending() if path in files else []
        by_hunk: dict[int, list[TextEdit]] = {}
        for one in edit.edits:
            at = one.range.start.line
            number = next((n for n, hunk in enumerate(pending) if hunk.start <= at < hunk.end), -1)
            by_hunk.setdefault(number, []).append(one)
        for number, ones in by_hunk.items():
            said = [
                f"{path}:{one.range.start.line + 1}: {lines[one.range.start.line].strip()[:100]}" for one in ones
            ]
            if number < 0:
                wrong += said
                continue
            hunk, first = pending[number], ones[0]
            row = lines[first.range.start.line]
            old, new = row[first.range.start.character : first.range.end.character], first.new_text
            more = count(new, hunk.new) - count(new, hunk.old)
            fewer = more if old in new else count(old, hunk.old) - count(old, hunk.new)
            good = max(0, min(len(ones), more, fewer))
            lost_here = max(0, min(len(ones), fewer) - good)
            right, gone = right + good, gone + lost_here
            wrong += said[good + lost_here :]
    return right, gone, wrong


def count(spelling: str, text: str) -> int:
    """Whole-word occurrences, where the spelling begins and ends with a word."""
    before = r"(?<!\w)" if WORD.match(spelling) else ""
    return len(re.findall(before + re.escape(spelling) + (r"(?!\w)" if WORD.match(spelling[-1:]) else ""), text))


RULES: dict[str, Callable[[], Play]] = {"repeated_edit": RepeatedEdit, "naive": NaiveRule}


def replay(git: Git, name: str, commit: str, order: str, seed: int, results: dict[str, Result]) -> str:
    """Do a commit again; returns why it was left out, or nothing."""
    modified, lost, skipped = modified_files(git, commit)
    if len(modified) > MAX_FILES or any(len(file.hunks) > MAX_HUNKS for file in modified.values()):
        return "too many files or hunks"
    steps = [(path, number) for path, file in sorted(modified.items()) for number in range(len(file.hunks))]
    if len(steps) < 2:
        return "fewer than two hunks"
    if order == "random":
        chance = random.Random(f"{seed} {commit}")
        turn = {path: chance.random() for path in sorted(modified)}
        steps = sorted(steps, key=lambda step: (turn[step[0]], chance.random()))
    tree = git.tree(f"{commit}^")
    made = [modified[path].hunks[number] for path, number in steps]
    could = had_chance([(hunk.old, hunk.new) for hunk in made])
    for rule, make in RULES.items():
        result = results[rule]
        files = {path: Modified(file.lines, file.hunks) for path, file in modified.items()}
        before = len(result.judged)
        _play(git, Workspace(git, tree), files, lost, steps, make(), (name, commit), result)
        result.commits += 1
        result.chances += could
        result.met += could and len(result.judged) > before
        result.skipped.update(skipped)
    return ""


def _play(
    git: Git, workspace: Workspace, files: dict[str, Modified], lost: set[str], steps: Sequence[tuple[str, int]],
    play: Play, where: tuple[str, str], result: Result,
) -> None:  # fmt: skip
    events: list[Event] = []
    seen: set[Pair] = set()
    for number, (path, hunk) in enumerate(steps):
        now = START + timedelta(seconds=20 * number)
        line, old, new = files[path].make(hunk)
        workspace.changed[path] = files[path]
        start = Position(line, 0)
        burst = EditBurst((Change(Range(start, end_of(start, old)), old, new),))
        events.append(Event(now, Source.LSP, burst, Where(ROOT + path, language=language_of(path))))
        window = Window(tuple(events[-64:]))
        begun, reading = time.process_time(), git.reading
        found = play.propose(Moment(now + timedelta(seconds=6), Boundary.QUIET, window, workspace))
        result.milliseconds.append(1000 * (time.process_time() - begun - (git.reading - reading)))
        for proposal in found:
            if (proposal.play, proposal.key) not in seen:
                seen.add((proposal.play, proposal.key))
                right, gone, wrong = judge(proposal, files, lost, workspace)
                result.judged.append(Judged(*where, proposal, right, gone, tuple(wrong)))


def measure(repository: str, options: argparse.Namespace) -> tuple[str, dict[str, Result]]:
    """The repository's name, and both rules on it."""
    results = {rule: Result() for rule in RULES}
    path = Path(repository)
    name = (path.parent if path.name in ("repo", ".git") else path).name.removesuffix(".git").replace("+", "/")
    with Git(path) as git:
        listed = commits(git)
        random.Random(options.seed).shuffle(listed)
        out: Counter[str] = Counter({"merges": merges(git)})
        begun = time.monotonic()
        for commit in listed:
            if results["naive"].commits >= options.commits or time.monotonic() - begun > options.seconds:
                break
            why = replay(git, name, commit, options.order, options.seed, results)
            out[f"commits with {why}"] += bool(why)
    for result in results.values():
        result.skipped.update(+out)
    return name, results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="+", metavar="REPO", help="a git directory, bare or not")
    parser.add_argument("--commits", type=int, default=150, help="how many commits of each are done again")
    parser.add_argument("--order", choices=("file", "random"), default="file", help="in what order hunks are made")
    parser.add_argument(
        "--seed", type=int, default=7, help="draws the commits, the random order and the intervals"
    )
    parser.add_argument("--seconds", type=float, default=60, help="stop earlier after so many for a repository")
    parser.add_argument("--worst", type=int, default=0, metavar="K", help="show the K worst proposals of the play")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args()
    found: dict[str, dict[str, Result]] = {}
    for repository in options.repositories:
        name, results = measure(repository, options)
        found[name] = results
        sorts = Counter(one.sort for one in results["repeated_edit"].judged)
        print(f"{name}: {results['repeated_edit'].commits} commits, {dict(sorts)}", file=sys.stderr, flush=True)
    rows = {}
    for rule in RULES:
        by_name = {name: results[rule] for name, results in found.items()}
        by_name |= {"all": together(by_name.values())} if len(by_name) > 1 else {}
        rows[rule] = {name: figures(result, options.seed) for name, result in by_name.items()}
        print(f"\n{rule}\n\n{table(rows[rule])}")
    print("\nleft out: " + "; ".join(f"{name}: {row['skipped']}" for name, row in rows["repeated_edit"].items()))
    judged = [one for results in found.values() for one in results["repeated_edit"].judged]
    if options.worst:
        print("\n" + worst(judged, options.worst))
    if options.json:
        print(
            json.dumps(
                {"order": options.order, "seed": options.seed, **rows, "judged": [one.told() for one in judged]}
            )
        )


if __name__ == "__main__":
    main()
