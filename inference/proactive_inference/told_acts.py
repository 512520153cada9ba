"""What one told sentence says that somebody did: acts, by its words, and the words that are about something.

A told event is known by its sentence alone (``The user searches for 'pandas filter rows' in the browser.``).
Trackers word them freely, so an act is recognised by any of many words, in whatever form. What stands in
quotation marks is somebody's text or a title, and says nothing of what was done: most acts are looked for
outside it.
"""

from __future__ import annotations

import re

from attrs import frozen

TEXT_LIMIT = 1_000
"""How many letters of a sentence are looked at."""

_FILE_ENDINGS = (
    "c|cpp|cs|css|csv|dart|docx?|go|h|hs|html|ino|ipynb|java|js|json|jsx|kt|lua|md|pdf|php|pptx?|py|r|rb|"
    "rs|rst|scala|"
    "sh|sql|svg|swift|tex|toml|ts|tsx|txt|vue|xlsx?|ya?ml"
)


@frozen
class Act:
    """One thing that a sentence may say."""

    words: str  #: how it is told as evidence; empty: never named
    pattern: str  #: regular expression, in lower case
    quoted: bool = False  #: whether quoted text counts as well


def _words(alternatives: str) -> str:
    return rf"\b(?:{alternatives})\b"


ACTS: dict[str, Act] = {
    "failed": Act(
        "an error is told of",
        r"\b(?:display|show|seen?\b|sees\b|appear|return|report|print|throw|produc|fail|crash|gets?\b|"
        r"got\b|pops?\b|ends?\b|"
        r"stop|state|reads?\b|says?\b|turns?\b|stay).*\b(?:error|exception|fail|invalid|not found|warning|"
        r"denied|crash|"
        r"traceback|undefined|refused|missing|red\b|unexpected)|\b(?:error|exception|traceback)\b|#(?:ref|"
        r"n/a|value|name)\b",
        quoted=True,
    ),
    "searched": Act(
        "a search was made",
        r"\b(?:search\w*|googl\w+|quer(?:y|ies)|look(?:s|ed) up)\b|search (?:bar|box|field)|"
        r"in(?:to)? (?:google|bing)|"
        r"address bar",
    ),
    "results": Act("search results are looked at", _words("results?")),
    "how_to": Act(
        "a how-to or an error is looked up",
        _words("how|why|what|best|vs|versus|example\\w*|tutorial|guide|difference|fix|error|"
               "troubleshoot\\w*|without|"
               "cannot|can't|not working|tips|ideas"),
        quoted=True,
    ),
    "opened": Act("something was opened", _words("open\\w*|launch\\w*|double-click\\w*")),
    "created": Act("something new was begun", _words("creat\\w+|new (?:file|document|note|page|project|"
                                                     "sheet)|names? it")),
    "clicked": Act("clicking", _words("click\\w*|press\\w*|mouse|cursor|hover\\w*")),
    "scrolled": Act("scrolling", _words("scroll\\w*")),
    "read": Act(
        "reading",
        _words("read\\w*|brows\\w*|explor\\w*|view\\w*|look\\w*|examin\\w*|review\\w*|stud(?:y|ies|ied)|"
               "paus\\w+|skim\\w*|"
               "compar\\w+|watch\\w*"),
    ),
    "material": Act(
        "",
        _words("article|tutorial|guide|paper|documentation|docs|blog|thread|report|readme|stack overflow|"
               "page titled|"
               "question|answer|manual|section|chapter|forum|wiki\\w*|review|pdf|video|recipe"),
    ),
    "wrote": Act(
        "writing", _words("typ\\w+|writ\\w+|wrote|draft\\w*|record\\w*|note[sd]?|jot\\w*|enter\\w*|"
                          "fill\\w*|compos\\w*")
    ),
    "changed": Act(
        "changing what is there",
        _words("chang\\w+|modif\\w+|replac\\w+|updat\\w+|edit\\w*|adds?|added|adding|fix\\w*|"
               "implement\\w*|refactor\\w*|"
               "renam\\w+|insert\\w*|integrat\\w*|adjust\\w*|correct\\w*|rewrit\\w*|rewrote|extend\\w*"),
    ),
    "deleted": Act(
        "taking back or deleting",
        _words("delet\\w+|remov\\w+|clear\\w*|eras\\w+|rewrit\\w*|rewrote|undo\\w*|undid|revert\\w*|"
               "(?:cmd|ctrl)\\W?z"),
    ),
    "finished": Act(
        "something is being finished",
        _words("complet\\w+|finish\\w*|finaliz\\w*|last (?:sentence|paragraph|section)|detailed"),
    ),
    "ran": Act(
        "something was run",
        _words("runs?|ran|running|rerun\\w*|execut\\w*|compil\\w*|build\\w*|deploy\\w*|tests?|reload\\w*|"
               "refresh\\w*|"
               "calculat\\w*"),
    ),
    "succeeded": Act(
        "success is told of", _words("success\\w*|pass(?:es|ed)?|works?|correct(?:ly)?|loads?|loaded|"
                                     "confirm\\w*|green|resolved")
    ),
    "set_up": Act(
        "something is being set up",
        _words("install\\w*|pip|npm|brew|apt|clon\\w+|download\\w*|activat\\w*|upgrad\\w*|mkdir|cd"),
    ),
    "clipboard": Act("copying and pasting", _words("cop(?:y|ies|ied|ying)|past\\w+|(?:cmd|"
                                                   "ctrl)\\W?[acvxsw]|clipboard|shortcut\\w*|keys?")),
    "saved": Act("saving or sending", _words("sav\\w+|commit\\w*|push\\w*|export\\w*|upload\\w*")),
    "switched": Act("switching", _words("switch\\w*|return\\w*|back to|resum\\w*|goes back|move[sd]? to|"
                                        "focus\\w*")),
    "stayed": Act(
        "nothing much was done",
        _words("remain\\w*|stay\\w*|idle|no (?:specific )?(?:action|activity|input)\\w*|without|does not|"
               "nothing|inactive|"
               "leaves|continu\\w*"),
    ),
    "closed": Act("something was closed", _words("clos\\w+|quit\\w*|exit\\w*|cmdw|minimi[sz]\\w*|lock\\w*")),
    "home": Act("an empty or a home page", r"home ?page|new tab|empty tab|dashboard|start page|desktop|"
                                           r"inbox|timeline|feed"),
    "asked_ai": Act(
        "an AI chat is at hand",
        _words("chatgpt|copilot|deepseek|kimi\\S*|claude|gemini|ai chat|chatbot|gpt\\S*|perplexity"),
        quoted=True,
    ),
    "leisure": Act(
        "leisure",
        _words("youtube|spotify|music|song|playlist|whatsapp|instagram|facebook|twitter|tiktok|reddit|"
               "telegram|wechat|"
               "netflix|game|meme\\w*|emoji\\w*|friend\\w*|joke|reels?|bilibili|weather|lunch|coffee"),
    ),
    "meeting": Act("a meeting or a call", _words("meeting|zoom|teams call|video call|call|webcam|"
                                                 "microphone|participants")),
    "planning": Act(
        "planning, buying or filling in",
        _words("price\\w*|book(?:s|ing|ed)?|flight\\w*|hotel\\w*|form|compare\\w*|comparison|budget|"
               "schedul\\w*|calendar|"
               "invit\\w*|appoint\\w*|application|deadline"),
    ),
    "mail": Act("mail is written or read", _words("e-?mail\\w*|outlook|gmail|letter|reply|replies|subject line")),
    "in_browser": Act("", _words("browser|chrome|edge|safari|firefox|google|bing|web\\w*|site|page|tab|http\\w*")),
    "in_editor": Act(
        "",
        _words("visual studio|vs ?code|code\\.exe|editor|vim|neovim|intellij|pycharm|ide|xcode|"
               "android studio|sublime|"
               "jupyter|notebook|emacs"),
    ),
    "in_office": Act(
        "",
        _words("word|docs|notion|obsidian|overleaf|excel|sheets?|powerpoint|slides|figma|document|"
               "spreadsheet|markdown"),
    ),
    "in_terminal": Act("", _words("terminal|console|shell|command\\w*|powershell|prompt|output|log")),
    "code": Act(
        "code",
        _words("function|class|method|variable|loop|import|code|script|def|const|component|endpoint|query|"
               "test|struct|array|"
               "regex|route|module|formula") + r"|[=(){};]",
        quoted=True,
    ),
    "again": Act("again", _words("again|same|another|once more|second time|still|repeatedly|twice|third|"
                                 "several|multiple")),
    "fresh": Act("", _words("new|different|first")),
    "file": Act("a file is named", rf"\b[\w-]+\.(?:{_FILE_ENDINGS})\b", quoted=True),
    "quoted": Act("words are quoted", r"'[^']{2,}'|\"[^\"]{2,}\"|`[^`]{2,}`|“[^”]{2,}”|‘[^’]{2,}’", quoted=True),
    "foreign": Act("", r"[^\x00-\x7f‘’“”–—…•·]", quoted=True),
    "various": Act("nothing in particular", _words("various|different pages|several (?:pages|tabs|results|"
                                                   "times)|pages|random\\w*|multiple|some|between")),
    "question": Act("", r"\?"),
}  # fmt: skip
"""Every act, by name."""

_PATTERNS = tuple((name, re.compile(act.pattern), act.quoted) for name, act in ACTS.items())
_QUOTED = re.compile(ACTS["quoted"].pattern)
_WORD = re.compile(r"[^\W\d_][\w'+.#-]*")
_LEAST_LETTERS = 3


@frozen
class Telling:
    """What one sentence tells, computed once."""

    acts: frozenset[str]
    words: frozenset[str]  #: that are about something: long enough, and not of those that sentences share
    quoted_words: int = 0  #: how many words stand in quotation marks


def telling(sentence: str, common: frozenset[str] = frozenset()) -> Telling:
    """What a sentence tells. ``common`` words are about nothing in particular. Pure; linear in the sentence."""
    text = sentence[:TEXT_LIMIT].lower()
    outside = _QUOTED.sub(" § ", text)
    acts = frozenset(name for name, pattern, quoted in _PATTERNS if pattern.search(text if quoted else outside))
    inside = " ".join(found.group(0)[1:-1] for found in _QUOTED.finditer(text))
    words = frozenset(word for word in words_of(text) if len(word) >= _LEAST_LETTERS and word not in common)
    return Telling(acts, words, len(inside.split()))


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, without the punctuation that ends them."""
    return [word.rstrip("'+.#-") for word in _WORD.findall(text.lower())]


def outside_quotes(sentence: str) -> str:
    """A sentence in lower case without what stands in quotation marks."""
    return _QUOTED.sub(" ", sentence[:TEXT_LIMIT].lower())
