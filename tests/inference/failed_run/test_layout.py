"""Dotted names, and where Python looks for modules."""

from __future__ import annotations

import pytest

from proactive_inference.plays.failed_run.layout import Layout, script_of, search_roots


@pytest.mark.parametrize(
    ("path", "parts", "root"),
    [
        ("main.py", ("main",), ""),
        ("pkg/a.py", ("pkg", "a"), ""),
        ("pkg/__init__.py", ("pkg",), ""),
        ("pkg/sub/b.py", ("pkg", "sub", "b"), ""),
        ("src/lib/c.py", ("lib", "c"), "/src"),
        ("loose/d.py", ("d",), "/loose"),
        ("my-pkg/e.py", ("e",), "/my-pkg"),
    ],
)
def test_a_place_is_found(memory_workspace, path, parts, root):
    inits = ("pkg", "pkg/sub", "src/lib", "my-pkg")
    workspace = memory_workspace({path: "", **{f"{name}/__init__.py": "" for name in inits}})
    place = Layout(workspace).place(workspace.uri(path))
    assert place is not None
    assert place.parts == parts
    assert place.root == workspace.folders()[0] + root


def test_what_cannot_be_imported_has_no_place(memory_workspace):
    layout = Layout(memory_workspace({}))
    for uri in ("file:///project/a-b.py", "file:///project/a.txt", "file:///elsewhere/a.py", "untitled:a.py", ""):
        assert layout.place(uri) is None


@pytest.mark.parametrize(
    ("command", "script"),
    [
        ("python main.py", "main.py"),
        ("python3.12 -X dev scripts/main.py --flag", None),  # an option with a value: not sure
        ("python3.12 -u scripts/main.py --flag", "scripts/main.py"),
        ("DEBUG=1 uv run python main.py", "main.py"),
        ("/usr/bin/python3 'my script.py'", "my script.py"),
        ("python -m pytest tests/test_a.py", None),
        ("pytest tests/test_a.py", None),
        ("python 'unclosed.py", None),
        ("python scripts\\main.py", "scripts/main.py"),
        ("", None),
    ],
)
def test_the_script_of_a_command(command, script):
    assert script_of(command) == script


def test_a_script_is_looked_for_next_to_itself_and_a_test_from_the_root(memory_workspace):
    workspace = memory_workspace({"scripts/a.py": ""})
    place = Layout(workspace).place(workspace.uri("scripts/a.py"))
    assert place is not None
    assert search_roots(place, "python scripts/a.py", "/project") == ("file:///project/scripts",)
    assert search_roots(place, "python a.py", "/project/scripts") == ("file:///project/scripts",)
    assert search_roots(place, "python /project/scripts/a.py", None) == ("file:///project/scripts",)
    assert set(search_roots(place, "pytest", "/project")) == {
        "file:///project",
        "file:///project/src",
        "file:///project/scripts",
    }
