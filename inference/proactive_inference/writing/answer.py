"""Reads what a model wrote for a task: JSON in the asked form, or what models write in its stead.

In this order: JSON in the form of :func:`work_schema` or near it; search and replace blocks; a unified diff; one
fenced file as a whole; one fenced line for a shell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from attrs import evolve, frozen

from proactive_inference.models.answer_schema import object_schema
from proactive_inference.models.answer_text import objects, plain_key, without_thinking
from proactive_inference.untrusted.command_check import LONGEST
from proactive_inference.writing.blocks import MOST_BLOCKS, Block, Fence, path_of, read_blocks, read_fences
from proactive_inference.writing.diffs import looks_like_diff, moves_files, read_diff
from proactive_inference.writing.written import RefusedError, UnwrittenReason

LONGEST_READ = 60_000
"""How many characters of an answer are read at most."""

CUT = " […]"
"""What stands at the end of a text that broke off."""

WORK_KEY = "Work"
"""The key under which the work stands. (Some servers take no schema with alternatives at its top.)"""


def _kind(kind: str, **properties: Any) -> dict[str, Any]:
    return object_schema({"kind": {"type": "string", "enum": [kind]}, **properties})


_LINE = {"type": "string", "maxLength": 160}
_TEXT = {"type": "string"}
_EDIT = object_schema({"file": _LINE, "search": _TEXT, "replace": _TEXT})

_FORMS = {
    "edit": _kind("edit", summary=_LINE, edits={"type": "array", "items": _EDIT, "minItems": 1, "maxItems": 8}),
    "command": _kind("command", why=_LINE, command={"type": "string", "maxLength": LONGEST}),
    "answer": _kind("answer", title=_LINE, text=_TEXT),
}

_LIKELY = {
    "explain": ("answer",),
    "run": ("command", "answer"),
    "write": ("edit", "answer"),
    "improve": ("edit", "answer"),
}
"""By the sort of a task (:func:`proactive_inference.on_demand.sort_of`); of others anything may come."""


def work_schema(sort: str = "") -> dict[str, Any]:
    """The schema of an answer to a task of this sort: small models take the first form that they may, and so must
    not be left a choice that the task does not leave.

    What an edit or a command is for comes before it, so that a model says it before it does it.
    """
    forms = [_FORMS[kind] for kind in _LIKELY.get(sort, _FORMS)]
    return object_schema({WORK_KEY: {"anyOf": forms} if len(forms) > 1 else forms[0]})


@frozen
class EditAnswer:
    """An edit in the model's words."""

    blocks: tuple[Block, ...]
    summary: str = ""


@frozen
class CommandAnswer:
    """A command in the model's words."""

    command: str
    why: str = ""


@frozen
class TextAnswer:
    """A text in the model's words."""

    title: str
    text: str


Answer = EditAnswer | CommandAnswer | TextAnswer

_KINDS = {
    **dict.fromkeys(("edit", "edits", "code", "patch", "diff", "change", "codeedit", "codechange"), "edit"),
    **dict.fromkeys(("command", "shell", "bash", "terminal", "cmd", "run", "shellcommand"), "command"),
    **dict.fromkeys(("answer", "explanation", "text", "markdown", "document", "response"), "answer"),
}
_EDITS = ("edits", "edit", "changes", "patches", "blocks", "replacements", "files")
_FILE = ("file", "path", "filename", "filepath")
_SEARCH = ("search", "old", "oldstring", "oldstr", "oldtext", "original", "find", "before", "from")
_REPLACE = ("replace", "new", "newstring", "newstr", "newtext", "replacement", "updated", "after", "to", "with")
_WHOLE = ("content", "contents", "newcontent", "filecontent", "code")
_DIFF = ("diff", "patch", "unifieddiff")
_COMMAND = ("command", "cmd", "shell", "bash", "run")
_WHY = ("why", "reason", "explanation", "description", "summary")
_SUMMARY = ("summary", "description", "explanation", "title", "why")
_TITLE = ("title", "heading", "summary")
_ANSWER = ("text", "answer", "markdown", "content", "body", "explanation")
_SHELLS = frozenset({"sh", "bash", "shell", "zsh", "console", "shellsession", "fish", "powershell"})
_JSON = re.compile(r"(?:```+\s*(?:json5?|javascript)?\s*)?[\[{]", re.IGNORECASE)
_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|.)", re.DOTALL)


def read_answer(text: str, *, finished: bool = True) -> Answer:
    """What the model wrote; ``finished`` is false if it was stopped.

    Raises:
        RefusedError: it cannot be read, or broke off where that matters.
    """
    finished = finished and len(text) <= LONGEST_READ
    text = without_thinking(text[:LONGEST_READ]).strip()
    if _begins_json(text):
        answer = _from_json(text, sure=True) or _from_text(text)
    else:  # braces may be those of code
        answer = _from_blocks(text) or _from_json(text, sure=False) or _from_fences(text)
    if answer is None:
        raise RefusedError(
            UnwrittenReason.UNREADABLE,
            "The model wrote neither an edit, a command nor an answer that can be read; ask again, "
            "or use a model that follows instructions.",
        )
    if not finished and not isinstance(answer, TextAnswer):
        raise _cut_off()
    if isinstance(answer, EditAnswer) and len(answer.blocks) >= MOST_BLOCKS:
        raise RefusedError(
            UnwrittenReason.TOO_MUCH,
            "The model's edit has more places than one task takes; ask for something smaller.",
        )
    if not finished and isinstance(answer, TextAnswer) and not answer.text.endswith(CUT):
        return evolve(answer, text=answer.text + CUT)
    return answer


def _cut_off() -> RefusedError:
    return RefusedError(
        UnwrittenReason.CUT_OFF, "The model's answer broke off before its end; ask for something smaller."
    )


# --- JSON --------------------------------------------------------------------------------------------------


def _begins_json(text: str) -> bool:
    return _JSON.match(text) is not None


def _from_json(text: str, *, sure: bool) -> Answer | None:
    for readable in (text, _with_right_escapes(text)):
        whole = list(objects(readable, longest=LONGEST_READ, whole=True))
        single = [block for found in whole for block in _block(found)]
        for found in whole:
            if (answer := _answer(found, single, sure)) is not None:
                return answer
    return _from_cut_off(text)


def _from_cut_off(text: str) -> Answer | None:
    """A text is worth reading as far as it goes; half an edit or command is worth nothing."""
    for outer in objects(text, longest=LONGEST_READ):
        for found in (outer, *(_plain(inner) for inner in outer.values() if isinstance(inner, dict))):
            kind = _KINDS.get(plain_key(str(found.get("kind", ""))))
            if kind == "answer" and (said := _first(found, _ANSWER)):
                return TextAnswer(_first(found, _TITLE), said + CUT)
            if kind in ("edit", "command") or any(key in found for key in ("edits", "search", "command")):
                raise _cut_off()
    return None


def _answer(found: dict[str, Any], single: list[Block], sure: bool) -> Answer | None:
    """What one object says; without a kind only if it is ``sure`` that the object is the answer and not code."""
    kind = _KINDS.get(plain_key(str(found.get("kind", found.get("type", "") if sure else ""))))
    if kind is None and not sure:
        return None
    blocks = _all_blocks(found) or _block(found)
    command, text = _first(found, _COMMAND), _first(found, _ANSWER)
    if kind == "edit" or (kind is None and blocks):
        if blocks := blocks or single:
            return EditAnswer(tuple(blocks), _first(found, _SUMMARY))
        keys: tuple[str, ...] = _EDITS
    elif kind == "command" or (kind is None and command):
        if command:
            return CommandAnswer(command, _first(found, _WHY))
        keys = _COMMAND
    elif kind == "answer" or (kind is None and text and ("title" in found or "answer" in found)):
        if text:
            return TextAnswer(_first(found, _TITLE), text)
        keys = _ANSWER
    else:
        return None
    if any(key in found for key in keys):  # the kind is told, and nothing comes with it
        raise RefusedError(
            UnwrittenReason.NOTHING, "The model found nothing to write for this task; do it by hand, or ask again."
        )
    return None


def _all_blocks(found: dict[str, Any]) -> list[Block]:
    """What the edits of an answer say, each of them: some of them are not what the model meant."""
    blocks: list[Block] = []
    for item in (item for key in _EDITS if key in found for item in _items(found[key])):
        of_item = _block(item)
        if not of_item and item:
            raise RefusedError(
                UnwrittenReason.UNREADABLE, "One of the model's edits does not say what replaces what; ask again."
            )
        blocks += of_item
    return blocks


def _items(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        plain = _plain(value)
        if any(key in plain for key in (*_SEARCH, *_REPLACE, *_WHOLE, *_DIFF)):
            yield value
        else:  # {"src/a.py": {"search": …}}
            yield from ({"file": key, **item} for key, item in value.items() if isinstance(item, dict))
    elif isinstance(value, list):
        yield from value
    elif isinstance(value, str):
        yield {"diff": value}


def _block(item: Any) -> list[Block]:
    if not isinstance(item, dict):
        return _plain_blocks(item) if isinstance(item, str) else []
    found = _plain(item)
    file = _first(found, _FILE) or None
    search, replace = _string(found, _SEARCH), _string(found, _REPLACE)
    if search is not None and replace is not None:
        return [Block(file, search, replace)]
    if (diff := _string(found, _DIFF)) is not None:
        return [Block(block.file or file, block.search, block.replace) for block in _plain_blocks(diff)]
    content = _string(found, _WHOLE)
    if content is None and search is None:
        content = replace
    if file and content is not None:
        return [Block(file, "", _inside_fence(content), whole=True)]
    return []


def _plain_blocks(text: str) -> list[Block]:
    blocks, broken = read_blocks(text)
    if broken:
        raise _cut_off()
    return blocks or (read_diff(text) if looks_like_diff(text) else [])


def _plain(value: dict[Any, Any]) -> dict[str, Any]:
    return {plain_key(str(key)): item for key, item in value.items()}


def _string(found: dict[str, Any], keys: tuple[str, ...]) -> str | None:
    for key in keys:
        value = found.get(key)
        if isinstance(value, str):
            return value
        if isinstance(value, list) and value and all(isinstance(line, str) for line in value):
            return "".join(line if line.endswith("\n") else line + "\n" for line in value)
    return None


def _first(found: dict[str, Any], keys: tuple[str, ...]) -> str:
    return next((value.strip() for key in keys if isinstance(value := found.get(key), str) and value.strip()), "")


def _inside_fence(text: str) -> str:
    fences = read_fences(text)
    return fences[0].text if len(fences) == 1 and text.lstrip().startswith(("```", "~~~")) else text


def _with_right_escapes(text: str) -> str:
    r"""JSON knows few escapes; models also write ``\d``, ``\'`` and the like."""
    return _ESCAPE.sub(lambda at: at[0] if at[0][1] in '"\\/bfnrtu' and at[0] != "\\u" else "\\" + at[0], text)


# --- plain text --------------------------------------------------------------------------------------------


def _from_text(text: str) -> Answer | None:
    return _from_blocks(text) or _from_fences(text)


def _from_blocks(text: str) -> Answer | None:
    blocks, broken = read_blocks(text)
    if broken:
        raise _cut_off()
    if not blocks and looks_like_diff(text):
        if moves_files(text):
            raise RefusedError(
                UnwrittenReason.NEW_FILE, "The model's edit makes, moves or deletes a file; do that by hand."
            )
        blocks = read_diff(text)
    return EditAnswer(tuple(blocks)) if blocks else None


def _from_fences(text: str) -> Answer | None:
    fences = read_fences(text)
    if any(not fence.closed for fence in fences):
        raise _cut_off()
    files = [fence for fence in fences if not _is_shell(fence)]
    if len(files) == 1 or (files and len({path_of(fence) for fence in files} - {None}) == len(files)):
        return EditAnswer(tuple(Block(path_of(fence), "", fence.text, whole=True) for fence in files))
    if len(fences) == 1 and _is_shell(fences[0]):
        return CommandAnswer(fences[0].text.strip())
    return None


def _is_shell(fence: Fence) -> bool:
    return fence.info.lower() in _SHELLS
