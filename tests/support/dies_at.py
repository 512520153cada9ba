"""Runs a command that sends itself a signal once it says certain words: ``dies_at.py SIGKILL WORDS train …``."""

from __future__ import annotations

import io
import os
import signal
import sys


class LastWords(io.TextIOWrapper):
    """A standard output after whose last words nothing is done any more."""

    signal = signal.SIGKILL
    words = ""

    def write(self, text: str) -> int:
        written = super().write(text)
        if self.words in text:
            self.flush()
            os.kill(os.getpid(), self.signal)
        return written


if __name__ == "__main__":
    from proactive_server.cli import main

    LastWords.signal = signal.Signals[sys.argv.pop(1)]
    LastWords.words = sys.argv.pop(1)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in a shell's background begins deaf to it
    sys.stdout = LastWords(sys.stdout.detach(), encoding="utf-8")
    main()
