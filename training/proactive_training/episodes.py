"""The pieces of work that a sitting is made of: mistakes made and mended, and work in which nothing is wrong."""

from __future__ import annotations

import random
import re
from pathlib import Path

from proactive_collectors.events import (
    DocumentClosed,
    DocumentFocused,
    IdleBegan,
    IdleEnded,
    Manner,
    Source,
    TerminalRun,
    WebSearched,
    WebVisited,
    WindowFocused,
)
from proactive_collectors.text import Change, Position, Range
from proactive_training.worker import Worker, insertion
from proactive_training.wrong_turns import wrong_turns

_ODD_RUNS = (
    ("python -m http.server", 130, "^C"),
    ("grep -rn nothing_like_this .", 1, ""),
    ("ls", 0, "README.md"),
    ("ls sorce", 2, "ls: cannot access 'sorce': No such file or directory"),
    ("pyest -q", 127, "bash: pyest: command not found"),
    ("git push", 1, "! [rejected] main -> main (fetch first)"),
    ("git status", 0, "nothing to commit, working tree clean"),
    ("pip install no-such-thing", 1, "ERROR: No matching distribution found for no-such-thing"),
    ("cd sr", 1, "bash: cd: sr: No such file or directory"),
)
"""Commands, exit codes and outputs of runs whose end is plain to whoever typed them."""


def broken_run(worker: Worker) -> None:
    """Make a mistake, run, see it fail (or not), mend it, run again."""
    if not worker.copy.checks:
        return typing_code(worker)
    check = worker.rng.choice(worker.copy.checks)
    path = worker.rng.choice(check.modules)
    turns = wrong_turns(worker.texts[path], worker.rng)
    if not turns:
        return None
    worker.visit(path)
    if worker.rng.random() < 0.6:
        worker.type_lines(path, worker.rng.randint(1, 3))
    turn = turns[0]
    worker.change(path, turn.change)
    worker.save(path)
    failed = worker.run(check, mistaken=True)
    if failed and worker.answer(path, turn.change):
        worker.save(path)
        worker.run(check, mistaken=False)
        return None
    if failed:
        last = worker.events[-1].data
        failures = last.failures if isinstance(last, TerminalRun) else ()
        subject = failures[0].message if failures else "import error"
        worker.ponder(path, subject)
        for _ in range(worker.rng.choice((0, 0, 1, 2))):
            worker.fumble(path)
            if worker.rng.random() < 0.7:
                worker.save(path)
                worker.run(check, mistaken=True)
                worker.ponder(path, subject)
    worker.repair(path, turn.change)
    worker.save(path)
    if worker.rng.random() < 0.9:
        worker.run(check, mistaken=False)
    return None


def lasting_problem(worker: Worker) -> None:
    """Make a mistake the linter sees; go on; it lasts; mend it."""
    path = worker.rng.choice(worker.copy.modules)
    turns = [turn for turn in wrong_turns(worker.texts[path], worker.rng) if turn.sort != "renamed"]
    if not turns:
        return
    worker.visit(path)
    known = set(worker.diagnostics.get(path, {}))
    worker.change(path, turns[0].change)
    seen = bool(set(worker.diagnostics.get(path, {})) - known)
    if worker.rng.random() < 0.35:  # put right at once: the case in which to be silent
        worker.repair(path, turns[0].change)
        return
    if worker.rng.random() < 0.5:
        worker.save(path)
    worker.shown = worker.shown or seen
    if worker.linger(path, worker.rng.uniform(8, 40)) and seen and worker.answer(path, turns[0].change):
        worker.save(path)
        return
    worker.ponder(path, "undefined name")
    if worker.rng.random() < 0.5:
        worker.linger(path, worker.rng.uniform(20, 90))
    worker.repair(path, turns[0].change)
    worker.save(path)


def typing_code(worker: Worker) -> None:
    """Type real code, with the half-states and their diagnostics; perhaps pause in the middle."""
    path = worker.rng.choice(worker.copy.modules)
    worker.visit(path)
    worker.type_lines(path, worker.rng.randint(4, 10))
    if worker.rng.random() < 0.6:
        worker.save(path)


def replacing(worker: Worker) -> None:
    """Replace one name by another by hand, place after place; now and then take it back."""
    path = worker.rng.choice(worker.copy.modules)
    names = re.findall(r"\b[a-z_]{4,24}\b", worker.texts[path])
    options = sorted({name for name in names if 3 <= names.count(name) <= 12})
    if not options:
        return
    worker.visit(path)
    old = worker.rng.choice(options)
    new = worker.rng.choice((f"{old}s", f"new_{old}", old.upper(), old[::-1], "value", "items"))
    places = names.count(old)
    wanted = places if worker.rng.random() < 0.7 else 1
    position: Position | None = None
    for done in range(1, wanted + 1):
        position = _find_word(worker.texts[path], old)
        if position is None:
            break
        worker.shown = 2 <= done < places
        change = Change(Range(position, Position(position.line, position.character + len(old))), old, new)
        worker.change(path, change, lint=False)
        if done >= 2 and worker.rng.random() < 0.3:
            worker.settle(path)
    if wanted == 1 and position is not None and worker.rng.random() < 0.5:
        end = Position(position.line, position.character + len(new))
        manner = worker.rng.choice((Manner.TYPED, Manner.UNDONE))
        worker.change(path, Change(Range(position, end), new, old), manner, lint=False)
    worker.shown = False
    worker.restore(path)


def prose(worker: Worker) -> None:
    """Write real prose, sometimes with a doubled word or a placeholder left behind."""
    if not worker.copy.prose:
        return
    path = worker.rng.choice(worker.copy.prose)
    sentences = [s for s in re.split(r"(?<=[.!?])\s+", worker.texts[path]) if 30 < len(s) < 300 and _is_plain(s)]
    if not sentences:
        return
    worker.visit(path)
    line = worker.texts[path].count("\n")
    for _ in range(worker.rng.randint(1, 5)):
        sentence = worker.rng.choice(sentences)
        slip = _slip(sentence, worker.rng) if worker.rng.random() < 0.4 else None
        text = slip[0] if slip else sentence
        if slip:
            worker.shown = True
        written = insertion(line, text.rstrip("\n") + "\n")
        worker.change(path, written, lint=False)
        line += written.new_text.count("\n")
        if worker.rng.random() < 0.5:
            worker.settle(path)
        if slip and worker.rng.random() < 0.25:
            start = Position(written.range.start.line + slip[1][0], slip[1][1])
            end = Position(start.line, start.character + len(slip[2]))
            worker.shown = False
            worker.repairs.append(len(worker.events))
            worker.change(path, Change(Range(start, end), slip[2], ""), lint=False)
    worker.save(path)
    worker.shown = False
    worker.restore(path)


def wandering(worker: Worker) -> None:
    """Open, close, look around, browse and search: nothing is wrong."""
    for _ in range(worker.rng.randint(2, 8)):
        path = worker.rng.choice(worker.copy.modules)
        draw = worker.rng.randrange(8)
        if draw <= 1:
            worker.visit(path)
        elif draw == 2 and worker.open:
            worker.emit(DocumentClosed(), worker.open.pop(), after=5)
        elif draw == 3:
            worker.emit(
                WindowFocused(worker.rng.choice(("firefox", "slack", "code")), "inbox"),
                source=Source.ACTIVITYWATCH,
            )
        elif draw == 4:
            worker.emit(WebVisited("https://docs.python.org/3/", f"{Path(path).stem} documentation"),
                      source=Source.ACTIVITYWATCH)  # fmt: skip
        elif draw == 5:
            query = worker.rng.choice(("how to use", "python", "example of", "lunch near")) + f" {Path(path).stem}"
            worker.emit(WebSearched(query, "duckduckgo.com"), source=Source.ACTIVITYWATCH)
        elif draw == 6:
            worker.emit(IdleBegan(), after=60, source=Source.CLIENT)
            worker.emit(IdleEnded(200.0), after=200, source=Source.CLIENT)
        elif worker.open:
            worker.emit(DocumentFocused(), worker.rng.choice(worker.open), after=6)


def good_run(worker: Worker) -> None:
    """Run a check on sound code."""
    if worker.copy.checks:
        worker.run(worker.rng.choice(worker.copy.checks), mistaken=False)


def odd_run(worker: Worker) -> None:
    """A run that ends with an error nobody needs help with: stopped by hand, mistyped, no match, refused."""
    if worker.rng.random() < 0.25:
        arguments = ("-m", "pytest", "-q", "tests/test_misremembered_name.py")
        outcome = worker.copy.run(arguments)
        command = "pytest -q tests/test_misremembered_name.py"
        run = TerminalRun(command, None, outcome.exit_code, 0.4, outcome.output, outcome.failures)
        worker.emit(run, after=5, source=Source.EXEC)
        good_run(worker)
        return
    command, code, output = worker.rng.choice(_ODD_RUNS)
    worker.emit(TerminalRun(command, None, code, worker.rng.uniform(0.1, 60), output), after=8, source=Source.EXEC)


def _find_word(text: str, word: str) -> Position | None:
    match = re.search(rf"\b{re.escape(word)}\b", text)
    if match is None:
        return None
    before = text[: match.start()]
    return Position(before.count("\n"), match.start() - (before.rfind("\n") + 1))


def _is_plain(sentence: str) -> bool:
    letters = sum(character.isalpha() or character.isspace() for character in sentence)
    return letters > 0.85 * len(sentence) and not re.search(r"\b(\w+)\s+\1\b|TODO|FIXME", sentence, re.IGNORECASE)


def _slip(sentence: str, rng: random.Random) -> tuple[str, tuple[int, int], str] | None:
    """The sentence with a slip in it, the slip's (line, character) in it, and what to rub out to mend it."""
    words = list(re.finditer(r"\b[a-z]{2,9}\b(?= )", sentence))
    if not words:
        return None
    match = rng.choice(words)
    extra = f" {match.group()}" if rng.random() < 0.7 else " " + rng.choice(("TODO", "TBD", "[link]", "???"))
    before = sentence[: match.end()]
    place = (before.count("\n"), match.end() - (before.rfind("\n") + 1))
    return sentence[: match.end()] + extra + sentence[match.end() :], place, extra
