"""The gate's features by name: their order, and the plain words in which each is told as evidence.

Three groups, in this order (the weights file lists the names and is refused if they differ): *state*, *pace*, and
*marks*, each twice; :mod:`proactive_inference.features` says what they mean.
"""

from __future__ import annotations

from proactive_inference.signals import Mark

# name → plain words for the evidence (empty: never named as evidence)
_STATE: dict[str, str] = {
    "bias_live": "",
    "failing": "a run failed and has not passed since",
    "failing_now": "a run just failed",
    "failing_located": "the failure names the place",
    "failing_after_edits": "the run failed right after edits",
    "failing_again": "it failed several times in a row",
    "failing_same": "it failed with the same error as before",
    "failing_being_edited": "edits were made since the failure",
    "failing_age": "the failure is some time ago",
    "seen_failing": "an error was seen and not overcome since",
    "passed_now": "a run just passed",
    "passed_since_failure": "the failure was overcome",
    "lingering_errors": "an error has been standing for a while",
    "lingering_warnings": "a warning has been standing for a while",
    "lingering_now": "a problem has outlived the typing",
    "lingering_being_edited": "edits were made since the problem was seen to last",
    "fresh_problems": "problems are fresh and may be half-typed code",
    "repeated": "the same replacement was made again by hand",
    "repeated_more": "the same replacement was made three times or more",
    "repeated_settled": "a repeated replacement, then a pause or save",
    "slip": "a doubled word or a placeholder was left in prose",
    "slip_settled": "a slip was left in prose, then a pause or save",
    "typing_now": "the last thing was typing",
    "typing_steadily": "typing is going on",
    "saved_now": "a file was just saved",
    "committed_now": "a commit was just made",
    "looking_around": "files were only opened, closed or switched",
    "dismissed_lately": "suggestions were dismissed lately",
    "accepted_lately": "suggestions were taken lately",
    "ignored_lately": "suggestions were left unanswered lately",
    "conflict": "a merge stopped at a conflict",
    "stopped": "the debugger stopped at an exception",
    "undid_lately": "changes were taken back",
    "nothing_open": "nothing is known to be wrong",
}
_PACE: dict[str, str] = {
    "position": "",
    "first": "the sitting has just begun",
    "gap": "there was a pause before",
    "gap_relative": "there was a longer pause than usual before",
    "stay": "attention stayed in one place",
    "hopping": "attention hops between places",
    "searched_again": "searching went on",
    "said_before": "the same thing was done before",
    "length": "",
    "searched_since_wrote": "a search since the last writing",
}

_MARK_WORDS: dict[Mark, str] = {
    Mark.FAILED: "an error is told of",
    Mark.PASSED: "success is told of",
    Mark.RAN: "something was run",
    Mark.SEARCHED: "a search was made",
    Mark.ASKED: "a how-to or an error was looked up",
    Mark.VISITED: "a page was visited",
    Mark.READ: "reading or scrolling",
    Mark.WROTE: "writing",
    Mark.SWITCHED: "switching between windows or files",
    Mark.OPENED: "something was opened",
    Mark.CLOSED: "something was closed",
    Mark.SAVED: "a save",
    Mark.COMMITTED: "a commit",
    Mark.IDLED: "nothing was done",
    Mark.CLICKED: "clicking",
    Mark.COPIED: "copying",
    Mark.PASTED: "pasting",
    Mark.UNDID: "undoing",
    Mark.WROTE_PROSE: "notes or prose were written",
    Mark.WROTE_CODE: "code was written",
    Mark.IN_BROWSER: "",
    Mark.IN_EDITOR: "",
    Mark.IN_TERMINAL: "",
    Mark.SPECIFIC: "",
    Mark.ERROR_APPEARED: "an error appeared",
    Mark.WARNING_APPEARED: "a warning appeared",
    Mark.LINGERED: "a problem lasts",
    Mark.RESOLVED: "a problem was resolved",
    Mark.CONFLICTED: "a merge conflict",
    Mark.STOPPED: "the debugger stopped",
    Mark.SHOWN: "a suggestion was shown",
    Mark.ACCEPTED: "a suggestion was taken",
    Mark.DISMISSED: "a suggestion was dismissed",
    Mark.IGNORED: "a suggestion was left unanswered",
}

LABELS: dict[str, str] = {
    **_STATE,
    **_PACE,
    **{f"last:{mark.name.lower()}": words for mark, words in _MARK_WORDS.items()},
    **{f"trail:{mark.name.lower()}": f"{words} (lately)" if words else "" for mark, words in _MARK_WORDS.items()},
}
"""Every feature's name, in the order of the weights, with its plain words."""

NAMES: tuple[str, ...] = tuple(LABELS)
# Sides of one and the same thing, which a person would hear of once, by the first one's words.
_TOPICS: tuple[tuple[str, ...], ...] = (
    (
        "failing", "failing_now", "failing_located", "failing_after_edits", "failing_again", "failing_same",
        "failing_being_edited", "failing_age", "last:failed", "last:ran", "trail:failed",
    ),
    ("passed_since_failure", "passed_now", "last:passed", "trail:passed"),
    ("lingering_errors", "lingering_now", "lingering_being_edited", "last:lingered", "trail:lingered"),
    ("lingering_warnings",),
    ("fresh_problems", "last:error_appeared", "last:warning_appeared"),
    ("last:resolved", "trail:resolved"),
    ("repeated", "repeated_more", "repeated_settled"),
    ("slip", "slip_settled"),
    ("saved_now", "last:saved"),
    ("committed_now", "last:committed"),
    ("typing_now", "last:wrote", "last:wrote_code", "last:wrote_prose"),
    ("trail:wrote", "trail:wrote_code", "trail:wrote_prose"),
    ("dismissed_lately", "last:dismissed", "trail:dismissed"),
    ("accepted_lately", "last:accepted", "trail:accepted"),
    ("ignored_lately", "last:ignored", "trail:ignored"),
    ("gap", "gap_relative"),
)  # fmt: skip
_HEADS = {name: topic[0] for topic in _TOPICS for name in topic}
TOPIC_OF: tuple[int, ...] = tuple(NAMES.index(_HEADS.get(name, name)) for name in NAMES)
"""For each feature, the position of the one under whose words it is told as evidence."""
