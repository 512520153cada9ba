"""Forms that people judge, and conversations for fine-tuning."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from proactive_collectors.events import Event, Observed, Source
from proactive_collectors.text import Range, TextEdit
from proactive_collectors.trace import Trace
from proactive_inference.models.agent_answer import AGENT_SCHEMA, read_agent_answer
from proactive_inference.models.agent_prompt import AGENT_SYSTEM
from proactive_training.bench.align import Match, Told, align
from proactive_training.bench.dataset import Dataset, Record
from proactive_training.bench.dataset_writer import writing
from proactive_training.bench.diffs import edit_of, lines_of
from proactive_training.bench.example import (
    Example,
    Label,
    LabelSource,
    Offer,
    OfferedEdit,
    Sitting,
    Verdict,
)
from proactive_training.bench.review import Form, Judgement, parse, parse_judgement, render
from proactive_training.bench.reviewing import moments
from proactive_training.commands.bench import app
from proactive_training.errors import DataError

START = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(
        app, [str(argument) for argument in arguments], env={"COLUMNS": "200", "NO_COLOR": "1"}
    )


def sitting(*texts: str, name: str = "s1") -> Sitting:
    events = (Event(START + timedelta(seconds=5 * n), Source.DATASET, Observed(t)) for n, t in enumerate(texts))
    return Sitting(Trace(name, tuple(events)), domain="code", repository="shop", commit="ab" * 20)


EDIT = OfferedEdit("src/prices.py", TextEdit(Range.of(3, 7, 3, 10), "bar"), "foo")
OFFER = Offer(
    "Rename the other uses of 'foo' as well.",
    title="Rename 2 more",
    proposer="repeated_edit.rename",
    key="foo>bar",
    edits=(EDIT,),
    confidence=0.8,
    verdict=Verdict.EXACT,
)
LABEL = Label(LabelSource.HINDSIGHT, need=True, accepted=True, rule="all places were changed")


# --- the form --------------------------------------------------------------------------------------------


def test_a_form_shows_what_a_person_needs_to_judge() -> None:
    where = sitting("The user opens 'prices.py'.", "The user replaced 'foo' with 'bar'.", "The user ran 'pytest'.")
    text = render(Form.of(where, [Example("s1", 1, LABEL, OFFER, boundary="quiet")]))
    assert text.startswith('---\njudged:  # right, wrong or unsure\nnote: ""\nsitting: s1\n')
    before, _, after = text.partition("## What happened next")
    assert "2026-01-31 09:30:05  The user replaced 'foo' with 'bar'." in before
    assert "2026-01-31 09:30:10  The user ran 'pytest'." in after
    assert "rule: all places were changed" in before
    assert (
        "```diff\n--- src/prices.py\n+++ src/prices.py\n"
        "@@ -4,1 +4,1 @@ from character 8 to line 4, character 11\n"
        "-foo\n\\ No newline at end of file\n+bar\n\\ No newline at end of file\n```"
    ) in after


def test_a_form_that_was_filled_in_by_hand_is_read() -> None:
    text = render(Form.of(sitting("a", "b"), [Example("s1", 1, LABEL, OFFER)]))
    filled = text.replace("judged:  #", "judged: Wrong  #").replace(
        'note: ""', 'note: it\'s late: "after" the run'
    )
    form = parse(filled)
    assert form.judged is Judgement.WRONG and form.note == 'it\'s late: "after" the run'
    assert form.examples == (Example("s1", 1, LABEL, OFFER),)
    assert parse(filled.replace("\n", "\r\n", 4)).judged is Judgement.WRONG


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda text: "hello", "front matter"),
        (lambda text: text.replace("judged: ", "judged: maybe"), "not right, wrong or unsure"),
        (lambda text: text.replace("sitting:", "sitting: ["), "not YAML"),
        (lambda text: "---\n- a\n---\n", "no fields"),
    ],
)
def test_a_form_that_cannot_be_read_says_why(spoil: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        parse_judgement(spoil(render(Form.of(sitting("a"), [Example("s1", 0, LABEL)]))))


def test_an_edited_body_does_not_lose_the_judgement() -> None:
    text = render(
        Form.of(
            sitting("a"),
            [Example("s1", 0, LABEL, OFFER)],
        )
    ).replace("judged: ", "judged: right")
    cut = text[: text.index("## What happened")]
    assert parse_judgement(cut)[0] is Judgement.RIGHT
    with pytest.raises(DataError, match="no review form"):
        parse(cut)


def test_nothing_in_a_form_is_rendered_or_leaves_its_block() -> None:
    nasty = "````\n# Heading\n<script>x</script>\x1b[31m"
    offer = Offer(nasty, edits=(OfferedEdit("a\n.py", TextEdit(Range.of(0, 0, 0, 0), nasty), ""),))
    form = Form.of(sitting("The user typed ```` ![x](http://y) <img>."), [Example("s1", 0, LABEL, offer)])
    text = render(form)
    assert parse(text) == form
    body = text.split("\n---\n", 1)[1]
    outside = re.sub(r"(?ms)^(`{3,})\w+\n.*?^\1$", "", body)
    assert "script" not in outside and "<img>" not in outside and "\x1b" not in text


def test_a_diff_keeps_what_stayed() -> None:
    edit = OfferedEdit("a.py", TextEdit(Range.of(0, 0, 3, 0), "a\nB\nc\nd"), "a\nb\nc\n")
    assert lines_of(edit)[3:] == [" a", "-b", "+B", " c", "+d", "\\ No newline at end of file"]
    assert edit_of(lines_of(edit)) == edit
    for broken in ([], ["--- a", "+++ a", "@@ -1 @@"], [*lines_of(edit)[:3], "?what"]):
        with pytest.raises(ValueError, match=r"diff"):
            edit_of(broken)


# --- drawing and counting --------------------------------------------------------------------------------


@pytest.fixture
def large(tmp_path: Path) -> Path:
    with writing(tmp_path / "large") as writer:
        for number in range(20):
            where = sitting(*(f"Event {number} {n}." for n in range(10)), name=f"s{number}")
            examples = [Example(where.name, n, LABEL, OFFER if n % 2 else None) for n in range(10)]
            examples.append(Example(where.name, 3, LABEL, Offer("another of the same moment")))
            examples.append(Example(where.name, 4, Label(LabelSource.JUDGE)))  # says nothing
            writer.add(Record(where, tuple(examples)), "train" if number % 4 else "test")
    return tmp_path / "large"


def test_a_sample_is_drawn_evenly_and_the_same_for_a_seed(large: Path, tmp_path: Path) -> None:
    def drawn(name: str, *more: object) -> list[tuple[str, int]]:
        result = run("review", "--data", large, "--out", tmp_path / name, *more)
        assert result.exit_code == 0, result.output
        forms = [parse(path.read_text()) for path in sorted((tmp_path / name).glob("*.md"))]
        return [(form.sitting, form.index) for form in forms]

    sixty = drawn("a", "--sample", 60)
    assert len(set(sixty)) == 60
    assert sixty == drawn("b", "--sample", 60) != drawn("c", "--sample", 60, "--seed", 1)
    assert len(drawn("d", "--sample", 1000)) == 200
    assert {int(s[1:]) % 4 for s, _ in drawn("e", "--split", "test", "--sample", 20)} == {0}
    counts: Counter[str] = Counter()
    for seed in range(30):
        counts.update(s for s, _ in drawn(f"f{seed}", "--sample", 20, "--seed", seed))
    assert min(counts.values()) > 10 and max(counts.values()) < 55 and len(counts) == 20  # 30 each, on average


def test_rare_rules_can_be_drawn_as_often_as_common_ones(tmp_path: Path) -> None:
    where = sitting(*(f"Event {n}." for n in range(100)))
    rules = ["nothing"] * 90 + ["confirmed"] * 3 + ["unwanted"] * 7
    examples = tuple(
        Example("s1", n, Label(LabelSource.HINDSIGHT, need=False, rule=rule)) for n, rule in enumerate(rules)
    )
    with writing(tmp_path / "data") as writer:
        writer.add(Record(where, examples), "train")

    def drawn(sample: int) -> Counter[str]:
        out = tmp_path / f"forms{sample}"
        assert (
            run("review", "--data", tmp_path / "data", "--by-rule", "--sample", sample, "--out", out).exit_code
            == 0
        )
        return Counter(parse(path.read_text()).examples[0].label.rule for path in out.glob("*.md"))

    assert drawn(6) == {"nothing": 2, "confirmed": 2, "unwanted": 2}
    assert drawn(20) == {"nothing": 10, "confirmed": 3, "unwanted": 7}
    assert sum(drawn(500).values()) == 100


def test_a_moment_comes_with_its_whole_pool(large: Path) -> None:
    record = next(Dataset.open(large).records("train"))
    assert [len(examples) for examples in moments(record)] == [1, 1, 1, 2, 1, 1, 1, 1, 1, 1]
    assert list(moments(record, LabelSource.HUMAN)) == []


def test_judged_forms_are_counted_with_an_interval(large: Path, tmp_path: Path) -> None:
    forms = tmp_path / "forms"
    assert run("review", "--data", large, "--out", forms, "--sample", 60).exit_code == 0
    for number, path in enumerate(sorted(forms.glob("*.md"))):
        word = "right" if number < 45 else "wrong" if number < 50 else "unsure" if number < 53 else ""
        text = (
            path.read_text().replace("judged: ", f"judged: {word} ").replace('note: ""', "note: no: it was done")
        )
        path.write_text(text)
    (forms / "zz.md").write_text("no form")
    result = run("review", "--judged", forms, "--json")
    assert result.exit_code == 0
    assert "zz.md: no review form" in result.stderr
    found = json.loads(result.stdout)
    assert [found[k] for k in ("forms", "right", "wrong", "unsure", "blank")] == [60, 45, 5, 3, 7]
    assert found["share_right"] == 0.9
    assert found["ci"] == [pytest.approx(0.786, abs=1e-3), pytest.approx(0.957, abs=1e-3)]
    assert found["by"]["rule"]["all places were changed"]["right"] == 45
    assert set(found["by"]) == {"label", "rule", "verdict", "proposer"}
    assert {wrong["note"] for wrong in found["found_wrong"]} == {"no: it was done"}
    told = run("review", "--judged", forms).stdout
    assert "all: 90% right (79% to 96%); 45 right, 5 wrong, 3 unsure, 7 blank" in told


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give --data and --out"),
        (["--data", "LARGE"], "give --data and --out"),
        (["--judged", "LARGE", "--data", "LARGE"], "give --judged alone"),
        (["--judged", "LARGE/events"], "has no *.md"),
        (["--data", "LARGE", "--out", "OUT", "--split", "dev"], "it has train, test"),
        (["--data", "LARGE", "--out", "OUT", "--label", "me"], "give human, hindsight, judge, feedback"),
        (["--data", "LARGE", "--out", "OUT", "--label", "human"], "no labelled moment"),
        (["--data", "OUT", "--out", "OUT"], "is no dataset"),
    ],
)
def test_what_cannot_be_reviewed_is_said(large: Path, tmp_path: Path, arguments: list[str], message: str) -> None:
    given = [a.replace("LARGE", str(large)).replace("OUT", str(tmp_path / "out")) for a in arguments]
    result = run("review", *given)
    assert result.exit_code == 1 and message in result.stderr
    assert not (tmp_path / "out").exists()


# --- conversations ---------------------------------------------------------------------------------------


def test_conversations_teach_silence_and_welcome_offers(dataset: Path, tmp_path: Path) -> None:
    result = run("export", "--data", dataset, "--format", "chat", "--out", tmp_path / "chat", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["files"] == {"train.jsonl": 8, "test.jsonl": 2}
    told = [json.loads(line)["messages"] for line in (tmp_path / "chat/train.jsonl").read_text().splitlines()]
    assert [[m["role"] for m in one] for one in told] == [["system", "user", "assistant"]] * 8
    answers = [read_agent_answer(one[2]["content"]).task for one in told]
    assert answers == [
        None, "Show how to sort by a column – stably", None, None,
        None, None, "Install the missing module", "Suggest five synonyms",
    ]  # fmt: skip
    assert told[1][0]["content"] == AGENT_SYSTEM
    assert json.loads(told[1][1]["content"]) == {
        "Observations": [
            {"Time": "16:26:40", "Event": "The user switches to the web browser."},
            {"Time": "16:26:50", "Event": "The user searches for 'how to sort a table'."},
        ]
    }
    assert json.loads(told[1][2]["content"])["Response"] == answers[1]
    assert "Open a calculator" not in (tmp_path / "chat/train.jsonl").read_text()


@pytest.mark.parametrize(("form", "columns"), [("sharegpt", {"conversations", "system"}), ("alpaca", set())])
def test_the_forms_of_llama_factory_name_their_columns(
    dataset: Path, tmp_path: Path, form: str, columns: set[str]
) -> None:
    assert run("export", "--data", dataset, "--format", form, "--out", tmp_path / form).exit_code == 0
    info = json.loads((tmp_path / form / "dataset_info.json").read_text())
    assert set(info) == {"proactive_bench_train", "proactive_bench_test"}
    for described in info.values():
        for line in (tmp_path / form / described["file_name"]).read_text().splitlines():
            row = json.loads(line)
            assert set(described["columns"].values()) == set(row)
            assert columns <= set(row)
            answer = row["output"] if form == "alpaca" else row["conversations"][1]["value"]
            assert list(json.loads(answer)) == AGENT_SCHEMA["required"]


def test_moments_without_a_known_answer_are_left_out_and_counted(tmp_path: Path) -> None:
    where = sitting("a", "b", "c")
    examples = (
        Example("s1", 0, Label(LabelSource.HINDSIGHT, need=True, accepted=False), Offer("no")),
        Example("s1", 1, Label(LabelSource.HINDSIGHT)),
    )
    with writing(tmp_path / "data") as writer:
        writer.add(Record(where, examples), "train")
    result = run("export", "--data", tmp_path / "data", "--format", "chat", "--out", tmp_path / "chat")
    assert result.exit_code == 1 and "of no moment" in result.stderr and not (tmp_path / "chat").exists()
    with writing(tmp_path / "more") as writer:
        silent = Example("s1", 2, Label(LabelSource.HINDSIGHT, need=False))
        writer.add(Record(where, (*examples, silent)), "train")
    result = run("export", "--data", tmp_path / "more", "--format", "chat", "--out", tmp_path / "chat")
    assert "Left out 2: " in result.stdout


def test_replayed_sittings_go_into_the_published_layout(tmp_path: Path) -> None:
    where = sitting("The user saved 'a.py'.", "The user ran 'pytest'; 1 test failed.", name="repo@ab12/3")
    examples = (
        Example(where.name, 0, Label(LabelSource.HINDSIGHT, need=False)),
        Example(where.name, 1, LABEL, OFFER),
        Example(where.name, 1, Label(LabelSource.HINDSIGHT), Offer("not known")),
    )
    with writing(tmp_path / "data") as writer:
        writer.add(Record(where, examples), "test")
    result = run("export", "--data", tmp_path / "data", "--out", tmp_path / "out", "--json")
    assert json.loads(result.stdout)["left_out"] == {
        "whether help was needed, or the offer welcome, is not known": 1
    }
    rows = [json.loads(line) for line in (tmp_path / "out/reward_data/test_data.jsonl").read_text().splitlines()]
    assert [(r["pred_task"], r["valid"], r["help_needed"], r["category"]) for r in rows] == [
        (None, True, False, "Correct-Rejection (CR)"),
        (OFFER.task, True, True, "Correct-Detection (CD)"),
    ]
    assert [e["time"] for e in rows[1]["obs"]] == ["1769851800", "1769851805"]
    (trace,) = (tmp_path / "out/test_data").iterdir()
    assert trace.name.startswith("code_repo-ab12-3-")
    assert json.loads(trace.read_text())[1]["agent_response"] == {"candidate_task": [OFFER.task, "not known"]}
    assert run("import", "--from", tmp_path / "out", "--out", tmp_path / "again").exit_code == 0
    assert run("audit", "--data", tmp_path / "again", "--strict").exit_code == 0


def test_an_unknown_format_is_refused(dataset: Path, tmp_path: Path) -> None:
    result = run("export", "--data", dataset, "--format", "xml", "--out", tmp_path / "out")
    assert result.exit_code == 1 and "give published, chat, sharegpt, alpaca" in result.stderr


def test_retold_events_mean_the_last_that_they_tell_of() -> None:
    def told(*pairs: tuple[int, str]) -> list[Told]:
        return [Told(START + timedelta(seconds=at), text) for at, text in pairs]

    trace = told((0, "a"), (1, "b"), (2, "c"), (3, "d"), (4, "e"))
    assert align(trace, told((0, "a"), (1, "b and c"), (3, "d"))) == [
        Match(0, exact=True), Match(2, exact=False), Match(3, exact=True),
    ]  # fmt: skip
    assert [m.index for m in align(trace, told((0, "A"), (2, "C"), (9, "late")))] == [1, 4, 4]
    assert [m.index for m in align(trace, told((3, "d"), (3, "d again"), (4, "e")))] == [3, 3, 4]
    with pytest.raises(ValueError, match="no moments"):
        align([], trace)


def test_help_teaches() -> None:
    for command, words in {
        "import": ("reward_data", "broken.jsonl", "Example:"),
        "export": ("LLaMA-Factory", "equal to the byte", "Example:"),
        "audit": ("Fleiss' kappa", "bootstrap", "Example:"),
        "split": ("salt", "refused", "Example:"),
        "review": ("judged: right", "Wilson", "Example:"),
        "card": ("README.md",),
    }.items():
        told = run(command, "--help").stdout
        assert all(word in told for word in words), command
