"""Writes what a proposal promised: asks the model, reads its answer, checks it, and may ask once more."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from proactive_collectors.redaction import Redactor
from proactive_collectors.workspace import WorkspaceView
from proactive_inference.models.asking import Asking
from proactive_inference.models.chat import ChatModel, Completion
from proactive_inference.models.messages import Message
from proactive_inference.models.tally import Tally
from proactive_inference.writing.answer import CommandAnswer, EditAnswer, read_answer, work_schema
from proactive_inference.writing.command_text import written_command
from proactive_inference.writing.concerned import concerns
from proactive_inference.writing.edit import written_edit
from proactive_inference.writing.markdown_text import written_answer
from proactive_inference.writing.question import writing_messages
from proactive_inference.writing.sources import Source, read_sources
from proactive_inference.writing.task import WritingSettings, WritingTask
from proactive_inference.writing.written import RefusedError, Unwritten, UnwrittenReason, Written

CHARACTERS_PER_TOKEN = 2.5
"""Of code within JSON; few, so that a question rather has too little in it than is too long for the model."""

TEMPERATURE = 0.7
"""Of several answers; one alone is the likeliest."""

_HOSTILE = frozenset(
    {
        UnwrittenReason.HIDDEN,
        UnwrittenReason.OUTSIDE,
        UnwrittenReason.STEERING,
        UnwrittenReason.UNSAFE_COMMAND,
        UnwrittenReason.UNSAFE_TEXT,
    }
)
"""What no model writes by mistake: it is not asked to find another way to it."""


def write(
    task: WritingTask,
    model: ChatModel,
    workspace: WorkspaceView,
    *,
    asking: Asking | None = None,
    settings: WritingSettings | None = None,
    tally: Tally | None = None,
) -> Written | Unwritten:
    """Have the model write an edit, a command or an answer for the task, and verify it.

    ``asking`` holds for all questions together. Whatever the model answers, something comes back; an edit fits the
    texts that ``workspace`` shows after the last answer. ``tally`` counts what it costs, also where it fails.

    Raises:
        UnwantedError: the question was taken back.
        ModelError: the model cannot be asked.
    """
    settings = settings or WritingSettings()
    redactor = Redactor()
    limit = getattr(model, "most_tokens", None)
    room = None
    if isinstance(limit, int):
        settings = evolve(settings, most_tokens=min(settings.most_tokens, limit // 4))
        room = int((limit - settings.most_tokens) * CHARACTERS_PER_TOKEN)
    sort = task.proposal.play.rpartition(".")[2]
    refused: tuple[str, str] | None = None
    for tries_left in range(settings.retries, -1, -1):
        messages, sources = _question(task, workspace, settings, redactor, refused, room)
        completions = model.complete(
            messages,
            schema=work_schema(sort),
            max_tokens=settings.most_tokens,
            temperature=0.0 if settings.answers == 1 else TEMPERATURE,
            seed=0,
            count=settings.answers,
            asking=asking,
        )
        if tally is not None:
            tally.add(completions)
        outcomes: list[Unwritten] = []
        for completion in completions:
            try:
                return _written(completion, task, sources, workspace, settings)
            except RefusedError as error:
                outcomes.append(error.unwritten)
        hostile = next((outcome for outcome in outcomes if outcome.reason in _HOSTILE), None)
        if hostile is not None or not tries_left:
            return hostile or outcomes[0]
        if asking is not None:
            asking.check()
        refused = (completions[0].text, outcomes[0].sentence)
    raise AssertionError("the last try returns")


def _written(
    completion: Completion,
    task: WritingTask,
    sources: list[Source],
    workspace: WorkspaceView,
    settings: WritingSettings,
) -> Written:
    answer = read_answer(completion.text, finished=completion.finished)
    if isinstance(answer, EditAnswer):
        return written_edit(answer, task, sources, workspace, settings)
    if isinstance(answer, CommandAnswer):
        return written_command(answer, task.window, settings.longest_command)
    return written_answer(answer, task.window, settings.longest_answer)


def _question(
    task: WritingTask,
    workspace: WorkspaceView,
    settings: WritingSettings,
    redactor: Redactor,
    refused: tuple[str, str] | None,
    room: int | None,
) -> tuple[tuple[Message, ...], list[Source]]:
    """The question and the files shown in it, fitted to ``room`` characters: events give way first, then files."""
    concerned = concerns(task, workspace, settings.most_events)
    characters, least = settings.most_characters, settings.most_characters // 4
    if room is not None:
        while (left := room - _length(writing_messages(task, (), settings, redactor, refused))) < least:
            if settings.most_events <= 1:
                break
            settings = evolve(settings, most_events=settings.most_events // 2)
        characters = max(0, min(characters, left))
    while True:
        sources = read_sources(concerned, workspace, most_files=settings.most_files, characters=characters)
        messages = writing_messages(task, sources, settings, redactor, refused)
        over = 0 if room is None else _length(messages) - room
        if over <= 0 or not sources:
            return messages, sources
        characters -= over  # JSON has marks of its own


def _length(messages: Sequence[Message]) -> int:
    return sum(len(message.content) for message in messages)
