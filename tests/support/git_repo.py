"""A repository that real git makes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


class Repo:
    """A folder with a repository in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)

    def git(self, *arguments: str, fails: bool = False, **environment: str) -> str:
        run = subprocess.run(
            ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *arguments],
            cwd=self.root,
            env={
                **{k: v for k, v in os.environ.items() if not k.startswith("GIT_")},
                "GIT_CONFIG_GLOBAL": os.devnull,
                "GIT_CONFIG_NOSYSTEM": "1",
                "GIT_EDITOR": "true",
                **environment,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert (run.returncode != 0) is fails, run.stdout + run.stderr
        return run.stdout.strip()

    def init(self) -> Repo:
        self.git("init", "-q", "-b", "main")
        return self

    def commit(self, subject: str, path: str = "a.txt", text: str | None = None) -> str:
        (self.root / path).write_text(subject if text is None else text)
        self.git("add", path)
        self.git("commit", "-q", "-m", subject)
        return self.git("rev-parse", "HEAD")


def diverged(repo: Repo, path: str = "a.txt") -> None:
    """``side`` and ``main`` with a change each to the same line."""
    repo.git("switch", "-q", "-c", "side")
    repo.commit("Side", path, "side\n")
    repo.git("switch", "-q", "main")
    repo.commit("Main", path, "main\n")
