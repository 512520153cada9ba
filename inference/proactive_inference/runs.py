"""What a run's end means: failed, went well, or neither. The one definition, for gate and boundaries alike."""

from __future__ import annotations

from pathlib import PurePosixPath

from proactive_collectors.events import RunEvent, TaskRun, TerminalRun

# Programs whose non-zero exit is an answer, not a failure.
_ANSWERING = frozenset(
    ["[", "ag", "cmp", "diff", "egrep", "false", "fgrep", "grep", "pgrep", "rg", "test", "which"]
)
# SIGINT, SIGPIPE, SIGTERM: by the person's own hand. Not SIGKILL: that is also how a run ends for want of memory.
_INTERRUPTS = frozenset((-2, -13, -15, 130, 141, 143))


def failed(run: RunEvent) -> bool:
    """Whether a run failed in a way that is news to the person: not stopped by hand, not a mere answer."""
    if run.exit_code in _INTERRUPTS:
        return False
    if run.failures:
        return run.exit_code != 0
    return bool(run.exit_code) and _executable(run) not in _ANSWERING


def passed(run: RunEvent) -> bool:
    """Whether a run ended well."""
    return run.exit_code == 0


def program(run: RunEvent) -> str:
    """What was run, without its arguments: ``pytest`` of ``python -m pytest -q tests``; of a task, its name."""
    if isinstance(run, TaskRun):
        return run.name
    words = [word for word in run.command.split() if "=" not in word]
    if len(words) > 2 and words[1] == "-m":
        return words[2]
    return " ".join(words[:1] if words[:1] != ["npm"] else words[:3])


def _executable(run: RunEvent) -> str:
    words = run.command.split(maxsplit=1) if isinstance(run, TerminalRun) else ()
    return PurePosixPath(words[0]).name if words else ""
