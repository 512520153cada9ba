"""A small history, made for the purpose, with one of everything that histories have."""

import os
import subprocess
from pathlib import Path

USAGE = "".join(f"\n\ndef use_{number}():\n    run_task({number})\n" for number in range(6))


class Repository:
    """Writes commits, an hour apart unless told otherwise."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seconds = 1_700_000_000
        folder.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str, author: str = "Ada <ada@example.org>") -> str:
        name, _, address = author.partition(" <")
        env = {
            **os.environ,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": address.rstrip(">"),
            "GIT_COMMITTER_NAME": name, "GIT_COMMITTER_EMAIL": address.rstrip(">"),
            "GIT_AUTHOR_DATE": f"{self.seconds} +0000", "GIT_COMMITTER_DATE": f"{self.seconds} +0000",
        }  # fmt: skip
        done = subprocess.run(
            ["git", "-C", str(self.folder), *arguments], env=env, capture_output=True, text=True, check=True
        )
        return done.stdout

    def write(self, path: str, content: str | bytes) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(self, subject: str, *, author: str = "Ada <ada@example.org>", after: int = 3600) -> str:
        self.seconds += after
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", subject, author=author)
        return self.git("rev-parse", "HEAD").strip()


def fill(repo: Repository) -> None:
    """Twelve commits: a new package, a rename in many places, a forgotten import, prose, and what is skipped."""
    repo.write("pkg/run.py", "def run_task(n):\n    return n\n")
    repo.write("pkg/use.py", "from pkg.run import run_task\n" + USAGE)
    repo.write("README.md", "# A tool\n\nIt runs things.\n\nCall `run_task` with a number.\n")
    repo.commit("Begin")
    repo.write("pkg/run.py", "def run_job(n):\n    return n\n")
    repo.write("pkg/use.py", "from pkg.run import run_job\n" + USAGE.replace("run_task", "run_job"))
    repo.write("README.md", "# A tool\n\nIt runs things.\n\nCall `run_job` with a number.\n")
    repo.commit("Call it a job", after=20_000)
    repo.write(
        "pkg/size.py",
        "from pathlib import Path\n\n\ndef size(folder):\n    return sum(1 for _ in Path(folder).iterdir())\n",
    )
    repo.write(
        "tests/test_size.py",
        "from pkg.size import size\n\n\ndef test_size(tmp_path):\n    assert size(tmp_path) == 0\n",
    )
    repo.commit("Count files", after=600)
    repo.write("README.md", "# A tool\n\nIt runs things, and counts files.\n\nCall `run_job` with a number.\n")
    repo.commit("Say what it does", after=600)
    repo.git("mv", "pkg/size.py", "pkg/sizes.py")
    repo.write(
        "tests/test_size.py",
        "from pkg.sizes import size\n\n\ndef test_size(tmp_path):\n    assert size(tmp_path) == 0\n",
    )
    repo.commit("Move it", after=20_000)
    repo.write("logo.png", b"\x89PNG\0\0\1\2")
    repo.write("old.txt", "na\u00efve\n".encode("latin-1"))
    repo.commit("A logo")
    repo.write("dos.py", "x = 1\r\ny = 2\r\n")
    repo.commit("From another system", author="Bo <bo@example.org>")
    repo.write("dos.py", "x = 1\r\ny = 3\r\nz = 4\r\n")
    repo.commit("Change it there", author="Bo <bo@example.org>")
    (repo.folder / "old.txt").unlink()
    repo.commit("Delete it", author="Bo <bo@example.org>")
    repo.write("big.csv", "".join(f"{number},x\n" for number in range(100_000)))
    repo.commit("Data")
    repo.git("checkout", "--quiet", "-b", "side", "HEAD~2")
    repo.write("side.md", "Aside.\n")
    repo.commit("Aside")
    repo.git("checkout", "--quiet", "main")
    repo.seconds += 60
    repo.git("merge", "--quiet", "--no-edit", "side")
