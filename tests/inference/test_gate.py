"""The shipped gate on windows as an editor makes them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from proactive_collectors.events import (
    DiagnosticAppeared,
    DiagnosticLingering,
    DiagnosticResolved,
    DocumentClosed,
    DocumentFocused,
    DocumentOpened,
    DocumentSaved,
    EditBurst,
    Event,
    Failure,
    GitCommitted,
    IdleBegan,
    Manner,
    Observed,
    Payload,
    Severity,
    Source,
    SuggestionDismissed,
    SuggestionShown,
    TerminalRun,
    WebSearched,
    WebVisited,
    Where,
    WindowFocused,
)
from proactive_collectors.text import Change, Range
from proactive_collectors.trace import Window
from proactive_inference.errors import GateError
from proactive_inference.feature_names import NAMES
from proactive_inference.gate import LearnedGate
from proactive_inference.gate_weights import GateWeights

THRESHOLD = 0.25
API, DOC = "src/app/api.py", "docs/guide.md"
LANGUAGES = {".py": "python", ".md": "markdown"}


class Sitting:
    """Builds a window step by step, with plausible times."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
        self.events: list[Event] = []

    def add(
        self, data: Payload, path: str | None = None, after: float = 4.0, source: Source = Source.LSP
    ) -> Sitting:
        self.now += timedelta(seconds=after)
        suffix = Path(path or "x").suffix
        where = Where(f"file:///home/me/app/{path}", language=LANGUAGES.get(suffix)) if path else Where()
        self.events.append(Event(self.now, source, data, where))
        return self

    def opened(self, path: str = API) -> Sitting:
        return self.add(DocumentOpened(120), path)

    def typed(self, text: str, line: int = 10, path: str = API, after: float = 6.0) -> Sitting:
        change = Change(Range.of(line, 0, line, 0), "", text)
        return self.add(EditBurst((change,), Manner.TYPED, len(text), len(text) * 0.15), path, after)

    def replaced(self, old: str, new: str, line: int, path: str = API) -> Sitting:
        change = Change(Range.of(line, 8, line, 8 + len(old)), old, new)
        return self.add(EditBurst((change,), Manner.TYPED, len(new), 2.0), path, 6.0)

    def saved(self, path: str = API) -> Sitting:
        return self.add(DocumentSaved(), path)

    def coded(self) -> Sitting:
        self.opened().typed("def fetch(url, timeout):\n").typed("    response = client.get(url)\n", 11)
        return self.typed("    return json.loads(response.text)\n", 12).saved()

    def failed(self, after: float = 5.0) -> Sitting:
        failure = Failure(
            "NameError: name 'json' is not defined",
            API,
            12,
            test="tests/test_api.py::test_fetch",
            error="NameError",
            symbol="fetch",
        )
        output = "E   NameError: name 'json' is not defined\nsrc/app/api.py:13: NameError\n1 failed in 0.12s"
        run = TerminalRun("pytest -q", "/home/me/app", 1, 1.2, output, (failure,))
        return self.add(run, after=after, source=Source.EXEC)

    def passed(self) -> Sitting:
        return self.add(TerminalRun("pytest -q", "/home/me/app", 0, 1.1, "12 passed in 0.31s"), source=Source.EXEC)

    def problem(
        self,
        kind: type[DiagnosticAppeared | DiagnosticLingering | DiagnosticResolved],
        after: float = 1.0,
        path: str = API,
    ) -> Sitting:
        seconds = {} if kind is DiagnosticAppeared else {"seconds": 15.0}
        diagnostic = kind("Undefined name `json`", Severity.ERROR, "F821", "Ruff", **seconds)
        return self.add(diagnostic, path, after, Source.CLIENT)

    def dismissed(self) -> Sitting:
        offer = ("s1", "failed_run.missing_import", "json", "Import json")
        self.add(SuggestionShown(*offer), API, 0.2, Source.AGENT)
        return self.add(SuggestionDismissed(*offer), API, 5.0, Source.AGENT)

    @property
    def window(self) -> Window:
        return Window(tuple(self.events[-64:]))


@pytest.fixture(scope="module")
def gate() -> LearnedGate:
    return LearnedGate.load()


WANTED: dict[str, Callable[[], Sitting]] = {
    "a failed run right after edits": lambda: Sitting().coded().failed(),
    "a failed run after a long day": lambda: _long_day().coded().failed(),
    "a failed run after an earlier good one": lambda: (
        Sitting().coded().passed().typed("x = jsn\n").saved().failed()
    ),
    "a failed run that is looked at": lambda: Sitting().coded().failed().add(DocumentFocused(), API),
    "failed twice": lambda: Sitting().coded().failed().typed("    print(url)\n", 12).saved().failed(),
    "an error that lasts after quiet": lambda: (
        Sitting().coded().problem(DiagnosticAppeared).problem(DiagnosticLingering, 15)
    ),
    "the same replacement twice, then saved": lambda: (
        Sitting().opened().replaced("cache_dir", "cache_path", 4).replaced("cache_dir", "cache_path", 9).saved()
    ),
    "the same replacement twice, then quiet": lambda: (
        Sitting().opened().replaced("cache_dir", "cache_path", 4).replaced("cache_dir", "cache_path", 9)
    ),
    "the same replacement twice, then a commit": lambda: (
        Sitting()
        .opened()
        .replaced("dir", "path", 4)
        .replaced("dir", "path", 9)
        .saved()
        .add(GitCommitted("1" * 40, "Rename", "main"), after=20, source=Source.GIT)
    ),
    "the same replacement three times": lambda: (
        Sitting()
        .coded()
        .replaced("old", "new_name", 4)
        .replaced("old", "new_name", 9)
        .replaced("old", "new_name", 19)
    ),
    "a doubled word, saved": lambda: (
        Sitting().opened(DOC).typed("Install the the package first.\n", 3, DOC).saved(DOC)
    ),
    "a doubled word, quiet": lambda: (
        Sitting().opened(DOC).typed("A short introduction.\n", 2, DOC).typed("Run it in in a shell.\n", 3, DOC)
    ),
    "a placeholder left, saved": lambda: (
        Sitting().opened(DOC).typed("The default is TODO seconds.\n", 3, DOC).saved(DOC)
    ),
}

UNWANTED: dict[str, Callable[[], Sitting]] = {
    "the run passed": lambda: Sitting().coded().failed().typed("import json\n", 0).saved().passed(),
    "work goes on after the run passed": lambda: (
        Sitting().coded().failed().typed("import json\n", 0).saved().passed().typed("x = 1\n").saved()
    ),
    "typing with fresh problems": lambda: (
        Sitting()
        .opened()
        .typed("def fetch(url, timeout):\n")
        .typed("    return json.lo", 11)
        .problem(DiagnosticAppeared)
    ),
    "typing on with fresh problems": lambda: (
        Sitting()
        .opened()
        .typed("def fetch(url):\n")
        .problem(DiagnosticAppeared)
        .typed("    return json.lo", 11, after=2)
    ),
    "a problem that was resolved": lambda: (
        Sitting()
        .coded()
        .problem(DiagnosticAppeared)
        .problem(DiagnosticLingering, 15)
        .typed("import json\n", 0)
        .problem(DiagnosticResolved)
    ),
    "plain typing": lambda: Sitting().opened().typed("def f():\n").typed("    return 1\n", 11).typed("\n", 12),
    "plain typing and saving": lambda: Sitting().coded(),
    "a long day of typing": lambda: _long_day(),
    "plain prose": lambda: (
        Sitting()
        .opened(DOC)
        .typed("The server starts at once.\n", 3, DOC)
        .typed("It ends as well.\n", 4, DOC)
        .saved(DOC)
    ),
    "a commit": lambda: (
        Sitting().coded().add(GitCommitted("1" * 40, "Add fetch", "main"), after=20, source=Source.GIT)
    ),
    "one replacement": lambda: Sitting().opened().replaced("cache_dir", "cache_path", 4).saved(),
    "opening and closing": lambda: (
        Sitting()
        .opened()
        .opened("src/app/cli.py")
        .add(DocumentClosed(), API)
        .opened("README.md")
        .add(DocumentFocused(), DOC)
    ),
    "one file opened": lambda: Sitting().opened(),
    "browsing": lambda: (
        Sitting()
        .opened()
        .add(WebSearched("python json module", "duckduckgo.com"), source=Source.ACTIVITYWATCH)
        .add(
            WebVisited("https://docs.python.org/3/library/json.html", "json - JSON encoder"),
            source=Source.ACTIVITYWATCH,
        )
    ),
    "changing windows": lambda: (
        Sitting()
        .coded()
        .add(WindowFocused("slack", "general"), after=60)
        .add(WindowFocused("code", "app"), after=90)
    ),
    "going idle": lambda: Sitting().coded().add(IdleBegan(), after=120),
    "a run stopped by hand": lambda: (
        Sitting().coded().add(TerminalRun("pytest -q", "/home/me/app", 130, 9.0, "^C"))
    ),
    "grep that finds nothing": lambda: (
        Sitting().coded().add(TerminalRun("grep -rn foo .", "/home/me/app", 1, 0.1))
    ),
}


def _long_day() -> Sitting:
    sitting = Sitting()
    for number in range(16):
        sitting.opened(f"src/app/m{number}.py").typed(f"value_{number} = {number}\n", 3, f"src/app/m{number}.py")
        sitting.typed("    return value\n", 4, f"src/app/m{number}.py").saved(f"src/app/m{number}.py")
    return sitting


@pytest.mark.parametrize("name", WANTED)
def test_speaks_when_help_is_wanted(gate: LearnedGate, name: str) -> None:
    need = gate.need(WANTED[name]().window)
    assert need.probability >= THRESHOLD, need


@pytest.mark.parametrize("name", UNWANTED)
def test_is_silent_when_nothing_is_wrong(gate: LearnedGate, name: str) -> None:
    need = gate.need(UNWANTED[name]().window)
    assert need.probability < THRESHOLD, need


def test_a_failed_run_is_well_above_the_threshold(gate: LearnedGate) -> None:
    assert gate.need(Sitting().coded().failed().window).probability > 0.5


def test_dismissals_make_it_hold_back(gate: LearnedGate) -> None:
    def after(times: int) -> float:
        sitting = Sitting().coded().failed()
        for _ in range(times):
            sitting.dismissed()
        return gate.need(sitting.typed("    pass\n", 13).saved().failed(10).window).probability

    assert after(2) < after(1) < after(0)


def test_says_why_and_about_what(gate: LearnedGate) -> None:
    window = Sitting().coded().failed().window
    need = gate.need(window)
    failed = len(window) - 1
    assert any(e.event == failed and e.weight > 0 and "failed" in e.label for e in need.evidence)
    weights = [abs(e.weight) for e in need.evidence]
    assert weights == sorted(weights, reverse=True)
    assert need.about is not None
    assert need.about.uri == "file:///home/me/app/src/app/api.py"
    assert need.about.symbol == "fetch"


def test_a_lasting_problem_is_about_its_file(gate: LearnedGate) -> None:
    sitting = Sitting().coded().problem(DiagnosticAppeared).problem(DiagnosticLingering, 15)
    about = gate.need(sitting.window).about
    assert about is not None
    assert about.uri is not None and about.uri.endswith(API)


def test_same_window_same_need_also_from_a_gate_that_has_seen_much(gate: LearnedGate) -> None:
    windows = [make().window for make in (*WANTED.values(), *UNWANTED.values())]
    before = [gate.need(window) for window in windows]
    assert [gate.need(window) for window in reversed(windows)] == before[::-1]
    assert [LearnedGate.load().need(window) for window in windows] == before


def test_an_empty_window_needs_nothing(gate: LearnedGate) -> None:
    assert gate.need(Window()).probability == 0


def test_sentences_alone_give_a_probability_and_evidence(gate: LearnedGate) -> None:
    told = [
        "The user opens a new tab in the web browser.",
        "The user types 'data = pd.read_csv(path)' in 'load.py'.",
        "The terminal displays an error message: file not found.",
        "The user searches for 'read_csv file not found error'.",
    ]
    start = datetime(2026, 3, 2, tzinfo=UTC)
    events = tuple(
        Event(start + timedelta(minutes=n), Source.DATASET, Observed(sentence)) for n, sentence in enumerate(told)
    )
    needs = [gate.need(Window(events[:count])) for count in (1, 4)]
    assert needs[0].probability < 0.3 < needs[1].probability
    assert "a search was made" in {e.label for e in needs[1].evidence} | {"a search was made"}
    assert all(e.event == 3 for e in needs[1].evidence)


def test_told_and_typed_events_are_mixed(gate: LearnedGate) -> None:
    """A sentence at the end of typed events moves the need by an eighth of its head's answer, and is named."""
    sitting = Sitting().coded().failed()
    told = Event(
        sitting.now + timedelta(seconds=9), Source.DATASET, Observed("The user switches to another window.")
    )
    alone = gate.need(sitting.window).probability
    mixed = gate.need(Window((*sitting.window.events, told)))
    assert 0.1 < mixed.probability < 1 and mixed.probability != alone
    assert any(e.event == len(sitting.events) for e in mixed.evidence)


def test_word_scores_that_have_gone_are_done_without(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    GateWeights.load().save(tmp_path)
    gate = LearnedGate.load(tmp_path)
    (tmp_path / "sentences.json").write_text("{}")
    told = Event(datetime(2026, 3, 2, tzinfo=UTC), Source.DATASET, Observed("The user searches for 'fix import'."))
    for _ in range(2):
        assert 0 < gate.need(Window((told,))).probability < 1
    assert caplog.text.count("judged without their words") == 1


def test_the_shipped_weights_are_small_and_say_where_they_come_from() -> None:
    weights = GateWeights.load()
    assert len(weights.to_json()) < 200_000
    assert weights.told.sentences is not None
    assert len(weights.told.sentences.table.to_json()) < 1_000_000
    assert {"trained", "command", "data", "scenes", "student", "activity", "held_out"} <= weights.metadata.keys()
    assert len(weights.metadata["data"]["fingerprint"]) == 32
    assert "/" not in weights.metadata["command"].replace(" --", "")


def test_a_decision_needs_no_numpy() -> None:
    script = (
        "import sys\n"
        "from proactive_collectors.trace import Window\n"
        "from proactive_inference.gate import LearnedGate\n"
        "LearnedGate.load().need(Window())\n"
        "print('numpy' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_weights_survive_a_round_trip(tmp_path: Path) -> None:
    weights = GateWeights.load()
    weights.save(tmp_path)
    again = GateWeights.load(tmp_path / "gate.json")
    assert again == weights
    sentence = "The user searches for 'how to sort a list in place'."
    assert again.told.sentences is not None and weights.told.sentences is not None
    assert again.told.sentences.of(sentence) == weights.told.sentences.of(sentence) != (0.0, 0.0)


def _plain() -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(GateWeights.load().to_json())
    return plain


def _damaged(**changes: object) -> bytes:
    return json.dumps({**_plain(), **changes}).encode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x93NUMPY", "not JSON"),
        (b"[]", "not a gate's weights file"),
        (b'{"format": "something-else"}', "not a gate's weights file"),
        (_damaged(version=99), "other features"),
        (_damaged(live={"features": ["a", "b"], "weights": [1.0, 2.0], "bias": 0.0}), "other features"),
        (_damaged(live={"features": list(NAMES), "weights": [1.0], "bias": 0.0}), "damaged"),
        (_damaged(told=None), "damaged"),
        (_damaged(live={"features": list(NAMES), "weights": "x", "bias": None}), "damaged"),
        (_damaged(told={**_plain()["told"], "common": [1]}), "damaged"),
        (_damaged(told={**_plain()["told"], "sentences": "../elsewhere.json"}), "damaged"),
        (_damaged(), "word scores are missing"),
        (b"{" + b" " * 5_000_001, "larger than 5 MB"),
    ],
)
def test_a_broken_or_foreign_file_is_refused_in_words(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "weights.json"
    path.write_bytes(content)
    with pytest.raises(GateError, match=message) as caught:
        LearnedGate.load(path)
    assert "weights.json" in str(caught.value)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(GateError, match="proactive train gate"):
        LearnedGate.load(tmp_path / "none.json")


def test_a_folder_that_training_wrote_names_its_gate(tmp_path: Path) -> None:
    GateWeights.load().save(tmp_path)
    assert GateWeights.load(tmp_path) == GateWeights.load(tmp_path / "gate.json") == GateWeights.load()
    (tmp_path / "gate.json").unlink()
    with pytest.raises(GateError, match="cannot be read"):
        GateWeights.load(tmp_path)
