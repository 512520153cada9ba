"""``proactive model``: what works with a model in a sentence, and keys that are never shown."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import misbehaving_server as bad
from misbehaving_server import MisbehavingServer
from proactive_inference.errors import ModelError
from proactive_server.commands.model import app

KEY = "sk-very-secret-key"
SPEAK = '{"Proactive Task": "Run it again"}'


@pytest.fixture
def server() -> Iterator[MisbehavingServer]:
    with MisbehavingServer(bad.answers(SPEAK, probability=0.6)) as started:
        yield started


def run(*arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(app, list(arguments), input=answer)


def test_a_good_server_is_good(server: MisbehavingServer) -> None:
    result = run("check", server.url)
    assert result.exit_code == 0
    assert result.output.startswith("small@127.0.0.1 answered in ")
    assert "it streams, keeps to the schema, and tells probabilities (of speaking here: 0.60)." in result.output
    found = json.loads(run("check", server.url + "#small", "--json").output)
    assert (found["schema"], found["probability"], found["problem"]) == (True, pytest.approx(0.6), "")


def test_what_does_not_work_is_said(server: MisbehavingServer) -> None:
    server.behaviour = bad.refuses(
        "stream", "json_schema", "json_object", "logprobs", then=bad.answers(f"Sure: {SPEAK}")
    )
    result = run("check", server.url)
    assert result.exit_code == 0, "its answers can be read"
    assert "it does not stream, is not held to the schema" in result.output
    assert "tells no probabilities" in result.output
    server.behaviour = bad.answers("I would rather talk.")
    result = run("check", server.url)
    assert result.exit_code == 1
    assert "But the model's answer has no 'Proactive Task' in JSON" in result.output


def test_what_is_wrong_is_said_with_the_next_step(server: MisbehavingServer) -> None:
    for behaviour, words in ((bad.status(401), "key set"), (bad.hangs(), "did not answer within 1 s")):
        server.behaviour = behaviour
        result = run("check", server.url, "--seconds", "1")
        assert isinstance(result.exception, ModelError) and words in str(result.exception)


@pytest.fixture
def keyring_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A keyring that stands in for the system's, for other processes too."""
    pytest.importorskip("keyring")
    support = str(Path(__file__).parents[1] / "support")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([support, os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "file_keyring.FileKeyring")
    monkeypatch.setenv("TEST_KEYRING_FILE", str(tmp_path / "keyring.json"))
    monkeypatch.delenv("PROACTIVE_API_KEY", raising=False)
    return tmp_path / "keyring.json"


COMMAND = [sys.executable, "-c", "from proactive_server.commands.model import app; app()"]


def read(terminal: int) -> bytes:
    """What comes next; nothing once the other end is closed."""
    assert select.select([terminal], [], [], 60)[0], "nothing comes"
    try:
        return os.read(terminal, 1000)
    except OSError:  # so Linux says that it is closed
        return b""


def test_a_key_is_typed_without_being_shown(keyring_file: Path) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "key", "set", "https://example.org/v1"],
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    while b"Key for https://example.org: " not in shown:  # the blank comes when the echo is off
        shown += read(ours)
    os.write(ours, f"{KEY}\n".encode())
    while piece := read(ours):
        shown += piece
    os.close(ours)
    assert process.wait(60) == 0, shown
    assert b"is in the system's keyring" in shown and KEY.encode() not in shown
    assert json.loads(keyring_file.read_text()) == {"proactive-lsp https://example.org": KEY}


def test_a_key_comes_from_a_pipe_and_goes(keyring_file: Path) -> None:
    def command(*words: str, given: str = "") -> str:
        done = subprocess.run([*COMMAND, *words], input=given, capture_output=True, text=True, check=True)
        assert KEY not in done.stdout + done.stderr
        return done.stdout

    assert "is in the system's keyring" in command("key", "set", "http://localhost:8080/v1#m", given=f"{KEY}\n")
    assert json.loads(keyring_file.read_text()) == {"proactive-lsp http://localhost:8080": KEY}
    assert "is deleted" in command("key", "forget", "http://localhost:8080")
    assert "There was no key" in command("key", "forget", "http://localhost:8080")
    assert json.loads(keyring_file.read_text()) == {}


def test_a_key_that_would_go_in_the_clear_is_not_kept() -> None:
    result = run("key", "set", "http://example.org/v1", answer=f"{KEY}\n")
    assert result.exit_code == 2 and "https" in result.output and KEY not in result.output
    result = run("key", "set", "https://example.org/v1", answer="\n")
    assert isinstance(result.exception, ModelError) and "this is no key" in str(result.exception)
