"""The quick look at an ignore file's patterns says what the patterns say."""

from hypothesis import given
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from proactive_collectors.gitignore import Ignore, seen_from, spec_of, touches_of

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


NAMES = st.lists(st.sampled_from(["a", "b", "x", "build", "foo", "z.log"]), min_size=1, max_size=3)


@given(st.lists(st.sampled_from([one for one in PATTERNS if "!" not in one]), max_size=3), NAMES, NAMES)
def test_patterns_say_the_same_seen_from_a_folder_below(
    lines: list[str], folder: list[str], path: list[str]
) -> None:
    whole = spec_of(lines).match_file("/".join((*folder, *path)))
    assert spec_of(seen_from(lines, folder)).match_file("/".join(path)) is whole


def test_what_is_let_in_again_stays_so_seen_from_below() -> None:
    assert seen_from(["src/*.log", "!src/keep.log"], ["src"]) == ("/*.log", "!/keep.log")
