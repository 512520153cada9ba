"""How much the words of a told sentence speak for help: scores of word pieces, distilled from a sentence model.

A linear model on the mean of word vectors is a mean of one number a word, so that is what ships: for each piece
of the vocabulary, and for some pairs of neighbours, what it adds where it stands in the last sentence, and what
where it stands in one of the last few. ``proactive_training.told`` makes them.

The file is one JSON object::

    {"format": "proactive-sentence-scores", "version": 1, "pieces": "piece\\npiece\\n…", "scale": 0.001,
     "scores": "base64 of little-endian int16, (pieces, 2)", "pairs": {"piece piece": [last, lately], …}}

It is read when the first told sentence comes, since most windows have none.
"""

from __future__ import annotations

import logging
import sys
from array import array
from base64 import b64decode, b64encode
from itertools import pairwise
from pathlib import Path

import orjson
from attrs import frozen

from proactive_inference.errors import GateError
from proactive_inference.told_acts import TEXT_LIMIT
from proactive_inference.word_pieces import pieces

FORMAT = "proactive-sentence-scores"
VERSION = 1
FILE_NAME = "sentences.json"
"""What the file is called beside the gate's weights."""

MOST_PIECES = 96
"""How many pieces of a sentence count."""

RECENT = 5
"""How many sentences, the last among them, the second score is averaged over."""

log = logging.getLogger(__name__)

_LARGEST = 5_000_000


@frozen
class ScoreTable:
    """The numbers, in units of log-odds."""

    index: dict[str, int]  #: piece → row
    scores: array[int]  #: two numbers a row, in ``scale``
    pairs: dict[tuple[str, str], tuple[float, float]]
    scale: float = 0.001

    def of(self, text: str) -> tuple[float, float]:
        """What a sentence adds as the last one, and as one of the last few: means over its pieces."""
        found = pieces(text[:TEXT_LIMIT], self.index)[:MOST_PIECES]
        if not found:
            return (0.0, 0.0)
        last = lately = 0.0
        for piece in found:
            row = self.index.get(piece)
            if row is not None:
                last += self.scores[2 * row] * self.scale
                lately += self.scores[2 * row + 1] * self.scale
        if self.pairs:
            for pair in pairwise(found):
                scored = self.pairs.get(pair)
                if scored is not None:
                    last += scored[0]
                    lately += scored[1]
        return (last / len(found), lately / len(found))

    def to_json(self) -> bytes:
        """The file's content."""
        numbers = array("h", self.scores)
        if sys.byteorder == "big":
            numbers.byteswap()
        plain = {
            "format": FORMAT,
            "version": VERSION,
            "pieces": "\n".join(self.index),
            "scale": self.scale,
            "scores": b64encode(numbers.tobytes()).decode(),
            "pairs": {" ".join(pair): scored for pair, scored in self.pairs.items()},
        }
        return orjson.dumps(plain, option=orjson.OPT_INDENT_2) + b"\n"

    @classmethod
    def from_json(cls, content: bytes) -> ScoreTable:
        """Read a file's content.

        Raises:
            GateError: it is broken.
        """
        try:
            plain = orjson.loads(content)
            if plain["format"] != FORMAT or plain["version"] != VERSION:
                raise GateError(
                    "not a file of sentence scores of this version; train again with 'proactive train gate'"
                )
            names = plain["pieces"].split("\n")
            numbers = array("h", b64decode(plain["scores"], validate=True))
            pairs = {_pair(name): (float(a), float(b)) for name, (a, b) in plain["pairs"].items()}
            scale = float(plain["scale"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise GateError("the sentence scores are damaged; train again with 'proactive train gate'") from error
        if sys.byteorder == "big":
            numbers.byteswap()
        if len(numbers) != 2 * len(names):
            raise GateError("the sentence scores are damaged; train again with 'proactive train gate'")
        return cls({name: row for row, name in enumerate(names)}, numbers, pairs, scale)


def _pair(name: str) -> tuple[str, str]:
    first, second = name.split(" ")
    return (first, second)


class SentenceScores:
    """Scores that are read from their file when they are first asked for.

    A file that has gone or is damaged by then is told of in the log, once, and every sentence scores nothing:
    the acts alone decide.
    """

    def __init__(self, path: Path | None = None, table: ScoreTable | None = None) -> None:
        self._path = path
        self._table = table

    @property
    def table(self) -> ScoreTable:
        """The numbers.

        Raises:
            GateError: the file is missing, too large or damaged.
        """
        if self._table is None:
            self._table = self._read()
        return self._table

    def of(self, text: str) -> tuple[float, float]:
        """What a sentence adds (:meth:`ScoreTable.of`)."""
        try:
            return self.table.of(text)
        except GateError as error:
            log.warning("told sentences are judged without their words: %s", error)
            self._table = ScoreTable({}, array("h"), {})
            return (0.0, 0.0)

    def _read(self) -> ScoreTable:
        if self._path is None:
            return ScoreTable({}, array("h"), {})
        try:
            if self._path.stat().st_size > _LARGEST:
                raise GateError(f"{self._path} is larger than {_LARGEST // 1_000_000} MB")
            return ScoreTable.from_json(self._path.read_bytes())
        except OSError as error:
            raise GateError(f"{self._path} cannot be read ({error.strerror})") from error
        except GateError as error:
            raise GateError(f"{self._path}: {error}") from error
