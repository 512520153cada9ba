"""Makes of a model's words a command that can be shown for what it is."""

from __future__ import annotations

import re

from proactive_collectors.redaction import REDACTED
from proactive_collectors.sentences import clean
from proactive_collectors.trace import Window
from proactive_inference.untrusted import command_refusal, remark
from proactive_inference.writing.answer import CommandAnswer
from proactive_inference.writing.hidden import plainly_shown
from proactive_inference.writing.written import RefusedError, UnwrittenReason, WrittenCommand

LONGEST_WHY = 160

_PROMPT = re.compile(r"^(?:\$|%|>|❯)(?: +|$)")
_FENCED = re.compile(r"\A(`{1,3})(?:[a-z]*\n)?([^`]*?)\n?\1\Z")


def written_command(answer: CommandAnswer, window: Window, longest: int) -> WrittenCommand:
    """The command, at most ``longest`` characters.

    Raises:
        RefusedError: it has more than one line, is too long, has characters that are not seen, or is not one that
            may be offered after what happened in ``window``.
    """
    command = answer.command.strip()
    if (fenced := _FENCED.match(command)) is not None:
        command = fenced[2].strip()
    command = _PROMPT.sub("", command)
    if not command:
        raise RefusedError(UnwrittenReason.NOTHING, "The model wrote an empty command; ask again.")
    if REDACTED in command:
        raise RefusedError(
            UnwrittenReason.REDACTED,
            "The model's command needs a secret that it was not shown; write the command by hand.",
        )
    if "\n" in command or "\r" in command:
        raise RefusedError(
            UnwrittenReason.BAD_COMMAND, "The model wrote several commands in place of one; ask again."
        )
    if len(command) > longest:
        raise RefusedError(
            UnwrittenReason.BAD_COMMAND,
            f"The model's command is longer than {longest} characters; write it by hand.",
        )
    if not plainly_shown(command):
        raise RefusedError(
            UnwrittenReason.BAD_COMMAND,
            "The model's command has characters that are not seen on a screen; write the command by hand.",
        )
    if (why_not := command_refusal(command, window)) is not None:
        since = clean(why_not.replace("the command", "it"), LONGEST_WHY)
        raise RefusedError(
            UnwrittenReason.UNSAFE_COMMAND,
            f"The model's command is not offered, since {since}; write the command by hand.",
        )
    return WrittenCommand(command, remark(clean(answer.why, LONGEST_WHY), window))
