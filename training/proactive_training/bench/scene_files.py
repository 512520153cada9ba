"""Scene files: YAML lists of starting situations, and YAML mappings of the seeds they were grown from."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from proactive_training.bench.needs import need
from proactive_training.bench.published_files import Problem, unreadable
from proactive_training.bench.rows import SourceFile


def scene_file(file: Path, problems: list[Problem]) -> SourceFile | None:
    """A scene or seed file with its whole text, once it is known to be one; ``None`` if it was set aside."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        problems.append(unreadable(file.name, error))
        return None
    try:
        value = load_yaml(raw.decode("utf-8-sig"))
        sort = sort_of(value)
    except YamlError as error:
        problems.append(Problem(file.name, error.line, error.reason, raw.decode(errors="backslashreplace")))
        return None
    except ValueError as error:  # UnicodeDecodeError is one
        problems.append(Problem(file.name, 1, str(error), raw.decode(errors="backslashreplace")))
        return None
    return SourceFile(file.name, sort, hashlib.sha256(raw).hexdigest(), text=raw.decode())


def sort_of(value: Any) -> str:
    """``scenes`` of a list of situations (``environment``, ``user``), ``seeds`` of tasks by kind of assistant.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(value, list) and value and all(isinstance(v, dict) and "environment" in v for v in value):
        return "scenes"
    if isinstance(value, dict) and value and all(isinstance(v, dict) and "tasks" in v for v in value.values()):
        return "seeds"
    raise ValueError("neither a list of scenes ('environment', 'user') nor seeds ('tasks' by kind of assistant)")


class YamlError(ValueError):
    """A YAML text that cannot be read."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line  #: counted from one
        self.reason = reason


def load_yaml(text: str) -> Any:
    """Plain values of a YAML text; tags that would make objects are refused.

    Raises:
        YamlError: it is not YAML.
    """
    yaml = need("yaml")
    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or str(error) or type(error).__name__
        raise YamlError(mark.line + 1 if mark else 1, f"not YAML: {what}") from error
