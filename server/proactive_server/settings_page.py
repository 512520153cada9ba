"""The page of the documentation that lists every setting."""

from __future__ import annotations

from typing import Any

from attrs import fields

from proactive_collectors.project_file import PROJECT_FILE
from proactive_server.settings import LOCKED, Settings, Stricter, entries, shown, snake

_PAGE_HEAD = f"""\
# Settings

This page is made from `proactive_server/settings.py` by `proactive settings --write-docs`.

Settings come from three places; a later one counts before an earlier one:

1. `{PROJECT_FILE}` in a workspace folder, and in those above it up to the top of its repository (where `.git` is),
2. `initializationOptions`, as an editor sends them at the start,
3. the section `proactive` of the editor's settings (`workspace/configuration`), which may change at any time.

A project file serves a team in two ways. In what bears on privacy (marked below) it can only be stricter than the
default, never looser, so that a cloned repository cannot widen what is watched; lists of exclusions add up. And
what it names under `{LOCKED}`, single settings or whole groups, users' settings cannot loosen:

```toml
{LOCKED} = ["journal", "sources.activityWatch"]
exclude = ["contracts/**"]
interruptionCost = 0.4

[journal]
retentionDays = 7
```

A value that is wrong is reported by name with what is allowed, and the default is used. Where there are several
project files, the nearest one counts, or that of the first workspace folder, but in what bears on privacy the
strictest; exclusions, relative to the folder that the file is in, and locks of all of them add up. For a file that
is open without a workspace folder, those of its own folder and repository count. What a project file says of
`journal.retentionDays` holds for the events of its own project.

While a project file cannot be read, since it is not TOML, say, what it said before holds. If it could not be read
from the start, nothing is suggested, kept or asked of a language model until it is mended. You are told of both.
"""


def settings_page() -> str:
    """The page of the documentation that lists every setting, as Markdown."""
    parts = [_PAGE_HEAD]
    group: str | None = None
    for entry in entries():
        section = entry.key.rpartition(".")[0]
        if section != group:
            group = section
            title = f"`{section}`" if section else "General"
            about = _section_text(section)
            parts.append(f"## {title}\n" + (f"\n{about}\n" if about else ""))
        marks = {
            None: "",
            Stricter.OFF: " A project file can only switch it off.",
            Stricter.LESS: " A project file can only lower it.",
            Stricter.UNION: " The lists of all places add up.",
            Stricter.USER: " A project file cannot set it.",
        }
        default = shown(entry.default)
        parts.append(
            f"### `{entry.key}`\n\n{entry.text}{marks[entry.stricter]}\n\n"
            f"{entry.allowed[0].upper()}{entry.allowed[1:]}. Default: `{default}`.\n"
        )
    return "\n".join(parts)


def _section_text(section: str) -> str:
    cls: Any = Settings
    for part in section.split(".") if section else ():
        cls = getattr(fields(cls), snake(part)).default.factory
    return (cls.__doc__ or "").strip() if section else ""
