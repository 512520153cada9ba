"""Word scores, and the file they come in."""

from __future__ import annotations

import json
from array import array
from pathlib import Path

import pytest

from proactive_inference.errors import GateError
from proactive_inference.sentence_scores import ScoreTable, SentenceScores

TABLE = ScoreTable(
    {"[UNK]": 0, "search": 1, "##es": 2, "idle": 3},
    array("h", [0, 0, 2000, 500, 0, 100, -1000, -400]),
    {("search", "##es"): (0.3, 0.0)},
)


def test_a_sentence_scores_the_mean_of_its_pieces_and_pairs() -> None:
    assert TABLE.of("searches idle") == pytest.approx(((2.0 + 0.0 - 1.0 + 0.3) / 3, (0.5 + 0.1 - 0.4) / 3))
    assert TABLE.of("") == (0.0, 0.0)
    assert TABLE.of("quux") == (0.0, 0.0)


def test_survives_the_file(tmp_path: Path) -> None:
    path = tmp_path / "sentences.json"
    path.write_bytes(TABLE.to_json())
    assert ScoreTable.from_json(path.read_bytes()) == TABLE
    assert SentenceScores(path).of("searches") == TABLE.of("searches")


def _changed(**changes: object) -> bytes:
    return json.dumps({**json.loads(TABLE.to_json()), **changes}).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"{}", _changed(version=9), _changed(pieces="one"), _changed(scores="%%%"),
        _changed(scores="AAA="), _changed(pairs={"a": [1, 2]}), _changed(pairs={"a b": [1]}), _changed(scale=None),
    ],
)  # fmt: skip
def test_a_damaged_file_is_refused_and_every_sentence_scores_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "sentences.json"
    path.write_bytes(content)
    with pytest.raises(GateError, match=r"sentences\.json: .*proactive train gate"):
        _ = SentenceScores(path).table
    assert SentenceScores(path).of("searches") == (0.0, 0.0)


def test_a_missing_or_huge_file_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(GateError, match="cannot be read"):
        _ = SentenceScores(tmp_path / "none.json").table
    (tmp_path / "big.json").write_bytes(b" " * 5_000_001)
    with pytest.raises(GateError, match="larger than 5 MB"):
        _ = SentenceScores(tmp_path / "big.json").table
