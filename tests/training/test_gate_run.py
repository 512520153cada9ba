"""How a training run names what it learns from."""

from pathlib import Path

from proactive_training.gate_run import distinct_names


def test_projects_go_by_their_folder_where_that_tells_them_apart():
    assert distinct_names([Path("/a/toolz"), Path("/b/click")]) == ["toolz", "click"]


def test_two_folders_of_one_name_are_two_projects():
    """Otherwise leaving one repository out would leave out both, or none."""
    assert distinct_names([Path("/a/toolz/repo"), Path("/a/click/repo")]) == ["toolz/repo", "click/repo"]


def test_the_same_project_twice_is_one():
    assert distinct_names([Path("/a/toolz"), Path("/a/toolz")]) == ["toolz", "toolz"]
