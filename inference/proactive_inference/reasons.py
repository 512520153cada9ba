"""Why the agent stayed silent, in one plain sentence: the only place where a reason is put into words."""

from __future__ import annotations

from proactive_inference.decision import Reason, Silence

_WORDS = {
    Reason.DISABLED: "Suggestions are switched off",
    Reason.SNOOZED: "You asked for quiet",
    Reason.TYPING: "You were typing",
    Reason.SELECTING: "Some text was selected",
    Reason.IN_SNIPPET: "You were filling in a snippet",
    Reason.IN_COMMENT: "You were writing a comment",
    Reason.TOO_SOON: "It was too soon after the last suggestion",
    Reason.BACKING_OFF: "You dismissed a suggestion, so it waits longer",
    Reason.NO_NEED: "Help did not seem wanted",
    Reason.NO_PROPOSAL: "There was nothing sure enough to offer",
    Reason.NOT_WORTH_IT: "What it could offer was not worth an interruption",
    Reason.DISMISSED_BEFORE: "What it could offer was dismissed before",
    Reason.MODEL_ASKED: "A language model is asked first",
    Reason.MODEL_SILENT: "The language model had nothing to offer",
    Reason.MODEL_UNSAFE: "What the language model proposed was held back",
    Reason.MODEL_UNREADABLE: "The language model's answer could not be read",
    Reason.MODEL_UNAVAILABLE: "The language model could not be asked",
    Reason.MODEL_SPENT: "The language model is not asked any more in this hour",
    Reason.ALREADY_SHOWN: "What it could offer was shown already",
}


def why_silent(silence: Silence) -> str:
    """The sentence, with the numbers where there are some: ``Help did not seem wanted: p = 0.12 below 0.25.``"""
    words, detail = _WORDS[silence.reason], silence.detail
    if not detail:
        return words + "."
    if silence.reason is Reason.SNOOZED:
        return f"{words} {detail}."
    if silence.reason is Reason.DISABLED:
        return f"Suggestions are {detail}."
    return f"{words}: {detail}."
