"""An offered edit as a unified diff that can be read back exactly.

It shows the edit's own stretch of text, not the lines around it, which an offer does not hold; the second header
says which characters they are::

    --- src/prices.py
    +++ src/prices.py
    @@ -4,1 +4,1 @@ from character 8 to line 4, character 11
    -foo
    \\ No newline at end of file
    +bar
    \\ No newline at end of file

Lines and characters count from one here. Where the text holds characters that do not show, or would turn the
direction of the line, the header ends in ``, escaped``: backslashes are doubled and such characters are
``\\uXXXX``.
"""

from __future__ import annotations

import json
import re
from difflib import SequenceMatcher

from proactive_collectors.text import Range, TextEdit
from proactive_training.bench.example import OfferedEdit

_HEADER = re.compile(r"@@ -(\d+),\d+ \+\d+,\d+ @@ from character (\d+) to line (\d+), character (\d+)(, escaped)?")
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_ESCAPE = re.compile(r"\\(?:u([0-9a-f]{4})|\\)")
_NO_NEWLINE = "\\ No newline at end of file"


def lines_of(edit: OfferedEdit) -> list[str]:
    """The diff, line by line."""
    start, end = edit.edit.range.start, edit.edit.range.end
    escaped = bool(_HIDDEN.search(edit.old_text) or _HIDDEN.search(edit.edit.new_text))
    old, new = _cut(edit.old_text), _cut(edit.edit.new_text)
    path = edit.path if re.fullmatch(r"[^\s\"\\][^\x00-\x1f\x7f-\x9f\u2028\u2029]*", edit.path) else None
    name = path if path is not None else json.dumps(edit.path)
    header = (
        f"@@ -{start.line + 1},{len(old)} +{start.line + 1},{len(new)} @@ from character {start.character + 1} "
        f"to line {end.line + 1}, character {end.character + 1}{', escaped' if escaped else ''}"
    )
    lines = [f"--- {name}", f"+++ {name}", header]
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            lines += _marked(" ", old[a:b], escaped)
        else:
            lines += _marked("-", old[a:b], escaped) + _marked("+", new[c:d], escaped)
    return lines


def edit_of(lines: list[str]) -> OfferedEdit:
    """Read a diff back.

    Raises:
        ValueError: it is none of :func:`lines_of`.
    """
    match = _HEADER.fullmatch(lines[2]) if len(lines) > 2 else None
    if match is None or not lines[0].startswith("--- "):
        raise ValueError("not a diff of an offered edit")
    name = lines[0].removeprefix("--- ")
    path = json.loads(name) if name.startswith('"') else name
    texts: dict[str, list[str]] = {"-": [], "+": []}
    sides: tuple[str, ...] = ()
    for line in lines[3:]:
        if line == _NO_NEWLINE:
            for side in sides:
                texts[side][-1] = texts[side][-1].removesuffix("\n")
            continue
        if line[:1] not in (" ", "-", "+"):
            raise ValueError(f"a line of the diff begins with {line[:1]!r}")
        sides = ("-", "+") if line[0] == " " else (line[0],)
        for side in sides:
            texts[side].append((_plain(line[1:]) if match[5] else line[1:]) + "\n")
    first, start, last, end = (int(number) - 1 for number in match.groups()[:4])
    edit = TextEdit(Range.of(first, start, last, end), "".join(texts["+"]))
    return OfferedEdit(path, edit, "".join(texts["-"]))


def _cut(text: str) -> list[str]:
    """Lines that keep their ends; here only ``\\n`` ends one, a carriage return is a character of it."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _marked(mark: str, lines: list[str], escaped: bool) -> list[str]:
    found = []
    for line in lines:
        told = line.removesuffix("\n")
        if escaped:
            told = _HIDDEN.sub(lambda m: f"\\u{ord(m[0]):04x}", told.replace("\\", "\\\\"))
        found.append(mark + told)
        if not line.endswith("\n"):
            found.append(_NO_NEWLINE)
    return found


def _plain(text: str) -> str:
    return _ESCAPE.sub(lambda m: chr(int(m[1], 16)) if m[1] else "\\", text)
