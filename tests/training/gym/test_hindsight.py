import pytest

from proactive_collectors.text import Range, TextEdit
from proactive_inference.proposal import FileEdit
from proactive_training.bench.example import Verdict
from proactive_training.gym.hindsight import judge, text_between

NOW = "run(cache)\nkeep(cache)\nstop(cache)\n"


def _edits(*lines: int, new: str = "store") -> list[FileEdit]:
    starts = {0: 4, 1: 5, 2: 5}
    return [FileEdit("f", tuple(TextEdit(Range.of(n, starts[n], n, starts[n] + 5), new) for n in lines))]


@pytest.mark.parametrize(
    ("then", "lines", "verdict", "right", "gone", "wrong"),
    [
        ("run(store)\nkeep(store)\nstop(store)\n", (0, 1, 2), Verdict.EXACT, 3, 0, 0),
        ("run(store)\nkeep(cache)\nstop(cache)\n", (0, 1, 2), Verdict.PART, 1, 0, 2),
        (NOW, (0, 1), Verdict.NONE, 0, 0, 2),
        ("run(other)\nkeep(other)\nstop(cache)\n", (0, 1), Verdict.UNKNOWN, 0, 2, 0),
        ("# new first line\nrun(store)\nkeep(cache)\nstop(cache)\n", (0,), Verdict.EXACT, 1, 0, 0),
        ("run(storehouse)\nkeep(cache)\nstop(cache)\n", (0,), Verdict.UNKNOWN, 0, 1, 0),
        ("run(store)\nkeep(other)\nstop(cache)\n", (0, 1), Verdict.PART, 1, 1, 0),
    ],
)
def test_an_offer_is_judged_by_what_became_of_its_places(
    then: str, lines: tuple[int, ...], verdict: Verdict, right: int, gone: int, wrong: int
) -> None:
    judged = judge(_edits(*lines), {"f": NOW}.get, {"f": then}.get)
    assert (judged.right, judged.gone, len(judged.wrong)) == (right, gone, wrong)
    assert judged.verdict is verdict


def test_a_file_that_is_gone_tells_nothing() -> None:
    assert judge(_edits(0), {"f": NOW}.get, {}.get).verdict is Verdict.UNKNOWN


def test_an_added_import_is_right_where_it_is_added() -> None:
    edit = [FileEdit("f", (TextEdit(Range.of(0, 0, 0, 0), "import json\n"),))]
    now = "print(json)\n"
    assert judge(edit, {"f": now}.get, {"f": "import json\n\nprint(json)\n"}.get).verdict is Verdict.EXACT
    assert judge(edit, {"f": now}.get, {"f": now}.get).verdict is Verdict.NONE


def test_a_word_taken_away_is_right_where_it_goes() -> None:
    edit = [FileEdit("f", (TextEdit(Range.of(0, 3, 0, 7), ""),))]
    assert judge(edit, {"f": "the the end\n"}.get, {"f": "the end\n"}.get).verdict is Verdict.EXACT
    assert judge(edit, {"f": "the the end\n"}.get, {"f": "the the end\n"}.get).verdict is Verdict.NONE


def test_nearly_all_right_is_told_from_partly_right() -> None:
    now = "".join(f"run(cache, {number})\n" for number in range(10))
    edits = [FileEdit("f", tuple(TextEdit(Range.of(n, 4, n, 9), "store") for n in range(10)))]
    most = now.replace("cache", "store", 8)
    assert judge(edits, {"f": now}.get, {"f": most}.get).mostly
    assert not judge(edits, {"f": now}.get, {"f": now.replace("cache", "store", 7)}.get).mostly


def test_the_wrong_places_are_named_with_their_lines() -> None:
    judged = judge(_edits(2), {"f": NOW}.get, {"f": NOW}.get)
    assert judged.wrong == ("f:3: stop(cache)",)


def test_what_stands_between_two_positions() -> None:
    assert text_between("ab\ncd\nef", Range.of(0, 1, 2, 1)) == "b\ncd\ne"


def test_a_longer_name_that_holds_the_old_one_is_right_where_it_stands_alone() -> None:
    now = "run(KeepFile)\nrun(KeepFile)\nimport KeepFile\n"
    edits = [FileEdit("f", tuple(TextEdit(Range.of(n, 4, n, 12), "_KeepFile") for n in (0, 1)))]
    then = "run(_KeepFile)\nrun(_KeepFile)\nimport _KeepFile as KeepFile\n"
    assert judge(edits, {"f": now}.get, {"f": then}.get).verdict is Verdict.EXACT
