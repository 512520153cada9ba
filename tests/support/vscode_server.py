"""A code-server of its own for a test: private folders, a free port, the extension, and proof that it all ends."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

REPOSITORY = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
"""Where this environment's ``proactive`` and ``pytest`` are."""

MARK = "PROACTIVE_TEST_MARK"
"""The environment variable by which every process that a server has started is known again."""

START_SECONDS = 60.0
END_SECONDS = 30.0
"""How long everything may take to end after SIGTERM; on an idle machine it is two or three."""

SETTINGS: dict[str, Any] = {
    "chat.disableAIFeatures": True,
    "editor.acceptSuggestionOnEnter": "off",
    "editor.autoClosingBrackets": "never",
    "editor.autoClosingQuotes": "never",
    "editor.autoIndent": "none",
    "editor.fontFamily": "monospace",
    "editor.minimap.enabled": False,
    "editor.quickSuggestions": {"other": "off", "comments": "off", "strings": "off"},
    "editor.suggestOnTriggerCharacters": False,
    "editor.wordBasedSuggestions": "off",
    "extensions.autoCheckUpdates": False,
    "extensions.ignoreRecommendations": True,
    "files.autoSave": "off",
    "git.autofetch": False,
    "git.blame.statusBarItem.enabled": False,
    "remote.autoForwardPorts": False,
    "security.workspace.trust.banner": "never",
    "security.workspace.trust.startupPrompt": "never",
    "telemetry.telemetryLevel": "off",
    "terminal.integrated.gpuAcceleration": "off",  # rows are then text in the page
    "terminal.integrated.fontFamily": "monospace",
    "terminal.integrated.initialHint": False,
    "update.mode": "none",
    "window.commandCenter": False,
    "workbench.colorTheme": "Default Dark Modern",
    "workbench.enableExperiments": False,
    "workbench.layoutControl.enabled": False,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
    "proactive.server.command": [str(BIN / "proactive"), "serve"],
    "proactive.quietSeconds": 0.3,
    "proactive.minimumPauseSeconds": 0,
    "js/ts.tsserver.automaticTypeAcquisition.enabled": False,
    "typescript.disableAutomaticTypeAcquisition": True,  # npm, beside what is tested
}
"""What every test sets: nothing that types, suggests or pops up on its own, and a server that need not wait."""


class CodeServer:
    """A running code-server.

    Args:
        home: an empty folder for everything it writes; of a short name, since sockets are made in it.
        vsix: the extension to install, or ``None``.
        more_extensions: further ones, packed.
        settings: what to set beyond ``SETTINGS``; ``None`` as a value takes a setting out.
        options: more options for code-server.
        on_path: whether programs and terminals find this environment's ``proactive`` and ``pytest``.
        environment: more variables for it, its terminals, and the servers that extensions start.
        trust: leave workspace trust on: folders are then not trusted until somebody says so.
    """

    def __init__(
        self,
        home: Path,
        *,
        vsix: Path | None = None,
        more_extensions: Sequence[Path] = (),
        settings: Mapping[str, Any] | None = None,
        options: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        trust: bool = False,
        on_path: bool = True,
    ) -> None:
        self.home = home
        self.mark = uuid.uuid4().hex
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.state = home / "state"
        self._data = home / "data"
        self._log = home / "code-server.log"
        self.env = self._environment(environment or {})
        if not on_path:
            parts = self.env["PATH"].split(os.pathsep)
            self.env["PATH"] = os.pathsep.join(part for part in parts if Path(part) != BIN)
        self._prepare(on_path)
        self.set_settings(settings or {})
        self._folders = ["--user-data-dir", str(self._data), "--extensions-dir", str(home / "extensions")]
        for one in (*([vsix] if vsix else ()), *more_extensions):
            self._install(one)
        arguments = [
            *(*program(), *self._folders),
            *("--config", str(home / "config.yaml"), "--bind-addr", f"127.0.0.1:{self.port}", "--auth", "none"),
            *("--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"),
            *(() if trust else ("--disable-workspace-trust",)),
            *options,
        ]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                arguments, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        try:
            self._wait_until_healthy()
        except BaseException:
            self.close()
            raise

    def set_settings(self, settings: Mapping[str, Any]) -> None:
        """Write the user's settings anew; VS Code takes them up by itself."""
        wanted = {name: value for name, value in {**SETTINGS, **settings}.items() if value is not None}
        for place in (
            "User",
            "Machine",
        ):  # to a browser this is a remote machine, whose programs are named in "Machine"
            file = self._data / place / "settings.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            draft = file.with_suffix(".draft")
            draft.write_text(json.dumps({k: v for k, v in wanted.items() if _place(k) == place}, indent=2))
            draft.replace(file)

    @property
    def logs(self) -> list[Path]:
        """The log of the server itself, then those of VS Code and its extensions."""
        return [self._log, *sorted((self._data / "logs").rglob("*.log"))]

    def channel(self, name: str = "Proactive") -> str:
        """What the extension has written to an output channel; of several windows, one after the other."""
        return "".join(
            log.read_text(errors="replace")
            for log in self.logs
            if log.stem == name or log.stem.endswith(f"-{name}")
        )

    def processes(self, *names: str) -> list[psutil.Process]:
        """All processes that stem from this server, or those in whose command line each of ``names`` occurs."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.environ().get(MARK) != self.mark or process.status() == psutil.STATUS_ZOMBIE:
                    continue
                line = " ".join(process.cmdline())
                if all(name in line for name in names):
                    found.append(process)
        return found

    def language_servers(self) -> list[psutil.Process]:
        """The processes of the project's own server."""
        return self.processes("proactive", " serve")

    def close(self) -> list[str]:
        """End it by SIGTERM, as closing it does.

        Returns:
            The command lines of what was still there after ``END_SECONDS``; that is killed then.
        """
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + END_SECONDS
        while (left := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.1)
        lines = []
        for process in left:
            with contextlib.suppress(psutil.Error):
                lines.append(" ".join(process.cmdline()))
                process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        return lines

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("VSCODE_", "XDG_", "NODE_"))
        }
        return {
            **kept,
            "HOME": str(self.home / "user"),
            "SHELL": shutil.which("bash") or "/bin/bash",
            "LANG": "C.UTF-8",
            "PROACTIVE_STATE_DIR": str(self.state),
            "XDG_RUNTIME_DIR": str(self.home / "run"),
            **{f"XDG_{name}_HOME": str(self.home / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")},
            "TMPDIR": str(self.home / "tmp"),
            "EXTENSIONS_GALLERY": "{}",
            "CI": "1",  # no greeting on the first run
            "PYTEST_ADDOPTS": "-p no:cacheprovider --tb=short",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            MARK: self.mark,
            **more,
        }

    def _prepare(self, on_path: bool) -> None:
        (self.home / "run").mkdir(mode=0o700, parents=True)
        (self.home / "tmp").mkdir()
        (self.home / "user").mkdir()
        # VS Code takes PATH from a login shell, so the terminal's own start has to name this environment again.
        path = f"PATH={shlex.quote(str(BIN))}:$PATH\n" if on_path else ""
        (self.home / "user" / ".bashrc").write_text(f"PS1='$ '\nHISTFILE=\n{path}")
        (self.home / "user" / ".gitconfig").write_text("[user]\n\tname = Ada\n\temail = ada@example.org\n")
        (self.home / "config.yaml").write_text("cert: false\n")

    def _install(self, vsix: Path) -> None:
        done = subprocess.run(
            [*program(), *self._folders, "--install-extension", str(vsix)],
            env=self.env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{vsix.name} could not be installed: {done.stdout}{done.stderr}"

    def _wait_until_healthy(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            with (
                contextlib.suppress(urllib.error.URLError, OSError),
                urllib.request.urlopen(f"{self.url}/healthz"),
            ):
                return
            time.sleep(0.05)
        raise AssertionError(f"code-server did not start: {self._log.read_text(errors='replace')[-3000:]}")


def program() -> list[str]:
    """How code-server is called: as scripts/setup_vscode.sh put it, or in the folder ``PROACTIVE_VSCODE``."""
    folder = Path(os.environ.get("PROACTIVE_VSCODE") or REPOSITORY / ".artifacts" / "vscode").absolute()
    return [str(folder / "node"), str(folder / "node_modules/code-server/out/node/entry.js")]


def _place(setting: str) -> str:
    return "Machine" if setting.startswith(("proactive.server.", "proactive.model.name")) else "User"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
