"""Makes labelled sittings of live events by really working in a throw-away copy of a real project.

Real code is typed, real mistakes are made and taken back, real tests and a real linter say what they say; only the
clock is imagined. The label of each event follows from what was done (docs/gate.md tells the biases):

- help is wanted while a mistake stands that a tool has *shown* (a failed run, a diagnostic that outlasts typing),
  or that the text shows (a doubled word or placeholder in prose, a replacement made twice with places left);
- not while the person is about to put a mistake right alone (within the next two events), except at the failed
  run itself; a replacement that goes on by hand, though, is one that was worth taking over;
- not for the mistake whose suggestion was dismissed, nor for anything in the minute after a dismissal (two after
  the second): longer pauses are the policy's business, and another failure later is another matter;
- never for half-typed code, passing runs, stopped runs, wrong arguments, or looking around.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from attrs import define, field, frozen

from proactive_collectors.events import (
    DiagnosticAppeared,
    DiagnosticLingering,
    DiagnosticResolved,
    DocumentClosed,
    DocumentFocused,
    DocumentOpened,
    DocumentSaved,
    EditBurst,
    Event,
    GitCommitted,
    IdleBegan,
    IdleEnded,
    Manner,
    Payload,
    Source,
    SuggestionAccepted,
    SuggestionDismissed,
    SuggestionIgnored,
    SuggestionShown,
    TerminalRun,
    WebSearched,
    WebVisited,
    Where,
    WindowFocused,
)
from proactive_collectors.text import Change, Position, Range, TextEdit, apply_edits, split_lines
from proactive_collectors.trace import WINDOW_EVENTS, Trace, Window
from proactive_training.project_copy import Check, ProjectCopy
from proactive_training.wrong_turns import inverse, wrong_turns

EPISODES = 14
"""How many pieces of work a sitting has."""

HUSH = timedelta(minutes=1)
"""How long nothing at all is wanted after a dismissal."""


@frozen
class Sitting:
    """A labelled sitting: one label an event."""

    project: str
    trace: Trace
    needs: tuple[bool, ...]

    def window(self, index: int) -> Window:
        """What was known at event ``index``."""
        return Window(self.trace.events[max(0, index + 1 - WINDOW_EVENTS) : index + 1])


def sitting(copy: ProjectCopy, seed: int, episodes: int = EPISODES) -> Sitting:
    """Work in the copy for so many pieces of work; the same seed gives the same sitting."""
    worker = _Worker(copy, random.Random(f"{copy.name}/{seed}"), dict(copy.texts))
    worker.work(episodes)
    name = f"{copy.name}/{seed}"
    return Sitting(copy.name, Trace(name, tuple(worker.events)), worker.labels())


@define
class _Worker:
    """Works through episodes and notes for each event whether a shown mistake stands."""

    copy: ProjectCopy
    rng: random.Random
    texts: dict[str, str]
    now: datetime = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    events: list[Event] = field(factory=list)
    standing: list[bool] = field(factory=list)  # whether a shown mistake stands after each event
    repairs: list[int] = field(factory=list)  # indices at which a mistake was put right by hand
    shown: bool = False
    hushed_until: datetime | None = None
    declined: bool = False  # whether help with the mistake that is being made was turned down
    hushes: int = 0
    hushed: list[bool] = field(factory=list)
    diagnostics: dict[str, dict[tuple[str, str | None], tuple[DiagnosticAppeared, datetime]]] = field(factory=dict)
    open: list[str] = field(factory=list)
    touched: set[str] = field(factory=set)

    # --- the label --------------------------------------------------------------------------------------------

    def labels(self) -> tuple[bool, ...]:
        """Whether help was wanted, event by event."""
        near = {index - back for index in self.repairs for back in (0, 1, 2)}
        return tuple(
            stands and not hushed and (index not in near or _is_failure(self.events[index]))
            for index, (stands, hushed) in enumerate(zip(self.standing, self.hushed, strict=True))
        )

    # --- events -----------------------------------------------------------------------------------------------

    def emit(
        self, data: Payload, path: str | None = None, *, after: float = 2.0, source: Source = Source.LSP
    ) -> None:
        self.now += timedelta(seconds=after * self.rng.uniform(0.5, 1.8))
        where = Where(uri=f"file:///project/{path}", language=_language(path)) if path else Where()
        self.events.append(Event(self.now, source, data, where))
        self.standing.append(self.shown)
        self.hushed.append(self.declined or (self.hushed_until is not None and self.now < self.hushed_until))

    def visit(self, path: str) -> None:
        if path not in self.open:
            self.open.append(path)
            self.emit(DocumentOpened(self.texts[path].count("\n") + 1), path, after=8)
        elif self.rng.random() < 0.5:
            self.emit(DocumentFocused(), path, after=5)

    def change(self, path: str, change: Change, manner: Manner = Manner.TYPED, *, lint: bool = True) -> None:
        self.texts[path] = apply_edits(self.texts[path], [TextEdit(change.range, change.new_text)])
        keys = max(len(change.new_text), len(change.old_text), 1)
        seconds = 0.1 if manner is not Manner.TYPED else min(keys * self.rng.uniform(0.08, 0.25), 30.0)
        self.emit(
            EditBurst((change,), manner, 1 if manner is not Manner.TYPED else keys, seconds),
            path,
            after=4 + seconds,
        )
        if lint and path.endswith(".py"):
            self.lint(path)

    def restore(self, path: str) -> None:
        """Bring the file back to how it was copied, out of sight, as another checkout would."""
        self.texts[path] = self.copy.texts[path]
        self.copy.write(path, self.texts[path])
        self.diagnostics.pop(path, None)

    def save(self, path: str) -> None:
        self.touched.add(path)
        self.copy.write(path, self.texts[path])
        self.emit(DocumentSaved(), path, after=3)

    def lint(self, path: str) -> None:
        """Report what ruff says that is new, and what is gone."""
        before = self.diagnostics.setdefault(path, {})
        found = {(d.message, d.code): d for d in self.copy.lint(path, self.texts[path])}
        for key in [key for key in before if key not in found]:
            gone, since = before.pop(key)
            seconds = (self.now - since).total_seconds()
            self.emit(_as(DiagnosticResolved, gone, seconds), path, after=0.3, source=Source.CLIENT)
        for key, diagnostic in found.items():
            if key not in before:
                self.emit(diagnostic, path, after=0.3, source=Source.CLIENT)
                before[key] = (diagnostic, self.now)

    def linger(self, path: str, seconds: float) -> bool:
        """Let time pass; say which errors and warnings of this file outlast it. Whether there were any."""
        self.now += timedelta(seconds=seconds)
        standing = list(self.diagnostics.get(path, {}).values())[:3]
        for diagnostic, since in standing:
            age = (self.now - since).total_seconds()
            self.emit(_as(DiagnosticLingering, diagnostic, age), path, after=0.2, source=Source.CLIENT)
        return bool(standing)

    def run(self, check: Check, *, mistaken: bool) -> bool:
        """Run a check for real; whether it failed. A failure shows the mistake, if one stands."""
        outcome = self.copy.run(check.arguments)
        if outcome.exit_code:
            self.shown = self.shown or mistaken
        elif not mistaken:
            self.shown = False
        run = TerminalRun(
            check.shown,
            str(self.copy.root),
            outcome.exit_code,
            self.rng.uniform(0.3, 6.0),
            outcome.output,
            outcome.failures,
        )
        self.emit(run, after=6, source=self.rng.choice((Source.EXEC, Source.CLIENT)))
        return outcome.exit_code != 0

    def repair(self, path: str, mistake: Change, manner: Manner = Manner.TYPED) -> None:
        self.shown = False
        self.repairs.append(len(self.events))
        self.change(path, inverse(mistake), manner)

    def settle(self, path: str) -> None:
        """Come to rest: save, save and commit, or do nothing for a while."""
        draw = self.rng.random()
        if draw < 0.7:
            self.save(path)
        if draw < 0.3:
            self.commit()
        if draw >= 0.7:
            self.emit(IdleBegan(), after=60, source=Source.CLIENT)

    # --- what people do while a mistake stands ----------------------------------------------------------------

    def ponder(self, path: str, subject: str) -> None:
        """Look at the failure, look it up, wander, wait."""
        for _ in range(self.rng.choice((0, 0, 1, 1, 2, 4))):
            self.rng.choice(
                (
                    lambda: self.emit(DocumentFocused(), path, after=6),
                    lambda: self.emit(
                        WebSearched(f"python {subject}"[:90], "duckduckgo.com"), source=Source.ACTIVITYWATCH
                    ),
                    lambda: self.emit(
                        WebVisited("https://stackoverflow.com/q/1", subject[:70]), source=Source.ACTIVITYWATCH
                    ),
                    lambda: self.emit(WindowFocused("firefox", subject[:40]), source=Source.ACTIVITYWATCH),
                    lambda: self.emit(IdleBegan(), after=90, source=Source.CLIENT),
                    lambda: self.emit(IdleEnded(120.0), after=60, source=Source.CLIENT),
                )
            )()

    def fumble(self, path: str) -> None:
        """Edit near the mistake without mending it: a line typed and rubbed out again."""
        line = self.rng.randrange(max(self.texts[path].count("\n"), 1))
        attempt = _insertion(line, f"# {self.rng.choice(('check this', 'why', 'print here', 'hm'))}\n")
        self.change(path, attempt, lint=False)
        self.change(path, inverse(attempt), Manner.UNDONE if self.rng.random() < 0.4 else Manner.TYPED, lint=False)

    def answer(self, path: str, mistake: Change) -> bool:
        """Perhaps be shown a suggestion and answer it; whether the mistake is mended by it."""
        if self.rng.random() > 0.35:
            return False
        fields = ("s1", "failed_run.fix", "k", "Fix it")
        self.emit(SuggestionShown(*fields), path, after=1, source=Source.AGENT)
        draw = self.rng.random()
        if draw < 0.4:
            self.shown = False
            self.change(path, inverse(mistake), Manner.APPLIED)
            self.emit(SuggestionAccepted(*fields), path, after=0.1, source=Source.AGENT)
            return True
        if draw < 0.85:
            self.hushes += 1
            self.declined = True
            self.hushed_until = self.now + HUSH * min(self.hushes, 2)
            self.emit(SuggestionDismissed(*fields), path, after=4, source=Source.AGENT)
        else:
            self.emit(SuggestionIgnored(*fields), path, after=300, source=Source.AGENT)
        return False

    # --- episodes ---------------------------------------------------------------------------------------------

    def work(self, count: int) -> None:
        """A whole sitting."""
        episodes: list[tuple[Callable[[], None], float]] = [
            (self.broken_run, 4.0),
            (self.lasting_problem, 2.5),
            (self.typing, 3.0),
            (self.replacing, 2.0),
            (self.prose, 2.5),
            (self.wandering, 2.5),
            (self.good_run, 1.5),
            (self.odd_run, 2.0),
            (self.commit, 1.0),
        ]
        actions, weights = zip(*episodes, strict=True)
        try:
            for action in self.rng.choices(actions, weights, k=count):
                action()
                self.declined = False
                self.now += timedelta(seconds=self.rng.choice((5, 20, 60, 300)))
                if self.hushed_until and self.now > self.hushed_until + 2 * HUSH:
                    self.hushes = 0
        finally:
            for path in self.touched:
                self.restore(path)

    def broken_run(self) -> None:
        """Make a mistake, run, see it fail (or not), mend it, run again."""
        if not self.copy.checks:
            return self.typing()
        check = self.rng.choice(self.copy.checks)
        path = self.rng.choice(check.modules)
        turns = wrong_turns(self.texts[path], self.rng)
        if not turns:
            return None
        self.visit(path)
        if self.rng.random() < 0.6:
            self.type_lines(path, self.rng.randint(1, 3))
        turn = turns[0]
        self.change(path, turn.change)
        self.save(path)
        failed = self.run(check, mistaken=True)
        if failed and self.answer(path, turn.change):
            self.save(path)
            self.run(check, mistaken=False)
            return None
        if failed:
            last = self.events[-1].data
            failures = last.failures if isinstance(last, TerminalRun) else ()
            subject = failures[0].message if failures else "import error"
            self.ponder(path, subject)
            for _ in range(self.rng.choice((0, 0, 1, 2))):
                self.fumble(path)
                if self.rng.random() < 0.7:
                    self.save(path)
                    self.run(check, mistaken=True)
                    self.ponder(path, subject)
        self.repair(path, turn.change)
        self.save(path)
        if self.rng.random() < 0.9:
            self.run(check, mistaken=False)
        return None

    def lasting_problem(self) -> None:
        """Make a mistake the linter sees; go on; it lasts; mend it."""
        path = self.rng.choice(self.copy.modules)
        turns = [turn for turn in wrong_turns(self.texts[path], self.rng) if turn.sort != "renamed"]
        if not turns:
            return
        self.visit(path)
        known = set(self.diagnostics.get(path, {}))
        self.change(path, turns[0].change)
        seen = bool(set(self.diagnostics.get(path, {})) - known)
        if self.rng.random() < 0.35:  # put right at once: the case in which to be silent
            self.repair(path, turns[0].change)
            return
        if self.rng.random() < 0.5:
            self.save(path)
        self.shown = self.shown or seen
        if self.linger(path, self.rng.uniform(8, 40)) and seen and self.answer(path, turns[0].change):
            self.save(path)
            return
        self.ponder(path, "undefined name")
        if self.rng.random() < 0.5:
            self.linger(path, self.rng.uniform(20, 90))
        self.repair(path, turns[0].change)
        self.save(path)

    def typing(self) -> None:
        """Type real code, with the half-states and their diagnostics; perhaps pause in the middle."""
        path = self.rng.choice(self.copy.modules)
        self.visit(path)
        self.type_lines(path, self.rng.randint(4, 10))
        if self.rng.random() < 0.6:
            self.save(path)

    def type_lines(self, path: str, count: int) -> None:
        """Take real lines out, unseen, and type them again in bursts."""
        lines = split_lines(self.texts[path])
        if len(lines) < count + 4:
            return
        start = self.rng.randrange(1, len(lines) - count - 1)
        block = lines[start : start + count]
        self.texts[path] = "".join([*lines[:start], *lines[start + count :]])
        at = start
        for line in block:
            cut = self.rng.randrange(len(line)) if len(line) > 12 and self.rng.random() < 0.4 else len(line)
            self.change(path, Change(Range.of(at, 0, at, 0), "", line[:cut]), lint=self.rng.random() < 0.5)
            if cut < len(line):
                if self.rng.random() < 0.08:  # thinking, with red under a half line
                    self.linger(path, self.rng.uniform(8, 15))
                self.change(path, Change(Range.of(at, cut, at, cut), "", line[cut:]), lint=self.rng.random() < 0.5)
            at += 1
        self.lint(path)

    def replacing(self) -> None:
        """Replace one name by another by hand, place after place; now and then take it back."""
        path = self.rng.choice(self.copy.modules)
        names = re.findall(r"\b[a-z_]{4,24}\b", self.texts[path])
        options = sorted({name for name in names if 3 <= names.count(name) <= 12})
        if not options:
            return
        self.visit(path)
        old = self.rng.choice(options)
        new = self.rng.choice((f"{old}s", f"new_{old}", old.upper(), old[::-1], "value", "items"))
        places = names.count(old)
        wanted = places if self.rng.random() < 0.7 else 1
        position: Position | None = None
        for done in range(1, wanted + 1):
            position = _find_word(self.texts[path], old)
            if position is None:
                break
            self.shown = 2 <= done < places
            change = Change(Range(position, Position(position.line, position.character + len(old))), old, new)
            self.change(path, change, lint=False)
            if done >= 2 and self.rng.random() < 0.3:
                self.settle(path)
        if wanted == 1 and position is not None and self.rng.random() < 0.5:
            end = Position(position.line, position.character + len(new))
            manner = self.rng.choice((Manner.TYPED, Manner.UNDONE))
            self.change(path, Change(Range(position, end), new, old), manner, lint=False)
        self.shown = False
        self.restore(path)

    def prose(self) -> None:
        """Write real prose, sometimes with a doubled word or a placeholder left behind."""
        if not self.copy.prose:
            return
        path = self.rng.choice(self.copy.prose)
        sentences = [s for s in re.split(r"(?<=[.!?])\s+", self.texts[path]) if 30 < len(s) < 300 and _is_plain(s)]
        if not sentences:
            return
        self.visit(path)
        line = self.texts[path].count("\n")
        for _ in range(self.rng.randint(1, 5)):
            sentence = self.rng.choice(sentences)
            slip = _slip(sentence, self.rng) if self.rng.random() < 0.4 else None
            text = slip[0] if slip else sentence
            if slip:
                self.shown = True
            written = _insertion(line, text.rstrip("\n") + "\n")
            self.change(path, written, lint=False)
            line += written.new_text.count("\n")
            if self.rng.random() < 0.5:
                self.settle(path)
            if slip and self.rng.random() < 0.25:
                start = Position(written.range.start.line + slip[1][0], slip[1][1])
                end = Position(start.line, start.character + len(slip[2]))
                self.shown = False
                self.repairs.append(len(self.events))
                self.change(path, Change(Range(start, end), slip[2], ""), lint=False)
        self.save(path)
        self.shown = False
        self.restore(path)

    def wandering(self) -> None:
        """Open, close, look around, browse and search: nothing is wrong."""
        for _ in range(self.rng.randint(2, 8)):
            path = self.rng.choice(self.copy.modules)
            draw = self.rng.randrange(8)
            if draw <= 1:
                self.visit(path)
            elif draw == 2 and self.open:
                self.emit(DocumentClosed(), self.open.pop(), after=5)
            elif draw == 3:
                self.emit(
                    WindowFocused(self.rng.choice(("firefox", "slack", "code")), "inbox"),
                    source=Source.ACTIVITYWATCH,
                )
            elif draw == 4:
                self.emit(WebVisited("https://docs.python.org/3/", f"{Path(path).stem} documentation"),
                          source=Source.ACTIVITYWATCH)  # fmt: skip
            elif draw == 5:
                query = (
                    self.rng.choice(("how to use", "python", "example of", "lunch near")) + f" {Path(path).stem}"
                )
                self.emit(WebSearched(query, "duckduckgo.com"), source=Source.ACTIVITYWATCH)
            elif draw == 6:
                self.emit(IdleBegan(), after=60, source=Source.CLIENT)
                self.emit(IdleEnded(200.0), after=200, source=Source.CLIENT)
            elif self.open:
                self.emit(DocumentFocused(), self.rng.choice(self.open), after=6)

    def good_run(self) -> None:
        """Run a check on sound code."""
        if self.copy.checks:
            self.run(self.rng.choice(self.copy.checks), mistaken=False)

    def odd_run(self) -> None:
        """A run that ends with an error nobody needs help with: stopped by hand, mistyped, no match, refused."""
        if self.rng.random() < 0.25:
            arguments = ("-m", "pytest", "-q", "tests/test_misremembered_name.py")
            outcome = self.copy.run(arguments)
            command = "pytest -q tests/test_misremembered_name.py"
            run = TerminalRun(command, None, outcome.exit_code, 0.4, outcome.output, outcome.failures)
            self.emit(run, after=5, source=Source.EXEC)
            self.good_run()
            return
        command, code, output = self.rng.choice(_ODD_RUNS)
        self.emit(TerminalRun(command, None, code, self.rng.uniform(0.1, 60), output), after=8, source=Source.EXEC)

    def commit(self) -> None:
        """Commit what is there."""
        self.emit(
            GitCommitted("0" * 40, f"Change {self.rng.randrange(1000)}", "main"), after=20, source=Source.GIT
        )


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


def _as(
    kind: type[DiagnosticLingering] | type[DiagnosticResolved], was: DiagnosticAppeared, seconds: float
) -> Payload:
    return kind(was.message, was.severity, was.code, was.tool, seconds)


def _is_failure(event: Event) -> bool:
    return isinstance(event.data, TerminalRun) and bool(event.data.exit_code)


def _language(path: str) -> str:
    suffixes = {".py": "python", ".md": "markdown", ".rst": "restructuredtext"}
    return suffixes.get(Path(path).suffix, "plaintext")


def _insertion(line: int, text: str) -> Change:
    return Change(Range.of(line, 0, line, 0), "", text)


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
