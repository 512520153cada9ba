"""Runs a command that is killed by its own hand once it says certain words: ``dies_at.py WORDS train agent …``."""

from __future__ import annotations

import io
import os
import signal
import sys


class LastWords(io.TextIOWrapper):
    """A standard output after whose last words nothing is done any more."""

    words = ""

    def write(self, text: str) -> int:
        written = super().write(text)
        if self.words in text:
            self.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        return written


if __name__ == "__main__":
    from proactive_server.cli import main

    LastWords.words = sys.argv.pop(1)
    sys.stdout = LastWords(sys.stdout.detach(), encoding="utf-8")
    main()
