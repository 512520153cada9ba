"""Whether an edited text parses at least as well as the text before it."""

from __future__ import annotations

import ast
import json
import tomllib
import warnings
from collections.abc import Callable

from proactive_collectors.languages import normalized
from proactive_collectors.syntax import syntax_errors


def parses_as_well(old: str, new: str, language: str | None) -> bool:
    """Whether ``new`` has no more errors than ``old``; true where nothing is known of the language.

    By tree-sitter where there is a grammar; Python, JSON, TOML and YAML by their own parsers besides, where these
    take the old text.
    """
    if language is None:
        return True
    if syntax_errors(new, language) > syntax_errors(old, language):
        return False
    parse = _PARSERS.get(normalized(language))
    return parse is None or not _takes(parse, old) or _takes(parse, new)


def _takes(parse: Callable[[str], object], text: str) -> bool:
    if not text.strip():
        return True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the user's code, not of this program
            parse(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return False
    return True


def _yaml(text: str) -> None:
    import yaml

    try:
        for _ in yaml.parse(text, Loader=yaml.SafeLoader):  # events alone: nothing is built, no alias is followed
            pass
    except yaml.YAMLError as error:
        raise ValueError("no YAML") from error


_PARSERS: dict[str, Callable[[str], object]] = {
    "python": ast.parse,
    "json": json.loads,
    "toml": tomllib.loads,
    "yaml": _yaml,
}
