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

_MARKERS = re.compile(
    r"(?<![A-Za-z0-9])(?:AKC[A-Za-z0-9]{10}|AP[0-9A-F](?=[A-Za-z]*[0-9])[A-Za-z0-9]{8}|(?:AC|SK)[a-z0-9]{32})"
    r"|(?<![0-9a-z])[0-9a-z]{32}-us[0-9]|(?<![0-9])[0-9]{8,10}:[0-9A-Za-z_-]{35}|sq0csp-|cloudant|softlayer"
    r"|(?<![\w-])[MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27}|(?:ibm|iam|cos)[\w-]{0,20}(?:key|token|hmac)",
    re.IGNORECASE,
)
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
    for number, marker in enumerate(_MARKERS.finditer(text)):
        if number >= _MOST:
            return
        start = max(text.rfind("\n", 0, marker.start()) + 1, marker.start() - _REACH)
        end = text.find("\n", marker.end())
        end = min(end if end >= 0 else len(text), marker.end() + _REACH)
        piece = text[start:end]
        for plugin in _plugins():
            for secret in plugin.analyze_string(piece):
                if secret and any(map(str.isdigit, secret)) and (at := piece.find(secret)) >= 0:
                    yield start + at, start + at + len(secret)


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
