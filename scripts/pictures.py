"""Puts the README's pictures into docs/pictures: a few of those that the tests of VS Code take as they go.

Usage: pytest tests/e2e/vscode && python scripts/pictures.py
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
TAKEN = REPOSITORY / ".artifacts" / "screenshots"
SHOWN = REPOSITORY / "docs" / "pictures"

NAMES = ("suggestion", "menu", "timeline", "preview")
MOST_BYTES = 200_000
"""No picture is larger: they are part of every clone."""


def main() -> str | None:
    """Copy them; the problem in a sentence, if there is one."""
    pictures = [TAKEN / f"{name}.png" for name in NAMES]
    for picture in pictures:
        if not picture.exists():
            return f"{picture.name} has not been taken yet; run: .venv/bin/pytest tests/e2e/vscode"
        if picture.stat().st_size > MOST_BYTES:
            return f"{picture.name} is larger than {MOST_BYTES} bytes; make the window smaller or emptier."
    SHOWN.mkdir(parents=True, exist_ok=True)
    for picture in pictures:
        shutil.copyfile(picture, SHOWN / picture.name)
    return None


if __name__ == "__main__":
    sys.exit(main())
