"""The interpreter's own wordings, of several versions of Python."""

from __future__ import annotations

import pytest

from proactive_collectors.events import Failure
from proactive_inference.plays.failed_run.messages import Complaint, Kind, body, complaint, error_class


@pytest.mark.parametrize(
    ("message", "hint", "expected"),
    [
        ("NameError: name 'np' is not defined", None, Complaint(Kind.NAME, "np")),
        (
            "NameError: name 'np' is not defined. Did you mean: 'npx'?",
            None,
            Complaint(Kind.NAME, "np", hint="npx"),
        ),
        ("NameError: name 'np' is not defined", "npx", Complaint(Kind.NAME, "np", hint="npx")),
        (
            "NameError: name 'x' is not defined. Did you mean: 'self.x'?",
            None,
            Complaint(Kind.NAME, "x", "", "self.x"),
        ),
        (
            "NameError: name 'io' is not defined. Did you forget to import 'io'?",
            "import io",
            Complaint(Kind.NAME, "io"),
        ),
        (
            "AttributeError: module 'json' has no attribute 'laods'. Did you mean: 'loads'?",
            None,
            Complaint(Kind.MODULE_ATTRIBUTE, "laods", "json", "loads"),
        ),
        ("AttributeError: 'A' object has no attribute 'siez'", None, Complaint(Kind.ATTRIBUTE, "siez", "A")),
        ("AttributeError: type object 'A' has no attribute 'siez'", None, Complaint(Kind.ATTRIBUTE, "siez", "A")),
        ("AttributeError: GREN. Did you mean: 'GREEN'?", None, Complaint(Kind.ATTRIBUTE, "GREN", "", "GREEN")),
        (
            "TypeError: A.f() got an unexpected keyword argument 'tiemout'. Did you mean 'timeout'?",
            None,
            Complaint(Kind.KEYWORD, "tiemout", "A.f", "timeout"),
        ),
        (
            "ImportError: cannot import name 'laods' from 'json' (/lib/json.py). Did you mean: 'loads'?",
            None,
            Complaint(Kind.IMPORT_NAME, "laods", "json", "loads"),
        ),
        ("ModuleNotFoundError: No module named 'a.b'", None, Complaint(Kind.NO_MODULE, "a.b")),
        ("fixture 'tmp_pth' not found", None, Complaint(Kind.FIXTURE, "tmp_pth")),
        ("AttributeError: partially initialized module 'a' has no attribute 'b'", None, Complaint(Kind.OTHER)),
        ("ImportError: cannot import name 'a' from partially initialized module 'b'", None, Complaint(Kind.OTHER)),
        ("NameError: cannot access free variable 'x'", None, Complaint(Kind.OTHER)),
        ("ValueError: name 'x' is not defined", None, Complaint(Kind.OTHER)),
        ("KeyError: 'x'", None, Complaint(Kind.OTHER)),
        ("assert 3 == 4", None, Complaint(Kind.OTHER)),
        ("", None, Complaint(Kind.OTHER)),
    ],
)
def test_a_complaint_is_read(message, hint, expected):
    assert complaint(Failure(message, hint=hint)) == expected


def test_the_class_may_stand_apart_or_in_front():
    apart = Failure("No module named 'x'", error="ModuleNotFoundError")
    assert complaint(apart).kind is Kind.NO_MODULE
    assert (
        body(Failure("json.decoder.JSONDecodeError: Expecting value", error="JSONDecodeError"))
        == "Expecting value"
    )
    assert error_class(Failure("json.decoder.JSONDecodeError: Expecting value")) == "JSONDecodeError"
    assert error_class(Failure("note: this is no class")) == ""
