"""Answers that come as a text to read: each a file of its own, shown by the editor, gone when the server ends."""

from __future__ import annotations

import os
import re
from pathlib import Path


class Answers:
    """Keeps them in a folder that only the user can read."""

    def __init__(self) -> None:
        self._folder: Path | None = None

    def keep(self, title: str, text: str) -> Path:
        """Write an answer as Markdown, with its title on top; the file.

        Raises:
            OSError: it cannot be written.
        """
        if self._folder is None:
            import tempfile

            self._folder = Path(tempfile.mkdtemp(prefix="proactive-answers-"))  # for the user alone
        name = re.sub(r"[^\w-]+", "-", title).strip("-")[:60] or "answer"
        file, number = self._folder / f"{name}.md", 1
        while file.exists():
            number += 1
            file = self._folder / f"{name}-{number}.md"
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            out.write(f"# {title}\n\n{text.rstrip()}\n")
        return file

    def close(self) -> None:
        """Delete them."""
        if self._folder is not None:
            import shutil

            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
