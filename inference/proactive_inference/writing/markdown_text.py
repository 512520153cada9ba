"""Makes of a model's words a Markdown text that shows nothing from elsewhere and leads nowhere.

No HTML, no images, no links: what would be one is shown as it is written. Addresses become code, to be read and
copied. Code stays as it is: fences are written anew, at the margin and longer than any inside of them, so that
there cannot be two opinions about where code begins.
"""

from __future__ import annotations

import re

from proactive_collectors.sentences import clean
from proactive_collectors.trace import Window
from proactive_inference.untrusted import text_refusal
from proactive_inference.writing.answer import TextAnswer
from proactive_inference.writing.blocks import plain_lines
from proactive_inference.writing.hidden import without_hidden
from proactive_inference.writing.written import RefusedError, UnwrittenReason, WrittenAnswer

LONGEST_TITLE = 80

_OPENING = re.compile(r"^[ \t]*(`{3,}|~{3,})[ \t]*([\w+#.-]{0,40})[^`]*$")
_PIECE = re.compile(
    r"(?P<address>(?:[A-Za-z][A-Za-z0-9+.-]{1,20}://|www\.|(?<!\\)\\\\(?=\w)"
    r"|(?:mailto|data|javascript|command|vscode|file):)[^\s<>`\"')\]|]*)"
    r"|(?P<escaped>\\[!-/:-@\[-`{-~])"
    r"|(?P<code>(?<!`)(?P<ticks>`+)(?!`)(?P<inside>[^\n]*?[^`\n])(?P=ticks)(?!`))"
    r"|(?P<sign>[<`]|!(?=\[)|\](?= ?[(\[:])|&(?=[#\w]))"
)


def written_answer(answer: TextAnswer, window: Window, longest: int) -> WrittenAnswer:
    """The answer, its text at most ``longest`` characters.

    Raises:
        RefusedError: there is nothing in it, or it says what something in ``window`` wants said.
    """
    text = without_hidden(answer.text).strip()
    if not text:
        raise RefusedError(UnwrittenReason.NOTHING, "The model wrote an empty answer; ask again.")
    if len(text) > longest:
        text = (
            text[: text.rfind(" ", longest // 2, longest) if " " in text[longest // 2 : longest] else longest]
            + " […]"
        )
    title = without_hidden(clean(answer.title, LONGEST_TITLE)).strip("#*_` ")
    if (why_not := text_refusal(f"{title}\n\n{text}", "", window)) is not None:
        raise RefusedError(
            UnwrittenReason.UNSAFE_TEXT,
            f"The model's answer is not shown, since {clean(why_not.replace('the edit', 'it'))}; ask again.",
        )
    return WrittenAnswer(title or "Answer", harmless(text))


def harmless(text: str) -> str:
    """Markdown without HTML, images and links."""
    found: list[str] = []
    lines = plain_lines(text)
    at = 0
    while at < len(lines):
        opened = _OPENING.match(lines[at])
        if opened is None:
            found.append(_PIECE.sub(_shown, lines[at]))
            at += 1
            continue
        end = at + 1
        while end < len(lines) and not _closes(lines[end], opened[1]):
            end += 1
        body = lines[at + 1 : end]
        fence = "`" * max(3, 1 + max((len(run) for line in body for run in re.findall("`+", line)), default=0))
        found += [fence + opened[2], *body, fence]
        at = end + 1
    return "\n".join(found) + "\n"


def _closes(line: str, fence: str) -> bool:
    mark = line.strip()
    return len(mark) >= len(fence) and not mark.strip(fence[0])


def _shown(found: re.Match[str]) -> str:
    if found["escaped"] or found["code"]:
        return found[0]
    if found["address"]:
        # Backticks side by side would be one mark.
        text = found.string
        before = " " if text[found.start() - 1 : found.start()] == "`" else ""
        return f"{before}`{found[0]}`" + (" " if text[found.end() : found.end() + 1] == "`" else "")
    return "\\" + found[0]
