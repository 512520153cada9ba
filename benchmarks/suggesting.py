"""Times the way from a failed run to a suggestion, part by part, and what a question to a model costs the typing.

A real language server, and a model's server that answers at once: what is left is our own share. In turn:

* the plays alone (a misspelt import), from the run's report to the hint in the editor;
* a language model: from the report to its question, and from its answer to the hint;
* code actions asked for at the pace of fast typing, while no model is asked and while one is (it hangs meanwhile):
  the slowest of each, and the share of the one of the other;
* the memory of the server's processes after all that, without a model and with one (behind its own server).

    python benchmarks/suggesting.py [--times 10] [--json]
"""

from __future__ import annotations

import argparse
import json
import queue
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from lsp import SERVERS, Client

OFFER = {
    "Purpose": "a sum",
    "Thoughts": "It fails.",
    "Proactive Task": "Add the numbers in sums.py.",
    "Response": "?",
}
PLAIN = "def total(numbers):\n    return -sum(numbers)\n"
MISSPELT = "import json\n\n\ndef total(numbers):\n    return json.dmups(numbers)\n"
TEST = "from sums import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n"
KEYS = 100
PACE = 0.02


class Model:
    """A model's server: answers at once, or not at all; keeps when."""

    def __init__(self) -> None:
        self.questions: queue.SimpleQueue[tuple[float, float]] = queue.SimpleQueue()
        self.hang = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                came = time.perf_counter()
                if outer.hang.is_set():
                    outer.questions.put((came, came))
                    time.sleep(60)
                    return
                choice = {"index": 0, "delta": {"content": json.dumps(OFFER)}, "finish_reason": "stop"}
                body = f"data: {json.dumps({'choices': [choice]})}\n\ndata: [DONE]\n\n".encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                self.wfile.flush()
                outer.questions.put((came, time.perf_counter()))

            def log_message(self, *_: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/v1#none"


class Editor(Client):
    """Also hears hints."""

    def __init__(self, folder: Path, text: str, model: str) -> None:
        self.hints: queue.SimpleQueue[float] = queue.SimpleQueue()
        super().__init__(SERVERS["ours"], folder)
        self.folder = folder
        self.uri = (folder / "sums.py").as_uri()
        (folder / "sums.py").write_text(text)
        (folder / "test_sums.py").write_text(TEST)
        tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        self.output = subprocess.run(tests, cwd=folder, capture_output=True, text=True, check=False).stdout
        options = {
            "minimumPauseSeconds": 0,
            "interruptionCost": 0.01,
            "dismissedKindPauseMinutes": 0,
            "journal": {"enabled": False},
            "model": {"name": model, "secondThought": False, "callsPerHour": 100000},
        }
        literals = {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}}}
        about = {"processId": None, "rootUri": folder.as_uri(), "initializationOptions": options}
        self.request("initialize", {**about, "capabilities": {"textDocument": {"codeAction": literals}}})
        self.notify("initialized", {})
        document = {"uri": self.uri, "languageId": "python", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def heard(self, message: dict[str, Any]) -> None:
        if message["method"] == "textDocument/publishDiagnostics" and message["params"]["diagnostics"]:
            self.hints.put(time.perf_counter())

    def fail(self) -> float:
        data = {"command": "pytest -q", "cwd": str(self.folder), "exit_code": 1, "output": self.output}
        self.notify("proactive/event", {"kind": "terminal.run", "data": data})
        return time.perf_counter()

    def look(self) -> float:
        """Milliseconds for the code actions of a line."""
        spot = {"line": 0, "character": 0}
        asked = {"range": {"start": spot, "end": spot}, "context": {"diagnostics": []}}
        return self.request("textDocument/codeAction", {"textDocument": {"uri": self.uri}, **asked})[0]


def with_plays(times: int) -> float:
    """Milliseconds from the report to the hint, the median of fresh servers."""
    found = []
    for _ in range(times):
        with tempfile.TemporaryDirectory() as folder:
            editor = Editor(Path(folder), MISSPELT, "")
            time.sleep(1.0)  # the start is not the question here
            began = editor.fail()
            found.append((editor.hints.get(timeout=30) - began) * 1000)
            editor.quit()
    return statistics.median(found)


def with_model(times: int) -> dict[str, float]:
    """Milliseconds of the parts, medians of fresh servers; the first question's imports are in them."""
    asked, shown = [], []
    for _ in range(times):
        model = Model()
        with tempfile.TemporaryDirectory() as folder:
            editor = Editor(Path(folder), PLAIN, model.url)
            time.sleep(1.0)
            began = editor.fail()
            came, answered = model.questions.get(timeout=30)
            asked.append((came - began) * 1000)
            shown.append((editor.hints.get(timeout=30) - answered) * 1000)
            editor.quit()
        model.server.shutdown()
    return {"to_question_ms": statistics.median(asked), "from_answer_ms": statistics.median(shown)}


def typing() -> dict[str, float]:
    """Milliseconds of the slowest and the median code action, while no model is asked and while one is."""
    model, figures = Model(), {}
    model.hang.set()
    for name, url in (("idle", ""), ("asking", model.url)):
        with tempfile.TemporaryDirectory() as folder:
            editor = Editor(Path(folder), PLAIN, url)
            time.sleep(1.0)
            editor.fail()
            looks = []
            for _ in range(KEYS):
                looks.append(editor.look())
                time.sleep(PACE)
            figures[f"{name}_rss_mb"] = editor.rss()
            figures[f"{name}_worst_ms"], figures[f"{name}_median_ms"] = max(looks), statistics.median(looks)
            editor.quit()
    model.server.shutdown()
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    plays, parts, keys = with_plays(given.times), with_model(given.times), typing()
    figures = {"plays_ms": plays, **parts, **keys, "worst_ratio": keys["asking_worst_ms"] / keys["idle_worst_ms"]}
    if given.json:
        print(json.dumps({name: round(value, 2) for name, value in figures.items()}))
        return
    for name, value in figures.items():
        print(f"{name:20} {value:8.2f}")


if __name__ == "__main__":
    main()
