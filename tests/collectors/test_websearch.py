import pytest
from hypothesis import given
from hypothesis import strategies as st

from proactive_collectors.events import WebSearched
from proactive_collectors.websearch import search_of


@pytest.mark.parametrize(
    ("url", "query", "engine"),
    [
        (
            "https://www.google.com/search?q=pytest+fixture+scope&sourceid=chrome",
            "pytest fixture scope",
            "google.com",
        ),
        ("https://www.google.co.uk/search?client=x&q=caf%C3%A9", "café", "google.co.uk"),
        ("https://duckduckgo.com/?t=ffab&q=asyncio+timeout&ia=web", "asyncio timeout", "duckduckgo.com"),
        ("https://html.duckduckgo.com/html/?q=x", "x", "html.duckduckgo.com"),
        ("https://www.bing.com/search?q=%20two%20%20words%20", "two words", "bing.com"),
        ("https://search.brave.com/search?q=rust&source=web", "rust", "search.brave.com"),
        ("https://www.ecosia.org/search?method=index&q=tree", "tree", "ecosia.org"),
        ("https://www.startpage.com/sp/search?query=quiet", "quiet", "startpage.com"),
        ("https://kagi.com/search?q=lsp", "lsp", "kagi.com"),
        ("https://de.search.yahoo.com/search?p=git", "git", "de.search.yahoo.com"),
        ("https://yandex.com/search/?text=go", "go", "yandex.com"),
        ("https://www.baidu.com/s?wd=python", "python", "baidu.com"),
        ("https://github.com/search?q=pygls&type=code", "pygls", "github.com"),
        ("https://stackoverflow.com/search?q=%5Bpython%5D+gil", "[python] gil", "stackoverflow.com"),
        ("https://developer.mozilla.org/en-US/search?q=fetch", "fetch", "developer.mozilla.org"),
    ],
)
def test_searches(url: str, query: str, engine: str) -> None:
    assert search_of(url) == WebSearched(query=query, engine=engine)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.google.com/",
        "https://www.google.com/search?q=",
        "https://www.google.com/maps?q=berlin",
        "https://google.com.example.org/search?q=x",
        "https://notgoogle.com/search?q=x",
        "https://docs.python.org/3/search.html?q=asyncio",
        "file:///search?q=x",
        "http://[",
        "https://google.com/search?" + "&".join("q=x" for _ in range(1000)),
    ],
)
def test_other_pages(url: str) -> None:
    assert search_of(url) is None


@given(st.text() | st.text().map("https://google.com/search?q=".__add__) | st.text().map("http://".__add__))
def test_any_text_is_an_address(url: str) -> None:
    found = search_of(url)
    assert found is None or found.query
