"""Whether a task that a model proposes may be shown: not where its words come from somebody else's order."""

from __future__ import annotations

import re

from proactive_collectors.trace import Window
from proactive_inference.untrusted.command_check import PROGRAMS, command_refusal, missing_packages
from proactive_inference.untrusted.command_tools import NEVER
from proactive_inference.untrusted.finding import suspicious
from proactive_inference.untrusted.missing_packages import package_name
from proactive_inference.untrusted.provenance import Provenance, first_run, longest_run, word_list
from proactive_inference.untrusted.task_patterns import (
    ADDRESS,
    CODE,
    FOLLOWING,
    HARM,
    HOME,
    HOST,
    HOST_SOMETIMES,
    INSTALLED,
    IP,
    LITTLE,
    MARKUP,
    NO_PACKAGE,
    NOT_KNOWN,
    OBEYING,
    ORDERED,
    PROSE,
    TOWARDS,
    WORDS,
)
from proactive_inference.untrusted.unmasking import hidden_characters, mixed_words, unmasked, words

LONGEST = 400
"""How many characters a task has at most."""

HOSTILE_RUN = 4
"""From how many words in a row on a task repeats a text that addresses a model."""

HOSTILE_SHARE = 0.7
"""Or from which share of its telling words on."""

HOSTILE_WORDS = 2
"""Or from how many telling words on that stand nowhere else."""

PARROTED = 5
"""From how many of its first words on a task is somebody else's sentence and not a model's own."""

COPIED = 14
"""From how many words in a row on a task copies a text, wherever it begins; what is quoted as a message not."""


def task_refusal(task: str, window: Window) -> str | None:
    """Why a task must not be shown, in a few words; ``None`` if it may.

    Args:
        task: one sentence, as a model proposed it.
        window: what it was asked about, as it was observed (not what the model was told).
    """
    if "\n" in task or "\r" in task or len(task) > LONGEST:
        return "the task is longer than a sentence"
    provenance = Provenance.of(window)
    return (
        _looks(task)
        or _addresses(task, provenance)
        or _harm(task, provenance)
        or _shell(task, window)
        or _installed(task, window, provenance)
        or _obeys(task, provenance)
        or _only_read(task, provenance)
    )


def remark(text: str, window: Window) -> str:
    """What a model says beside a task, a command or an edit, if it may be shown; else nothing.

    It may quote what was read, as reasons do, but no more than a task may it name foreign addresses, urge commands
    or do what a text that addresses a model says.
    """
    provenance = Provenance.of(window)
    refused = (
        _looks(text)
        or _addresses(text, provenance)
        or _harm(text, provenance)
        or _shell(text, window)
        or _obeys(text, provenance)
    )
    return "" if refused else text


def _looks(task: str) -> str | None:
    if hidden_characters(task):
        return "the task has characters that do not show"
    if mixed_words(task):
        return "the task has words of look-alike letters"
    if sort := suspicious(task):
        return f"the task is suspicious: {sort}"
    return "the task has markup" if MARKUP.search(task) else None


def _addresses(task: str, provenance: Provenance) -> str | None:
    """URLs, hosts and mail addresses may only be the person's own."""
    own = " ".join(provenance.own).lower()
    found = [match[0] for pattern in (ADDRESS, HOST, IP) for match in pattern.finditer(task)]
    found += [
        match[0]
        for match in HOST_SOMETIMES.finditer(task)
        if "/" in match[0] or TOWARDS.search(task, 0, match.start())
        if not _is_file(match[0], provenance)
    ]
    for address in found:
        host = re.sub(r"^[a-z][a-z0-9+.-]*:(?://)?", "", address.lower()).rstrip(".,;:!?)")
        at_home = re.split(r"[:/]", host)[0] in HOME
        if not at_home and host not in own:
            return f"the task names an address that the user did not type: {address[:60]}"
    return None


def _is_file(word: str, provenance: Provenance) -> bool:
    return any(name.lower().endswith(word.lower()) for name in provenance.names)


def _harm(task: str, provenance: Provenance) -> str | None:
    said = words(unmasked(task))
    if any(re.search(pattern, said) for pattern in HARM):
        return "the task would weaken safety, give away secrets or destroy work"
    if any(re.search(pattern, said) for pattern in OBEYING):
        return "the task obeys a text that addresses a model"
    if provenance.hostile and re.search(FOLLOWING, said):
        return "the task follows orders while a text addresses a model"
    return None


def _shell(task: str, window: Window) -> str | None:
    """A command inside a task must be one that might be offered as well."""
    for command in _commands(task):
        if refusal := command_refusal(command, window):
            return f"the task has a command in it: {refusal}"
    return None


def _installed(task: str, window: Window, provenance: Provenance) -> str | None:
    """A package to install must be one that the user named, or whose absence is what failed."""
    own = {word for text in provenance.own for word in re.findall(r"[\w.@/-]+", text.lower())}
    for match in INSTALLED.finditer(task):
        name = (match[1] or match[2]).rstrip(".,").lower()
        if name not in NO_PACKAGE and name not in own and package_name(name) not in missing_packages(window):
            return f"nothing that failed names the package {name[:40]}"
    return None


def _commands(task: str) -> list[str]:
    found = []
    for match in CODE.finditer(task):
        text = (match[1] or match[2] or match[3] or "").strip()
        if " " in text and _program(text) and (match[1] or text.split()[0] not in WORDS):
            found.append(text)
    rest = CODE.sub(" , ", task)
    for match in ORDERED.finditer(rest):
        text = rest[match.end() :]
        if _program(text):
            stop = PROSE.search(text)
            command = (text[: stop.start()] if stop else text).strip()
            named = command.split(" ", 1)[0] in NEVER
            if match[0].lower().startswith(("with", "using")) and not named:
                continue
            if " " in command or named or command.startswith(("./", "~/", "/")):
                found.append(command)
    return found


def _program(text: str) -> bool:
    first = text.split(maxsplit=1)[0] if text.strip() else ""
    named = first.rsplit("/", 1)[-1].lower()
    return (named in PROGRAMS and named not in NOT_KNOWN) or first.startswith(("./", "~/", "/", "$"))


def _obeys(task: str, provenance: Provenance) -> str | None:
    """Whether its words come from a text that addresses a model."""
    said = word_list(task)
    telling = {word for word in said if len(word) > 1 and word not in LITTLE}
    elsewhere = {word for text in (*provenance.own, *provenance.elsewhere) for word in word_list(text)}
    for text in provenance.hostile:
        if longest_run(said, text)[1] >= HOSTILE_RUN:
            return "the task repeats a text that addresses a model"
        shared = telling & set(word_list(text))
        if len(shared) >= 2 and len(shared) >= HOSTILE_SHARE * len(telling):
            return "the task does what a text that addresses a model says"
        if len(shared - elsewhere) >= HOSTILE_WORDS:
            return "the task has words that only a text that addresses a model has"
    return None


def _only_read(task: str, provenance: Provenance) -> str | None:
    """Whether it is somebody else's sentence, although nothing gives that away."""
    said = word_list(task)
    own = " ".join(" ".join(word_list(text)) for text in provenance.own)
    for text in provenance.elsewhere:
        copied = first_run(said, text)
        if copied >= PARROTED and " ".join(said[:copied]) not in own:
            return "the task is a sentence that was only read"
        start, count = longest_run(said, text)
        if (
            count >= COPIED
            and text not in provenance.messages
            and " ".join(said[start : start + count]) not in own
        ):
            return "the task copies a text that was only read"
    return None
