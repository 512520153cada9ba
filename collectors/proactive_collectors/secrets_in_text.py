"""Finds secrets in text: the formats of known tokens, values given to secret names, and random-looking strings.

Pure: text in, spans out. Four passes, each linear in the text's length and each behind a cheap look for what it
cannot do without:

1. `FORMATS`: tokens, keys and headers that are known by their look.
2. Credentials in URLs and in commands (``curl -u``, ``mysql -p``).
3. Assignments to a secret's name, in any syntax: ``password = …``, ``"apiKey": "…"``, ``--token …``, ``?sig=…``.
4. Random-looking values of any name, by entropy and by how often upper case, lower case and digits alternate.

The formats that only ``detect-secrets`` knows are left to its plugins, see :mod:`proactive_collectors.detectors`.
"""

# A pattern is easier to check in one piece, and a list of words as a paragraph.
# ruff: noqa: E501, SIM905

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise

from attrs import frozen

Span = tuple[int, int]
"""Start and end of a stretch of text, as indices."""

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
    spans = [*_known_formats(text), *_private_keys(text)]
    if "://" in text:
        spans += _url_credentials(text)
    spans += _commands(text)
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


# --- 1. formats --------------------------------------------------------------------------------------------


def _has_digits(value: str) -> bool:
    """Not a run of words: ``sk-learn-container-of-something`` is a name, not a key."""
    digits = sum(map(str.isdigit, value))
    return digits >= 3 or (digits >= 1 and any(map(str.isupper, value)) and any(map(str.islower, value)))


_VARIABLE = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)+")


@frozen
class Format:
    """A token known by its look; group 1, where there is one, is the secret part of the match."""

    needles: tuple[str, ...]  #: one of these is in every match
    pattern: str
    check: Callable[[str], bool] | None = None


# A left boundary stands where a prefix is short enough to be part of a word; the distinctive ones are found anywhere.
FORMATS = (
    # Amazon: access key identifiers, and the secret that stands near one
    Format(("AKIA", "ASIA", "ABIA", "ACCA", "A3T"), r"(?:A3T[A-Z0-9]|ABIA|ACCA|AKIA|ASIA)[A-Z0-9]{16,}"),
    Format(
        ("AKIA", "ASIA"),
        r"(?:AKIA|ASIA)[A-Z0-9]{16}[^A-Za-z0-9/+][\s\S]{0,120}?(?<![A-Za-z0-9/+])([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])",
        _has_digits,
    ),
    # GitHub, GitLab
    Format(("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"gh[pousr]_[A-Za-z0-9]{20,}"),
    Format(("github_pat_",), r"github_pat_[A-Za-z0-9_]{20,}"),
    Format(("gl",), r"gl(?:pat|dt|ft|soat|rt|cbt|imt|ptt|agent|oas|ffct)-[A-Za-z0-9_-]{20,}", _has_digits),
    Format(("GR1348941",), r"GR1348941[A-Za-z0-9_-]{20,}"),
    # package registries
    Format(("npm_",), r"npm_[A-Za-z0-9]{30,}"),
    Format(("pypi-",), r"pypi-[A-Za-z0-9_-]{40,}"),
    Format(("rubygems_",), r"rubygems_[0-9a-f]{40,}"),
    Format(("dckr_",), r"dckr_[a-z]{3}_[A-Za-z0-9_-]{20,}"),
    # model providers
    Format(("sk-",), r"(?<![A-Za-z0-9])sk-[A-Za-z0-9_-]{20,}", _has_digits),
    Format(("hf_",), r"(?<![A-Za-z0-9])hf_[A-Za-z0-9]{30,}"),
    Format(("gsk_", "xai-", "r8_"), r"(?<![A-Za-z0-9])(?:gsk_|xai-|r8_)[A-Za-z0-9]{30,}", _has_digits),
    # Google, Azure
    Format(("AIza",), r"AIza[A-Za-z0-9_-]{35,}"),
    Format(("ya29.",), r"ya29\.[A-Za-z0-9_-]{20,}"),
    Format(("GOCSPX-",), r"GOCSPX-[A-Za-z0-9_-]{20,}"),
    Format(("1//0",), r"(?<![A-Za-z0-9/])1//0[A-Za-z0-9_-]{30,}", _has_digits),
    Format(("AccountKey=", "SharedAccessKey="), r"(?:Account|SharedAccess)Key=([A-Za-z0-9+/=]{20,})"),
    Format(("8Q~", "7Q~"), r"(?<![A-Za-z0-9_~.-])[A-Za-z0-9_~.-]{3}[78]Q~[A-Za-z0-9_~.-]{31,}"),
    # chat and payment
    Format(("xox", "XOX"), r"(?i:xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{10,})", _has_digits),
    Format(("xapp-",), r"xapp-\d-[A-Za-z0-9-]{10,}"),
    Format(("hooks.slack.com",), r"hooks\.slack\.com/(?:services|workflows)/([A-Za-z0-9_/-]{8,})"),
    Format(("discord",), r"discord(?:app)?\.com/api/webhooks/([A-Za-z0-9_/-]{8,})"),
    Format(("_live_", "_test_"), r"(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}"),
    Format(("whsec_",), r"whsec_[A-Za-z0-9+/=]{20,}"),
    Format(("SG.",), r"(?<![A-Za-z0-9_.-])SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
    # hosting and infrastructure
    Format(("do", "dapi", "lin_api_", "ntn_", "ATATT", "hvs.", "hvb.", "gls", "glc_", "shp", "sq0", "sbp_", "pscale_",
            "dp.", "sntry", "PMAK-", "NRAK-", "tskey-", "AGE-SECRET-KEY-", "nvapi-", "fo1_", "fm2_", "vercel_"),
           r"(?<![A-Za-z0-9])(?:do[opr]_v1_|dapi|lin_api_|ntn_|ATATT|hv[sb]\.|gls[ac]_|glc_|shp(?:at|ca|pa|ss)_"
           r"|sq0(?:atp|csp)-|sbp_|pscale_(?:tkn|pw|oauth)_|dp\.(?:pt|st|ct|sa)\.|sntry[su]_|PMAK-|NRAK-"
           r"|tskey-(?:auth|api)-|AGE-SECRET-KEY-1|nvapi-|fo1_|fm2_|vercel_)[A-Za-z0-9_.=-]{20,}", _has_digits),
    # JSON web tokens: both parts are the base64 of an object
    Format(("eyJ",), r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)*"),
    # headers
    Format(("uthorization", "UTHORIZATION"),
           r"(?i:authorization)\\?[\"']?[ \t]{0,8}[:=,][ \t]{0,8}[bf]?\\?[\"'`]?(?:(?i:bearer|basic|token|digest"
           r"|apikey|negotiate|aws4-hmac-sha256|bot)[ \t]+)?([^\s\"'`\\{}$<>]{6,}(?:[ \t][^\s\"'`\\{}$<>]*=[^\s\"'`]+)*)",
           lambda value: not _is_placeholder(value) and "uthoriz" not in value and not _VARIABLE.fullmatch(value)),
    Format(("earer ", "EARER "), r"(?i:\bbearer)[ \t]{1,4}([A-Za-z0-9._~+/-]{16,}=*)", _has_digits),
    # databases and ~/.netrc, which have no sign between name and value
    Format(("IDENTIFIED BY", "identified by", "PASSWORD '", "password '"),
           r"(?i:identified\s{1,4}by(?:\s{1,4}password)?|(?:with|encrypted|set|,)\s{1,4}password)\s{1,4}'([^'\n]{3,256})'"),
    Format((" login ",), r"\blogin[ \t]{1,4}\S{1,100}\s{1,8}password[ \t]{1,4}(\S{3,256})"),
    # markup
    Format(("</",),
           r"<[\w:.-]{0,40}(?i:password|passwd|secret|token|apikey|passphrase)[\w:.-]{0,20}>([^<>\s]{4,256})</",
           lambda value: not _is_placeholder(value)),
    Format(("ookie:",), r"(?i:\b(?:set-)?cookie:)[ \t]{0,4}([^\s=;,\"'()]{1,100}=[^\r\n\"']{3,})"),
)  # fmt: skip


@cache
def _by_needle() -> tuple[tuple[str, tuple[Format, ...]], ...]:
    """The formats under each of their needles: one plain search for each costs less than any regular expression."""
    needles = dict.fromkeys(needle for format_ in FORMATS for needle in format_.needles)
    return tuple((needle, tuple(f for f in FORMATS if needle in f.needles)) for needle in needles)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _known_formats(text: str) -> Iterator[Span]:
    hits = [formats for needle, formats in _by_needle() if needle in text]
    for format_ in dict.fromkeys(format_ for formats in hits for format_ in formats):
        pattern = _compiled(format_.pattern)
        group = 1 if pattern.groups else 0
        for match in pattern.finditer(text):
            if format_.check is None or format_.check(match[group]):
                yield match.span(group)


_KEY_BEGINS = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_ENDS = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_BODY = re.compile(r"(?:[A-Za-z0-9+/=\s,:\"'>|#*-]|\\[nrt])*")


def _private_keys(text: str) -> Iterator[Span]:
    """Blocks of PEM, also where the beginning or the end was cut off, and PuTTY's own format."""
    if "PRIVATE KEY" in text:
        at = 0
        while begin := _KEY_BEGINS.search(text, at):
            end = _KEY_ENDS.search(text, begin.end())
            another = _KEY_BEGINS.search(text, begin.end())
            if end is None or (another is not None and another.start() < end.start()):
                body = _KEY_BODY.match(text, begin.end())
                at = body.end() if body else begin.end()
            else:
                at = end.end()
            yield begin.start(), at
        if (end := _KEY_ENDS.search(text)) is not None:
            head = _KEY_BEGINS.search(text, 0, end.start())
            if head is None:
                yield _block_before(text, end.start()), end.end()
    if "Private-Lines:" in text:
        for match in re.finditer(r"Private-Lines: \d+\s+((?:[A-Za-z0-9+/=]{4,64}\s*)+)", text):
            yield match.span(1)


def _block_before(text: str, end: int) -> int:
    """Where the lines of base64 begin that stand right before ``end``."""
    start = end
    while start > 0:
        line = text.rfind("\n", 0, max(start - 1, 0)) + 1
        if not re.fullmatch(r"[\s>|]*[A-Za-z0-9+/=]*\s*", text[line:start]):
            break
        start = line
    return start


# --- 2. URLs and commands ----------------------------------------------------------------------------------

_USERINFO = re.compile(
    r"://([^\s:/?#@\"'<>]{0,256}):(?!\d{1,5}[/?#])((?:(?!://)[^\s\"'<>@]){1,256}@?[^\s\"'<>@/:]{0,64})@(?=[\w\[.$-])"
)
_LONE_USER = re.compile(r"://([A-Za-z0-9_-]{20,256})@")
_COMMANDS = (
    (("curl", "wget", "http"), r"(?:curl|https?|wget)\b[^\n|;]{0,300}?\s(?:-u|--user|-a|--auth|--proxy-user)[ =]?[\"']?"
                               r"[^\s:\"']{1,100}:([^\s\"']{1,200})"),
    (("mysql", "mariadb"), r"\b(?:mysql\w*|mariadb\w*)\b[^\n|;&]{0,300}?\s-p([^\s\"'-][^\s]{0,200})"),
    (("sshpass", " login "), r"\b(?:sshpass|docker login|podman login)\b[^\n|;&]{0,200}?\s-p ?[\"']?([^\s\"'-][^\s\"']{2,200})"),
    (("redis-cli",), r"\bredis-cli\b[^\n|;&]{0,200}?\s-a ?[\"']?([^\s\"'-][^\s\"']{2,200})"),
    (("ldap",), r"\bldap\w+\b[^\n|;&]{0,200}?\s-w ?[\"']?([^\s\"'-][^\s\"']{2,200})"),
    (("zip", "sqlcmd"), r"\b(?:zip|unzip|sqlcmd)\b[^\n|;&]{0,200}?\s-P ?[\"']?([^\s\"'-][^\s\"']{2,200})"),
    (("7z",), r"\b7z\w?\b[^\n|;&]{0,200}?\s-p([^\s\"'-][^\s\"']{2,200})"),
    (("pass:",), r"-pass(?:in|out)?[ =]pass:([^\s\"']{1,200})"),
    (("-S", "stdin"), r"\b(?:echo|printf)\s+(?:-n\s+)?([^\s|]{1,200}|\"[^\"\n]{1,200}\"|'[^'\n]{1,200}')\s*\|"
                      r"[^\n|]{0,120}(?:sudo\s+-S|--\w*(?:password|token)\w*-stdin|--with-token)"),
)  # fmt: skip


def _url_credentials(text: str) -> Iterator[Span]:
    for match in _USERINFO.finditer(text):
        if not _is_placeholder(match[2]):
            yield match.span(2)
    for match in _LONE_USER.finditer(text):
        if _has_digits(match[1]):
            yield match.span(1)


def _commands(text: str) -> Iterator[Span]:
    for needles, pattern in _COMMANDS:
        for needle in needles:
            if needle in text:
                for match in _compiled(pattern).finditer(text):
                    if not _is_placeholder(match[1].strip("\"'")):
                        yield match.span(1)
                break


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
_PLACEHOLDER = re.compile(
    r"\[redacted\]|[$%#@]?[({<\[].*|\$(?:[A-Z0-9_]+|[a-z0-9_]+)|%[sdr]|%\w+%|[*•xX.#?_-]+|\.\.\.|\W*(?:your|my|the|some|insert|enter|change)[\W_].*"
    r"|(?:x{3,}|\*{3,}).*|[a-z]+[({\[]?\$\{.*",
    re.DOTALL,
)
_BENIGN = frozenset(
    "none null nil true false undefined string str int integer float number bool boolean bytes object any void unknown"
    " optional required self this cls super new await async return yield lambda function func const let var def not"
    " and or if else for in is input output text hidden password passwd secret token key invalid missing expired wrong"
    " incorrect empty unset yes no on off auto default example test basic bearer digest from import type class enum"
    " expected unexpected found pass pwd value values option options flag flags argument arguments base64 utf8 utf-8 hex sha1"
    " sha256 sha512 md5 bcrypt latin1 must should cannot was has the a an of to with as option some err error public private"
    " readonly static final get set char auth".split()
)
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


def _is_placeholder(value: str) -> bool:
    return value.lower() in _BENIGN or _PLACEHOLDER.fullmatch(value) is not None or "[redacted]" in value


def _mixed(value: str) -> bool:
    """Letters and digits, or a character that no identifier has: not a plain word."""
    return any(map(str.isalpha, value)) and (
        any(map(str.isdigit, value)) or any(character in "!@#$%^&*+=~?" for character in value)
    )


def _is_secret_literal(value: str, sort: str) -> bool:
    least = {"word": 3, "key": 4, "token": 8}[sort]
    if len(value) < least or _is_placeholder(value):
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
    if len(value) < (4 if sort == "word" else 6) or _is_placeholder(value):
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
