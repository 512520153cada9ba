"""Which characters of a text are sentences: everything else is blanked, so that offsets stay what they are.

By simple rules that would rather hide a sentence than show a piece of code: fenced, indented and literal blocks,
directives, tables, front matter, code spans, mathematics, links' targets, tags, commands, comments.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from proactive_collectors.languages import normalized

HIDDEN = "\x00"
"""Stands for each character that is no prose; it is neither a letter nor a space."""

_URL = (
    r"\b(?:(?:https?|ftps?|file|ssh|git|wss?)://|www\.|mailto:)[^\s<>\"')\]]+"
    r"|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"
)
_TABLE = r"^[ \t]*(?:\|[^\n]*|[^\n|]+\|[^\n|]*\|[^\n]*|\+[-=+]+\+?[ \t]*)$"

_MARKDOWN = (
    r"\A---[ \t]*\n(?:.*\n)*?(?:---|\.\.\.)[ \t]*$",
    r"<!--[\s\S]*?(?:-->|\Z)",
    r"^[ \t]*(?:\[[^\]\n]+\]:|:::)[^\n]*$",
    r"(?<!`)(`+)(?!`)(?:[^`\n]|(?<!\n)\n(?!\n)|(?!\1)`)*?(?<!`)\1(?!`)",
    r"\]\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)",
    r"\]\[[^\]\n]*\]",
    r"</?[A-Za-z][^<>\n]{0,300}>|<[a-z]+:[^<>\s]+>",
    r"\$\$[\s\S]*?(?:\$\$|\Z)",
    r"\$(?! )[^$\n]+(?<! )\$",
    r"\{[%{#][^\n]*?[%}#]\}|\{[.#:][^}\n]*\}",
    r"^[ \t]*#?!?\[[^\]\n]*\][ \t]*$",
    _TABLE,
    _URL,
)
_REST = (
    r"``(?:[^`\n]|`(?!`)|\n(?!\n))+?``",
    r"(?:(?<![\w:.+-]):[\w:.+-]{1,60}:)?`[^`\n]+(?:\n[^`\n]+)?`_{0,2}(?::[\w:.+-]{1,60}:)?",
    r"^[ \t]*:[\w -]+:",
    r"\|[^|\s][^|\n]*\|",
    r"^[ \t]*(?:>>>|\.\.\. )[^\n]*$",
    r"^[ \t]*[=\-~^\"'#*+.]{2,}(?:[ \t]+[=\-]+)*[ \t]*$",
    _TABLE,
    _URL,
)
_LATEX_BLOCKS = (
    "verbatim|Verbatim|lstlisting|minted|equation|align|gather|multline|eqnarray|displaymath|math|tabular|tabularx|"
    "array|tikzpicture|thebibliography|algorithmic|comment|filecontents"
)
_LATEX = (
    r"(?<!\\)%[^\n]*",
    rf"\\begin\{{({_LATEX_BLOCKS})\*?\}}[\s\S]*?(?:\\end\{{\1\*?\}}|\Z)",
    r"\$\$[\s\S]*?(?:\$\$|\Z)|(?<!\\)\$[^$]*?\$|\\\([\s\S]*?\\\)|\\\[[\s\S]*?\\\]",
    r"\\verb\*?([^A-Za-z\s*])[^\n]*?\1|\\lstinline\{[^}\n]*\}",
    r"\\(?:begin|end|ref|eqref|cref|autoref|pageref|label|cite\w*|url|href|usepackage|documentclass|input|include|"
    r"includegraphics|bibliography\w*|newcommand|renewcommand|def|setlength|vspace|hspace|pagestyle)\*?"
    r"(?:\[[^\]\n]*\])*(?:\{[^{}\n]*\})?",
    r"\\[A-Za-z@]+\*?(?:\[[^\]\n]*\])?|\\.",
    r"&[^\n]*",
    _URL,
)
_PLAIN = (r"^(?: {4,}|\t)[^\n]*$", r"^[^\n]*\S(?:[ ]{3,}|\t+)\S[^\n]*$", r"`[^`\n]+`", _TABLE, _URL)
_COMMIT = (r"^#[^\n]*$", r"^[A-Z][\w-]+: [^\n]*$", r"^diff --git [\s\S]*\Z", *_PLAIN)
_OTHER = (
    r"^(-{4,}|\.{4,}|={4,}|\+{4,}|/{4,})[ \t]*\n[\s\S]*?(?:^\1[ \t]*$|\Z)",
    r"^[ \t]*#\+(?i:begin)_(\w+)[\s\S]*?(?:^[ \t]*#\+(?i:end)_\w+[ \t]*$|\Z)",
    r"^[ \t]*(?:#\+|:\w+:|//)[^\n]*$",
    r"(?<!\w)([=~+`])\S(?:[^\n]*?\S)?\1(?!\w)",
    *_PLAIN,
)
_RULES = {
    "markdown": _MARKDOWN,
    "mdx": (r"^(?:import|export) [^\n]*$", r"\{[^{}\n]*\}", *_MARKDOWN),
    "restructuredtext": _REST,
    "latex": _LATEX,
    "plaintext": _PLAIN,
    "git-commit": _COMMIT,
}
_FENCE = re.compile(r"^[ \t>]*(?:[-*+]|\d+[.)])?[ \t]*(`{3,}|~{3,})")
_OPENS_LITERAL = re.compile(r"^[ \t]*\.\.(?: .*)?$|::[ \t]*$")
_ITEM = re.compile(r"^[ \t]*(?:[-*+]|\d+[.)]|#\.)[ \t]+")


def prose_only(text: str, language: str | None) -> str:
    """The text with everything that is not prose blanked by ``HIDDEN``; line ends stay. As long as ``text``."""
    language = normalized(language or "plaintext")
    blocks = {"markdown": _markdown_blocks, "mdx": _markdown_blocks, "restructuredtext": _rest_blocks}.get(
        language
    )
    if blocks is not None:
        text = _hide_lines(text, blocks)
    for pattern in _RULES.get(language, _OTHER):
        text = re.sub(pattern, _hide, text, flags=re.M)
    return text


def _hide(match: re.Match[str]) -> str:
    return "".join(c if c in "\r\n" else HIDDEN for c in match[0])


def _hide_lines(text: str, blocks: Callable[[list[str]], Iterable[int]]) -> str:
    lines = text.split("\n")
    for number in blocks(lines):
        lines[number] = HIDDEN * len(lines[number])
    return "\n".join(lines)


def _markdown_blocks(lines: list[str]) -> Iterable[int]:
    """The lines of fenced and indented code."""
    fence = ""
    blank, in_list = True, False
    for number, line in enumerate(lines):
        found = _FENCE.match(line)
        if fence:
            yield number
            if found and found[1].startswith(fence) and not line.strip(" \t>`~"):
                fence = ""
        elif found:
            fence = found[1]
            yield number
        elif line.strip():
            indented = line.startswith(("    ", "\t"))
            if indented and blank and not in_list:
                yield number
                continue  # the block goes on over lines that follow
            if _ITEM.match(line):
                in_list = True
            elif not line[:1].isspace():
                in_list = False
            blank = False
            continue
        else:
            blank = True


def _rest_blocks(lines: list[str]) -> Iterable[int]:
    """The lines of directives and literal blocks with all that is indented below them."""
    depth = -1
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        indent = len(line) - len(line.lstrip())
        if depth >= 0 and indent > depth:
            yield number
            continue
        depth = -1
        if _OPENS_LITERAL.search(line):
            depth = indent
            if line.lstrip().startswith(".."):
                yield number
