"""Keys: where they come from, where they go, and that a keyring that does not answer stops nothing for long."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from misbehaving_server import Exchange, MisbehavingServer, answers, status
from proactive_inference.errors import ModelError, UnwantedError
from proactive_inference.models import keys
from proactive_inference.models.asking import Asking
from proactive_inference.models.endpoint import EndpointModel
from proactive_inference.models.keys import KEY_VARIABLE, checked_key, forget_key, keep_key, kept_key
from proactive_inference.models.messages import Message

KEY, ORIGIN = "sk-very-secret-key", "https://example.org"
ASKED = (Message("user", "Hello"),)


@pytest.fixture
def keyring_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A keyring that stands in for the system's."""
    keyring = pytest.importorskip("keyring")
    from file_keyring import FileKeyring

    monkeypatch.setenv("TEST_KEYRING_FILE", str(tmp_path / "keyring.json"))
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    before = keyring.get_keyring()
    keyring.set_keyring(FileKeyring())
    yield tmp_path / "keyring.json"
    keyring.set_keyring(before)


def test_a_key_is_kept_by_its_servers_origin_and_forgotten(keyring_file: Path) -> None:
    assert kept_key(ORIGIN) is None and not forget_key(ORIGIN)
    keep_key(ORIGIN, f" {KEY}\n")
    assert kept_key(ORIGIN) == KEY and kept_key("https://example.org:8443") is None
    assert f"proactive-lsp {ORIGIN}" in keyring_file.read_text()
    assert forget_key(ORIGIN) and kept_key(ORIGIN) is None


def test_another_machine_gets_its_key_with_the_first_question(
    keyring_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str | None] = []

    def respond(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers.get("Authorization"))
        return httpx.Response(200, json={"choices": [{"message": {"content": "x"}}]})

    def ask(address: str) -> str | None:
        EndpointModel.open(address, transport=httpx.MockTransport(respond)).complete(ASKED)
        return sent[-1]

    keep_key(ORIGIN, KEY)
    assert ask("https://example.org/v1#m") == f"Bearer {KEY}"
    assert ask("https://elsewhere.org/v1#m") is None
    assert ask("http://example.org/v1#m") is None, "another origin, and in the clear"
    monkeypatch.setenv(KEY_VARIABLE, "sk-other")
    assert ask("https://example.org/v1#m") == "Bearer sk-other"


def test_a_server_here_gets_its_key_when_it_wants_one(keyring_file: Path) -> None:
    def behave(exchange: Exchange) -> None:
        wanted = exchange.asked.headers.get("authorization") != f"Bearer {KEY}"
        (status(401) if wanted else answers())(exchange)

    with MisbehavingServer(behave) as server:
        model = EndpointModel.open(server.url + "#small")
        with pytest.raises(ModelError, match=r"wants a key .*proactive model key set http://127\.0\.0\.1"):
            model.complete(ASKED)
        keep_key(server.url.removesuffix("/v1"), KEY)
        EndpointModel.open(server.url + "#small").complete(ASKED, asking=Asking(30))


@pytest.mark.parametrize("state", ["locked", "asking"])
def test_a_keyring_that_does_not_answer_is_done_without(
    keyring_file: Path, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    monkeypatch.setattr(keys, "KEYRING_SECONDS", 0.2)
    monkeypatch.setenv("TEST_KEYRING_STATE", state)
    assert kept_key(ORIGIN) is None
    if state == "locked":
        with pytest.raises(ModelError, match=r"refuses \(KeyringLocked\); unlock it") as caught:
            keep_key(ORIGIN, KEY)
        assert KEY not in str(caught.value) + repr(caught.value.__cause__)
    monkeypatch.setenv("TEST_KEYRING_STATE", "")


def test_a_question_is_taken_back_while_the_keyring_is_locked(
    keyring_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_KEYRING_STATE", "asking")
    model, asking = EndpointModel.open("https://localhost.invalid/v1#m"), Asking(30)
    timer = threading.Timer(0.1, asking.take_back)
    timer.start()
    with pytest.raises(UnwantedError):
        model.complete(ASKED, asking=asking)
    timer.join()
    monkeypatch.setenv("TEST_KEYRING_STATE", "")


@pytest.mark.parametrize("bad", ["", "  ", "two words", "schlüssel-ü", "sk-a\nX-Header: b", "sk-\x00"])
def test_what_cannot_be_a_key_is_not_sent_or_shown(bad: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match="this is no key") as caught:
        checked_key(bad)
    assert not bad.strip() or bad not in str(caught.value)
    if bad.strip() and "\x00" not in bad:
        monkeypatch.setenv(KEY_VARIABLE, bad)
        with pytest.raises(ModelError, match=f"what {KEY_VARIABLE} holds is no key") as caught:
            EndpointModel.open("https://example.org/v1#m")
        assert bad not in str(caught.value)


def test_without_a_keyring_the_next_step_is_named() -> None:
    """The library is not imported before it is asked for."""
    code = (
        "import sys; sys.modules['keyring'] = None\n"
        "from proactive_inference.models.keys import keep_key\n"
        "from proactive_inference.models.endpoint import EndpointModel\n"
        "EndpointModel.open('http://localhost:9/v1#m')\n"
        "try: keep_key('https://example.org', 'sk-x')\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert found.startswith("ModelError keeping keys needs the package 'keyring'") and "[keyring]" in found
    code = (
        "import sys; from proactive_inference.models.endpoint import EndpointModel;"
        "EndpointModel.open('https://example.org/v1#m'); sys.exit('keyring' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
