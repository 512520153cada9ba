"""Which of a client's reports the user wants heard: the settings under ``sources``."""

from __future__ import annotations

from proactive_collectors.events import (
    DebugStopped,
    DocumentFocused,
    Event,
    GitCommitted,
    GitConflicted,
    GitSwitched,
    IdleBegan,
    IdleEnded,
    TaskKind,
    TaskRun,
    TerminalRun,
    WindowFocused,
)
from proactive_collectors.notification import DiagnosticsReport
from proactive_server.settings import Sources


def heard(report: Event | DiagnosticsReport, sources: Sources) -> bool:
    """Whether the source of a client's report is switched on.

    A changed selection is always heard: it holds no text, and tells when not to interrupt.
    """
    if isinstance(report, DiagnosticsReport):
        return sources.diagnostics
    match report.data:
        case TerminalRun():
            return sources.terminal
        case TaskRun(task_kind=TaskKind.TEST):
            return sources.tests
        case TaskRun():
            return sources.tasks
        case DebugStopped():
            return sources.debug
        case GitCommitted() | GitSwitched() | GitConflicted():
            return sources.git
        case DocumentFocused() | WindowFocused():
            return sources.focus
        case IdleBegan() | IdleEnded():
            return sources.idle
    return True
