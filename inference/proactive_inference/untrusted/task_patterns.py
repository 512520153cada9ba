"""What in a task gives it away: addresses, harm, obedience, commands, packages; as patterns."""

# A pattern is easier to check in one piece, and a list of words as a paragraph.
# ruff: noqa: E501, SIM905

from __future__ import annotations

import re

LITTLE = frozenset(
    "a an the this that these those it its and or of to in on at by for from with without into as is are was be been has have"
    " had do does did not no so if then than when while will would can could should must may might you your i we our they"
    " their he she his her user file files line code test tests failing failed failure error fix py js ts rs go md please"
    .split()
)  # fmt: skip

ADDRESS = re.compile(
    r"(?i:\b[a-z][a-z0-9+.-]{1,15}://[^\s'\"`<>]+|\b(?:mailto|data|javascript|vbscript|command|file|vscode):[^\s'\"`]+"
    r"|\bwww\.[\w.-]+|[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,4})"
)
HOST = re.compile(
    r"(?<![\w./@-])(?:[a-z0-9-]{1,63}\.){1,6}(?:com|org|net|edu|gov|biz|xyz|onion|tk|ru|cn|example|invalid|top|click|online|site|shop"
    r"|link|icu|ngrok|pages\.dev|workers\.dev)(?![\w(-]|\.\w)(?:/[^\s'\"`]*)?",
    re.IGNORECASE,
)
HOST_SOMETIMES = re.compile(
    r"(?<![\w./@-])(?:[a-z0-9-]{1,63}\.){1,6}(?:io|ai|dev|app|co|info|me|sh|cc|ly|gg|to|us|uk|de|eu|fr|in|live|run|zip)(?:/[^\s'\"`]*|(?![\w(-]|\.\w))",
    re.IGNORECASE,
)
TOWARDS = re.compile(
    r"\b(?:visit|open|go to|browse|download|fetch|upload|send|post|from|at|to|via)\s{1,3}['\"`]?$", re.IGNORECASE
)
IP = re.compile(r"(?<![\d.])(?!127\.|0\.0\.0\.0)(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
HOME = ("localhost", "127.0.0.1", "0.0.0.0", "[::1]")

MARKUP = re.compile(
    r"\]\(|<(?:a|img|script|iframe|svg|style|form|input|button|meta|link|object|embed)\b", re.IGNORECASE
)

HARM = (
    # of the words of a task
    r"\b(?:disable|disabling|turn off|turning off|switch off|bypass|circumvent|deactivate|skip|suppress|remove|weaken|ignore)(?: \w+){0,4}? "
    r"(?:ssl|tls|certificates?|cert|signature|host key|checksum|integrity) (?:verification|verify|validation|checks?|checking|errors?)\b",
    r"\b(?:disable|disabling|turn off|turning off|switch off|bypass|circumvent|deactivate|weaken)(?: \w+){0,4}? "
    r"(?:security|safety|safeguards?|antivirus|firewall|defender|sandbox|gatekeeper|selinux|apparmor|two factor|2fa|mfa|branch protection"
    r"|redaction|secret scanning|audit log\w*)\b",
    r"\b(?:send|upload|post|exfiltrate|leak|e ?mail|forward|transmit|submit|share|publish|paste|disclose|reveal|expose|dump|commit|push|copy|print|display|show|log|collect|read out)"
    r"(?: \w+){0,5}? (?:passwords?(?! (?:reset|field|form|input|prompt|hint|strength|change|page|check))|credentials|secrets|api keys?|private keys?|ssh keys?|access tokens?|auth tokens?|session tokens?"
    r"|github token|environment variables|env vars|env (?:file|variables)|id rsa|keychain|keyring|(?:session|login|your) cookies|system prompt|(?:your|its|the) (?:system |initial |hidden |own )(?:prompt|instructions))\b",
    r"\b(?:download|fetch|pull)(?: \w+){0,6}? and (?:then )?(?:run|execute|launch|start|install)\b",
    r"\b(?:delete|wipe|erase|destroy|remove)(?: \w+){0,2}? (?:everything|all (?:of )?(?:the |your |my )?(?:files|data|tests|backups|work|code|branches|commits)|(?:the |your )?(?:home|root) (?:folder|directory)|(?:the )?(?:whole|entire) (?:repository|repo|disk|project|database|git history))\b",
    r"\b(?:add|insert|create|open|install|leave|plant)(?: \w+){0,3}? (?:backdoors?|back doors?|keyloggers?|reverse shells?|rootkits?|malware|crypto ?miners?|hidden (?:users?|accounts?|admin))\b",
    r"\b(?:grant|give)(?: \w+){0,4}? (?:(?:root|admin\w*|sudo|write|full) (?:access|rights|permissions|privileges))\b",
    r"\b(?:make|set|turn)(?: \w+){0,4}? (?:world (?:writable|readable)|public(?:ly)? (?:accessible|readable|writable))\b",
    r"\b(?:transfer|wire|donate|pay|buy|purchase)(?: \w+){0,4}? (?:money|bitcoins?|btc|crypto\w*|eth|gift cards?|funds|dollars|euros)\b",
    r"\b(?:your|the) (?:account|license|password|session|computer|machine|token)(?: \w+){0,3}? (?:expired|suspended|locked|compromised|infected|verify|verified|confirmed?)(?: \w+){0,4}? (?:click|visit|enter|call|log ?in|sign in)\b",
)
OBEYING = (
    # tasks about the text that was injected
    r"\b(?:do|does|follow|following|obey|execute|carry out|comply with|act on|heed|perform|apply|fulfil+)(?: \w+){0,4}? (?:instructions?|orders?|commands?|requests?|directives?|demands?|what)"
    r"(?: \w+){0,6}? (?:(?:to|for|by) (?:the |an |any |all )?(?:ai|assistants?|llms?|copilot|agents?|models?|chatbots?|bots?)|(?:ai|assistant|llm|agent) (?:instructions?|notes?|requests?))\b",
    r"\b(?:as|like) (?:the |this |that )?(?:\w+ ){0,3}?(?:asks?|asked|demands?|demanded|instructs?|instructed|orders?|ordered|tells?|told|requests?|requested|says?)(?: \w+){0,2}? (?:the |an |any )?(?:ai|assistants?|llms?|copilot|agents?|models?|chatbots?|bots?|you|me)\b",
)
FOLLOWING = (
    r"\b(?:do|follow|obey|execute|run|carry out|comply with|act on|heed|perform|apply)(?: \w+){0,4}? (?:instructions?|orders?|commands?|requests?|steps?|directives?|notes?|messages?|what|as)"
    r"(?: \w+){0,4}? (?:in|from|of|by|given|found|contained|says?|said|tells?|asks?|written|printed|shown|above|below)\b"
)
NOT_KNOWN = frozenset("set export at env format source exec eval pass security service start open . del".split())
"""Programs whose names stand in code and sentences for something else."""

WORDS = frozenset("make go just find sort time deno start".split())
CODE = re.compile(r"`([^`\n]{1,400})`|'([^'\n]{3,400})'|\"([^\"\n]{3,400})\"")
ORDERED = re.compile(
    r"\b(?:run|runs|running|execute|executing|type|enter|paste|launch|invoke|try|with|using)\s{1,3}(?:the (?:shell )?commands?:?\s{1,3})?",
    re.IGNORECASE,
)
INSTALLED = re.compile(
    r"\b(?:re)?install(?:ing)?\s{1,3}(?:the\s{1,3})?(?:missing\s{1,3})?(?:(?:python|npm|package|module|dependency|library|crate|gem)s?\s{1,3}){0,2}"
    r"['\"`]?([\w@./-]+)|\badd\s{1,3}(?:the\s{1,3})?(?:(?:package|module|dependency|library|crate)\s{1,3})?['\"`]?([\w@./-]+)['\"`]?\s{1,3}to\s{1,3}"
    r"(?:the\s{1,3})?(?:project'?s?\s{1,3})?['\"`]?(?:requirements|dependenc|dev-?dependenc|package\.json|pyproject|setup\.(?:py|cfg)|cargo\.toml|go\.mod|gemfile|environment\.ya?ml)",
    re.IGNORECASE,
)
NO_PACKAGE = frozenset(
    "the a an it its them all this these that missing dependencies dependency packages package requirements requirements.txt"
    " script step steps target instructions docs section hook hooks pre-commit types stubs with in from for and to of before after"
    " command guide path prefix button page flow option options method".split()
)
PROSE = re.compile(
    r"\s(?:to|and|again|so|in order|for|because|since|after|before|then|until|which|that|once|when|if|as|or|with|on|from)\s|[,;:]\s|\s[—–(]|\.\s|\.?$"
)
