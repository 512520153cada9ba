"""Someone at work in a throw-away copy of a project: each act is really done, and told as an event with its label.

The rules of the label are those of :mod:`proactive_training.sittings`.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from attrs import define, field

from proactive_collectors.events import (
    DiagnosticAppeared,
    DiagnosticLingering,
    DiagnosticResolved,
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
from proactive_collectors.text import Change, Range, TextEdit, apply_edits, split_lines
from proactive_training.project_copy import Check, ProjectCopy
from proactive_training.wrong_turns import inverse

HUSH = timedelta(minutes=1)
"""How long nothing at all is wanted after a dismissal."""


@define
class Worker:
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
        """Note an event and its label; it comes about ``after`` seconds after the one before."""
        self.now += timedelta(seconds=after * self.rng.uniform(0.5, 1.8))
        where = Where(uri=f"file:///project/{path}", language=_language(path)) if path else Where()
        self.events.append(Event(self.now, source, data, where))
        self.standing.append(self.shown)
        self.hushed.append(self.declined or (self.hushed_until is not None and self.now < self.hushed_until))

    def visit(self, path: str) -> None:
        """Come to a file: open it, or perhaps switch to it."""
        if path not in self.open:
            self.open.append(path)
            self.emit(DocumentOpened(self.texts[path].count("\n") + 1), path, after=8)
        elif self.rng.random() < 0.5:
            self.emit(DocumentFocused(), path, after=5)

    def change(self, path: str, change: Change, manner: Manner = Manner.TYPED, *, lint: bool = True) -> None:
        """Make one change; a module is looked at by the linter unless ``lint`` is false."""
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
        """Write a file to disk."""
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
        """Take a mistake back by hand."""
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

    def commit(self) -> None:
        """Commit what is there."""
        self.emit(
            GitCommitted("0" * 40, f"Change {self.rng.randrange(1000)}", "main"), after=20, source=Source.GIT
        )

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
        attempt = insertion(line, f"# {self.rng.choice(('check this', 'why', 'print here', 'hm'))}\n")
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


def _as(
    kind: type[DiagnosticLingering] | type[DiagnosticResolved], was: DiagnosticAppeared, seconds: float
) -> Payload:
    return kind(was.message, was.severity, was.code, was.tool, seconds)


def _is_failure(event: Event) -> bool:
    return isinstance(event.data, TerminalRun) and bool(event.data.exit_code)


def _language(path: str) -> str:
    suffixes = {".py": "python", ".md": "markdown", ".rst": "restructuredtext"}
    return suffixes.get(Path(path).suffix, "plaintext")


def insertion(line: int, text: str) -> Change:
    """The change that writes text at the beginning of a line."""
    return Change(Range.of(line, 0, line, 0), "", text)
