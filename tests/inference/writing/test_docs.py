"""What docs/models.md says of edits written on demand is so."""

from __future__ import annotations

import re

from docs_blocks import DOCS
from proactive_collectors.redaction import REDACTED
from proactive_inference.untrusted import LEFT_OUT
from proactive_inference.writing import WritingSettings
from proactive_inference.writing.answer import WORK_KEY, work_schema

PAGE = (DOCS / "models.md").read_text(encoding="utf-8")
SECTION = " ".join(PAGE.partition("## Edits written on demand")[2].partition("\n## ")[0].split())


def test_the_bounds_are_the_usual_ones() -> None:
    settings = WritingSettings()
    assert f"up to {settings.most_files} files" in SECTION
    assert f"{settings.most_characters:,} characters".replace(",", " ") in SECTION
    assert f"more than {settings.most_changed_files} files or {settings.most_changed_lines} lines" in SECTION
    assert f"a file of more than {settings.short_file} lines, or deletes half" in SECTION
    assert settings.most_removed_share == 0.5 and settings.retries == 1 and "asked once more" in SECTION


def test_the_forms_are_those_of_the_schema() -> None:
    assert f"under the key `{WORK_KEY}`" in SECTION
    forms = {
        form["properties"]["kind"]["enum"][0]: form for form in work_schema()["properties"][WORK_KEY]["anyOf"]
    }
    rows = dict(re.findall(r"\| `(\w+)` \| ([^|]+?) \|", SECTION))
    assert rows.pop("kind") == "with"
    assert rows.keys() == forms.keys()
    for kind, row in rows.items():
        keys = set(re.findall(r"`(\w+)`", row))
        wanted = set(forms[kind]["properties"]) - {"kind"}
        if kind == "edit":
            wanted |= set(forms[kind]["properties"]["edits"]["items"]["properties"])
        assert keys == wanted


def test_what_is_not_shown_is_marked_as_it_says() -> None:
    assert f"`{REDACTED}`" in SECTION and f"`{LEFT_OUT}`" in SECTION
