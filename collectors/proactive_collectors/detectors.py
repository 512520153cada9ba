"""Asks the plugins of ``detect-secrets`` about the formats that only they know.

Importing a plugin brings its HTTP client along (some 150 ms and 10 to 20 MB), though nothing is ever verified over
the network here. So the plugins are imported when a text holds something they alone could recognise, which in most
sittings is never.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

_MARKERS = (
    ("AKC", re.compile(r"(?<![A-Za-z0-9])AKC[A-Za-z0-9]{10}")),
    ("AP", re.compile(r"(?<![A-Za-z0-9])AP[0-9A-F](?=[A-Za-z]*[0-9])[A-Za-z0-9]{8}")),
    ("AC", re.compile(r"(?<![A-Za-z0-9])AC[a-z0-9]{32}")),
    ("SK", re.compile(r"(?<![A-Za-z0-9])SK[a-z0-9]{32}")),
    ("-us", re.compile(r"[0-9a-z]{32}-us[0-9]")),
    (":", re.compile(r"[0-9]{8,10}:[0-9A-Za-z_-]{35}")),
    ("sq0csp-", re.compile(r"sq0csp-")),
    ("cloudant", re.compile(r"cloudant")),
    ("softlayer", re.compile(r"softlayer")),
    (".", re.compile(r"[MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27}")),
    ("ibm", re.compile(r"ibm[\w-]{0,20}(?:key|token|hmac)")),
    ("cos", re.compile(r"cos[\w-]{0,20}(?:key|hmac)")),
)
"""What a plugin's find must hold: a plain string to look for first, then a pattern."""

_REACH = 200
"""Characters looked at on both sides of a marker: the plugins' patterns are not linear, so texts stay short."""

_MOST = 50
"""Markers followed up in one text."""

_PLUGINS = (
    ("artifactory", "ArtifactoryDetector"),
    ("cloudant", "CloudantDetector"),
    ("discord", "DiscordBotTokenDetector"),
    ("ibm_cloud_iam", "IbmCloudIamDetector"),
    ("ibm_cos_hmac", "IbmCosHmacDetector"),
    ("mailchimp", "MailchimpDetector"),
    ("softlayer", "SoftlayerDetector"),
    ("square_oauth", "SquareOAuthDetector"),
    ("telegram_token", "TelegramBotTokenDetector"),
    ("twilio", "TwilioKeyDetector"),
)

_log = logging.getLogger(__name__)


def second_opinion(text: str) -> Iterator[tuple[int, int]]:
    """Spans of ``text`` that a plugin takes for a secret."""
    followed = 0
    for needle, pattern in _MARKERS:
        if needle not in text:
            continue
        for marker in pattern.finditer(text):
            followed += 1
            if followed > _MOST:
                return
            yield from _ask(text, *marker.span())


def _ask(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    line = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    left = max(line, start - _REACH)
    piece = text[left : min(line_end if line_end >= 0 else len(text), end + _REACH)]
    for plugin in _plugins():
        for secret in plugin.analyze_string(piece):
            if secret and any(map(str.isdigit, secret)) and (at := piece.find(secret)) >= 0:
                until = at + len(secret)
                while until < len(piece) and piece[until].isalnum():  # a longer token than the plugin knows
                    until += 1
                yield left + at, left + until


@cache
def _plugins() -> tuple[Any, ...]:
    from importlib import import_module

    try:
        return tuple(
            getattr(import_module(f"detect_secrets.plugins.{module}"), name)() for module, name in _PLUGINS
        )
    except (ImportError, AttributeError) as error:  # own patterns go on without them
        _log.warning("detect-secrets is not usable (%s); secrets are found by the built-in patterns alone.", error)
        return ()
