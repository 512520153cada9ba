"""The quick look at an ignore file's patterns says what the patterns say."""

from hypothesis import given
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from proactive_collectors.gitignore import Ignore, touches_of

PATTERNS = [
    "build/", "*.pyc", "/dist", "!keep.pyc", "a/b", "**/x", "x/**", "a/**/b", "*.l?g", "[ab]", "!a/", "foo", "*",
    "/*", "!*/", "**", "***", "a*b*c", "/", "!x/", "\\!x", "a\\ b", " sp ", "#", "",
]  # fmt: skip


@given(
    st.lists(st.sampled_from(PATTERNS), max_size=4),
    st.lists(
        st.sampled_from(["a", "b", "x", "build", "dist", "keep.pyc", "foo", "z.log", "!x"]), min_size=1, max_size=3
    ),
    st.booleans(),
)
def test_the_quick_look_never_changes_a_verdict(lines: list[str], parts: list[str], directory: bool) -> None:
    spec = GitIgnoreSpec.from_lines(lines)
    touches = touches_of(spec)
    path = "/".join(("/r", *parts))
    assert touches is not None
    assert Ignore("/r", spec, touches).verdict(path, directory) is Ignore("/r", spec, None).verdict(
        path, directory
    )
