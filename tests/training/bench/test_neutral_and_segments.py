"""Neutral names in place of a person's own, and sittings cut by pauses and workspaces."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from proactive_collectors.events import (
    Event,
    GitCommitted,
    IdleEnded,
    Payload,
    Source,
    TerminalRun,
    WebVisited,
    Where,
    WindowFocused,
)
from proactive_training.bench.neutral import Neutral, Person
from proactive_training.bench.segments import segment, workspaces_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ADA = Person("/home/ada", ("ada",), ("blue.example.org", "blue"), ("Ada Lovelace",), ("ada.l@example.com",))
SHOP, OTHER = "/home/ada/work/acme-shop", "/srv/other thing"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("vim /home/ada/notes.txt", "vim /home/user/notes.txt"),
        ("cd /home/ada/work/acme-shop/src", "cd /home/user/project1/src"),
        ("cd ~/work/acme-shop && ls", "cd /home/user/project1 && ls"),
        ("in /home/ada.", "in /home/user."),
        ("/home/adam/x, /home/ada-old", "/home/adam/x, /home/user-old"),
        ("file:///srv/other%20thing/a.py", "file:///home/user/project2/a.py"),
        ("import acme_shop; from acme_shop.cart import x", "import project1; from project1.cart import x"),
        ("git@github.com:ada/acme-shop.git", "git@github.com:user/project1.git"),
        ("ada@blue:~$ ssh blue.example.org", "user@host:~$ ssh host"),
        ("Author: Ada Lovelace <ada.l@example.com>", "Author: user <user@example.org>"),
        ("ada_notes ADA2 Canada radar", "user_notes user2 Canada radar"),
        ('"\\nada"', '"\\nuser"'),
        ("blueprint, true-blue", "blueprint, true-host"),
        ("bill of Krupp AG", "bill of [hidden]"),
        ("nothing of it", "nothing of it"),
    ],
)
def test_names_become_neutral(before: str, after: str) -> None:
    neutral = Neutral(ADA, (SHOP, OTHER), ("Krupp AG",))
    assert neutral.text(before) == after
    assert neutral.text(after) == after


def test_long_names_are_found_inside_of_words() -> None:
    neutral = Neutral(Person("/home/lovelace", ("lovelace",)))
    assert neutral.text("mrlovelaceConfig") == "mruserConfig"


def test_names_that_anyone_may_have_stay_as_words() -> None:
    neutral = Neutral(Person("/root", ("root",), ("localhost",)), ("/root/app",))
    assert neutral.text("root = app.run('localhost')") == "root = app.run('localhost')"
    assert neutral.text("/root/app/x.py, /root/y, /var/root/z") == (
        "/home/user/project1/x.py, /home/user/y, /var/root/z"
    )


def test_windows_paths_in_all_their_spellings() -> None:
    neutral = Neutral(Person("C:\\Users\\Ada"), ("C:\\Users\\Ada\\shop",))
    for path in (
        "C:\\Users\\Ada\\shop", "c:\\users\\ada\\shop", "C:\\\\Users\\\\Ada\\\\shop", "C:/Users/Ada/shop",
        "c%3A/Users/Ada/shop",
    ):  # fmt: skip
        assert neutral.text(f"in {path}") == "in /home/user/project1"


def test_an_event_loses_its_commit_and_its_query() -> None:
    neutral = Neutral(ADA, (SHOP,))
    where = Where(uri=f"file://{SHOP}/a%20b.py", workspace=f"file://{SHOP}")
    committed = neutral.event(Event(NOON, Source.GIT, GitCommitted("a" * 40, "For ada", "ada/main"), where))
    assert committed.data == GitCommitted("", "For user", "user/main")
    assert committed.where == Where("file:///home/user/project1/a%20b.py", "file:///home/user/project1")
    visited = neutral.event(Event(NOON, Source.ACTIVITYWATCH, WebVisited("https://a.b/c?session=1#x", "t")))
    assert visited.data == WebVisited("https://a.b/c", "t")


def at(minutes: float, data: Payload, workspace: str | None = None, source: Source = Source.CLIENT) -> Event:
    return Event(NOON + timedelta(minutes=minutes), source, data, Where(workspace=workspace))


def cut(*events: Event, gap: float = 30) -> list[tuple[str | None, list[int]]]:
    found = segment(events, workspaces_of(events), timedelta(minutes=gap))
    return [(one.workspace, [events.index(event) for event in one.events]) for one in found]


ONE, TWO = "file:///one", "file:///two"
RUN = TerminalRun("make")


def test_a_pause_ends_a_sitting() -> None:
    events = [at(0, RUN, ONE), at(30, RUN, ONE), at(61, RUN, ONE)]
    assert cut(*events) == [(ONE, [0, 1]), (ONE, [2])]
    assert cut(*events, gap=31) == [(ONE, [0, 1, 2])]
    assert cut() == []


def test_workspaces_side_by_side_are_sittings_of_their_own() -> None:
    assert cut(at(0, RUN, ONE), at(1, RUN, TWO), at(2, RUN, ONE)) == [(ONE, [0, 2]), (TWO, [1])]


def test_what_is_of_no_workspace_goes_with_the_last_or_the_next() -> None:
    window = WindowFocused("kitty", "vim")
    events = [
        at(0, window), at(1, RUN, ONE), at(2, RUN, TWO), at(3, window), at(4, IdleEnded(60)), at(100, window),
    ]  # fmt: skip
    assert cut(*events) == [(ONE, [0, 1]), (TWO, [2, 3, 4]), (None, [5])]


def test_a_folder_that_the_terminal_guessed_is_not_another_workspace() -> None:
    guessed = at(1, TerminalRun("make", cwd="/one/sub"), "file:///one/sub", Source.EXEC)
    assert cut(at(0, RUN, ONE), guessed, at(2, TerminalRun("ls", cwd="/one/x"))) == [(ONE, [0, 1, 2])]
    assert cut(guessed) == [("file:///one/sub", [0])]
