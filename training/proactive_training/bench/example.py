"""What a bench is made of: sittings, and moments of them with what was or might have been offered, labelled.

A sitting's events are kept once (:class:`Sitting`); a moment is an index into them, and its window is their last
stretch up to it. Silence is an example as well: one without an offer.
"""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen

from proactive_collectors.text import TextEdit
from proactive_collectors.trace import Trace


class LabelSource(StrEnum):
    """Who says so."""

    HUMAN = "human"  #: annotators
    HINDSIGHT = "hindsight"  #: what the person did next
    JUDGE = "judge"  #: a reward model
    FEEDBACK = "feedback"  #: the user's own answer to a suggestion


class Verdict(StrEnum):
    """How far what the person did next bears an offer out."""

    EXACT = "exact"  #: every place of it was done as offered
    PART = "part"  #: some places were
    NONE = "none"  #: no place was, and the person had the chance
    UNKNOWN = "unknown"  #: what came next tells nothing: a deleted file, the end of what is known


class Category(StrEnum):
    """The bench's four cases, as the published files spell them."""

    MISSED_NEED = "Missed-Need (MN)"
    CORRECT_REJECTION = "Correct-Rejection (CR)"
    CORRECT_DETECTION = "Correct-Detection (CD)"
    FALSE_ALARM = "False-Alarm (FA)"

    @classmethod
    def of(cls, *, need: bool, offered: bool, accepted: bool) -> Category:
        """The case of a moment: by the need where nothing was offered, else by whether the offer was welcome."""
        if not offered:
            return cls.MISSED_NEED if need else cls.CORRECT_REJECTION
        return cls.CORRECT_DETECTION if accepted else cls.FALSE_ALARM


@frozen
class OfferedEdit:
    """One place of an offer."""

    path: str  #: relative to the workspace folder
    edit: TextEdit  #: in the text as it stood at the moment
    old_text: str = ""  #: what stood there


@frozen
class Offer:
    """A task that was, or would have been, offered at a moment."""

    task: str  #: one sentence to the user
    title: str = ""  #: imperative and short
    proposer: str = ""  #: the play, dotted, or the model's name
    key: str = ""  #: two offers of a proposer with the same key are the same offer
    path: str | None = None  #: where it is shown, relative to the workspace folder
    line: int | None = None  #: counted from zero
    edits: tuple[OfferedEdit, ...] = ()
    command: str | None = None
    confidence: float | None = None  #: probability of being taken, as the proposer says
    verdict: Verdict | None = None  #: by hindsight; ``None`` if not judged so


@frozen
class Label:
    """What is known of a moment, and from whom."""

    source: LabelSource
    need: bool | None = None  #: whether help was wanted; ``None``: not known
    accepted: bool | None = None  #: whether the offer would be taken; of a silence, whether it was right
    votes: tuple[bool, ...] = ()  #: of each annotator, the same as ``accepted``
    rule: str = ""  #: by hindsight, the name of the rule that decided; else empty


@frozen
class Origin:
    """Where an imported example was read, and what stood there besides, so that it can be written back."""

    file: str  #: relative to the folder that was imported, with ``/``
    line: int  #: counted from one
    record: int = 0  #: which line or item of the file it is, counted from zero
    part: int = 0  #: which of several offers of that record, counted from zero
    rest: str = ""  #: JSON object of what the values do not say; empty where they say it all


@frozen
class Example:
    """A labelled moment. Several of one moment differ in what was offered: the pool of its proposers."""

    sitting: str  #: the sitting's name
    index: int  #: of its last event, from zero
    label: Label
    offer: Offer | None = None  #: ``None``: silence
    boundary: str = (
        ""  #: which boundary the moment was, as :class:`proactive_inference.proposal.Boundary` names it
    )
    origin: Origin | None = None  #: of an imported one

    @property
    def category(self) -> Category | None:
        """The bench's case; ``None`` where what decides it is not known."""
        known = self.label.need if self.offer is None else self.label.accepted
        if known is None:
            return None
        return Category.of(need=known, offered=self.offer is not None, accepted=known)


@frozen
class Sitting:
    """The events of a sitting, and where they come from."""

    trace: Trace
    domain: str = "other"  #: ``code``, ``writing``, …
    repository: str = ""  #: its name, for splits; empty where there is none
    commit: str = ""  #: of a replayed sitting, the commit's hexadecimal name
    source: str = ""  #: ``published``, ``replay``, ``journal``, …
    licence: str = ""  #: SPDX identifier of what the texts come from, where known
    group: str = ""  #: what belongs together in splits, such as two records of one trace; empty: the name
    times: tuple[str, ...] = ()  #: of each event, its time as it was published; empty where there is none

    @property
    def together(self) -> str:
        """What sittings that must never be split have in common."""
        return self.group or self.name

    @property
    def name(self) -> str:
        """The trace's name, unique in a dataset."""
        return self.trace.name
