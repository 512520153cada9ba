"""Secrets that are known by their look: tokens, keys, headers, and credentials in URLs and commands."""

# A pattern is easier to check in one piece, and a list of words as a paragraph.
# ruff: noqa: E501, SIM905

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from attrs import frozen

Span = tuple[int, int]
"""Start and end of a stretch of text, as indices."""

_BENIGN = frozenset(
    "none null nil true false undefined string str int integer float number bool boolean bytes object any void unknown"
    " optional required self this cls super new await async return yield lambda function func const let var def not"
    " and or if else for in is input output text hidden password passwd secret token key invalid missing expired wrong"
    " incorrect empty unset yes no on off auto default example test basic bearer digest from import type class enum"
    " expected unexpected found pass pwd value values option options flag flags argument arguments base64 utf8 utf-8 hex sha1"
    " sha256 sha512 md5 bcrypt latin1 must should cannot was has the a an of to with as option some err error public private"
    " readonly static final get set char auth".split()
)
_PLACEHOLDER = re.compile(
    r"\[redacted\]|[$%#@]?[({<\[].*|\$(?:[A-Z0-9_]+|[a-z0-9_]+)|%[sdr]|%\w+%|[*•xX.#?_-]+|\.\.\.|\W*(?:your|my|the|some|insert|enter|change)[\W_].*"
    r"|(?:x{3,}|\*{3,}).*|[a-z]+[({\[]?\$\{.*",
    re.DOTALL,
)


def is_placeholder(value: str) -> bool:
    """Whether a value only stands for a secret: a variable, stars, a word such as `required`."""
    return value.lower() in _BENIGN or _PLACEHOLDER.fullmatch(value) is not None or "[redacted]" in value


# --- 1. formats --------------------------------------------------------------------------------------------


def has_digits(value: str) -> bool:
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
        has_digits,
    ),
    # GitHub, GitLab
    Format(("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"gh[pousr]_[A-Za-z0-9]{20,}"),
    Format(("github_pat_",), r"github_pat_[A-Za-z0-9_]{20,}"),
    Format(("gl",), r"gl(?:pat|dt|ft|soat|rt|cbt|imt|ptt|agent|oas|ffct)-[A-Za-z0-9_-]{20,}", has_digits),
    Format(("GR1348941",), r"GR1348941[A-Za-z0-9_-]{20,}"),
    # package registries
    Format(("npm_",), r"npm_[A-Za-z0-9]{30,}"),
    Format(("pypi-",), r"pypi-[A-Za-z0-9_-]{40,}"),
    Format(("rubygems_",), r"rubygems_[0-9a-f]{40,}"),
    Format(("dckr_",), r"dckr_[a-z]{3}_[A-Za-z0-9_-]{20,}"),
    # model providers
    Format(("sk-",), r"(?<![A-Za-z0-9])sk-[A-Za-z0-9_-]{20,}", has_digits),
    Format(("hf_",), r"(?<![A-Za-z0-9])hf_[A-Za-z0-9]{30,}"),
    Format(("gsk_", "xai-", "r8_"), r"(?<![A-Za-z0-9])(?:gsk_|xai-|r8_)[A-Za-z0-9]{30,}", has_digits),
    # Google, Azure
    Format(("AIza",), r"AIza[A-Za-z0-9_-]{35,}"),
    Format(("ya29.",), r"ya29\.[A-Za-z0-9_-]{20,}"),
    Format(("GOCSPX-",), r"GOCSPX-[A-Za-z0-9_-]{20,}"),
    Format(("1//0",), r"(?<![A-Za-z0-9/])1//0[A-Za-z0-9_-]{30,}", has_digits),
    Format(("AccountKey=", "SharedAccessKey="), r"(?:Account|SharedAccess)Key=([A-Za-z0-9+/=]{20,})"),
    Format(("8Q~", "7Q~"), r"(?<![A-Za-z0-9_~.-])[A-Za-z0-9_~.-]{3}[78]Q~[A-Za-z0-9_~.-]{31,}"),
    # chat and payment
    Format(("xox", "XOX"), r"(?i:xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{10,})", has_digits),
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
           r"|tskey-(?:auth|api)-|AGE-SECRET-KEY-1|nvapi-|fo1_|fm2_|vercel_)[A-Za-z0-9_.=-]{20,}", has_digits),
    # JSON web tokens: both parts are the base64 of an object
    Format(("eyJ",), r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)*"),
    # headers
    Format(("uthorization", "UTHORIZATION"),
           r"(?i:authorization)\\?[\"']?[ \t]{0,8}[:=,][ \t]{0,8}[bf]?\\?[\"'`]?(?:(?i:bearer|basic|token|digest"
           r"|apikey|negotiate|aws4-hmac-sha256|bot)[ \t]+)?([^\s\"'`\\{}$<>]{6,}(?:[ \t][^\s\"'`\\{}$<>]*=[^\s\"'`]+)*)",
           lambda value: not is_placeholder(value) and "uthoriz" not in value and not _VARIABLE.fullmatch(value)),
    Format(("earer ", "EARER "), r"(?i:\bbearer)[ \t]{1,4}([A-Za-z0-9._~+/-]{16,}=*)", has_digits),
    # databases and ~/.netrc, which have no sign between name and value
    Format(("IDENTIFIED BY", "identified by", "PASSWORD '", "password '"),
           r"(?i:identified\s{1,4}by(?:\s{1,4}password)?|(?:with|encrypted|set|,)\s{1,4}password)\s{1,4}'([^'\n]{3,256})'"),
    Format((" login ",), r"\blogin[ \t]{1,4}\S{1,100}\s{1,8}password[ \t]{1,4}(\S{3,256})"),
    # markup
    Format(("</",),
           r"<[\w:.-]{0,40}(?i:password|passwd|secret|token|apikey|passphrase)[\w:.-]{0,20}>([^<>\s]{4,256})</",
           lambda value: not is_placeholder(value)),
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


def known_formats(text: str) -> Iterator[Span]:
    """Tokens, keys and headers that are known by their look."""
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


def private_keys(text: str) -> Iterator[Span]:
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


def url_credentials(text: str) -> Iterator[Span]:
    """The password of ``scheme://user:password@host``, or a token in the user's place."""
    for match in _USERINFO.finditer(text):
        if not is_placeholder(match[2]):
            yield match.span(2)
    for match in _LONE_USER.finditer(text):
        if has_digits(match[1]):
            yield match.span(1)


def commands(text: str) -> Iterator[Span]:
    """Passwords among the arguments of well-known commands."""
    for needles, pattern in _COMMANDS:
        for needle in needles:
            if needle in text:
                for match in _compiled(pattern).finditer(text):
                    if not is_placeholder(match[1].strip("\"'")):
                        yield match.span(1)
                break
