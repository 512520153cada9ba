"""How a person gets from the texts as they stand to a commit: acts, hunk by hunk.

The plan knows only two states of each file, so it can be made anew whenever something has changed the text
meanwhile. Whatever slips it makes, it ends with the commit's own text.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterator

from proactive_collectors.languages import language_of
from proactive_collectors.text import split_lines
from proactive_training.gym.acts import Act, Commit, Focus, Open, Put, Run, Save, Type
from proactive_training.gym.hunks import Hunk, Modified, hunks
from proactive_training.gym.keystrokes import Burst, bursts
from proactive_training.gym.order import Step, is_generated, ordered
from proactive_training.gym.work import CommitWork

SAVE_AFTER_HUNK = 0.4
"""How often a hunk is saved at once; at the latest before the next file, the next look, and the commit."""

RUN_AFTER_FILE = 0.5
RUN_BETWEEN = 0.08
RUN_BEFORE_COMMIT = 0.85
"""How often tests are run: when a file is done, in the midst of one, and before a commit if they were not just."""

_PROSE = frozenset({"asciidoc", "latex", "markdown", "mdx", "org", "plaintext", "restructuredtext"})
_KNOWN_LENGTH = 40
_TELLING_LENGTH = 16

Read = Callable[[str], str | None]


def plan(
    work: CommitWork, read: Read, opened: Collection[str], rng: random.Random, tests: str = ""
) -> Iterator[Act]:
    """The acts that lead from the texts as they stand to those of the commit, and the commit itself.

    Args:
        work: the commit.
        read: a file's text as it stands now.
        opened: the documents that the editor has open.
        rng: draws.
        tests: the command that runs the tests, where Python is changed; empty: none are run.
    """
    opened = set(opened)
    untested = False
    files: dict[str, Modified] = {}
    for file in work.files:
        yield from _moved(file.path, file.renamed_from, read)
        before = read(file.path)
        if file.renamed_from and before is None:
            before = read(file.renamed_from)
        if file.after is None:
            if before is not None:
                yield Put(path=file.path, text=None, after=rng.uniform(3, 12), why="deleted")
            continue
        if is_generated(file.path):
            yield Put(path=file.path, text=file.after, after=rng.uniform(1, 5), why="written by a tool")
            continue
        lines = split_lines(before or "")
        files[file.path] = Modified(lines, hunks(lines, split_lines(file.after)))
    removed = _removed_texts(files)
    written: dict[str, set[str]] = {}  # by file, what has been typed there: the same elsewhere is pasted
    slipped: set[str] = set()
    here = ""
    unsaved: set[str] = set()
    steps = ordered({path: file.hunks for path, file in files.items() if file.hunks}, rng)
    for number, step in enumerate(steps):
        yield from _go_to(step.path, here, opened, unsaved, read, rng)
        here = step.path
        hunk = files[step.path].hunks[step.number]
        elsewhere = [lines for path, lines in written.items() if path != step.path]
        known = hunk.new.strip() in removed or _carried(hunk, elsewhere)
        written.setdefault(step.path, set()).update(_telling(hunk.new))
        for act in _write(step, files[step.path], known, rng):
            unsaved.add(step.path)
            if act.slip:
                slipped.add(step.path)
            yield act
        if rng.random() < SAVE_AFTER_HUNK:
            unsaved.discard(step.path)
            yield Save(path=step.path, after=rng.uniform(0.5, 2.5))
        leaves = number + 1 == len(steps) or steps[number + 1].path != step.path
        if leaves and (step.path in slipped or rng.random() < 0.7):
            yield from _look_over(work, step.path, read, unsaved, rng)
        if tests and step.path.endswith(".py"):
            done = number + 1 == len(steps) or steps[number + 1].path != step.path
            untested = rng.random() >= (RUN_AFTER_FILE if done else RUN_BETWEEN)
            if not untested:
                yield from _run(tests, unsaved, rng)
    for file in work.files:
        if file.after is not None and read(file.path) != file.after:
            yield from _go_to(file.path, here, opened, unsaved, read, rng)
            here = file.path
            untested |= file.path.endswith(".py")
            yield from _look_over(work, file.path, read, unsaved, rng)
    if tests and untested and rng.random() < RUN_BEFORE_COMMIT:
        yield from _run(tests, unsaved, rng)
    for path in sorted(unsaved):
        yield Save(path=path, after=rng.uniform(0.5, 2.0))
    yield Commit(commit=work.commit, subject=work.subject[:200], branch="main", after=rng.uniform(6, 40))


def _moved(path: str, source: str | None, read: Read) -> Iterator[Act]:
    """A file that was moved stands at its new place first, as a tool moves it."""
    if source is not None and read(path) is None and (text := read(source)) is not None:
        yield Put(path=path, text=text, after=3.0, why="moved")
        yield Put(path=source, text=None, after=0.0, why="moved")


def _go_to(
    path: str, here: str, opened: set[str], unsaved: set[str], read: Read, rng: random.Random
) -> Iterator[Act]:
    if path == here:
        return
    if here in unsaved:
        unsaved.discard(here)
        yield Save(path=here, after=rng.uniform(0.5, 2.0))
    if read(path) is None:
        yield Put(path=path, text="", after=1.0, why="a new file")
    if path not in opened:
        opened.add(path)
        yield Open(path=path, after=rng.uniform(3, 12))
    else:
        yield Focus(path=path, after=rng.uniform(2, 8))


def _write(step: Step, file: Modified, known: bool, rng: random.Random) -> Iterator[Type]:
    hunk = file.hunks[step.number]
    start, _, _ = file.make(step.number)
    prose = language_of(step.path) in _PROSE
    for number, burst in enumerate(bursts(hunk, start, rng, prose=prose, known=known)):
        more = rng.uniform(1.5, 8.0) if number == 0 else 0.0  # to find the place
        yield _act(step.path, burst, step.why if number == 0 else "", more)


def _look_over(work: CommitWork, path: str, read: Read, unsaved: set[str], rng: random.Random) -> Iterator[Act]:
    """Put right what differs from the commit in this file, as one who reads it again; then save."""
    wanted = next(file.after for file in work.files if file.path == path) or ""
    for hunk in reversed(hunks(split_lines(read(path) or ""), split_lines(wanted))):
        # From the bottom up: the lines above stay where they are.
        for number, burst in enumerate(bursts(hunk, hunk.start, rng, prose=False, slips=False)):
            unsaved.add(path)
            yield _act(path, burst, "a slip put right" if number == 0 else "", rng.uniform(1.0, 9.0))
    if path in unsaved:
        unsaved.discard(path)
        yield Save(path=path, after=rng.uniform(0.5, 2.5))


def _run(tests: str, unsaved: set[str], rng: random.Random) -> Iterator[Act]:
    """Save all and run the tests."""
    for path in sorted(unsaved):
        yield Save(path=path, after=rng.uniform(0.5, 2.0))
    unsaved.clear()
    yield Run(
        command=tests, after=rng.uniform(1.5, 6.0), lasts=rng.uniform(1.0, 8.0), why="to see whether it works"
    )


def _act(path: str, burst: Burst, why: str, more: float) -> Type:
    return Type(
        path=path,
        changes=burst.changes,
        lasts=burst.lasts,
        keystrokes=burst.keystrokes,
        manner=burst.manner,
        after=burst.after + more,
        why=why,
        slip=burst.slip,
    )


def _removed_texts(files: dict[str, Modified]) -> set[str]:
    """What is taken away somewhere: it is moved if it comes up elsewhere."""
    return {
        text for file in files.values() for hunk in file.hunks if len(text := hunk.old.strip()) >= _KNOWN_LENGTH
    }


def _telling(text: str) -> set[str]:
    """The lines that say something: by them it is seen whether a text was written before."""
    return {line.strip() for line in text.splitlines() if len(line.strip()) >= _TELLING_LENGTH}


def _carried(hunk: Hunk, elsewhere: list[set[str]]) -> bool:
    """Whether a hunk is mostly what has just been typed in one other file: a copy is carried over."""
    lines = _telling(hunk.new)
    return len(lines) >= 2 and any(len(lines & other) >= 0.6 * len(lines) for other in elsewhere)
