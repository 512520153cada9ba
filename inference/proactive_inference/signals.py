"""What one event tells the gate: marks that typed events and sentences share, and what an edit left behind."""

from __future__ import annotations

import re
from enum import IntEnum, auto
from pathlib import PurePosixPath

from attrs import frozen

from proactive_collectors.events import (
    DebugStopped,
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
    GitConflicted,
    GitSwitched,
    IdleBegan,
    IdleEnded,
    Manner,
    Observed,
    RunEvent,
    Severity,
    SuggestionAccepted,
    SuggestionDismissed,
    SuggestionDoneAlone,
    SuggestionIgnored,
    SuggestionShown,
    WebSearched,
    WebVisited,
    WindowFocused,
)
from proactive_inference.runs import failed, passed

PIECE_LIMIT = 500
"""Changes of more words and marks than this are not taken apart."""

TEXT_LIMIT = 2000
"""How many characters of an inserted text or a sentence are looked at."""


class Mark(IntEnum):
    """Something an event shows. The order is that of the weights file; append, never reorder."""

    FAILED = 0
    PASSED = auto()
    RAN = auto()
    SEARCHED = auto()
    ASKED = auto()  #: a search or page about how to do something, or about an error
    VISITED = auto()
    READ = auto()
    WROTE = auto()
    SWITCHED = auto()
    OPENED = auto()
    CLOSED = auto()
    SAVED = auto()
    COMMITTED = auto()
    IDLED = auto()
    CLICKED = auto()
    COPIED = auto()
    PASTED = auto()
    UNDID = auto()
    WROTE_PROSE = auto()
    WROTE_CODE = auto()
    IN_BROWSER = auto()
    IN_EDITOR = auto()
    IN_TERMINAL = auto()
    SPECIFIC = auto()  #: a sentence that names a thing: a title, a file, a query
    ERROR_APPEARED = auto()
    WARNING_APPEARED = auto()
    LINGERED = auto()
    RESOLVED = auto()
    CONFLICTED = auto()
    STOPPED = auto()
    SHOWN = auto()
    ACCEPTED = auto()
    DISMISSED = auto()
    IGNORED = auto()


@frozen
class Signals:
    """What one event tells, computed once an event."""

    marks: tuple[Mark, ...] = ()
    replacements: tuple[tuple[str, str], ...] = ()  #: of a hand-made edit: what stood there, what stands there now
    slips: tuple[str, ...] = ()  #: doubled words and left placeholders in prose that was typed
    removed: str = ""  #: what an edit took away, in one string
    text: str = ""  #: the words to embed; empty for events whose structure says it all


_PROSE_LANGUAGES = frozenset(
    [
        "asciidoc",
        "bibtex",
        "git-commit",
        "gitcommit",
        "html",
        "latex",
        "markdown",
        "mdx",
        "org",
        "plaintext",
        "quarto",
        "restructuredtext",
        "rmd",
        "rst",
        "tex",
        "text",
        "typst",
    ]
)
_PROSE_SUFFIXES = frozenset(
    [".adoc", ".htm", ".html", ".md", ".markdown", ".mdx", ".org", ".qmd", ".rmd", ".rst", ".tex", ".txt", ".typ"]
)
# Bounded gaps keep it linear, and a heading repeated below a blank line is not a slip.
_DOUBLED = re.compile(r"\b([^\W\d_]{2,})(?:[ \t]{1,4}|[ \t]{0,4}\r?\n[ \t]{0,4})\1\b", re.IGNORECASE)
_FINE_TWICE = frozenset(["aye", "blah", "bye", "ha", "had", "knock", "no", "really", "so", "that", "very", "yeah"])
_PLACEHOLDER = re.compile(
    r"\b(?:TODO|FIXME|TBD|TBC|XXX+)\b|\blorem ipsum\b|\?\?\?|<(?:insert|your|fill)\b[^<>\n]{0,60}>"
    r"|\[(?:insert|your|citation needed|link|tbd|todo)\b[^\[\]\n]{0,60}\]",
    re.IGNORECASE,
)
_PIECES = re.compile(r"\w+|[^\w\s]|\s+")
_WORD = re.compile(r"[a-z]+(?:\+[a-z])?")
_CODE_FILE = re.compile(
    r"\.(?:c|cc|cpp|cs|css|go|h|hpp|html|ipynb|java|js|jsx|json|kt|m|php|py|rb|rs|sh|sql|ts|tsx)\b"
)

# Which words of a sentence set which mark. Verbs in the forms that the published traces and our own sentences use.
_WORDS: tuple[tuple[Mark, frozenset[str]], ...] = tuple(
    (mark, frozenset(words.split()))
    for mark, words in (
        (Mark.FAILED, "crash crashed crashes error errors exception failed failing fails failure traceback"),
        (Mark.PASSED, "passed passes succeeded succeeds success successful successfully"),
        (Mark.RAN, "executed executes ran rerun reruns run runs"),
        (Mark.SEARCHED, "googles query searched searches searching"),
        (Mark.ASKED, "docs documentation example examples fix guide how troubleshooting tutorial why"),
        (Mark.VISITED, "link navigated navigates page result results site visited visits website"),
        (Mark.READ, "browsed browses browsing examined examines exploring explores looks pausing read reading "
                    "reads reviews scroll scrolled scrolling scrolls viewed viewing views"),
        (Mark.WROTE, "add added adding adds changed changes coding completes continues defining edited editing "
                     "edits implementing integrating modified modifies modify records type typed types "
                     "typing updated updates writes writing wrote"),
        (Mark.SWITCHED, "resumed returned returns reverted switch switched switches switching"),
        (Mark.OPENED, "created creates new open opened opening opens"),
        (Mark.CLOSED, "close closed closes cmdw"),
        (Mark.SAVED, "cmd+s ctrl+s save saved saves"),
        (Mark.COMMITTED, "commit commits committed"),
        (Mark.IDLED, "idle remain remained remains stayed stays without"),
        (Mark.CLICKED, "click clicked clicking clicks mouse"),
        (Mark.COPIED, "cmd+c cmdc copied copies copying ctrl+c"),
        (Mark.PASTED, "cmd+v cmdv ctrl+v paste pasted pastes"),
        (Mark.UNDID, "cmd+z cmdz ctrl+z undid undo undoes"),
        (Mark.IN_BROWSER, "bing browser google http https tab tabs web webpage website www"),
        (Mark.IN_EDITOR, "code editor ide studio"),
        (Mark.IN_TERMINAL, "command commands console shell terminal"),
    )
)  # fmt: skip
_PROSE_WORDS = frozenset(["article", "blog", "draft", "essay", "markdown", "note", "notes", "paragraph", "report"])


def signals(event: Event) -> Signals:
    """What this event tells. Pure, and never raises for any event."""
    data = event.data
    if isinstance(data, EditBurst):
        return _edit(event, data)
    if isinstance(data, RunEvent):
        return Signals(_run_marks(data))
    if isinstance(data, Observed):
        return _sentence(data.sentence)
    if isinstance(data, DiagnosticAppeared):
        grave = data.severity is Severity.ERROR
        return Signals((Mark.ERROR_APPEARED if grave else Mark.WARNING_APPEARED,))
    if isinstance(data, WebSearched):
        asked = bool(_words(data.query) & _ASKED_WORDS)
        return Signals((Mark.SEARCHED, Mark.IN_BROWSER, *((Mark.ASKED,) if asked else ())), text=data.query)
    if isinstance(data, WebVisited):
        return Signals((Mark.VISITED, Mark.IN_BROWSER), text=data.title)
    return Signals(_MARKS.get(type(data), ()))


_ASKED_WORDS = frozenset(["error", "example", "exception", "fix", "how", "why"])

_MARKS: dict[type, tuple[Mark, ...]] = {
    DocumentOpened: (Mark.OPENED, Mark.IN_EDITOR),
    DocumentClosed: (Mark.CLOSED, Mark.IN_EDITOR),
    DocumentSaved: (Mark.SAVED, Mark.IN_EDITOR),
    DocumentFocused: (Mark.SWITCHED, Mark.IN_EDITOR),
    DiagnosticLingering: (Mark.LINGERED,),
    DiagnosticResolved: (Mark.RESOLVED,),
    DebugStopped: (Mark.STOPPED,),
    GitCommitted: (Mark.COMMITTED,),
    GitSwitched: (Mark.SWITCHED,),
    GitConflicted: (Mark.CONFLICTED,),
    WindowFocused: (Mark.SWITCHED,),
    IdleBegan: (Mark.IDLED,),
    IdleEnded: (Mark.IDLED,),
    SuggestionShown: (Mark.SHOWN,),
    SuggestionAccepted: (Mark.ACCEPTED,),
    SuggestionDismissed: (Mark.DISMISSED,),
    SuggestionIgnored: (Mark.IGNORED,),
    SuggestionDoneAlone: (Mark.ACCEPTED,),
}


# --- runs --------------------------------------------------------------------------------------------------


def _run_marks(run: RunEvent) -> tuple[Mark, ...]:
    outcome = (Mark.FAILED,) if failed(run) else (Mark.PASSED,) if passed(run) else ()
    return (Mark.RAN, Mark.IN_TERMINAL, *outcome)


# --- edits -------------------------------------------------------------------------------------------------


def is_prose(language: str | None, uri: str | None) -> bool:
    """Whether a document is written for people: by its language, else by its name's ending."""
    if language:
        return language.lower() in _PROSE_LANGUAGES
    return bool(uri) and PurePosixPath(uri or "").suffix.lower() in _PROSE_SUFFIXES


def slips_in(text: str) -> tuple[str, ...]:
    """Doubled words and left placeholders, as they stand in the text."""
    text = text[:TEXT_LIMIT]
    doubled = (m.group(0) for m in _DOUBLED.finditer(text) if m.group(1).lower() not in _FINE_TWICE)
    return (*doubled, *(m.group(0) for m in _PLACEHOLDER.finditer(text)))


def _edit(event: Event, burst: EditBurst) -> Signals:
    if burst.manner is Manner.UNDONE:
        return Signals((Mark.UNDID, Mark.IN_EDITOR), removed=_removed(burst))
    if burst.manner is Manner.APPLIED:
        return Signals((Mark.IN_EDITOR,), removed=_removed(burst))
    prose = is_prose(event.where.language, event.where.uri)
    marks = [Mark.WROTE, Mark.IN_EDITOR, Mark.WROTE_PROSE if prose else Mark.WROTE_CODE]
    if burst.manner is Manner.PASTED:
        marks.append(Mark.PASTED)
    slips: tuple[str, ...] = ()
    if burst.manner is Manner.TYPED and (prose or burst.in_comment):
        slips = tuple(slip for change in burst.changes for slip in slips_in(change.new_text))
    return Signals(tuple(marks), _replacements(burst), slips, _removed(burst))


def _removed(burst: EditBurst) -> str:
    return "\0".join(change.old_text[:TEXT_LIMIT] for change in burst.changes if change.old_text)


def _replacements(burst: EditBurst) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for change in burst.changes:
        old, new = change.old_text, change.new_text
        if len(old) > TEXT_LIMIT or len(new) > TEXT_LIMIT or not old or not new or old.strip() == new.strip():
            continue
        for was, became in _pieces(old, new):
            # One letter for another is a typing correction, not a decision worth repeating.
            if len(was) + len(became) >= 4:
                found.append((was, became))
    return tuple(found)


def _pieces(old: str, new: str) -> list[tuple[str, str]]:
    """What was replaced by what within one change.

    An editor that compares lines, as Neovim does, tells of several replacements in a line as one change from the
    first letter that differs to the last; its pieces are cut just as closely, so that equal ones are equal.
    """
    whole = [(old.strip(), new.strip())]
    before, after = _PIECES.findall(old), _PIECES.findall(new)
    if len(before) != len(after) or not 3 <= len(before) <= PIECE_LIMIT:
        return whole
    pairs = [(was, became) for was, became in zip(before, after, strict=True) if was != became]
    if len(pairs) < 2 or len(pairs) * 2 > len(before):
        return whole  # rewritten rather than replaced
    return [_narrowed(was, became) for was, became in pairs]


def _narrowed(old: str, new: str) -> tuple[str, str]:
    start = _alike(old, new)
    end = _alike(old[start:][::-1], new[start:][::-1])
    return old[start : len(old) - end], new[start : len(new) - end]


def _alike(one: str, other: str) -> int:
    differing = (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(differing, min(len(one), len(other)))


# --- sentences ---------------------------------------------------------------------------------------------


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text[:TEXT_LIMIT].lower()))


def _sentence(sentence: str) -> Signals:
    text = sentence[:TEXT_LIMIT]
    words = _words(text)
    marks = {mark for mark, telling in _WORDS if words & telling}
    if "search" in words and not words & {"result", "results"}:
        marks.add(Mark.SEARCHED)
    if Mark.WROTE in marks:
        if words & _PROSE_WORDS:
            marks.add(Mark.WROTE_PROSE)
        elif Mark.IN_EDITOR in marks or _CODE_FILE.search(text):
            marks.add(Mark.WROTE_CODE)
    if "'" in text or "`" in text or "http" in text:
        marks.add(Mark.SPECIFIC)
    return Signals(tuple(sorted(marks)), text=text)
