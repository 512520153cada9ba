"""Which of TypeScript's diagnostics are about the file itself, and which only about what is missing around it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

SURROUNDINGS = {
    2304: "names of test runners and type packages (only those of AMBIENT)",
    2305: "a module has no such export: its file is not there",
    2306: "a file is not a module",
    2307: "cannot find a module",
    2318: "cannot find a global type of a library",
    2497: "a module's form: its file is not there",
    2503: "cannot find a namespace: they come from type packages (NodeJS, JSX)",
    2580: "a name of node's types",
    2581: "a name of jQuery's types",
    2582: "a name of a test runner's types",
    2583: "a name of a newer standard library",
    2584: "a name of the library for browsers",
    2591: "a name of node's types",
    2592: "a name of jQuery's types",
    2593: "a name of a test runner's types",
    2614: "a module has no such export: its file is not there",
    2664: "an augmented module cannot be found",
    2665: "an augmented module is not typed",
    2671: "an augmented module cannot be found",
    2688: "a package of types cannot be found",
    2691: "the ending of an imported path",
    2732: "an imported JSON file",
    2792: "cannot find a module, with advice on its resolution",
    2834: "the ending of an imported path",
    2835: "the ending of an imported path",
    2867: "a name of Bun's types",
    2868: "a name of Bun's types",
    4112: "overrides in a class whose base is not there",
    4113: "overrides of what an unknown base has",
    4116: "overrides in a class whose base is not there",
    4117: "overrides of what an unknown base has",
    6053: "a referenced file is not there",
    7016: "a module without types",
    7026: "elements of a JSX library",
}
"""Codes that tell of what stands around the file, and why each is left out."""

PROJECT_OPTIONS = {
    **dict.fromkeys((1202, 1203, 1286, 1287), "which module system there is"),
    **dict.fromkeys((1206, 1219, 1238, 1239, 1240, 1241, 1270, 1271), "which kind of decorators there is"),
    **dict.fromkeys((1259, 1192), "default imports of other module systems"),
    **dict.fromkeys((1309, 1375, 1378, 1432), "await at the top of a file"),
    **dict.fromkeys((2686, 2874, 2875), "how JSX is compiled"),
    **dict.fromkeys((5097, 1479), "how paths of imports are resolved"),
    **dict.fromkeys(range(8002, 8018), "types in JavaScript: they are Flow's"),
}
"""Codes that hang on options that the project may have set otherwise, and on which."""

AMBIENT = frozenset(
    [
        "after", "afterAll", "afterEach", "assert", "before", "beforeAll", "beforeEach", "chai", "chrome",
        "cy", "Cypress", "element", "expect", "fail", "jasmine", "jest", "JSX", "NodeJS", "page", "React",
        "sinon", "spyOn", "vi", "vitest", "wx", "__dirname", "__filename", "global",
    ]
)  # fmt: skip
"""Names that test runners and packages of types declare for all files."""

_INHERITED = frozenset({2322, 2339, 2345, 2353, 2415, 2416, 2420, 2551, 2559, 2739, 2740, 2741})
_INHERITS = re.compile(r"\b(?:class|interface)\b[^{;]*?\bextends\b")
_AUGMENTED = re.compile(r"on type '(?:Window\b.*|ImportMeta\w*|typeof globalThis|Global\w*|Process\w*)'")
_NAME = re.compile(r"Cannot find name '([^']+)'")


def inherits(text: str) -> bool:
    """Whether a class or interface here has a base: that may stand elsewhere, and what it has cannot be told."""
    return _INHERITS.search(text) is not None


def telling(one: Mapping[str, Any], inherited: bool) -> bool:
    """Whether one of tsserver's diagnostics is about the file itself.

    Args:
        one: as tsserver sends it.
        inherited: whether the file :func:`inherits`.
    """
    code, text = one["code"], one["text"]
    if one["category"] not in ("error", "warning") or code in PROJECT_OPTIONS:
        return False
    if code == 2304:
        name = _NAME.search(text)
        return name is None or name[1] not in AMBIENT
    if code in SURROUNDINGS or (inherited and code in _INHERITED):
        return False
    return not (code in (2339, 2551) and _AUGMENTED.search(text))
