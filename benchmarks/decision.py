"""How long a decision takes: the agent with its shipped gate and plays, over real files, in a made-up sitting.

    python benchmarks/decision.py [--rounds 40] [--files 300] [--profile] [--json]

A folder with some 300 files (2 MB of Python, TypeScript, Go and Markdown) is made, and a sitting played through:
typing, saves, passing and failing runs whose output is parsed, renames by hand across files, prose, commits, quiet
moments. The clock of the sitting is simulated, that of the ignore rules with it, so that whatever is trusted for a
second only is looked at anew for each decision, as it is when a person works. Figures are CPU milliseconds of one
decision (`Agent.observe` or `tick`); ``silent`` ended before the gate was asked, ``gate`` at the gate, ``plays``
let the plays look, ``offered`` ended in a suggestion. ``pass`` is one plain reading of the same files with a
`str.count` in each, in the same process.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import json
import pstats
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from attrs import evolve

from proactive_collectors.events import (
    DiagnosticLingering,
    DocumentSaved,
    EditBurst,
    Event,
    GitCommitted,
    Payload,
    Source,
    SuggestionAccepted,
    SuggestionDismissed,
    SuggestionShown,
    TerminalRun,
    Where,
)
from proactive_collectors.exclusion import Exclusion
from proactive_collectors.failures import parse_failures
from proactive_collectors.folder_workspace import FolderWorkspace
from proactive_collectors.languages import language_of
from proactive_collectors.symbols import in_comment, symbol_at
from proactive_collectors.text import Change, Range, position_at, split_lines
from proactive_collectors.uris import to_path, to_uri
from proactive_collectors.workspace import Document
from proactive_inference.agent import Agent, Step
from proactive_inference.decision import Decision, Reason, Silence
from proactive_inference.gate import LearnedGate
from proactive_inference.plays.failed_run import FailedRun
from proactive_inference.plays.prose import Prose
from proactive_inference.plays.repeated_edit import RepeatedEdit


def words(text: str) -> list[str]:
    return text.split()


NOUNS = words(
    "account basket cursor device engine folder gadget header invoice journal kernel ledger member notice"
)
VERBS = words("load save merge split parse render fetch store check count order group match close open apply")
SETTLE = 2.1
"""Seconds after which a file system's times tell every change."""


# --- the files ---------------------------------------------------------------------------------------------


def python_module(chance: random.Random, number: int, size: int) -> str:
    parts = [
        f'"""Module {number}: how {chance.choice(NOUNS)}s are kept."""\n',
        "from __future__ import annotations\n",
        "import json\nimport os\nfrom pathlib import Path\nfrom typing import Any\n",
    ]
    if number > 3:
        other = number - chance.randint(1, 3)
        parts.append(
            f"from app.part{other // 12:02}.module_{other:03} import Holder{other:03}, shared_{other:03}\n"
        )
    parts.append(f"\nshared_{number:03} = {number}\n\n\nclass Holder{number:03}:\n")
    parts.append(f'    """Keeps {chance.choice(NOUNS)}s."""\n\n    def __init__(self, limit: int = 10) -> None:\n')
    parts.append("        self.limit = limit\n        self.items: dict[str, Any] = {}\n")
    function = 0
    while sum(map(len, parts)) < size:
        verb, noun, other = chance.choice(VERBS), chance.choice(NOUNS), chance.choice(NOUNS)
        parts.append(
            f"\n    def {verb}_{noun}_{function}(self, {noun}: str, {other}_size: int = 3) -> str:\n"
            f"        # The {noun} may be missing; the {other} never is.\n"
            f"        path = Path({noun}) / '{other}.json'\n"
            f"        if not path.exists() or {other}_size > self.limit:\n"
            f"            raise ValueError(f'no {noun} at {{path}}')\n"
            f"        self.items[{noun}] = json.loads(path.read_text())\n"
            f"        return os.fspath(path)\n"
        )
        function += 1
    return "".join(parts)


def typescript_module(chance: random.Random, number: int, size: int) -> str:
    parts = [f"import {{ request }} from './client';\n\nexport class View{number:03} {{\n  private items = 0;\n"]
    function = 0
    while sum(map(len, parts)) < size:
        verb, noun = chance.choice(VERBS), chance.choice(NOUNS)
        parts.append(
            f"\n  /** Will {verb} the {noun} and say how many there are. */\n"
            f"  async {verb}{noun.title()}{function}({noun}: string, limit = 10): Promise<number> {{\n"
            f"    const answer = await request(`/{noun}/${{{noun}}}`, {{ limit }});\n"
            f"    if (!answer.ok) {{\n      throw new Error('no {noun}');\n    }}\n"
            f"    this.items += answer.count;\n    return this.items;\n  }}\n"
        )
        function += 1
    return "".join([*parts, "}\n"])


def go_module(chance: random.Random, number: int, size: int) -> str:
    parts = [f'package app\n\nimport (\n\t"fmt"\n\t"os"\n)\n\ntype Store{number:03} struct {{\n\tLimit int\n}}\n']
    function = 0
    while sum(map(len, parts)) < size:
        verb, noun = chance.choice(VERBS).title(), chance.choice(NOUNS)
        parts.append(
            f"\n// {verb}{noun.title()}{function} looks at one {noun}.\n"
            f"func (s *Store{number:03}) {verb}{noun.title()}{function}({noun} string) error {{\n"
            f"\tdata, err := os.ReadFile({noun})\n\tif err != nil {{\n"
            f'\t\treturn fmt.Errorf("{noun}: %w", err)\n\t}}\n'
            f"\tif len(data) > s.Limit {{\n\t\treturn nil\n\t}}\n\treturn nil\n}}\n"
        )
        function += 1
    return "".join(parts)


def page(chance: random.Random, number: int, size: int) -> str:
    parts = [f"# Page {number}\n"]
    while sum(map(len, parts)) < size:
        verb, noun, other = chance.choice(VERBS), chance.choice(NOUNS), chance.choice(NOUNS)
        parts.append(
            f"\n## How to {verb} a {noun}\n\nTo {verb} a {noun}, name the {other} it belongs to. The {other} is "
            f"kept until the {noun} is closed, and whoever opened it can `{verb}` it again.\n\n"
            f"- the {noun} comes first\n- then the {other}\n\n```python\n{verb}_{noun}({other})\n```\n"
        )
    return "".join(parts)


MAKERS = (("py", python_module, 0.5), ("ts", typescript_module, 0.25), ("go", go_module, 0.15), ("md", page, 0.1))


def build(folder: Path, count: int, average: int = 6_800) -> int:
    """Write the files; how many bytes they are."""
    chance = random.Random(1)
    written = 0
    for suffix, make, share in MAKERS:
        for number in range(round(count * share)):
            base = "docs" if suffix == "md" else "app"
            path = folder / base / f"part{number // 12:02}" / f"module_{number:03}.{suffix}"
            if not path.parent.exists():
                path.parent.mkdir(parents=True)
                if suffix == "py":
                    (path.parent / "__init__.py").write_text("")
            text = make(chance, number, round(average * chance.uniform(0.2, 1.8)))
            path.write_text(text)
            written += len(text)
    (folder / "app" / "__init__.py").write_text("")
    (folder / ".git").mkdir()
    (folder / ".gitignore").write_text("build/\n*.pyc\n__pycache__/\n/dist\n!keep.pyc\n*.log\n")
    (folder / "build").mkdir()
    (folder / "build" / "out.py").write_text("x = 1\n")
    return written


# --- the sitting -------------------------------------------------------------------------------------------


class Sitting:
    """Somebody at work in an editor, with a simulated clock."""

    def __init__(self, folder: Path, profile: cProfile.Profile | None = None) -> None:
        self.folder = folder
        self.buffers: dict[str, Document] = {}
        self.now = datetime(2026, 1, 5, 9, tzinfo=UTC)
        self.began = self.now
        exclusion = Exclusion([folder], ["*.generated.*"], lambda: (self.now - self.began).total_seconds())
        self.view = FolderWorkspace(
            [to_uri(folder)], exclusion, self.buffers.get, lambda: tuple(self.buffers)
        )  # fmt: skip
        self.agent = Agent(LearnedGate.load(), (FailedRun(), RepeatedEdit(), Prose()))
        self.figures: list[tuple[float, Decision]] = []
        self.profile = profile
        self.chance = random.Random(2)

    def uri(self, path: str) -> str:
        return to_uri(self.folder / path)

    def text(self, path: str) -> str:
        return self._open(self.uri(path)).text

    def _open(self, uri: str) -> Document:
        if uri not in self.buffers:
            path = to_path(uri)
            assert path is not None
            self.buffers[uri] = Document(uri, path.read_text(), 1, language_of(path.name))
            while len(self.buffers) > 8:
                self.buffers.pop(next(iter(self.buffers)))
        return self.buffers[uri]

    def happens(self, data: Payload, path: str | None = None, after: float = 3.0) -> None:
        self.now += timedelta(seconds=after)
        where = Where()
        if path is not None:
            uri = self.uri(path)
            document = self._open(uri)
            symbol = None
            if isinstance(data, EditBurst):  # the server looks, too, where an edit stands
                end = data.changes[-1].new_end
                symbol = symbol_at(document.text, document.language, end)
                data = evolve(data, in_comment=in_comment(document.text, document.language, end))
            where = Where(uri, to_uri(self.folder), symbol=symbol, language=document.language)
        event = Event(self.now, Source.LSP, data, where)
        self._timed(lambda: self.agent.observe(event, self.view))

    def rest(self, seconds: float = 30.0) -> None:
        """Let time pass, and the agent do what is due."""
        until = self.now + timedelta(seconds=seconds)
        while (due := self.agent.wake_at) is not None and due <= until:
            self.now = max(due, self.now)
            self._timed(lambda: self.agent.tick(self.now, self.view))
        self.now = until

    def _timed(self, work: Callable[[], Step]) -> None:
        if self.profile:
            self.profile.enable()
        begun = time.thread_time_ns()
        step = work()
        taken = (time.thread_time_ns() - begun) / 1e6
        if self.profile:
            self.profile.disable()
        if step.decision is not None:
            self.figures.append((taken, step.decision))
            if not isinstance(step.decision.outcome, Silence):
                self._answer(step.decision)

    def _answer(self, decision: Decision) -> None:
        suggestion = decision.outcome
        assert not isinstance(suggestion, Silence)
        identity = {
            "suggestion": suggestion.id,
            "play": suggestion.proposal.play,
            "key": suggestion.proposal.key,
            "title": suggestion.proposal.title,
        }
        self.happens(SuggestionShown(**identity), after=0.01)
        roll = self.chance.random()
        if roll < 0.6:
            self.happens(SuggestionAccepted(**identity), after=4.0)
        elif roll < 0.62:
            self.happens(SuggestionDismissed(**identity), after=4.0)

    def edit(self, path: str, start: int, old: str, new: str, after: float = 3.0, by_key: bool = False) -> None:
        """Put ``new`` where ``old`` stands, as one burst, character by character or at once."""
        uri = self.uri(path)
        document = self._open(uri)
        text = document.text
        assert text.startswith(old, start), (old, text[start : start + 40])
        steps = (
            [(start + i, "", character) for i, character in enumerate(new)] if by_key else [(start, old, new)]
        )  # fmt: skip
        changes: list[Change] = []
        for at, gone, put in steps:
            lines = split_lines(text)
            changes.append(Change(Range(position_at(lines, at), position_at(lines, at + len(gone))), gone, put))
            text = text[:at] + put + text[at + len(gone) :]
        self.buffers[uri] = Document(uri, text, (document.version or 0) + len(changes), document.language)
        self.happens(EditBurst(tuple(changes), keystrokes=max(len(new), 1), seconds=2.0), path, after)

    def replace(self, path: str, old: str, new: str, times: int = 1) -> None:
        for _ in range(times):
            self.edit(path, self.text(path).index(old), old, new)

    def save(self, path: str) -> None:
        file = to_path(self.uri(path))
        assert file is not None
        beside = file.with_name(file.name + "~")
        beside.write_text(self.text(path))
        beside.replace(file)
        self.happens(DocumentSaved(), path, 1.0)

    def run(self, command: str, output: str, code: int) -> None:
        failures = parse_failures(output, command) if code else ()
        self.happens(TerminalRun(command, str(self.folder), code, 2.0, output[-8_000:], failures), after=6.0)


def traceback(path: str, line: int, text: str, error: str) -> str:
    name = path.rsplit("/", 1)[-1].removesuffix(".py")
    return (
        "=================================== FAILURES ===================================\n"
        f"_____________________________ test_{name} ______________________________\n\n"
        f"    def test_{name}():\n        value = 1\n>       {text.strip()}\nE       {error}\n\n"
        f"{path}:{line + 1}: {error.split(':')[0]}\n"
        "=========================== short test summary info ============================\n"
        f"FAILED {path}::test_{name} - {error}\n1 failed in 0.31s\n"
    )


def line_at(text: str, needle: str) -> tuple[int, str]:
    at = text.index(needle)
    number = text.count("\n", 0, at)
    return number, text.split("\n")[number]


def module(number: int, suffix: str, count: int) -> str:
    share = next(share for name, _, share in MAKERS if name == suffix)
    number %= round(count * share)
    return f"{'docs' if suffix == 'md' else 'app'}/part{number // 12:02}/module_{number:03}.{suffix}"


def typing(sitting: Sitting, path: str, text: str, at: int) -> None:
    """Bursts of new lines with short rests, then a save."""
    for part in text.splitlines(keepends=True):
        sitting.edit(path, at, "", part, by_key=True, after=4.0)
        at += len(part)
    sitting.save(path)


def play(sitting: Sitting, turn: int, count: int) -> Iterator[str]:
    """One round of scenes."""
    path = module(turn * 7, "py", count)
    end = len(sitting.text(path))
    body = f"\n\ndef helper_{turn}(value):\n    total = value + {turn}\n    return total\n"
    typing(sitting, path, body, end)
    sitting.rest()
    sitting.run("pytest -q", "12 passed in 0.42s\n" * 5, 0)
    sitting.rest(60)

    other = module(turn * 7 + 30, "py", count)
    missing = f"Holder{(turn * 5 + 9) % round(count / 2):03}"
    call = f"thing_{turn} = {missing}({turn})"
    sitting.edit(other, len(sitting.text(other)), "", f"\n{call}\n", by_key=True)
    sitting.save(other)
    sitting.rest(40)
    number, line = line_at(sitting.text(other), call)
    sitting.run("pytest -q", traceback(other, number, line, f"NameError: name '{missing}' is not defined"), 1)
    sitting.rest(60)
    sitting.run("pytest -q", traceback(other, number, line, f"NameError: name '{missing}' is not defined"), 1)
    sitting.rest(60)

    known = f"helper_{turn}"
    call = f"result_{turn} = helpr_{turn}(2)"
    sitting.edit(path, len(sitting.text(path)), "", f"{call}\n")
    number, line = line_at(sitting.text(path), call)
    said = f"NameError: name 'helpr_{turn}' is not defined. Did you mean: '{known}'?"
    sitting.run("pytest -q", traceback(path, number, line, said), 1)
    sitting.rest(60)
    sitting.run("pytest -q", traceback(path, number, line, "AssertionError: assert 3 == 4"), 1)
    sitting.rest(60)
    said = "AttributeError: 'Holder000' object has no attribute 'itmes'"
    sitting.run("pytest -q", traceback(path, number, line, said), 1)
    sitting.rest(60)
    sitting.replace(path, f"helpr_{turn}", known)
    sitting.save(path)
    sitting.run("pytest -q", "12 passed in 0.42s\n", 0)
    sitting.rest(60)

    for suffix, old, new in (("ts", "answer", f"reply{turn}"), ("go", "data", f"content{turn}")):
        first = module(turn * 3, suffix, count)
        if old in sitting.text(first):
            times = min(2, sitting.text(first).count(old))
            sitting.replace(first, old, new, times)
            sitting.save(first)
        sitting.rest(60)
    old = f"shared_{(turn * 5) % round(count / 2):03}"
    for where in (module(turn * 5, "py", count), module(turn * 5 + 1, "py", count)):
        if old in sitting.text(where):
            sitting.replace(where, old, f"common_value_{turn}")
            sitting.save(where)
            sitting.rest(12)
    sitting.happens(DiagnosticLingering(f'"{old}" is not defined', seconds=12.0), path)
    sitting.rest(60)

    written = module(turn, "md", count)
    sentence = f"\nWrite down the the number {turn} first. TODO: say which one it is. Then go on.\n"
    sitting.edit(written, len(sitting.text(written)), "", sentence, by_key=True)
    sitting.rest(8)
    sitting.edit(written, len(sitting.text(written)), "", "\nAnother paragraph follows it.\n", by_key=True)
    sitting.save(written)
    sitting.rest(60)
    for _ in range(3):
        sitting.edit(path, len(sitting.text(path)), "", f"# a note on {turn}\n", by_key=True)
        sitting.rest(8)
    sitting.happens(GitCommitted(f"{turn:040x}", f"Round {turn}", "main"))
    sitting.rest(1800)
    yield path


# --- figures -----------------------------------------------------------------------------------------------


def sort_of(decision: Decision) -> str:
    if not isinstance(decision.outcome, Silence):
        return "offered"
    if decision.need is None:
        return "silent"
    return "gate" if decision.outcome.reason is Reason.NO_NEED else "plays"


def spread(taken: list[float]) -> dict[str, float]:
    taken = sorted(taken)
    return {
        "count": len(taken),
        "p50": taken[len(taken) // 2],
        "p95": taken[int(len(taken) * 0.95)],
        "p99": taken[int(len(taken) * 0.99)],
        "max": taken[-1],
    }


def plain_pass(folder: Path) -> float:
    files = [path for path in sorted(folder.rglob("*.*")) if path.is_file()]
    begun = time.thread_time_ns()
    for path in files:
        path.read_text().count("Holder")
    return (time.thread_time_ns() - begun) / 1e6


def measure(rounds: int, count: int, profile: cProfile.Profile | None, slowest: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        size = build(folder, count)
        time.sleep(SETTLE)
        plain = min(plain_pass(folder) for _ in range(5))
        sitting = Sitting(folder, None)
        gc.collect()
        for turn in range(2):
            for _ in play(sitting, turn, count):
                pass
        cold = [taken for taken, _ in sitting.figures]
        sitting.figures.clear()
        sitting.profile = profile
        for turn in range(2, rounds + 2):
            for _ in play(sitting, turn, count):
                pass
        figures = sitting.figures
    for taken, decision in sorted(figures, key=lambda one: -one[0])[:slowest]:
        outcome = decision.outcome
        told = outcome.reason.value if isinstance(outcome, Silence) else outcome.proposal.title
        print(f"{taken:8.2f} ms  {decision.boundary.value:12} {told}")
    by_sort = {
        sort: spread(taken)
        for sort in ("silent", "gate", "plays", "offered")
        if (taken := [t for t, decision in figures if sort_of(decision) == sort])
    }
    total = spread([taken for taken, _ in figures])
    return {
        "files": count,
        "bytes": size,
        "decision_ms": {"all": total, **by_sort},
        "cold_ms": {"first": cold[0], "max": max(cold)},
        "pass_ms": plain,
        "p99_to_pass": total["p99"] / plain,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40, help="how often the scenes are played")
    parser.add_argument("--files", type=int, default=300, help="how many files the workspace has")
    parser.add_argument("--slowest", type=int, default=0, help="show so many of the slowest decisions")
    parser.add_argument("--profile", action="store_true", help="say where the time goes (the figures suffer)")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args()
    profile = cProfile.Profile() if options.profile else None
    figures = measure(options.rounds, options.files, profile, options.slowest)
    if profile is not None:
        pstats.Stats(profile).sort_stats("tottime").print_stats(35)
    decisions = figures["decision_ms"]
    assert isinstance(decisions, dict)
    print(f"{'CPU ms':10}{'count':>8}{'p50':>9}{'p95':>9}{'p99':>9}{'max':>9}")
    for sort, row in decisions.items():
        print(f"{sort:10}{row['count']:>8}" + "".join(f"{row[key]:>9.2f}" for key in ("p50", "p95", "p99", "max")))
    print(f"cold: {figures['cold_ms']}   a plain pass: {figures['pass_ms']:.2f} ms")
    if options.json:
        print(json.dumps(figures, default=float))


if __name__ == "__main__":
    main()
