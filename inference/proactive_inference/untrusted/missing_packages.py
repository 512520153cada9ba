"""Which packages failures report as missing: only those may be offered for installation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from proactive_inference.untrusted.command_tools import MODULE_PACKAGES

_MISSING = (
    r"No module named '?\"?([\w.]+)",
    r"Cannot find (?:module|package) '([^'\n]+)'",
    r"Can't resolve '([^'\n]+)'",
    r"Could not resolve \"([^\"\n]+)\"",
    r"Failed to resolve import \"([^\"\n]+)\"",
    r"unresolved (?:import|module) `?([\w]+)",
    r"use of (?:undeclared|unresolved) (?:crate or module|module or unlinked crate) `(\w+)`",
    r"can't find crate for `(\w+)`",
    r"no required module provides package ([\w./-]+)",
    r"cannot find package \"([^\"\n]+)\"",
    r"Import \"([\w.]+)\" could not be resolved",
    r"Library stubs not installed for \"([\w.]+)\"",
    r"cannot load such file -- ([\w/-]+)",
    r"Class \"([\w\\]+)\" not found",
    r"there is no package called ‘([\w.]+)’",
    r"ModuleNotFoundError: ([\w.]+)$",
)


def missing_from(messages: Iterable[str]) -> Iterator[str]:
    """The packages that messages report as missing, in each way they may be called."""
    for text in messages:
        for pattern in _MISSING:
            for match in re.finditer(pattern, text, re.MULTILINE):
                module = match[1].lower()
                parts = module.split(".") if "/" not in module else [module]
                for name in {
                    module,
                    parts[0],
                    ".".join(parts[:2]),
                    "/".join(module.split("/")[:2]),
                    module.split("/")[0],
                }:
                    if name.startswith("."):
                        continue
                    yield package_name(name)
                    if other := MODULE_PACKAGES.get(name):
                        yield package_name(other)
                if pattern.startswith("Library stubs"):
                    yield package_name("types-" + parts[0])
                    yield package_name("types-" + MODULE_PACKAGES.get(parts[0], parts[0]))


def package_name(name: str) -> str:
    """One spelling for a package: ``Typing_Extensions`` is ``typing-extensions``."""
    return re.sub(r"[-_.]+", "-", name.lower()) if not name.startswith("@") and "/" not in name else name.lower()
