"""The settings as the VS Code extension declares them: its ``package.json`` section and its ``ISettings``.

Format: https://code.visualstudio.com/api/references/contribution-points#contributes.configuration
"""

from __future__ import annotations

import json
import re
from enum import StrEnum
from pathlib import Path
from typing import Any

from proactive_server.configuration import SECTION
from proactive_server.settings import ATTRIBUTES, Entry, Stricter, entries

PACKAGE = "package.json"
INTERFACE = "src/settings.generated.ts"

_TITLES = {
    "": "Suggestions",
    "surfaces": "Surfaces",
    "model": "Language Model",
    "journal": "Journal",
    "sources": "What Is Seen",
    "sources.activityWatch": "ActivityWatch",
}


def configuration_sections() -> list[dict[str, Any]]:
    """The sections of ``contributes.configuration``, one a group of settings, in the order of the table."""
    sections: dict[str, dict[str, Any]] = {}
    for order, entry in enumerate(entries()):
        group = entry.key.rpartition(".")[0]
        section = sections.setdefault(group, {"title": _TITLES[group], "properties": {}})
        section["properties"][f"{SECTION}.{entry.key}"] = {**_schema(entry), "order": order}
    return list(sections.values())


def restricted() -> list[str]:
    """The settings that an untrusted workspace may not set: all that bear on privacy."""
    return [f"{SECTION}.{entry.key}" for entry in entries() if entry.stricter is not None]


def package_with_settings(package: str) -> str:
    """``package.json`` with its sections of settings made anew.

    Sections that hold no setting of the server's are the extension's own, and stay.

    Args:
        package: the file's text.
    """
    whole = json.loads(package)
    contributes = whole["contributes"]
    own = [one for one in contributes.get("configuration", []) if _is_own(one)]
    contributes["configuration"] = configuration_sections() + own
    trust = whole["capabilities"]["untrustedWorkspaces"]
    mine = [key for one in own for key in one["properties"] if one["properties"][key].get("scope") == "machine"]
    trust["restrictedConfigurations"] = restricted() + mine
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def interface() -> str:
    """The TypeScript module with ``ISettings``, the type of the section ``proactive``, and its defaults."""
    tree: dict[str, Any] = {}
    for entry in entries():
        node = tree
        *groups, name = entry.key.split(".")
        for group in groups:
            node = node.setdefault(group, {})
        node[name] = entry
    return (
        "// Made from the server's table of settings by `proactive settings --write-vscode`; do not edit.\n\n"
        f"/** The section `{SECTION}` of the settings. */\n"
        f"export interface ISettings {_interface(tree, 0)}\n\n"
        "/** Every setting's default. */\n"
        f"export const DEFAULTS: ISettings = {_defaults(tree, 0)};\n"
    )


def write(folder: Path) -> tuple[Path, Path]:
    """Write both into the extension's folder; returns the files.

    Raises:
        FileNotFoundError: there is no extension in the folder.
    """
    package, module = folder / PACKAGE, folder / INTERFACE
    package.write_text(package_with_settings(package.read_text(encoding="utf-8")), encoding="utf-8")
    module.write_text(interface(), encoding="utf-8")
    return package, module


def _is_own(section: dict[str, Any]) -> bool:
    return not any(key.removeprefix(f"{SECTION}.") in ATTRIBUTES for key in section["properties"])


def _schema(entry: Entry) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "array" if entry.type == "list of strings" else entry.type}
    if schema["type"] == "array":
        schema["items"] = {"type": "string"}
    schema["default"] = list(entry.default) if isinstance(entry.default, tuple) else entry.default
    about = ATTRIBUTES[entry.key].metadata
    if about["least"] is not None:
        schema["minimum"] = about["least"]
    if about["most"] is not None:
        schema["maximum"] = about["most"]
    if isinstance(entry.default, StrEnum):
        schema["enum"] = [choice.value for choice in type(entry.default)]
    schema["markdownDescription"] = _with_links(entry.text)
    schema["scope"] = "machine" if _is_machines(entry) else "window"
    return schema


def _is_machines(entry: Entry) -> bool:
    """Whether a workspace must have no say: what names a file or address, or widens what is watched."""
    return entry.stricter is Stricter.USER or (entry.stricter is Stricter.OFF and entry.default is False)


def _with_links(text: str) -> str:
    """Names of other settings in backquotes become links of the settings editor."""
    return re.sub(
        r"`([\w.]+)`",
        lambda match: f"`#{SECTION}.{match[1]}#`" if match[1] in ATTRIBUTES else match[0],
        text,
    )


def _interface(tree: dict[str, Any], depth: int) -> str:
    pad = "  " * (depth + 1)
    lines = []
    for name, node in tree.items():
        if isinstance(node, Entry):
            lines += [f"{pad}/** {node.text} */", f"{pad}{name}: {_type(node)};"]
        else:
            lines.append(f"{pad}{name}: {_interface(node, depth + 1)};")
    return "{\n" + "\n".join(lines) + "\n" + "  " * depth + "}"


def _type(entry: Entry) -> str:
    if isinstance(entry.default, StrEnum):
        return " | ".join(json.dumps(choice.value) for choice in type(entry.default))
    return {"integer": "number", "list of strings": "string[]"}.get(entry.type, entry.type)


def _defaults(tree: dict[str, Any], depth: int) -> str:
    pad = "  " * (depth + 1)
    lines = [
        f"{pad}{name}: {json.dumps(node.default) if isinstance(node, Entry) else _defaults(node, depth + 1)},"
        for name, node in tree.items()
    ]
    return "{\n" + "\n".join(lines) + "\n" + "  " * depth + "}"
