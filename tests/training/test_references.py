"""What docstrings and comments refer to by its full name is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import proactive_collectors
import proactive_inference
import proactive_training

_REFERENCE = re.compile(r":\w+:`~?(proactive_\w+(?:\.\w+)+)`")


def test_references_lead_somewhere() -> None:
    found = set(_references())
    assert len(found) > 20
    assert sorted(name for name in found if not _is_there(name)) == []


def _references() -> Iterator[str]:
    for package in (proactive_collectors, proactive_inference, proactive_training):
        for path in Path(package.__path__[0]).rglob("*.py"):
            yield from _REFERENCE.findall(path.read_text(encoding="utf-8"))


def _is_there(name: str) -> bool:
    """A module, or what one holds."""
    module, attributes = name, list[str]()
    while not _is_module(module):
        module, _, attribute = module.rpartition(".")
        attributes.insert(0, attribute)
    value: object = import_module(module)
    for attribute in attributes:
        if not hasattr(value, attribute) and attribute not in getattr(value, "__annotations__", {}):
            return False
        value = getattr(value, attribute, None)
    return True


def _is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # what is before the last dot is none
        return False
