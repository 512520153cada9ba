"""What a model is shown of files: whole where they are short, else the beginning and the lines that matter.

Secrets are taken out in view of the whole text, not of the excerpt, and where they stood is remembered.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve, frozen

from proactive_collectors.languages import language_of
from proactive_collectors.redaction import MAX_CHARACTERS, REDACTED
from proactive_collectors.secret_formats import Span
from proactive_collectors.secrets_in_text import find_secrets
from proactive_collectors.text import split_lines
from proactive_collectors.uris import name, to_path
from proactive_collectors.workspace import Document, WorkspaceView
from proactive_inference.places import Place, same_file
from proactive_inference.untrusted import defused_text, suspicious

HEAD_LINES = 24
"""Lines of a long file's beginning that are shown: what it imports."""

LEAST_CHARACTERS = 400
"""A file of which less than this can be shown is not."""

_Lines = tuple[int, int]


@frozen
class Source:
    """A file that a model is shown."""

    document: Document
    name: str  #: the path below its folder, as the model is told
    pieces: tuple[_Lines, ...]  #: the lines shown: first and end, zero-based, end not included
    language: str | None
    secrets: tuple[Span, ...]  #: what it was not shown: offsets in the text
    harmful: bool  #: whether something in it addresses a model; that is not shown, either

    @property
    def lines(self) -> list[str]:
        """All lines, with their ends."""
        return split_lines(self.document.text)

    @property
    def whole(self) -> bool:
        """Whether all lines are shown, as they are."""
        return self.pieces == ((0, len(self.lines)),) and not self.harmful

    @property
    def as_it_is(self) -> bool:
        """Whether nothing was taken out of what is shown."""
        return not self.harmful and not self.secrets

    def shown(self) -> list[tuple[int, str]]:
        """Each piece: its first line and its text, without secrets, and without what addresses a model."""
        lines, text = self.lines, self.document.text
        found: list[tuple[int, str]] = []
        for first, end in self.pieces:
            start = sum(map(len, lines[:first]))
            stop = start + sum(map(len, lines[first:end]))
            parts, at = [], start
            for low, high in self.secrets:
                if high > start and low < stop:
                    parts += [text[at : max(low, at)], REDACTED]
                    at = max(at, high)
            found.append((first, defused_text("".join([*parts, text[at:stop] if at < stop else ""]))))
        return found


def read_sources(
    concerned: Sequence[Place], workspace: WorkspaceView, *, most_files: int, characters: int
) -> list[Source]:
    """The files that can be read, in their order, as far as ``characters`` reach; one takes half of the rest."""
    found: list[Source] = []
    left = characters
    for concern in concerned:
        if len(found) == most_files or left < LEAST_CHARACTERS:
            break
        document = workspace.document(concern.uri)
        if document is None or len(document.text) > MAX_CHARACTERS:
            continue
        if any(same_file(document.uri, source.document.uri) for source in found):
            continue
        share = left // 2 if len(document.text) > left // 2 and len(concerned) > 1 else left
        source = source_of(document, workspace, concern.line, share)
        if suspicious(source.name):  # names are told as they are, so that they can be named in the answer
            continue
        if any(source.name == other.name for other in found):  # in folders side by side
            source = evolve(source, name=f"{_folder_name(document.uri, workspace)}/{source.name}")
        found.append(source)
        left -= sum(len(text) for _, text in source.shown())
    return found


def source_of(document: Document, workspace: WorkspaceView, line: int | None, characters: int) -> Source:
    """The file with as much of it as ``characters`` allow, around ``line``."""
    lines = split_lines(document.text)
    pieces = ((0, len(lines)),) if len(document.text) <= characters else _excerpt(lines, line or 0, characters)
    language = document.language or language_of(document.uri)
    secrets = tuple(find_secrets(document.text, language))
    return Source(
        document,
        relative_name(document.uri, workspace),
        pieces,
        language,
        secrets,
        suspicious(document.text) is not None,
    )


def relative_name(uri: str, workspace: WorkspaceView) -> str:
    """The file's path below the folder it is in; its bare name elsewhere."""
    path = to_path(uri)
    for folder in workspace.folders():
        root = to_path(folder)
        if path is not None and root is not None and path.is_relative_to(root) and path != root:
            return path.relative_to(root).as_posix()
    return name(uri)


def _folder_name(uri: str, workspace: WorkspaceView) -> str:
    """The name of the workspace folder that the file is in."""
    path = to_path(uri)
    for folder in workspace.folders():
        root = to_path(folder)
        if path is not None and root is not None and path.is_relative_to(root):
            return root.name
    return "other"


def _excerpt(lines: Sequence[str], line: int, characters: int) -> tuple[_Lines, ...]:
    line = min(max(line, 0), len(lines) - 1)
    head = 0
    used = 0
    while head < min(HEAD_LINES, len(lines)) and used + len(lines[head]) <= characters // 4:
        used += len(lines[head])
        head += 1
    first, end = line, line + 1
    used += len(lines[line])
    while first > 0 or end < len(lines):
        grown = False
        # Two lines above for each below: what a line means stands before it.
        for _ in range(2):
            if first > 0 and used + len(lines[first - 1]) <= characters:
                first -= 1
                used += len(lines[first])
                grown = True
        if end < len(lines) and used + len(lines[end]) <= characters:
            used += len(lines[end])
            end += 1
            grown = True
        if not grown:
            break
    if used > characters:  # one line that is longer than all that may be shown
        return ((0, head),) if head else ()
    if first <= head:
        return ((0, end),)
    return ((0, head), (first, end)) if head else ((first, end),)
