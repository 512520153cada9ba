"""Whether a command that a model wrote may be shown: simple, visible, of a tool that the user or everybody uses.

The rules name what is allowed; whatever is not named is refused. A command that passes is still only shown, and
runs only by the user's confirmed action.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from functools import lru_cache

from attrs import frozen

from proactive_collectors.credentials import holds_credentials
from proactive_collectors.trace import Window
from proactive_inference.untrusted.command_tools import (
    INSTALL_FLAGS,
    INSTALLERS,
    INTERPRETERS,
    NEVER,
    TOOLS,
)
from proactive_inference.untrusted.finding import suspicious
from proactive_inference.untrusted.missing_packages import missing_from, package_name
from proactive_inference.untrusted.provenance import Provenance
from proactive_inference.untrusted.unmasking import hidden_characters

LONGEST = 200
"""How many characters a command has at most; a longer one is not read before it is run."""

PROGRAMS = frozenset({*TOOLS, *INSTALLERS, *NEVER, *INTERPRETERS})
"""Names by which a command is known for one."""

_OPERATORS = frozenset("|&;<>()")
_QUOTES_AND_OPERATORS = _OPERATORS | {"'", '"'}
_EXPANDED = re.compile(r"[$`\\!*?{}~%^#]")
_IN_QUOTES = re.compile(r"[$`\\!]")
_PLAIN = re.compile(r"[\w@+=:.,/ \[\]()'<>!-]*")
_PACKAGE = re.compile(
    r"(@?[A-Za-z0-9][\w.-]*(?:/[\w.-]+)*)(?:\[[\w,-]+\])?(?:(?:==|>=|~=|@)v?[0-9][\w.]*|@latest)?"
)
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_INLINE = frozenset(
    [
        "-c",
        "-e",
        "-E",
        "--eval",
        "-p",
        "--print",
        "-r",
        "--exec",
        "-x",
        "--command",
        "-Command",
        "-EncodedCommand",
        "-enc",
    ]
)
"""Options by which interpreters run what stands in the command itself."""


def command_refusal(command: str, window: Window) -> str | None:
    """Why a command must not be offered, in a few words; ``None`` if it may.

    Args:
        command: as a model wrote it.
        window: what the model was asked about, as it was observed.
    """
    if not command.strip() or len(command) > LONGEST:
        return "the command is empty" if not command.strip() else "the command is too long to be read"
    if (
        "\n" in command
        or "\r" in command
        or "\t" in command
        or hidden_characters(command)
        or not command.isascii()
    ):
        return "the command is not one line of plain characters"
    if sort := suspicious(command, command=False):
        return f"the command is suspicious: {sort}"
    parts = _simple(command)
    if parts is None:
        return "the command is not a simple one: no pipes, redirections, substitutions or variables"
    known = _known(window)
    for part in parts:
        if refusal := _part(part, known):
            return refusal
    return None


def missing_packages(window: Window) -> frozenset[str]:
    """The packages whose absence failures in the window report, small letters, in each way they may be called."""
    return _known(window).packages


@frozen
class _Known:
    """What the window shows of the user's own work."""

    commands: tuple[tuple[str, ...], ...]  # as words
    words: frozenset[str]
    names: tuple[str, ...]  # of files, tests, symbols
    packages: frozenset[str]


@lru_cache(8)
def _known(window: Window) -> _Known:
    provenance = Provenance.of(window)
    commands = tuple(tuple(part) for command in provenance.commands for part in _loosely(command))
    words = frozenset(word for part in commands for word in part)
    return _Known(commands, words, provenance.names, frozenset(missing_from(provenance.messages)))


def _simple(command: str) -> list[list[str]] | None:
    """The words of each part of ``a && b``; ``None`` if a shell would do more with it than run these."""
    lexer = shlex.shlex(command, posix=False, punctuation_chars="|&;<>()")
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        raw = list(lexer)
    except ValueError:
        return None
    parts: list[list[str]] = [[]]
    for token in raw:
        if token == "&&":
            parts.append([])
            continue
        word = _word(token)
        if word is None:
            return None
        parts[-1].append(word)
    return parts if all(parts) else None


def _word(token: str) -> str | None:
    """What a shell makes of a token; ``None`` if it would do more than take quotes off."""
    pieces = re.split(r"('[^']*'|\"[^\"]*\")", token)
    word = ""
    for piece in pieces:
        if len(piece) > 1 and piece[0] == piece[-1] and piece[0] in "'\"":
            inner = piece[1:-1]
            if _IN_QUOTES.search(inner) or not _PLAIN.fullmatch(inner):
                return None
            word += inner
        elif _EXPANDED.search(piece) or not _QUOTES_AND_OPERATORS.isdisjoint(piece):
            return None
        else:
            word += piece
    return word


def _loosely(command: str) -> Iterable[list[str]]:
    """The words of each part of a command that the user ran, whatever joins them."""
    try:
        lexer = shlex.shlex(command, posix=True, punctuation_chars="|&;<>()")
        lexer.whitespace_split = True
        lexer.commenters = ""
        tokens = list(lexer)
    except ValueError:
        tokens = command.split()
    part: list[str] = []
    for token in tokens:
        if token and set(token) <= _OPERATORS:
            yield part
            part = []
        else:
            part.append(token)
    yield part


def _part(words: Sequence[str], known: _Known) -> str | None:
    while words and _ASSIGNMENT.match(words[0]):
        if words[0] not in known.words:
            return "the command sets a variable that the user did not set"
        words = words[1:]
    if not words:
        return "the command only sets variables"
    if any(_secret(word) for word in words):
        return "the command names a file that holds secrets"
    if any("://" in word or word.startswith(("git+", "-git", "@git")) for word in words):
        return "the command names an address"
    program = _name(words[0])
    if program in NEVER:
        return f"{program} is never offered"
    if program == "git" and "push" in words and any(_forces(word) for word in words):
        return "a forced push is never offered"
    if tuple(words) in known.commands and not any(
        word in _INLINE for word in _flags(words) if program in INTERPRETERS
    ):
        return None
    if words[0] == "cd":
        plain = len(words) == 2 and _relative(words[1])
        return None if plain else "the command leaves the project"
    tool, rest = _tool(words)
    if tool is not None and (installs := _installs(tool, rest)) is not None:
        return _packages(tool, installs, known)
    if tool in TOOLS:
        refusal = _arguments(tool, rest, known)
        if refusal is None or not _run_before(words, known):
            return refusal
    return None if _run_before(words, known) else f"the user did not run {program} like this"


def _tool(words: Sequence[str]) -> tuple[str | None, Sequence[str]]:
    """The developers' tool a command runs, by itself or through the runner of its project, and its arguments."""
    if words[0] != _name(words[0]):
        return None, words  # a program at a path of its own: only as the user ran it
    if re.fullmatch(r"python[\d.]*|py", words[0]) and len(words) > 2 and words[1] == "-m":
        return words[2], words[3:]
    if words[0] in ("uv", "poetry", "pdm", "pipenv", "hatch", "rye") and len(words) > 2 and words[1] == "run":
        return _tool(words[2:])
    return words[0], words[1:]


def _installs(tool: str, rest: Sequence[str]) -> Sequence[str] | None:
    """The arguments after what installs packages, if some are named."""
    for subcommand in INSTALLERS.get(tool, ()):
        count = len(subcommand.split())
        if " ".join(rest[:count]) == subcommand and len(rest) > count:
            return rest[count:]
    return None


def _packages(tool: str, rest: Sequence[str], known: _Known) -> str | None:
    at = 0
    while at < len(rest):
        word = rest[at]
        at += 1
        if word in ("-r", "--requirement", "-e", "--editable"):
            if at >= len(rest) or not _relative(rest[at].split("[")[0]):
                return "the command installs from elsewhere"
            at += 1
        elif word.startswith("-"):
            if word not in INSTALL_FLAGS:
                return f"the option {word} is not one that may be offered"
        else:
            found = _PACKAGE.fullmatch(word)
            if found is None or word.startswith((".", "/")):
                return "the command installs from elsewhere"
            if package_name(found[1]) not in known.packages:
                return f"nothing that failed names the package {found[1]}"
    return None


def _arguments(tool: str, rest: Sequence[str], known: _Known) -> str | None:
    allowed = TOOLS[tool]
    count = next((n for n in (2, 1, 0) if n <= len(rest) and " ".join(rest[:n]) in allowed.subcommands), None)
    if count is None:
        return f"{tool} {' '.join(rest[:1])}".strip() + " is not one that may be offered"
    if tool == "git" and rest[0] in ("branch", "tag") and any(word.startswith("-") for word in rest):
        return f"git {rest[0]} with options is not one that may be offered"
    if tool == "git" and rest[0] == "fetch" and not known.words.issuperset(rest[1:]):
        return "the command fetches from where the user did not"
    for word in rest[count:]:
        if word.startswith("-") and word != "--":
            flag = word.split("=", 1)[0]
            if flag not in allowed.flags and word not in known.words:
                return f"the option {flag} is not one that may be offered"
            if "=" in word and not _PLAIN.fullmatch(word):
                return "the command has an unusual value"
        elif not (_relative(word) or word in known.words or _is_named(word, known)):
            return "the command leaves the project"
    return None


def _run_before(words: Sequence[str], known: _Known) -> bool:
    """Whether the user ran the same program in the same way; only files and tests they know may be new in it."""
    program, first = words[0], next((w for w in words[1:] if not w.startswith("-")), None)
    if any(flag in _INLINE for flag in _flags(words)) and _name(program) in INTERPRETERS:
        return False
    alike = [
        part
        for part in known.commands
        if part and part[0] == program and next((w for w in part[1:] if not w.startswith("-")), None) == first
    ]
    if not alike:
        return False
    used = {word for part in alike for word in part}
    return all(word in used or (_relative(word) and _is_named(word, known)) for word in words)


def _flags(words: Sequence[str]) -> list[str]:
    return [word.split("=", 1)[0] for word in words[1:] if word.startswith("-")]


def _name(program: str) -> str:
    return program.rsplit("/", 1)[-1]


def _forces(word: str) -> bool:
    return word.startswith(("--force", "--mirror", "--delete", "--prune", "+", ":")) or bool(
        re.fullmatch(r"-[a-zA-Z]*[fd][a-zA-Z]*", word)
    )


def _is_named(word: str, known: _Known) -> bool:
    """Whether a word is a file or a test of the window, or the end of its path."""
    return any(name == word or name.endswith("/" + word) for name in known.names)


def _relative(word: str) -> bool:
    """Whether a word stays in the folder it is run in, if it is a path at all."""
    return not (
        word.startswith(("/", "~", "-", "@"))
        or ".." in word.split("::")[0].split("/")
        or re.match(r"[A-Za-z]:", word[:2])
    )


def _secret(word: str) -> bool:
    path = word.split("=", 1)[-1]
    return ("." in path and holds_credentials("/" + path.lstrip("/").removeprefix("~/"), False)) or "/.ssh" in word
