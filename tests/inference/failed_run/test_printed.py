"""The source lines and carets in a run's output."""

from __future__ import annotations

import pytest

from proactive_collectors.events import Failure
from proactive_inference.plays.failed_run.printed import Printed, PrintedSources

TRACEBACK = """\
Traceback (most recent call last):
  File "/project/main.py", line 9, in <module>
    f(1)
  File "/project/main.py", line 7, in f
    return a.laod(b.laod(1)) + 1
           ~~~~~~^^^^^^^^^^^
NameError: ...
"""
LONG = """\
    def test_a():
        x = [
>           Pth(1),
            ^^^
        ]
E       NameError: name 'Pth' is not defined

tests/test_a.py:4: NameError
____________________ test_b ____________________

tests/test_a.py:8: NameError
"""
SHORT = """\
tests/test_a.py:4: in test_a
    x = Pth(1)
        ^^^
tests/test_a.py:5: in test_b
"""


@pytest.mark.parametrize(
    ("output", "path", "line", "expected"),
    [
        (TRACEBACK, "main.py", 6, Printed("return a.laod(b.laod(1)) + 1", (13, 24))),
        (TRACEBACK, "/project/main.py", 8, Printed("f(1)")),
        (TRACEBACK, "main.py", 3, None),
        (TRACEBACK, "other.py", 6, None),
        (TRACEBACK, None, 6, None),
        (TRACEBACK, "main.py", None, None),
        (LONG, "tests/test_a.py", 3, Printed("Pth(1),", (0, 3))),
        (LONG, "tests\\test_a.py", 3, Printed("Pth(1),", (0, 3))),
        (LONG, "tests/test_a.py", 7, None),
        (SHORT, "tests/test_a.py", 3, Printed("x = Pth(1)", (4, 7))),
        (SHORT, "tests/test_a.py", 4, None),
        ("", "main.py", 0, None),
    ],
)
def test_what_is_printed_is_found(output, path, line, expected):
    assert PrintedSources(output).of(Failure("NameError", path=path, line=line)) == expected


def test_the_last_print_of_a_line_counts():
    output = TRACEBACK + TRACEBACK.replace("f(1)", "f(2)")
    assert PrintedSources(output).of(Failure("", path="main.py", line=8)) == Printed("f(2)")
