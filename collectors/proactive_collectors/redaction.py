"""Takes secrets out of events before they are kept, shown to a model or sent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import attrs

from proactive_collectors.event_strings import map_strings
from proactive_collectors.events import EditBurst, Event, TaskRun, TerminalRun, Where
from proactive_collectors.secret_formats import Span
from proactive_collectors.secrets_in_text import find_secrets
from proactive_collectors.text import Change, Position, end_of, split_lines
from proactive_collectors.uris import to_path, to_uri

REDACTED = "[redacted]"

MAX_CHARACTERS = 200_000
"""What of one text is looked at, and kept; the rest is left out, since nobody has looked at it."""

CUT = " [… cut]"

CLEAN_NAMES = 1_000
"""Names of files and symbols that are remembered to hold no secret."""

AROUND = 1
"""Lines looked at above and below what a burst touched."""

AROUND_KEY = 120
"""The same where a burst touched a line of base64: a private key of 8192 bits has some hundred lines."""

AROUND_CHARACTERS = 20_000
"""Characters looked at before and after what a burst touched."""

_KEY_LINE = re.compile(r"[\"'>|+ ]*[A-Za-z0-9+/]{32,}={0,2}[\"',\\n ]*")


class Redactor:
    """Replaces secrets by ``[redacted]``. One may serve all threads.

    ``context`` says what a text is, where known: an editor's language identifier (``python``, ``yaml``) or
    ``terminal``. In a program ``token = value`` is a variable, in a configuration file it is a secret.
    """

    def __init__(self) -> None:
        self._clean: set[str] = set()  # names of files and symbols, which come again and again; never a secret

    def text(self, text: str, context: str | None = None) -> str:
        """``text`` with every secret replaced; texts beyond `MAX_CHARACTERS` are cut. Never raises."""
        cut = _cut(text)
        return _replace(cut, find_secrets(cut, context))

    def event(self, event: Event) -> Event:
        """The event with every string of it redacted; the very same object where there was nothing to do."""
        context = "terminal" if isinstance(event.data, TerminalRun | TaskRun) else event.where.language
        where = self._where(event.where)
        data = self._value(event.data, context)
        return (
            event if where is event.where and data is event.data else attrs.evolve(event, where=where, data=data)
        )

    def burst(self, event: Event, lines_after: Sequence[str]) -> Event:
        """Redact an edit burst in view of the whole lines it touched.

        A fragment alone may not show that it belongs to a secret: someone types the first half, rests, and types
        the other. ``lines_after`` is the whole document after the burst. The changes are taken back one by one; at
        each step, what was written or removed inside a secret's span is redacted. Where the document and the burst
        do not fit together, the fragments are judged alone. Events of other kinds are handled as by `event`.
        """
        if not isinstance(event.data, EditBurst):
            return self.event(event)
        lines = _with_ends(lines_after)
        changes: list[Change] = []
        for change in reversed(event.data.changes):
            new = self._in_lines(lines, change.range.start, change.new_text, event.where.language)
            _splice(lines, change.range.start, change.new_end, change.old_text)
            old = self._in_lines(lines, change.range.start, change.old_text, event.where.language)
            kept = new is change.new_text and old is change.old_text
            changes.append(change if kept else attrs.evolve(change, old_text=old, new_text=new))
        if any(new is not old for new, old in zip(reversed(changes), event.data.changes, strict=True)):
            event = attrs.evolve(event, data=attrs.evolve(event.data, changes=tuple(reversed(changes))))
        return self.event(event)

    def _in_lines(self, lines: Sequence[str], start: Position, text: str, context: str | None) -> str:
        """``text``, which stands at ``start`` in ``lines``, without the secrets that reach into it."""
        if not text or text.isspace() or start.line >= len(lines):
            return text
        last = end_of(start, text).line
        around = AROUND_KEY if _KEY_LINE.fullmatch(lines[start.line].strip()) else AROUND
        first = max(0, start.line - around)
        piece = "".join(lines[first : last + 1 + around])
        at = sum(map(len, lines[first : start.line])) + start.character
        # A minified bundle is one line: what is far away does not matter.
        left = max(0, at - AROUND_CHARACTERS)
        piece, at = piece[left : at + len(text) + AROUND_CHARACTERS], at - left
        end = at + len(text)
        if piece[at:end] != text or len(piece) > MAX_CHARACTERS:
            return text
        spans = [
            (max(s, at) - at, min(e, end) - at) for s, e in find_secrets(piece, context) if s < end and at < e
        ]
        return _replace(text, spans) if spans else text

    def _where(self, where: Where) -> Where:
        names = (where.uri, where.workspace, where.symbol, where.language)
        if all(name is None or name in self._clean for name in names):
            return where
        changes: dict[str, Any] = {
            key: clean
            for key, uri in (("uri", where.uri), ("workspace", where.workspace))
            if uri is not None and "%" in uri and (clean := self._uri(uri)) != uri
        }
        redacted: Where = self._value(attrs.evolve(where, **changes) if changes else where, None)
        if redacted is where:
            if len(self._clean) >= CLEAN_NAMES:
                self._clean.clear()
            self._clean.update(name for name in names if name is not None)
        return redacted

    def _uri(self, uri: str) -> str:
        """The URI without the secrets that show once its escapes are read: the 20 of ``%20sk-…`` hides one."""
        path = to_path(uri)
        if path is None:
            return uri
        plain = path.as_posix()
        clean = self.text(plain)
        return uri if clean == plain else to_uri(clean)

    def _value(self, value: Any, context: str | None) -> Any:
        return map_strings(value, lambda text, name: self.text(text, context))


def _with_ends(lines: Sequence[str]) -> list[str]:
    if len(lines) > 1 and not lines[0].endswith(("\n", "\r")):
        return [line + "\n" for line in lines]
    return list(lines)


def _splice(lines: list[str], start: Position, end: Position, text: str) -> None:
    """Put ``text`` in place of ``start`` … ``end``; positions past the end are clipped."""
    if start.line >= len(lines):
        return
    head = lines[start.line][: start.character]
    tail = lines[end.line][end.character :] if end.line < len(lines) else ""
    lines[start.line : end.line + 1] = split_lines(head + text + tail)


def _cut(text: str) -> str:
    if len(text) <= MAX_CHARACTERS:
        return text
    # A secret across the cut would be halved and no longer known for one: cut before the word that stands there.
    least = MAX_CHARACTERS - 4096
    end = max(text.rfind(" ", least, MAX_CHARACTERS), text.rfind("\n", least, MAX_CHARACTERS), least)
    return text[:end] + CUT


def _replace(text: str, spans: Sequence[Span]) -> str:
    if not spans:
        return text
    parts: list[str] = []
    at = 0
    for start, end in spans:
        parts += [text[at:start], REDACTED]
        at = end
    parts.append(text[at:])
    return "".join(parts)
