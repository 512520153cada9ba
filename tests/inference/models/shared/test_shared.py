"""One process holds a model for all who ask: real processes and connections, a tiny model with random weights."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jsonschema
import psutil
import pytest
from attrs import evolve

from model_workers import Editor, gone, status, the_worker, until, workers_in
from proactive_inference.errors import ModelError, UnwantedError
from proactive_inference.models.agent_answer import AGENT_SCHEMA
from proactive_inference.models.asking import Asking
from proactive_inference.models.chat import ChatModel, Completion
from proactive_inference.models.local import LocalModel
from proactive_inference.models.messages import Message
from proactive_inference.models.model_settings import ModelSettings
from proactive_inference.models.resolve import most_events_of, open_served_model
from proactive_inference.models.shared.limits import Limits
from proactive_inference.models.shared.model import SharedModel
from tiny_models import tiny_llama

ASKED = (
    Message("system", "Answer with one JSON object. Stay silent unless help is wanted."),
    Message("user", "{}"),
)
LONG = {"max_tokens": 3500, "temperature": 3.0, "schema": {"type": "string", "minLength": 4000}}


def test_it_answers_as_a_model_in_this_process_does_and_tells_it_as_it_comes(
    tiny_model: Path, state: Path
) -> None:
    model: ChatModel = open_served_model(tiny_model)
    assert isinstance(model, SharedModel) and model.name == "tiny-llama"
    assert model.most_tokens == 4096
    assert not state.exists()  # nothing starts before the first question
    local = LocalModel.open(tiny_model)
    for schema in (AGENT_SCHEMA, None):
        pieces: list[str] = []
        asked = {"schema": schema, "temperature": 3.0, "seed": 5, "count": 3, "max_tokens": 60}
        found = model.complete(ASKED, **asked, asking=Asking(told=pieces.append))
        assert list(map(rounded, found)) == list(map(rounded, local.complete(ASKED, **asked)))
        assert "".join(pieces) == found[0].text and len(pieces) > 5
    many = [(ASKED[0], Message("user", "x" * n)) for n in (1, 40)]
    assert model.complete_many(many, max_tokens=8) == local.complete_many(many, max_tokens=8)
    for _ in range(20):
        (one,) = model.complete(ASKED, schema=AGENT_SCHEMA, temperature=5.0, max_tokens=50)
        jsonschema.validate(json.loads(one.text), AGENT_SCHEMA)
    with pytest.raises(ModelError, match="tiny-llama takes 4096 in all; tell it fewer events"):
        model.complete(ASKED, max_tokens=5000)
    assert status()["answered"] == 24


def rounded(found: Completion) -> Completion:
    """To what does not depend on the number of threads."""
    probability = found.probability_of_speaking
    return evolve(found, probability_of_speaking=None if probability is None else round(probability, 4))


def test_two_editors_have_one_model_in_memory(
    editors: Callable[..., Editor], tiny_model: Path, state: Path
) -> None:
    """Both ask at the same moment, when there is no worker yet; it outlives the one that started it."""
    both = [editors(), editors()]
    for one in both:
        one.send("{}")
    answers = [one.hear() for one in both]
    assert answers[0] == answers[1] and answers[0][1] == []  # neither loads anything heavy
    worker = the_worker()
    pid = worker.announced.pid
    assert [process.pid for process in workers_in(state)] == [pid]
    assert worker.status is not None and worker.status["pid"] == pid and worker.status["answered"] == 2
    process = psutil.Process(pid)
    ours = {os.getpid(), *(one.process.pid for one in both)}
    assert process.ppid() not in ours
    assert os.getsid(pid) not in {os.getsid(one) for one in ours}
    assert process.nice() == min(19, os.nice(0) + 10)
    shared = Path(f"/proc/{pid}/autogroup")
    assert not shared.exists() or shared.read_text().split()[-1] == "10"
    for one in both:
        one.kill()
    later = editors()
    later.send("{}")
    assert later.hear() == answers[0]
    assert the_worker().announced.pid == pid and status()["answered"] == 3


def test_a_question_taken_back_stops_being_answered(tiny_model: Path, state: Path) -> None:
    model = SharedModel(tiny_model)
    heard = threading.Event()
    first, second = Asking(told=lambda piece: heard.set()), Asking()
    with ThreadPoolExecutor() as pool:
        answered = pool.submit(model.complete, ASKED, **LONG, asking=first)
        assert heard.wait(120)
        waits = pool.submit(SharedModel(tiny_model).complete, ASKED, **LONG, asking=second)
        until(lambda: status()["waiting"] == 1)
        second.take_back()  # while it waits
        with pytest.raises(UnwantedError):
            waits.result()
        until(lambda: status()["waiting"] == 0)
        first.take_back()  # while it is answered
        with pytest.raises(UnwantedError):
            answered.result()
    (found,) = model.complete(ASKED, max_tokens=5)
    assert found.tokens <= 5
    facts = status()
    assert facts["state"] == "idle" and facts["steps"] < 3000


def test_a_question_has_a_deadline_and_the_next_one_is_answered(tiny_model: Path, state: Path) -> None:
    model = SharedModel(tiny_model)
    with pytest.raises(
        ModelError, match=r"is still being loaded.*ask again in a while|did not answer within 0.5 s"
    ):
        model.complete(ASKED, asking=Asking(0.5))
    until(lambda: len(workers_in(state)) == 1)
    assert model.complete(ASKED, max_tokens=3)
    with pytest.raises(ModelError, match=r"did not answer within 0.3 s; ask a smaller model"):
        model.complete(ASKED, **LONG, asking=Asking(0.3))
    assert model.complete(ASKED, max_tokens=3)
    assert len(workers_in(state)) == 1


def test_it_ends_when_nobody_asks(tiny_model: Path, state: Path) -> None:
    model = SharedModel(tiny_model, Limits(idle_seconds=0.5))
    before = model.complete(ASKED, max_tokens=3)
    until(lambda: not workers_in(state))
    assert not list(state.rglob("worker.json"))
    assert "ends: nobody asks it" in next(state.rglob("worker.log")).read_text()
    assert model.complete(ASKED, max_tokens=3) == before


def test_it_ends_when_its_file_is_gone(tiny_model: Path, state: Path) -> None:
    model = SharedModel(tiny_model)
    model.complete(ASKED, max_tokens=3)
    pid = the_worker().announced.pid
    (the_worker().folder / "worker.json").unlink()
    assert model.complete(ASKED, max_tokens=3)  # at once: it waits for the one to go and starts another
    assert gone(pid) and the_worker().announced.pid != pid


def test_each_model_has_a_process_of_its_own(tiny_model: Path, tmp_path: Path, state: Path) -> None:
    other = tiny_llama(tmp_path / "other", seed=1)
    texts = []
    for folder in (tiny_model, other, tiny_model):
        (found,) = SharedModel(folder).complete(ASKED, max_tokens=10, temperature=1.0, seed=1)
        texts.append(found.text)
    assert texts[0] == texts[2] != texts[1]
    assert len(workers_in(state)) == 2


def test_a_model_that_was_trained_anew_is_loaded_anew(tmp_path: Path, state: Path) -> None:
    folder = tiny_llama(tmp_path / "model")
    model = SharedModel(folder)
    asked = {"max_tokens": 10, "temperature": 1.0, "seed": 1}
    before, fingerprint = model.complete(ASKED, **asked), model.fingerprint
    pid = the_worker().announced.pid
    tiny_llama(folder, seed=1)
    ModelSettings(most_events=5).write(folder)
    assert model.complete(ASKED, **asked) != before
    assert model.fingerprint != fingerprint and most_events_of(model) == 5
    assert gone(pid) and len(workers_in(state)) == 1


def test_the_asking_side_is_light() -> None:
    code = (
        "import sys; from proactive_inference.models.resolve import open_served_model;"
        "from proactive_inference.models.shared.model import SharedModel;"
        "sys.exit(bool({'torch', 'transformers', 'llguidance', 'numpy', 'psutil', 'asyncio'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_address_is_a_server_and_a_wrong_name_is_said(tmp_path: Path) -> None:
    assert not isinstance(open_served_model("http://localhost:9/v1#x"), SharedModel)
    with pytest.raises(ModelError, match="there is no model 'nothing'"):
        open_served_model("nothing")
