"""From a model's edit to edits that may be offered: each file's text made anew, and checked."""

from __future__ import annotations

import os
from collections.abc import Sequence

from attrs import evolve

from proactive_collectors.sentences import clean
from proactive_collectors.uris import to_path
from proactive_collectors.workspace import Document, WorkspaceView
from proactive_inference.ground import digest
from proactive_inference.places import same_file
from proactive_inference.proposal import FileEdit
from proactive_inference.untrusted import remark, text_refusal
from proactive_inference.writing.answer import EditAnswer
from proactive_inference.writing.blocks import Block
from proactive_inference.writing.bounds import check_bounds
from proactive_inference.writing.concerned import touched_by_user
from proactive_inference.writing.line_edits import text_edits
from proactive_inference.writing.placing import fits, rewritten
from proactive_inference.writing.sources import Source, source_of
from proactive_inference.writing.steering import changes_install_scripts, steers
from proactive_inference.writing.syntax_check import parses_as_well
from proactive_inference.writing.task import WritingSettings, WritingTask
from proactive_inference.writing.written import RefusedError, UnwrittenReason, WrittenEdit, told

LONGEST_SUMMARY = 160


def written_edit(
    answer: EditAnswer,
    task: WritingTask,
    sources: Sequence[Source],
    workspace: WorkspaceView,
    settings: WritingSettings,
) -> WrittenEdit:
    """The edit, for the texts that the workspace shows now.

    Raises:
        RefusedError: it does not fit, breaks a file, or changes what it must not.
    """
    by_source: dict[Source, list[Block]] = {}
    for block in answer.blocks:
        by_source.setdefault(_meant(block, task, sources, workspace), []).append(block)
    changed: dict[Source, str] = {}
    for shown, blocks in by_source.items():
        source = _as_it_stands(shown, workspace)
        if source.document.text != shown.document.text and any(block.whole for block in blocks):
            raise _changed(source)
        try:
            new = rewritten(source, blocks)
        except RefusedError as error:
            if source is not shown and error.unwritten.reason is UnwrittenReason.NOT_FOUND:
                raise _changed(source) from error
            raise
        if new != source.document.text:
            changed[source] = new
    if not changed:
        raise RefusedError(UnwrittenReason.NOTHING, "The model's edit changes nothing; it may be done already.")
    check_bounds(changed, settings)
    for source, new in changed.items():
        _check(source, new, task)
    edits = tuple(_file_edit(source.document, new) for source, new in changed.items())
    return WrittenEdit(edits, remark(clean(answer.summary, LONGEST_SUMMARY), task.window) or task.proposal.title)


def _meant(block: Block, task: WritingTask, sources: Sequence[Source], workspace: WorkspaceView) -> Source:
    """The shown file that a block names; without a name, the only one it fits, else the anchor's."""
    if block.file is None or not block.file.strip():
        if len(fitting := [source for source in sources if fits(source, block)]) == 1:
            return fitting[0]
        anchors = [source for source in sources if same_file(source.document.uri, task.proposal.anchor.uri)]
        if len(found := anchors or list(sources)) == 1:
            return found[0]
        raise RefusedError(UnwrittenReason.NOT_FOUND, "The model did not say which file to change; ask again.")
    name = block.file.strip().strip("`'\"").replace("\\", "/")
    for spelled in (name, name.removeprefix("./"), name[2:] if name[:2] in ("a/", "b/") else name):
        for source in sources:
            if spelled in (source.name, source.document.uri):
                return source
    ends = [source for source in sources if source.name.endswith("/" + name) or name.endswith("/" + source.name)]
    below = not name.startswith(("/", "~")) and ".." not in name.split("/") and ":" not in name
    if len(ends) == 1 and (below or workspace.resolve(name) == ends[0].document.uri):
        return ends[0]
    if not below:
        raise RefusedError(
            UnwrittenReason.OUTSIDE,
            f"The model's edit is of {told(name)}, which is outside of what it may change.",
        )
    if workspace.resolve(name) is not None:
        raise RefusedError(
            UnwrittenReason.NOT_CONCERNED,
            f"The model's edit changes {told(name)}, which the task is not about; open that file and ask there.",
        )
    raise RefusedError(
        UnwrittenReason.NEW_FILE,
        f"The model's edit needs a file {told(name)} that it was not shown; make the file by hand and ask again.",
    )


def _as_it_stands(shown: Source, workspace: WorkspaceView) -> Source:
    """The file as it is now: the very same source if nothing has changed since the model was shown it."""
    now = workspace.document(shown.document.uri)
    if now is None:
        raise RefusedError(
            UnwrittenReason.OUTSIDE, f"The file {told(shown.name)} can no longer be read, so it was left alone."
        )
    if now.text == shown.document.text:
        return shown if now.version == shown.document.version else evolve(shown, document=now)
    if not shown.whole:  # where the lines that the model saw are now, nobody knows
        raise _changed(shown)
    return source_of(now, workspace, None, len(now.text))


def _changed(source: Source) -> RefusedError:
    return RefusedError(
        UnwrittenReason.CHANGED, f"The file {told(source.name)} was changed while the model wrote; ask again."
    )


def _check(source: Source, new: str, task: WritingTask) -> None:
    uri, old = source.document.uri, source.document.text
    steering = steers(source.name) or steers(_real_path(uri)) or changes_install_scripts(source.name, old, new)
    if steering and not (same_file(task.proposal.anchor.uri, uri) and touched_by_user(task.window, uri)):
        raise RefusedError(
            UnwrittenReason.STEERING,
            f"The model's edit changes {told(source.name)}, which makes programs run; "
            "change it by hand, or ask while you work on it.",
        )
    if (why_not := text_refusal(new, old, task.window)) is not None:
        since = clean(why_not.replace("the edit", "it"))
        raise RefusedError(
            UnwrittenReason.UNSAFE_TEXT,
            f"The model's edit of {told(source.name)} is not offered, since {since}; change it by hand.",
        )
    if not parses_as_well(old, new, source.language):
        raise RefusedError(
            UnwrittenReason.BREAKS_SYNTAX,
            f"With the model's edit {told(source.name)} would not parse; ask again, or make the change by hand.",
        )


def _real_path(uri: str) -> str:
    """Where the file lies, links followed: a harmless name may lead to one that is not."""
    path = to_path(uri)
    try:
        return os.path.realpath(path) if path is not None else ""
    except (OSError, ValueError):
        return ""


def _file_edit(document: Document, new: str) -> FileEdit:
    return FileEdit(document.uri, text_edits(document.text, new), document.version, digest(document.text))
