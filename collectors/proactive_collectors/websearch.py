"""Tells a search engine's page of results from other pages, by its address."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from proactive_collectors.events import WebSearched

QUERY_CHARACTERS = 500
"""How much of a query is kept."""

_TLD = r"(?:com|[a-z]{2,3})(?:\.[a-z]{2})?"
_ENGINES: tuple[tuple[re.Pattern[str], re.Pattern[str], str], ...] = tuple(
    (re.compile(host), re.compile(path), parameter)
    for host, path, parameter in (
        (rf"google\.{_TLD}", r"/search", "q"),
        (r"bing\.com|cn\.bing\.com", r"/search", "q"),
        (r"duckduckgo\.com|(?:html|lite|noai)\.duckduckgo\.com", r"/|/html|/html/|/lite|/lite/", "q"),
        (r"search\.brave\.com", r"/search", "q"),
        (r"ecosia\.org", r"/search", "q"),
        (r"kagi\.com", r"/search", "q"),
        (r"qwant\.com", r"/", "q"),
        (r"startpage\.com", r"/(?:sp|do)/(?:d?search)", "query"),
        (r"(?:[a-z]{2}\.)?search\.yahoo\.com", r"/search", "p"),
        (rf"yandex\.{_TLD}|ya\.ru", r"/search|/search/", "text"),
        (r"baidu\.com", r"/s", "wd"),
        (r"github\.com", r"/search", "q"),
        (r"stackoverflow\.com", r"/search", "q"),
        (r"developer\.mozilla\.org", r"/[A-Za-z-]+/search", "q"),
    )
)


def search_of(url: str) -> WebSearched | None:
    """The search whose results stand at ``url``; ``None`` if it is any other page."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
        if parts.scheme not in ("http", "https"):
            return None
        for hosts, paths, parameter in _ENGINES:
            if hosts.fullmatch(host) and paths.fullmatch(parts.path or "/"):
                found = parse_qs(parts.query, max_num_fields=200).get(parameter, [""])[0]
                query = " ".join(found.split())[:QUERY_CHARACTERS]
                return WebSearched(query=query, engine=host) if query else None
    except ValueError:  # half an address, or far too many fields
        return None
    return None
