"""Finds secrets in text: the formats of known tokens, values given to secret names, and random-looking strings.

Pure: text in, spans out. Four passes, each linear in the text's length and each behind a cheap look for what it
cannot do without:

1. :data:`proactive_collectors.secret_formats.FORMATS`: tokens, keys and headers that are known by their look.
2. Credentials in URLs and in commands (``curl -u``, ``mysql -p``).
3. Assignments to a secret's name, in any syntax: ``password = …``, ``"apiKey": "…"``, ``--token …``, ``?sig=…``.
4. Random-looking values of any name, by entropy and by how often upper case, lower case and digits alternate.

The formats that only ``detect-secrets`` knows are left to its plugins, see :mod:`proactive_collectors.detectors`.
"""

# A pattern is easier to check in one piece, and a list of words as a paragraph.
# ruff: noqa: E501

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from proactive_collectors.secret_formats import (
    Span,
    commands,
    is_placeholder,
    known_formats,
    private_keys,
    url_credentials,
)  # fmt: skip

MAX_VALUE = 512
"""Characters of one assigned value; a longer random string is data (an image, a bundle), not a secret."""

MAX_NAMES = 2_000
"""Secrets' names followed up in one text; where there are more, no person wrote it, and all the rest is redacted."""

RANDOM_LENGTH = 24
RANDOM_ENTROPY = 3.9  #: bits a character; hexadecimal is at most 4, random base64 of 24 characters about 4.3
RANDOM_ALTERNATION = 0.36  #: of neighbours that differ in class; random base64 about 0.6, camelCase 0.2 to 0.4
LONGEST_WORD = 12  #: characters without a dash, slash or the like; in random base64 they are 16 apart on average
SURE_ALTERNATION = 0.45  #: the same where a string has few digits, as names do

CONFIGURATION = frozenset(
    {"terminal", "shellscript", "ini", "properties", "dotenv", "yaml", "toml", "dockerfile", "conf", "plaintext"}
)
"""Contexts in which a bare word after a secret's name is the secret itself, not a variable."""


def find_secrets(text: str, context: str | None = None) -> list[Span]:
    """The spans of ``text`` that are secret: sorted, apart from each other, none empty.

    ``context`` is an editor's language identifier or ``terminal``.
    """
    if len(text) < 6:
        return []
    spans = [*known_formats(text), *private_keys(text)]
    if "://" in text:
        spans += url_credentials(text)
    spans += commands(text)
    spans += _assignments(text, context)
    spans += _random_values(text)
    from proactive_collectors.detectors import second_opinion

    spans += second_opinion(text)
    return _merge(spans)


def _merge(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif start < end:
            merged.append((start, end))
    return merged


# --- 3. assignments ----------------------------------------------------------------------------------------

_NAMES = {
    **dict.fromkeys(("pass", "pwd", "pin", "contrase", "kennwort"), "word"),
    **dict.fromkeys(("secret", "credential", "key"), "key"),
    **dict.fromkeys(("token", "bearer", "auth", "jwt", "sess", "cookie"), "token"),
    **dict.fromkeys(("sig", "signature", "code", "access", "sid"), "url"),
}
"""What a secret's name holds, in lower case, and the sort of secret it then is. Looked for with `str.find`, which
is forty times as fast as one regular expression for all."""

_WHOLE_NAME = {
    "pass": re.compile(r"pass(?:w(?:or)?[dt]|wort|phrase|code|(?![a-z]))"),
    "pin": re.compile(r"(?<![a-z])pin(?![a-z])"),
    "auth": re.compile(r"(?<![a-z])auth(?![a-z])"),
    "sess": re.compile(r"sess(?:ion)?[_-]?id"),
    "key": re.compile(
        r"(?:(?:api|access|private|signing|encryption|account|service|auth|shared|master|storage|license|subscription"
        r"|client|deploy|webhook|crypt|cipher|hmac|host|app|jwt|admin|security)[_-]?|(?<=[?&;]))key"
    ),
}
_REACH_BACK = 14  #: characters of the longest word before ``key``, with its dash


def _names(text: str) -> list[tuple[int, int, str]]:
    """Where secrets' names stand: start, end and sort, by place."""
    lowered = text.lower()
    if len(lowered) != len(text):  # a few letters of some languages grow when lowered
        lowered = "".join(low if len(low := character.lower()) == 1 else "_" for character in text)
    found: list[tuple[int, int, str]] = []
    for stem, sort in _NAMES.items():
        at = lowered.find(stem)
        while at >= 0:
            start, end = at, at + len(stem)
            if stem == "key":
                match = _WHOLE_NAME["key"].search(lowered, max(0, at - _REACH_BACK), end)
                start = match.start() if match and match.end() == end else -1
            elif (pattern := _WHOLE_NAME.get(stem)) is not None:
                match = pattern.match(lowered, at)
                start, end = (at, match.end()) if match else (-1, end)
                if stem == "pass" and end == at + 4 and _within_word(text, at):
                    start = -1
            elif sort == "url" and lowered[max(at - 1, 0)] not in "?&;":
                start = at if lowered[max(at - 6, 0) : at] in ("x-amz-", "-goog-") else -1
            if start >= 0:
                found.append((start, end, "token" if sort == "url" else sort))
            at = lowered.find(stem, at + len(stem))
    return sorted(found)


def _within_word(text: str, at: int) -> bool:
    """Whether ``pass`` only ends another word (bypass, minipass) and is none of dbPass, db_pass, dbpass."""
    before = text[max(at - 5, 0) : at].lower()
    if not before[-1:].isalpha() or (text[at].isupper() and text[at - 1].islower()):
        return False
    return not before.endswith(("db", "user", "my", "smtp", "ftp", "pg", "root", "admin", "ssh", "key", "store"))


def _is_name(value: str, *, whole: bool = False) -> bool:
    names = _names(value)
    return any((start, end) == (0, len(value)) for start, end, _ in names) if whole else bool(names)


_INNOCENT = re.compile(
    r"[_-]?(?:s?[_-]?)(?:name|names|id|ids|ur[il]s?|path|paths|files?|dir|types?|len|length|counts?|limits?|size|sizes"
    r"|fields?|labels?|prefix|suffix|expir\w*|ttl|age|policy|rules?|regex|patterns?|env|var|vars|headers?|placeholder"
    r"|hint|reset\w*|errors?|messages?|text|title|min\w*|max\w*|version|algorithm|alg|issuer|i[sz]\w+|validat\w+"
    r"|strength|manager|provider|store|class|cls|schema|model|form|input|view|page|prompt|required|valid|enabled"
    r"|budget|usage|embedding\w*|window|index|position|start|end|ref|refs|keyref|arn|endpoint|bytes|stream|kind|test"
    r"|tests|func|function|fn|handler|service|controller|column|table|at|on|by|for|in|of|ary|arial|ity)",
    re.IGNORECASE,
)
_OPERATOR = re.compile(
    r"(?P<close>\\?[\"'`]?\]?\)?)(?:\[\d{0,8}\])?"
    r"(?:(?P<assign>[ \t]{0,40}(?::[ \t]{0,4}[A-Za-z_][\w\[\]<>|.?&*]{0,40}(?:[ \t]{1,8}(?==[^=])|(?==[\"'`])))?"
    r"(?:={1,3}>?|!==?|:=|[+?|]{1,2}=|<-|->|:(?!:)|[ \t]is:?[ \t])[ \t]{0,40})"
    r"|(?P<call>[ \t]?\([ \t]?|[ \t]?,[ \t]?)|(?P<space>[ \t]{1,40}))"
)
_BELOW = re.compile(r"[ \t]{0,8}\r?\n[ \t]{1,40}(?:-[ \t]{1,8})?(?![^\s:]{1,80}:(?:\s|$))")
_QUOTE = re.compile(r"(?:[rbfuLRBFU@$&]{0,2})(?P<quote>\\?\"\"\"|\\?\"|'''|\\?'|`)")
_BARE = re.compile(r"\S{1,512}")
_NOT_IN_BARE = "\"'`,;)]}>"
_EXPRESSION = re.compile(r"[!&*~-]?[A-Za-z_$@][\w$]*(?:(?:\.|->|::|\?\.)[A-Za-z_$][\w$]*)*(?:[(\[]|!?$|\?|\{)")
_DOTTED = re.compile(r"[A-Za-z_$@][A-Za-z_$]*\d?(?:(?:\.|->|::|\?\.)[A-Za-z_$][\w$]*)+")


def _assignments(text: str, context: str | None) -> Iterator[Span]:
    done = 0
    for number, (at, end, sort) in enumerate(_names(text)):
        if at < done:  # inside the value that was just read
            continue
        if number >= MAX_NAMES:
            yield at, len(text)
            return
        tail_end = end
        while (
            tail_end < len(text) and tail_end - end < 40 and (text[tail_end].isalnum() or text[tail_end] in "_-")
        ):
            tail_end += 1
        tail = text[end:tail_end]
        operator = _OPERATOR.match(text, tail_end)
        if operator is None:
            continue
        start = at
        while start > 0 and at - start < 64 and (text[start - 1].isalnum() or text[start - 1] in "_-."):
            start -= 1
        innocent = _INNOCENT.fullmatch(tail) is not None and (text[at:end] + tail).lower() not in _STILL_SECRET
        value = _value(text, operator, start, sort, innocent, context)
        if value is not None:
            done = value[1]
            yield value


_STILL_SECRET = frozenset({"private_key_id"})


def _value(
    text: str, operator: re.Match[str], name: int, sort: str, innocent: bool, context: str | None
) -> Span | None:
    at = operator.end()
    if context == "yaml" and (below := _BELOW.match(text, at)) is not None:
        at = below.end()
    option = text[name] == "-" and (name == 0 or text[name - 1].isspace())
    quote = _QUOTE.match(text, at)
    if quote is not None:
        start = quote.end()
        end = _closing(text, start, quote["quote"])
        value = text[start:end]
        if innocent and not looks_random(value):
            return None
        if operator["assign"] is None and not _mixed(value):
            return None
        if operator["space"] and not option and "#define" not in text[max(0, name - 20) : name]:
            return None
        return (start, end) if _is_secret_literal(value, sort) else None
    if innocent or (operator["assign"] is None and not (operator["space"] and option)):
        return None
    bare = _BARE.match(text, at)
    if bare is None:
        return None
    value, end = bare[0], bare.end()
    in_url = name > 0 and text[name - 1] in "?&;"
    if in_url:
        value = re.split(r"[&#;\"'<>`)\]},]", value, maxsplit=1)[0]
    value = value.rstrip(_NOT_IN_BARE)
    end = at + len(value)
    written = text[name : operator.start()].lower()
    if (option and value.startswith("-") and not looks_random(value)) or (
        written.endswith("pwd") and value.startswith(("/", "~", "C:"))
    ):
        return None  # the next option; the working directory
    if written.endswith("pin") and not any(map(str.isdigit, value)):
        return None
    shell = option or in_url or _is_shell_assignment(text, name, operator)
    return (at, end) if _is_secret_bare(value, sort, shell, context, text, name, end) else None


def _closing(text: str, start: int, quote: str) -> int:
    """Where the string that begins at ``start`` ends; at its line's end if it is not closed."""
    limit = min(len(text), start + 4 * MAX_VALUE)
    if len(quote) >= 3:
        end = text.find(quote, start, limit)
        return end if end >= 0 else limit
    at = start
    while at < limit:
        character = text[at]
        if character in "\r\n" or text.startswith(quote, at):
            return at
        at += 2 if character == "\\" and not quote.startswith("\\") else 1
    return min(at, len(text))


def _mixed(value: str) -> bool:
    """Letters and digits, or a character that no identifier has: not a plain word."""
    return any(map(str.isalpha, value)) and (
        any(map(str.isdigit, value)) or any(character in "!@#$%^&*+=~?" for character in value)
    )


def _is_secret_literal(value: str, sort: str) -> bool:
    least = {"word": 3, "key": 4, "token": 8}[sort]
    if len(value) < least or is_placeholder(value):
        return False
    if any(character.isspace() for character in value):
        # A sentence about passwords, or a passphrase?
        return sort == "word" and value[0].islower() and not _is_name(value) and value.count(" ") <= 8
    if value.isdigit():
        return sort == "word" or len(value) >= 16
    if _mixed(value):
        return not (value.startswith(("/", "./", "http://", "https://")) and not looks_random(value))
    if _is_name(value) or value.startswith(("./", "../", "/")):  # "OPENAI_API_KEY", "access_token", a path
        return False
    if sort == "word" or (sort == "key" and len(value) >= 10 and value.isalpha()):
        return True
    cases = any(map(str.isupper, value)) and any(map(str.islower, value))
    return len(value) >= 8 and cases and _alternation(value) >= RANDOM_ALTERNATION


def _is_secret_bare(
    value: str, sort: str, shell: bool, context: str | None, text: str, name: int, end: int
) -> bool:
    if len(value) < (4 if sort == "word" else 6) or is_placeholder(value):
        return False
    code = context is not None and context not in CONFIGURATION
    if not shell or code:
        if looks_random(value):
            return True
        if "(" in value and _EXPRESSION.match(value):
            return False
        if (context not in CONFIGURATION and _DOTTED.fullmatch(value)) or (
            "[" in value and _EXPRESSION.match(value)
        ):
            return False
        if text[end : end + 1] in {"(", "[", "."}:
            return False
    if value.isdigit():
        return sort == "word" or len(value) >= 16
    if value.startswith(("/", "./", "../", "~/")) and not looks_random(value) and not shell:
        return False
    if _mixed(value):
        identifier = re.fullmatch(r"[A-Za-z_$][\w$]*", value) is not None
        return not (code and identifier)
    if not shell and (code or _is_name(value)):
        return False
    if shell:
        return not _is_name(value, whole=True)
    # A bare word: only where the line says nothing else, and never for a token ("unexpected token: identifier").
    alone = re.match(r"[,;]?[ \t]*(?:[\r\n]|$)", text[end : end + 80]) is not None
    return sort != "token" and alone and _begins_line(text, name) and any(map(str.isalpha, value))


def _begins_line(text: str, name: int) -> bool:
    before = text[text.rfind("\n", 0, name) + 1 : name] if name - text.rfind("\n", 0, name) < 80 else "x"
    return re.fullmatch(r"\s*(?:[-*]\s+)?(?:export\s+|set\s+|\$env:)?\"?", before) is not None


def _is_shell_assignment(text: str, name: int, operator: re.Match[str]) -> bool:
    """``NAME=value`` without blanks, in capitals or after ``export``."""
    if operator["assign"] != "=" or operator["close"]:
        return False
    written = text[name : operator.start()]
    return written.isupper() or re.search(r"(?:export|env|set)\s+$", text[max(0, name - 12) : name]) is not None


# --- 4. random values --------------------------------------------------------------------------------------

_CANDIDATE = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{20,}={0,2}(?![A-Za-z0-9+/_=-])")
_ASSIGNED = re.compile(
    r"([\w.-]{1,60})\\?[\"'\]]{0,3}[ \t]{0,8}(?::[^=\n\"']{1,30}=|={1,3}>?|:=|:)[ \t]{0,8}[rbfuLRBFU@]{0,2}\\?[\"'`]?$"
)
_PUBLIC = re.compile(
    r"integrity|checksum|hash|digest|sha\d*|md5|etag|commit|rev|revision|uuid|guid|resolved|version|fingerprint|font"
    r"|image|icon|data|src|href|h1|narhash|public|pub|cert|certificate|node_id|cid|ref|sri|blob|tree|parent|object",
    re.IGNORECASE,
)
_KEYLIKE = re.compile(r"key|salt|seed|cred|private|sign|hmac|cipher|session|jwt|dsn|webhook|pepper", re.IGNORECASE)
_DIGEST = re.compile(r"(?:sha\d{1,3}|md5|h1|v\d)[-_:]", re.IGNORECASE)
_HEX = re.compile(r"[0-9a-fA-F]{32,}")


def _random_values(text: str) -> Iterator[Span]:
    for match in _CANDIDATE.finditer(text):
        value = match[0]
        if len(value) > MAX_VALUE or _DIGEST.match(value):
            continue
        before = text[max(0, match.start() - 110) : match.start()]
        assigned = _ASSIGNED.search(before)
        name = assigned[1] if assigned else ""
        if name and _PUBLIC.search(name):
            continue
        if _HEX.fullmatch(value):
            if name and _KEYLIKE.search(name) and len(value) <= 128:
                yield match.span()
        elif looks_random(value) and (name or (len(value) >= 32 and before[-1:] in {'"', "'", "`"})):
            yield match.span()


def looks_random(value: str) -> bool:
    """Whether a string reads as random base64: all three classes, mixed all over, of high entropy."""
    if not RANDOM_LENGTH <= len(value) <= MAX_VALUE or _DIGEST.match(value):
        return False
    if not any(map(str.isupper, value)) or not any(map(str.islower, value)):
        return False
    if max(map(len, re.split(r"[-_/+=]", value))) < LONGEST_WORD:  # words with dashes, or a path
        return False
    digits = sum(map(str.isdigit, value))
    least = RANDOM_ALTERNATION if digits >= 3 else SURE_ALTERNATION
    return digits > 0 and _alternation(value) >= least and _entropy(value) >= RANDOM_ENTROPY


def _alternation(value: str) -> float:
    classes = [
        0 if character.islower() else 1 if character.isupper() else 2 if character.isdigit() else 3
        for character in value
    ]
    return sum(a != b for a, b in pairwise(classes)) / max(len(value) - 1, 1)


def _entropy(value: str) -> float:
    """Shannon's entropy in bits a character."""
    return -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())
