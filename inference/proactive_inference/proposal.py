"""A task worth offering, with its exact edit or command, and the suggestion it becomes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from attrs import frozen

from proactive_collectors.text import Range, TextEdit
from proactive_inference.need import Need


@frozen
class Anchor:
    """Where in the workspace a proposal is shown."""

    uri: str
    range: Range


@frozen
class FileEdit:
    """Edits of one file, all in its text as it stood when they were made."""

    uri: str
    edits: tuple[TextEdit, ...]
    version: int | None = None  #: the editor's document version they were made for; ``None`` if not open
    digest: str = ""  #: :func:`proactive_inference.ground.digest` of the whole text they were made for


@frozen
class Proposal:
    """A task that someone could take off the user's hands."""

    play: str  #: proposer and sort, dotted: ``failed_run.missing_import``
    key: str  #: two proposals with the same play and key are the same offer, sittings apart
    title: str  #: imperative, under 80 characters: ``Import 'Path' from pathlib``
    task: str  #: one sentence to the user, as ProactiveBench words tasks
    anchor: Anchor
    edits: tuple[FileEdit, ...] = ()
    command: str | None = None  #: a shell command to show; it runs only by the user's confirmed action
    on_demand: bool = False  #: edit, command or answer are written by a language model once they are wanted
    confidence: float = 0.5  #: probability that the user takes it, given that help is wanted
    reason: str = ""  #: why this edit: what was seen, in a sentence or two
    evidence: tuple[int, ...] = ()  #: indices into the window of the events it rests on


class Boundary(StrEnum):
    """The moments at which the agent asks itself whether to speak."""

    RUN_FAILED = "run_failed"  #: at once
    COMMITTED = "committed"  #: at once
    QUIET = "quiet"  #: no event of the person for the quiet time after an edit, save or lasting diagnostic


@frozen
class Suggestion:
    """A proposal that is put before the user."""

    id: str
    proposal: Proposal
    need: Need
    boundary: Boundary
    time: datetime
    because: tuple[str, ...] = ()  #: the sentences of the events that led to it, oldest first
