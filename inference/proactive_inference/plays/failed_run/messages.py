"""What the interpreter complains about, read from an exception's one-line message.

The wordings are CPython's own (3.10 to 3.14); a message that is none of them is a `Complaint` of kind ``OTHER``.
"""

from __future__ import annotations

import re
from enum import StrEnum

from attrs import frozen

from proactive_collectors.events import Failure


class Kind(StrEnum):
    """The complaints that name a thing to mend."""

    NAME = "name"  #: a name is not defined
    MODULE_ATTRIBUTE = "module_attribute"  #: a module has no such attribute
    ATTRIBUTE = "attribute"  #: an object or class has no such attribute
    KEYWORD = "keyword"  #: a call passes a keyword argument the function does not take
    IMPORT_NAME = "import_name"  #: a module has no such name to import
    NO_MODULE = "no_module"  #: there is no such module
    FIXTURE = "fixture"  #: pytest knows no such fixture
    OTHER = "other"


@frozen
class Complaint:
    """One exception's message, taken apart."""

    kind: Kind
    symbol: str = ""  #: the name, attribute, argument or dotted module that is not there
    owner: str = ""  #: the module, class or function it was looked for in
    hint: str | None = None  #: what the interpreter itself says was meant


_WORDINGS: tuple[tuple[Kind, str, re.Pattern[str]], ...] = (
    (Kind.NAME, "NameError", re.compile(r"^name '(?P<symbol>\w+)' is not defined")),
    (
        Kind.MODULE_ATTRIBUTE,
        "AttributeError",
        re.compile(r"^module '(?P<owner>[\w.]+)' has no attribute '(?P<symbol>\w+)'"),
    ),
    (
        Kind.ATTRIBUTE,
        "AttributeError",
        re.compile(r"^(?:type object )?'(?P<owner>[\w.]+)'(?: object)? has no attribute '(?P<symbol>\w+)'"),
    ),
    # Of a missing member, enumerations before Python 3.12 say no more than its name.
    (Kind.ATTRIBUTE, "AttributeError", re.compile(r"^(?P<symbol>[^\W\d]\w*)(?=$|\. )")),
    (
        Kind.KEYWORD,
        "TypeError",
        re.compile(r"^(?P<owner>[\w.<>]+)\(\) got an unexpected keyword argument '(?P<symbol>\w+)'"),
    ),
    (
        Kind.IMPORT_NAME,
        "ImportError",
        re.compile(r"^cannot import name '(?P<symbol>\w+)' from '(?P<owner>[\w.]+)'"),
    ),
    (Kind.FIXTURE, "", re.compile(r"^fixture '(?P<symbol>\w+)' not found")),
    (Kind.NO_MODULE, "ModuleNotFoundError", re.compile(r"^No module named '(?P<symbol>[\w.]+)'")),
)
_HINT = re.compile(r"[Dd]id you mean:? '([\w.]+)'")
_CLASS = re.compile(r"^(?:[A-Za-z_][\w.]*\.)?([A-Za-z_]\w*)(?::\s*|$)")
_LONGEST = 2000


def body(failure: Failure) -> str:
    """The message without the exception's class in front."""
    message = failure.message[:_LONGEST].strip()
    match = _CLASS.match(message)
    if match and (match[1] == error_class(failure)):
        return message[match.end() :].strip()
    return message


def error_class(failure: Failure) -> str:
    """The exception's bare class name; empty where the tool did not say."""
    if failure.error:
        return failure.error.rsplit(".", 1)[-1]
    match = _CLASS.match(failure.message[:_LONGEST].strip())
    return match[1] if match and match[1].endswith(("Error", "Exception", "Interrupt", "Exit")) else ""


def complaint(failure: Failure) -> Complaint:
    """What the failure says is wrong. Its own wording decides, the class only has to agree."""
    said, error = body(failure), error_class(failure)
    for kind, class_, pattern in _WORDINGS:
        if (
            class_
            and error not in ("", class_)
            and not (class_ == "ImportError" and error == "ModuleNotFoundError")
        ):
            continue
        if match := pattern.match(said):
            groups = match.groupdict()
            hint = _HINT.search(said, match.end())
            meant = hint[1] if hint else failure.hint
            symbol = groups["symbol"]
            usable = meant is not None and meant != symbol and re.fullmatch(r"(?:self\.)?[^\W\d]\w*", meant)
            return Complaint(kind, symbol, groups.get("owner") or "", meant if usable else None)
    return Complaint(Kind.OTHER)
