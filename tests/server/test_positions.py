import pytest
from hypothesis import given
from hypothesis import strategies as st

from proactive_collectors.text import Position, Range
from proactive_server.positions import Units

CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


@given(st.text(max_size=20), st.sampled_from(sorted(CODECS)), st.data())
def test_every_index_comes_back(line: str, encoding: str, data: st.DataObject) -> None:
    units = Units(encoding)
    index = data.draw(st.integers(0, len(line)))
    codec, width = CODECS[encoding]
    counted = len(line[:index].encode(codec, "surrogatepass")) // width
    assert units.to_units(line, index) == counted
    assert units.to_code_point(line, counted) == index


@pytest.mark.parametrize(("encoding", "character"), [("utf-8", 5), ("utf-16", 3), ("utf-32", 2)])
def test_behind_an_emoji(encoding: str, character: int) -> None:
    lines = ["x😀y\n", ""]
    spot = {"line": 0, "character": character}
    assert Units(encoding).range_in(lines, {"start": spot, "end": spot}) == Range.of(0, 2, 0, 2)
    assert Units(encoding).position_out(lines, Position(0, 2)) == (0, character)


def test_positions_past_the_end_are_clipped_or_passed_on() -> None:
    units = Units("utf-16")
    assert units.to_code_point("é", 99) == 1
    assert units.to_code_point("e", 99) == 1
    assert units.position_out(["a\n"], Position(7, 3)) == (7, 3)
