from __future__ import annotations

from proactive_training.commands.ran import command_line


def test_a_command_is_kept_without_places_and_logins() -> None:
    given = [
        "evaluate",
        "agent",
        "--data",
        "/home/me/bench",
        "--model",
        "https://me:secret@host:8/v1#org/m",
        "--json",
    ]
    assert command_line(given) == (
        "proactive evaluate agent --data bench --model 'https://host:8/v1#org/m' --json"
    )
    assert command_line(["--data=/home/x", "a@b", "http://h/v1?x=@"]) == "proactive --data=x a@b 'http://h/v1?x=@'"


def test_a_command_is_kept_as_utf_8() -> None:
    assert command_line(["--data", "/x/d\udcff"]) == r"proactive --data 'd\xff'"
