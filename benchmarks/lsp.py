"""Types into a bare pygls server and into ours, in turn, and compares what that costs.

Each run opens a file of 2,000 lines and types Python statements into it, one character a change, here and there; a
code action request behind the last change shows when all have been taken in. Three kinds of run: at the pace of
fast typing, flat out, and one in which a suggestion is out, for the answers from the cache. The start is measured
by itself, many times over. Figures are of the server's whole process tree, read from /proc, so this wants Linux.

    python benchmarks/lsp.py [--json] [--repeat 3] [--only bare|ours]
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
SERVERS = {
    "bare": [sys.executable, str(HERE / "bare_server.py")],
    "ours": [sys.executable, "-m", "proactive_server", "serve"],
}
GOALS = {
    "initialize": 1.3,
    "initialize_cpu": 1.3,
    "paced_cpu": 1.3,
    "flat_cpu": 1.5,
    "cached_ms": 0.5,
    "rss_mb": 90.0,
    "decision_p99_ms": 5.0,
}
STATEMENT = "    value = compute(value, 3)\n"


class Client:
    """As little of a client as will do: requests, notifications, and answers to what the server asks."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**os.environ, "PROACTIVE_STATE_DIR": str(folder / ".state"), "XDG_RUNTIME_DIR": str(folder)},
        )  # fmt: skip
        self._ids = 0
        self._answers: queue.SimpleQueue[tuple[float, dict[str, Any] | None]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while True:
            length = 0
            while (line := stream.readline()).strip():
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if not line:
                self._answers.put((0.0, None))
                return
            message = json.loads(stream.read(length))
            if "method" not in message:
                self._answers.put((time.perf_counter(), message))
            elif "id" in message:
                items = message.get("params", {}).get("items")
                self.send({"id": message["id"], "result": [None] * len(items) if items else None})
            else:
                self.heard(message)

    def heard(self, message: dict[str, Any]) -> None:
        """A notification; of no interest here."""

    def send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        with self._lock:
            self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            self.process.stdin.flush()

    def notify(self, method: str, params: Any) -> None:
        self.send({"method": method, "params": params})

    def request(self, method: str, params: Any) -> tuple[float, Any]:
        """Milliseconds until the answer, and the answer."""
        self._ids += 1
        began = time.perf_counter()
        self.send({"id": self._ids, "method": method, "params": params})
        ended, message = self._answers.get(timeout=120)
        if message is None or "error" in message:
            raise RuntimeError(f"{method}: {message}")
        return (ended - began) * 1000, message["result"]

    def cpu(self) -> float:
        """Seconds of processor time, of the process and its children."""
        total = 0
        for pid in self._tree():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICK

    def rss(self) -> float:
        """Resident megabytes."""
        pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self._tree())
        return pages * PAGE / 2**20

    def _tree(self) -> Iterator[int]:
        waiting = [self.process.pid]
        while waiting:
            pid = waiting.pop()
            yield pid
            for task in Path(f"/proc/{pid}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())

    def quit(self) -> None:
        self.request("shutdown", None)
        self.notify("exit", None)
        self.process.wait(20)


def program(lines: int) -> list[str]:
    """A program of so many lines, in functions of ten."""
    text = ["import os\n", "def compute(value, factor):\n", "    return value * factor\n", "\n"]
    number = 0
    while len(text) < lines:
        text += [
            f"def step_{number}(first, second):\n", f"    # step {number}\n", "    value = first + second\n",
            "    for index in range(10):\n", "        value += compute(index, second)\n", "    if value > 100:\n",
            "        value = value - 1\n", "    return value\n", "\n", "\n",
        ]  # fmt: skip
        number += 1
    return text[:lines]


def keystrokes(functions: int) -> Iterator[tuple[int, int, str]]:
    """Line, character and text of one key after the other: a statement into each function in turn."""
    number = 0
    while True:
        passed, function = divmod(number, functions)
        line = 4 + function * 10 + 7 + function * (passed + 1) + passed
        yield line, 0, "\n"
        for column, key in enumerate(STATEMENT[:-1]):
            yield line, column, key
        number += 1


def run(command: list[str], *, changes: int, rate: float) -> dict[str, float]:
    """One sitting; its figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "big.py"
        lines = program(2000)
        path.write_text("".join(lines))
        client = Client(command, folder)
        try:
            return _type(client, path, lines, changes, rate)
        finally:
            client.process.kill()


def _start(client: Client, folder: Path, options: Any = None) -> None:
    capabilities = {
        "general": {"positionEncodings": ["utf-16"]},
        "workspace": {"workspaceFolders": True, "configuration": True, "applyEdit": True},
        "textDocument": {
            "synchronization": {"didSave": True},
            "codeAction": {
                "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}},
                "dataSupport": True,
                "resolveSupport": {"properties": ["edit"]},
            },
        },
    }
    client.request(
        "initialize",
        {
            "processId": os.getpid(), "rootUri": folder.as_uri(), "capabilities": capabilities,
            "workspaceFolders": [{"uri": folder.as_uri(), "name": folder.name}], "initializationOptions": options,
        },
    )  # fmt: skip
    client.notify("initialized", {})
    time.sleep(2.0)


def start(command: list[str]) -> tuple[float, float]:
    """Milliseconds from the launch to the answer to ``initialize``, by the clock and of processor time."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        client = Client(command, folder)
        try:
            parameters = {"processId": os.getpid(), "rootUri": folder.as_uri(), "capabilities": {}}
            client.request("initialize", parameters)
            return (time.perf_counter() - client.began) * 1000, client.cpu() * 1000
        finally:
            client.process.kill()
            client.process.wait()


def _open(client: Client, path: Path, text: str) -> None:
    item = {"uri": path.as_uri(), "languageId": "python", "version": 1, "text": text}
    client.notify("textDocument/didOpen", {"textDocument": item})


def _actions(path: Path, line: int) -> dict[str, Any]:
    spot = {"line": line, "character": 4}
    return {
        "textDocument": {"uri": path.as_uri()},
        "range": {"start": spot, "end": spot},
        "context": {"diagnostics": [], "triggerKind": 2},
    }


def _type(client: Client, path: Path, lines: list[str], changes: int, rate: float) -> dict[str, float]:
    _start(client, path.parent)
    figures = {"rss_start_mb": client.rss()}
    _open(client, path, "".join(lines))
    client.request("textDocument/codeAction", _actions(path, 6))
    time.sleep(1.5)
    idle = [client.request("textDocument/codeAction", _actions(path, 6))[0] for _ in range(50)]
    figures["action_ms"] = statistics.median(idle)
    cpu, began = client.cpu(), time.perf_counter()
    keys = keystrokes((len(lines) - 4) // 10)
    for number in range(changes):
        line, character, text = next(keys)
        spot = {"line": line, "character": character}
        client.notify(
            "textDocument/didChange",
            {
                "textDocument": {"uri": path.as_uri(), "version": number + 2},
                "contentChanges": [{"range": {"start": spot, "end": spot}, "text": text}],
            },
        )
        if rate and (ahead := began + (number + 1) / rate - time.perf_counter()) > 0:
            time.sleep(ahead)
    client.request("textDocument/codeAction", _actions(path, 6))
    figures["wall_s"] = time.perf_counter() - began
    figures["cpu_s"] = client.cpu() - cpu
    time.sleep(3.0)  # what comes after the typing counts as well
    figures["cpu_after_s"] = client.cpu() - cpu
    figures["rss_end_mb"] = client.rss()
    before = client.cpu()
    time.sleep(3.0)
    figures["cpu_idle_s"] = client.cpu() - before
    client.quit()
    return figures


FAILING = """\
import os


def total(folder):
    return sum(path.stat().st_size for path in Path(folder).iterdir())


def test_total(tmp_path):
    assert total(tmp_path) == 0
"""


def suggested(command: list[str], runs: int = 40) -> dict[str, float]:
    """A sitting with failing test runs: the answers while a suggestion is out, and how long decisions take."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "test_sizes.py"
        path.write_text(FAILING)
        failed = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
            cwd=folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        client = Client(command, folder)
        try:
            _start(client, folder, {"quietSeconds": 0, "minimumPauseSeconds": 0})
            _open(client, path, FAILING)
            actions = 0
            for _ in range(runs):
                client.notify(
                    "proactive/event",
                    {
                        "kind": "terminal.run",
                        "where": {"workspace": folder.as_uri()},
                        "data": {
                            "command": "pytest -q", "cwd": str(folder), "exit_code": failed.returncode,
                            "seconds": 1.0, "output": failed.stdout,
                        },
                    },
                )  # fmt: skip
                time.sleep(0.05)
            time.sleep(1.0)
            took = []
            for _ in range(300):
                milliseconds, answer = client.request("textDocument/codeAction", _actions(path, 4))
                took.append(milliseconds)
                actions = len(answer or ())
            timeline = client.request("proactive/timeline", {"limit": 256})[1]
            decisions = sorted(decision["ms"] for decision in timeline["decisions"])
            client.quit()
        finally:
            client.process.kill()
    took.sort()
    worst = decisions[min(len(decisions) - 1, int(len(decisions) * 0.99))] if decisions else float("nan")
    return {
        "actions": actions,
        "cached_p50_ms": statistics.median(took),
        "cached_p99_ms": took[int(len(took) * 0.99)],
        "decisions": len(decisions),
        "decision_p50_ms": statistics.median(decisions) if decisions else float("nan"),
        "decision_p99_ms": worst,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each; the middle one counts")
    parser.add_argument("--starts", type=int, default=11, help="how often each is started for the time that takes")
    parser.add_argument("--only", choices=[*SERVERS])
    parser.add_argument(
        "--no-paced", action="store_true", help="leave out the run at typing pace, which takes long"
    )
    options = parser.parse_args()
    figures: dict[str, dict[str, float]] = {}
    starts: dict[str, list[tuple[float, float]]] = {}
    for _ in range(options.starts):
        for server, command in SERVERS.items():
            if options.only in (None, server):
                starts.setdefault(server, []).append(start(command))
    for server, times in starts.items():
        wall, cpu = (statistics.median(column) for column in zip(*times, strict=True))
        figures[f"{server}_start"] = {"initialize_ms": round(wall, 1), "initialize_cpu_ms": round(cpu, 1)}
        print(f"{server:5} start   initialize_ms {wall:.0f}  initialize_cpu_ms {cpu:.0f}")
    for kind, changes, rate in (("paced", 500, 50.0), ("flat", 5000, 0.0)):
        if kind == "paced" and options.no_paced:
            continue
        collected: dict[str, list[dict[str, float]]] = {}
        for _ in range(options.repeat):
            for server, command in SERVERS.items():  # in turn, so that a busy moment hits both
                if options.only in (None, server):
                    collected.setdefault(server, []).append(run(command, changes=changes, rate=rate))
        for server, runs in collected.items():
            middle = {key: round(statistics.median(one[key] for one in runs), 3) for key in runs[0]}
            figures[f"{server}_{kind}"] = middle
            print(f"{server:5} {kind:6}", *(f"{key} {value:g}" for key, value in middle.items()), sep="  ")
    if options.only != "bare":
        figures["suggested"] = {key: round(value, 3) for key, value in suggested(SERVERS["ours"]).items()}
        print("suggested    ", *(f"{key} {value:g}" for key, value in figures["suggested"].items()), sep="  ")
    if options.only is None and not options.no_paced:
        reached = _compare(figures)
        if options.json:
            print(json.dumps({"figures": figures, "reached": reached}))
    elif options.json:
        print(json.dumps({"figures": figures}))


def _compare(figures: dict[str, dict[str, float]]) -> dict[str, Any]:
    def ratio(kind: str, key: str) -> float:
        return figures[f"ours_{kind}"][key] / max(figures[f"bare_{kind}"][key], 1 / TICK)

    found = {
        "initialize": ratio("start", "initialize_ms"),
        "initialize_cpu": ratio("start", "initialize_cpu_ms"),
        "paced_cpu": ratio("paced", "cpu_after_s"),
        "flat_cpu": ratio("flat", "cpu_after_s"),
        "cached_ms": figures["suggested"]["cached_p50_ms"],
        "rss_mb": max(figures["ours_paced"]["rss_end_mb"], figures["ours_flat"]["rss_end_mb"]),
        "decision_p99_ms": figures["suggested"]["decision_p99_ms"],
    }
    reached: dict[str, Any] = {}
    for goal, most in GOALS.items():
        value = round(found[goal], 3)
        reached[goal] = {"value": value, "goal": most, "reached": value <= most}
        print(f"{'ok ' if value <= most else 'NO '} {goal:16} {value:8.2f}   goal {most:g}")
    return reached


if __name__ == "__main__":
    main()
