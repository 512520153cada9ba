"""The review form: a labelled moment as Markdown that a person reads and judges, and a program reads back.

The front matter (YAML) holds the two fields to fill in, ``judged`` and ``note``, then the moment and its labels;
the body shows the events before and after and the edits that were offered, in fenced blocks, where nothing of it
is rendered. :func:`render` and :func:`parse` are inverse to each other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from attrs import frozen

from proactive_collectors.sentences import sentence
from proactive_training.bench import diffs
from proactive_training.bench.align import Told
from proactive_training.bench.example import Example, Label, LabelSource, Offer, Origin, Sitting, Verdict
from proactive_training.bench.needs import need
from proactive_training.bench.scene_files import YamlError, load_yaml
from proactive_training.errors import DataError

BEFORE = 24
"""How many events up to the moment are shown."""

AFTER = 10
"""How many events after it."""

_FENCE = re.compile(r"(`{3,})(\w+)")
_ODD = re.compile(r"[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]")
_TOLD = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?)  (.*)")


class Judgement(StrEnum):
    """What a person says of a moment's labels."""

    RIGHT = "right"
    WRONG = "wrong"
    UNSURE = "unsure"


@frozen
class Form:
    """A moment with all that was offered at it, and what a person says of its labels."""

    sitting: str
    index: int
    examples: tuple[Example, ...]
    domain: str = "other"
    repository: str = ""
    commit: str = ""
    before: tuple[Told, ...] = ()  #: the last is the moment's own
    after: tuple[Told, ...] = ()
    judged: Judgement | None = None
    note: str = ""

    @classmethod
    def of(cls, sitting: Sitting, examples: Sequence[Example]) -> Form:
        """An empty form for examples of one moment."""
        index = examples[0].index
        events = [Told(event.time, sentence(event)) for event in sitting.trace.events[: index + 1 + AFTER]]
        return cls(
            sitting.name,
            index,
            tuple(examples),
            sitting.domain,
            sitting.repository,
            sitting.commit,
            before=tuple(events[max(0, index + 1 - BEFORE) : index + 1]),
            after=tuple(events[index + 1 :]),
        )


def render(form: Form) -> str:
    """The form as Markdown."""
    front = {
        "sitting": form.sitting,
        "index": form.index,
        "domain": form.domain,
        "repository": form.repository,
        "commit": form.commit,
        "examples": [_plain_example(example) for example in form.examples],
    }
    head = [
        f"judged: {form.judged.value if form.judged else ''}".rstrip() + "  # right, wrong or unsure",
        f"note: {_quoted(form.note)}",
    ]
    parts = [
        "---",
        *head,
        _yaml(front),
        "---",
    ]
    parts += ["", "# Are these labels right?", "", _QUESTION]
    parts += ["", "## What happened", "", *_fenced("text", _told_lines(form.before))]
    parts += ["", "## What happened next", "", *_fenced("text", _told_lines(form.after))]
    for number, example in enumerate(form.examples, 1):
        if example.offer is not None and example.offer.edits:
            parts += ["", f"## What example {number} would change"]
            for edit in example.offer.edits:
                parts += ["", *_fenced("diff", diffs.lines_of(edit))]
    return "\n".join(parts) + "\n"


def _quoted(text: str) -> str:
    """A YAML scalar on one line: JSON, but for characters that JSON leaves as they are and YAML does not."""
    return _ODD.sub(lambda m: f"\\U{ord(m[0]):08x}", json.dumps(text, ensure_ascii=False))


def _yaml(front: dict[str, Any]) -> str:
    """YAML text, with lists of plain values (votes, an origin) on one line."""
    yaml = need("yaml")

    class Dumper(yaml.SafeDumper):  # type: ignore[name-defined, misc]  # the package has no types
        pass

    def short(dumper: Any, values: list[Any]) -> Any:
        plain = not any(isinstance(value, list | dict) for value in values)
        return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=plain)

    def exact(dumper: Any, value: str) -> Any:
        # Other quotes would fold a NEL (U+0085), which is a line break to YAML.
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style='"' if _ODD.search(value) else None)

    Dumper.add_representer(list, short)
    Dumper.add_representer(str, exact)
    text: str = yaml.dump(front, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text.rstrip("\n")


_QUESTION = """\
Fill in `judged` above: *right* if all labels under `examples` are (is `need` what this person wanted at the last
event under "What happened"; of each offer, is `accepted` what they would have said?), *wrong* if one is not,
*unsure* if nobody could tell. What came next helps to see it. Say why in `note`, in one line. Times are UTC."""


def parse(text: str) -> Form:
    """Read a form back, whatever has been filled in.

    Raises:
        DataError: it is none; the reason tells the field.
    """
    head, body = _halves(text)
    try:
        front = _front(head)
        blocks = list(_blocks(body))
        told = [content for kind, content in blocks if kind == "text"]
        edits = [content for kind, content in blocks if kind == "diff"][::-1]
        examples = tuple(_example(front, plain, edits) for plain in front["examples"])
        return Form(
            front["sitting"],
            front["index"],
            examples,
            front["domain"],
            front["repository"],
            front["commit"],
            before=_told(told[0]),
            after=_told(told[1]),
            judged=_judged(front),
            note=str(front.get("note") or ""),
        )
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"no review form: {type(error).__name__}: {error}") from error


def parse_judgement(text: str) -> tuple[Judgement | None, str, dict[str, Any]]:
    """Only the judgement, the note and the rest of the front matter: what holds even where the body was edited.

    Raises:
        DataError: the front matter cannot be read, or ``judged`` is none of the three words.
    """
    try:
        front = _front(_halves(text)[0])
        return _judged(front), str(front.get("note") or ""), front
    except ValueError as error:
        raise DataError(str(error)) from error


def _halves(text: str) -> tuple[str, str]:
    text = text.removeprefix("\ufeff")
    match = re.match(r"---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", text, re.DOTALL | re.MULTILINE)
    if match is None:
        raise DataError("no review form: it does not begin with a front matter between two lines '---'")
    return match[1], text[match.end() :].removeprefix("\n")


def _front(head: str) -> dict[str, Any]:
    try:
        front = load_yaml(head)
    except YamlError:
        # People write a note as it comes, with colons and quotation marks: take its line as it is.
        front = load_yaml(re.sub(r"(?m)^note:[ \t]*(.*?)\r?$", lambda m: f"note: {_quoted(m[1])}", head, count=1))
    if not isinstance(front, dict):
        raise ValueError("the front matter holds no fields")
    return front


def _judged(front: dict[str, Any]) -> Judgement | None:
    word = front.get("judged")
    if word is None or word == "":
        return None
    try:
        return Judgement(str(word).strip().lower())
    except ValueError:
        raise ValueError(f"judged: {word!r} is not right, wrong or unsure") from None


def _told_lines(told: Sequence[Told]) -> list[str]:
    return [f"{t.time.astimezone(UTC).replace(tzinfo=None).isoformat(' ')}  {t.text}" for t in told]


def _told(lines: list[str]) -> tuple[Told, ...]:
    found = []
    for line in lines:
        match = _TOLD.fullmatch(line)
        if match is None:
            raise ValueError(f"{line[:60]!r} is not a time and a sentence")
        found.append(Told(datetime.fromisoformat(match[1]).replace(tzinfo=UTC), match[2]))
    return tuple(found)


def _fenced(kind: str, lines: list[str]) -> list[str]:
    """A block whose fence is longer than any run of backticks in it."""
    longest = max((len(run) for line in lines for run in re.findall(r"`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return [fence + kind, *lines, fence]


def _blocks(body: str) -> Iterator[tuple[str, list[str]]]:
    lines = iter(body.split("\n"))
    for line in lines:
        if match := _FENCE.fullmatch(line.rstrip("\r")):
            content: list[str] = []
            for inner in lines:
                if inner.rstrip("\r") == match[1]:
                    break
                content.append(inner)
            yield match[2], content


def _plain_example(example: Example) -> dict[str, Any]:
    """An example as YAML values, without what is the same for all of the moment and without what is empty."""
    label, offer, origin = example.label, example.offer, example.origin
    plain: dict[str, Any] = {"label": label.source.value, "need": label.need, "accepted": label.accepted}
    plain |= {"votes": list(label.votes)} if label.votes else {}
    plain |= {"rule": label.rule} if label.rule else {}
    plain |= {"boundary": example.boundary} if example.boundary else {}
    if offer is not None:
        told = {
            "task": offer.task,
            "title": offer.title,
            "proposer": offer.proposer,
            "key": offer.key,
            "path": offer.path,
            "line": offer.line,
            "command": offer.command,
            "confidence": offer.confidence,
            "verdict": offer.verdict.value if offer.verdict else None,
            "edits": len(offer.edits),
        }
        kept = {k: v for k, v in told.items() if v not in ("", None) or (v == "" and k in ("path", "command"))}
        plain["offer"] = {"task": offer.task} | kept
    if origin is not None:
        plain["origin"] = [origin.file, origin.line, origin.record, origin.part, origin.rest]
    return plain


def _example(front: dict[str, Any], plain: dict[str, Any], edits: list[list[str]]) -> Example:
    offer = None
    if (told := plain.get("offer")) is not None:
        offer = Offer(
            task=told["task"],
            title=told.get("title", ""),
            proposer=told.get("proposer", ""),
            key=told.get("key", ""),
            path=told.get("path"),
            line=told.get("line"),
            edits=tuple(diffs.edit_of(edits.pop()) for _ in range(told.get("edits", 0))),
            command=told.get("command"),
            confidence=told.get("confidence"),
            verdict=Verdict(told["verdict"]) if "verdict" in told else None,
        )
    return Example(
        front["sitting"],
        front["index"],
        Label(
            LabelSource(plain["label"]),
            need=plain["need"],
            accepted=plain["accepted"],
            votes=tuple(plain.get("votes", ())),
            rule=plain.get("rule", ""),
        ),
        offer,
        plain.get("boundary", ""),
        Origin(*plain["origin"]) if "origin" in plain else None,
    )
