"""Whatever a model writes as an answer, a renderer finds no HTML, image or link in it."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from proactive_collectors.trace import Window
from proactive_inference.writing.answer import TextAnswer
from proactive_inference.writing.markdown_text import harmless, written_answer

RENDERER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
LEADING = {"html_block", "html_inline", "image", "link_open"}

PIECES = st.lists(
    st.sampled_from((
        "a", "word ", "\n", "\n\n", "`", "``", "```", "~~~", "```js\n", "\n```\n", "<b>", "</b>", "<!--", "-->",
        "<?x?>", "<script>", "<img src=x>", "![", "[", "]", "](", ")", "[a]: ", "(http://x.example/y)", "\r\n",
        "https://x.example", "<http://x.example>", "<a@b.example>", "www.x.example", "\\", "\\\\", "> ", "- ",
        "1. ", "   ", "    ", "\t", "&lt;", "&#60;", "data:text/html,x", "command:x", "# ", "===\n", "*", "_", "!",
        "|a|b|\n|-|-|\n", "<",
    )),
    max_size=24,
).map("".join)  # fmt: skip


def kinds(tokens: list[Token]) -> set[str]:
    return {token.type for token in tokens} | {
        kind for token in tokens if token.children for kind in kinds(token.children)
    }


@settings(deadline=None)
@given(PIECES | st.text())
@example("- item\n  ```\n<script>x</script>\n```\n")
@example("`a\n`<b>`\n")
@example("[a]: http://x.example\n\n[a] ![a]\n")
@example("\\`<b>`")
@example("> ```\n<b>\n")
def test_nothing_in_it_leads_anywhere(text: str) -> None:
    shown = harmless(text)
    assert not kinds(RENDERER.parse(shown)) & LEADING, shown


@settings(deadline=None)
@given(st.text(alphabet="abc <>[]!`\n", min_size=1, max_size=40))
def test_code_stays_as_it_is(code: str) -> None:
    body = code.replace("\n```", "").strip("\n`") + "\n"
    if "```" in body:
        return
    (fence,) = RENDERER.parse(harmless(f"```py\n{body}```"))
    assert (fence.type, fence.content, fence.info) == ("fence", body, "py")


def test_code_in_a_line_stays_as_it_is() -> None:
    assert harmless("Use `List<int>` and ``a`<b>`` here.") == "Use `List<int>` and ``a`<b>`` here.\n"
    assert harmless("5 < 6 & 7 > 3, a && b") == "5 \\< 6 & 7 > 3, a && b\n"


def test_an_answer_has_a_bound_and_a_title() -> None:
    answer = written_answer(TextAnswer("\u202e \x00", "word " * 4000), Window(), 1000)
    assert answer.title == "Answer"
    assert len(answer.text) < 1010 and answer.text.endswith("word […]\n")
    assert len(written_answer(TextAnswer("t " * 90, "x" * 5000), Window(), 1000).text) < 1010


@pytest.mark.parametrize(
    "address", ["https://x.example/p?q=1", "command:workbench.action.x", "\\\\host\\share", "www.x.example"]
)
def test_an_address_is_shown_as_code(address: str) -> None:
    assert f"`{address}`" in harmless(f"See {address} there.")
