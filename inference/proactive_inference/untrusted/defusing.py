"""Takes text that addresses a model out of what a model is told; ordinary events stay the very same objects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import quote, unquote

from proactive_collectors.event_strings import map_strings
from proactive_collectors.events import Event
from proactive_collectors.trace import Window
from proactive_inference.untrusted.finding import suspicious, suspicious_lines

LEFT_OUT = "[text left out]"
"""Stands where something was left out."""

ACROSS = 4
"""Over how many strings in a row an order may be spread: a file's name and a message, two events."""

TOLD = 240
"""How many characters at either end of a string are told at most."""

_PATHS = frozenset({"uri", "path", "paths", "workspace", "cwd"})
_UNTOLD = frozenset({"output", "workspace", "cwd", "commit", "language", "suggestion", "play", "key"})
_NAMES = frozenset(
    {*_PATHS, "url", "branch", "previous", "symbol", "tool", "code", "error", "app", "engine", "reason"}
)
_ERROR = re.compile(r"[A-Za-z_][\w.]{0,60}(?:Error|Exception|Warning|Failure|Failed|Exit|Interrupt|panic):\s")
_ENDING = re.compile(r"(?<=.)\.[A-Za-z0-9]{1,6}$")

Name = str


def defused(window: Window) -> Window:
    """The window with every text left out that addresses a model; the same object if there is none."""
    events = tuple(map_strings(event, _alone) for event in window.events)
    across = _spread(events)
    if across:
        events = tuple(map_strings(event, lambda text, name: _gone(text, name) if text in across else text)
                       for event in events)  # fmt: skip
    same = all(new is old for new, old in zip(events, window.events, strict=True))
    return window if same else Window(events)


def defused_text(text: str) -> str:
    """A text of many lines without those that address a model; the same string if there are none."""
    kept, gone = parted(text)
    return kept if gone else text


def parted(text: str) -> tuple[str, str]:
    """A text without the lines that address a model, and these lines."""
    if suspicious(text) is None:
        return text, ""
    lines = text.splitlines(keepends=True)
    found = suspicious_lines([line.rstrip("\r\n") for line in lines])
    kept: list[str] = []
    for n, line in enumerate(lines):
        if n not in found:
            kept.append(line)
        elif n - 1 not in found:
            kept.append(LEFT_OUT + line[len(line.rstrip("\r\n")) :])
    if len(found) == len(lines):
        kept = [LEFT_OUT]
    return "".join(kept), "".join(line for n, line in enumerate(lines) if n in found)


def strings(event: Event) -> Iterator[tuple[Name, str]]:
    """Every string that came with an event, and the name of the field in which it stands."""
    found: list[tuple[Name, str]] = []

    def note(text: str, name: Name) -> str:
        if text:
            found.append((name, text))
        return text

    map_strings(event, note)
    yield from found


def _alone(text: str, name: Name) -> str:
    if name in _PATHS:
        return _gone(text, name) if suspicious(_path(text)) else text
    if suspicious(text, command=name == "command") is None:
        return text
    return _gone(text, name)


def _gone(text: str, name: Name) -> str:
    if name in _PATHS:
        return _path_without(text)
    if "\n" in text.strip():
        return defused_text(text) if suspicious(text) else LEFT_OUT
    error = _ERROR.match(text)
    return error[0] + LEFT_OUT if error and suspicious(error[0]) is None else LEFT_OUT


def _path(text: str) -> str:
    return unquote(text) if "%" in text else text


def _path_without(path: str) -> str:
    """The path with a mark for each part that gives itself away, or for all of it below its root."""
    parts = re.split(r"([/\\])", path)
    marked = [_part(part) if len(part) > 1 and suspicious(_path(part)) else part for part in parts]
    if marked != parts and suspicious(_path("".join(marked))) is None:
        return "".join(marked)
    root = "file:///" if path.startswith("file:") else "/" if path.startswith("/") else ""
    return root + (quote(LEFT_OUT) if root == "file:///" else LEFT_OUT)


def _part(part: str) -> str:
    ending = _ENDING.search(part)
    mark = quote(LEFT_OUT) if "%" in part else LEFT_OUT
    return mark + (ending[0] if ending else "")


def _spread(events: tuple[Event, ...]) -> frozenset[str]:
    """The strings over which one order is spread, none of which gives itself away alone."""
    found = [(name, text) for event in events for name, text in strings(event) if name not in _UNTOLD]
    prose = [text for name, text in found if name not in _NAMES]
    pieces = [_last_part(text) if name in _PATHS else text for name, text in found]
    across = {*_together(prose), *_together(pieces)}
    return frozenset(across | {text for name, text in found if name in _PATHS and _last_part(text) in across})


def _together(texts: list[str]) -> set[str]:
    told = [text for text, before in pairwise((*texts, "")) if text != before]
    ends = [text if len(text) <= 2 * TOLD else f"{text[:TOLD]} {text[-TOLD:]}" for text in told]
    found: set[int] = set()
    if suspicious(" ".join(ends), command=True) is not None:
        for size in range(2, ACROSS + 1):
            for first in range(len(ends) - size + 1):
                piece = range(first, first + size)
                if found.isdisjoint(piece) and suspicious(" ".join(ends[n] for n in piece), command=True):
                    found.update(piece)
    return {told[n] for n in found}


def _last_part(path: str) -> str:
    return _path(path).rstrip("/").rsplit("/", 1)[-1]
