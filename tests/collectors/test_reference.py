"""The pages on events say what the code does."""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import attrs
import pytest
from jsonschema import Draft202012Validator

from proactive_collectors.client_schema import CLIENT_KINDS, DIAGNOSTICS
from proactive_collectors.errors import BadEventError
from proactive_collectors.event_json import from_dict, to_dict
from proactive_collectors.events import PAYLOADS, Failure, Payload, Severity, Where
from proactive_collectors.notification import parse
from proactive_collectors.reference import events_page, examples, field_comments, schema_text

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "events.md").read_text("utf-8")
SCHEMA = (DOCS / "proactive-event.schema.json").read_text("utf-8")


def test_the_docs_are_up_to_date() -> None:
    assert events_page() == PAGE, "run `python -m proactive_collectors.reference`"
    assert schema_text() == SCHEMA, "run `python -m proactive_collectors.reference`"


def test_the_command_writes_them(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "proactive_collectors.reference", tmp_path], check=True)
    assert (tmp_path / "events.md").read_text("utf-8") == PAGE
    assert (tmp_path / "proactive-event.schema.json").read_text("utf-8") == SCHEMA


def test_the_examples_on_the_page_validate_and_parse() -> None:
    shown = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
    kinds = [example["kind"] for example in shown]
    assert sorted(kinds) == sorted([*PAYLOADS, DIAGNOSTICS])
    validator = Draft202012Validator(json.loads(SCHEMA))
    for example in shown:
        if example["kind"] in CLIENT_KINDS or example["kind"] == DIAGNOSTICS:
            validator.validate(example)
            parse(example, received=datetime.now(UTC))
        else:
            assert not validator.is_valid(example)
            assert to_dict(from_dict(example)) == example


def test_enumerations_come_back_as_such_and_only_their_values_do() -> None:
    example = examples()["diagnostic.appeared"]
    assert from_dict(example).data.severity is Severity.ERROR  # type: ignore[attr-defined]
    with pytest.raises(BadEventError, match="Severity"):
        from_dict({**example, "data": {**example["data"], "severity": "bogus"}})


def test_every_example_says_something() -> None:
    for kind, example in examples().items():
        event = from_dict(example)
        assert to_dict(event) == example
        assert event.data != PAYLOADS[kind]() or not attrs.fields(PAYLOADS[kind])


@pytest.mark.parametrize("cls", [Where, Failure, *PAYLOADS.values()])
def test_comments_belong_to_fields(cls: type[Payload]) -> None:
    assert set(field_comments(cls)) <= {field.name for field in attrs.fields(cls)}


def test_inherited_comments_are_found() -> None:
    assert field_comments(PAYLOADS["suggestion.shown"])["suggestion"] == "the suggestion's identifier"
