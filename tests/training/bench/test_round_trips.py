"""Whatever is written reads back as it was: datasets, review forms, diffs, JSON texts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proactive_collectors.events import (
    DocumentSaved,
    EditBurst,
    Event,
    GitCommitted,
    Observed,
    Payload,
    Source,
    TerminalRun,
    Where,
)
from proactive_collectors.text import Change, Range, TextEdit
from proactive_collectors.trace import Trace
from proactive_training.bench import diffs
from proactive_training.bench.align import Told, align
from proactive_training.bench.dataset import Dataset, Record
from proactive_training.bench.dataset_writer import writing
from proactive_training.bench.example import (
    Example,
    Label,
    LabelSource,
    Offer,
    OfferedEdit,
    Origin,
    Sitting,
    Verdict,
)
from proactive_training.bench.json_style import JsonStyle, style_of_file
from proactive_training.bench.review import Form, Judgement, parse, parse_judgement, render

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
names = st.text(st.characters(min_codepoint=33, exclude_categories=("Cs",)), min_size=1, max_size=12)
numbers = st.integers(0, 2**31 - 1)
ranges = st.lists(st.tuples(numbers, numbers), min_size=2, max_size=2).map(
    lambda pair: Range.of(*min(pair), *max(pair))
)
payloads: st.SearchStrategy[Payload] = st.one_of(
    st.builds(Observed, texts),
    st.just(DocumentSaved()),
    st.builds(TerminalRun, command=texts, exit_code=st.none() | st.integers(-9, 255), output=texts),
    st.builds(GitCommitted, commit=st.just("ab" * 20), subject=texts),
    st.builds(EditBurst, st.lists(st.builds(Change, ranges, texts, texts), max_size=2).map(tuple)),
)
times = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1)).map(lambda t: t.replace(tzinfo=UTC))


@st.composite
def sittings(draw: st.DrawFn) -> Sitting:
    start = draw(times)
    events = tuple(
        Event(start + timedelta(seconds=n), draw(st.sampled_from(list(Source))), data, Where(uri=draw(uris)))
        for n, data in enumerate(draw(st.lists(payloads, min_size=1, max_size=6)))
    )
    published = draw(st.booleans())
    return Sitting(
        Trace(draw(names), events),
        domain=draw(st.sampled_from(["code", "writing", "other"])),
        repository=draw(texts),
        commit=draw(st.sampled_from(["", "0f" * 20])),
        source=draw(st.sampled_from(["published", "replay"])),
        licence=draw(st.sampled_from(["", "MIT"])),
        group=draw(texts),
        times=tuple(draw(texts) for _ in events) if published else (),
    )


uris = st.sampled_from([None, "file:///w/a.py", "file:///w/b%20c.md"])
edits = st.builds(OfferedEdit, texts, st.builds(TextEdit, ranges, texts), texts)
offers = st.builds(
    Offer,
    task=texts,
    title=texts,
    proposer=texts,
    key=texts,
    path=st.none() | texts,
    line=st.none() | numbers,
    edits=st.lists(edits, max_size=3).map(tuple),
    command=st.none() | texts,
    confidence=st.none() | st.floats(0, 1),
    verdict=st.none() | st.sampled_from(list(Verdict)),
)
labels = st.builds(
    Label,
    source=st.sampled_from(list(LabelSource)),
    need=st.none() | st.booleans(),
    accepted=st.none() | st.booleans(),
    votes=st.lists(st.booleans(), max_size=4).map(tuple),
    rule=texts,
)
origins = st.builds(Origin, texts, numbers, numbers, numbers, texts)


def examples_of(sitting: Sitting) -> st.SearchStrategy[Example]:
    return st.builds(
        Example,
        sitting=st.just(sitting.name),
        index=st.integers(0, len(sitting.trace.events) - 1),
        label=labels,
        offer=st.none() | offers,
        boundary=st.sampled_from(["", "quiet", "committed"]),
        origin=st.none() | origins,
    )


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_a_dataset_gives_back_what_was_written(data: st.DataObject) -> None:
    found = data.draw(st.lists(sittings(), min_size=1, max_size=3, unique_by=lambda s: s.name))
    records = [
        Record(
            s,
            tuple(data.draw(st.lists(examples_of(s), max_size=3))),
            tuple(data.draw(st.lists(examples_of(s), max_size=2))),
        )
        for s in found
    ]
    splits = [data.draw(st.sampled_from(["train", "test"])) for _ in records]
    with TemporaryDirectory() as name:
        folder = Path(name) / "data"
        with writing(folder) as writer:
            for split, record in zip(splits, records, strict=True):
                writer.add(record, split)
        dataset = Dataset.open(folder)
        assert dataset.splits == sorted(set(splits), reverse=True)  # train before test
        for split in dataset.splits:
            assert list(dataset.records(split)) == [r for s, r in zip(splits, records, strict=True) if s == split]
        assert [path.name for path in Path(name).iterdir()] == ["data"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data(), st.none() | st.sampled_from(list(Judgement)), texts)
def test_a_review_form_reads_back_as_it_was(data: st.DataObject, judged: Judgement | None, note: str) -> None:
    sitting = data.draw(sittings())
    index = data.draw(st.integers(0, len(sitting.trace.events) - 1))
    drawn = data.draw(st.lists(examples_of(sitting), min_size=1, max_size=3))
    form = evolve(Form.of(sitting, [evolve(e, index=index) for e in drawn]), judged=judged, note=note)
    text = render(form)
    assert parse(text.encode().decode()) == form
    assert parse_judgement(text)[:2] == (judged, note)


@given(edits)
def test_a_diff_reads_back_as_it_was(edit: OfferedEdit) -> None:
    lines = diffs.lines_of(edit)
    assert all("\n" not in line for line in lines)
    assert diffs.edit_of(lines) == edit


@given(texts, texts)
def test_a_diff_can_be_read_in_a_terminal(old: str, new: str) -> None:
    """No escape sequence, no mark that turns the direction of the line."""
    edit = OfferedEdit("a.py", TextEdit(Range.of(0, 0, 0, 0), new), old)
    for line in diffs.lines_of(edit):
        assert not any(c in line for c in "\x1b\r\x07\x9b\u202e\u2066")


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from("abc")), min_size=1, max_size=8), st.data())
def test_a_retelling_is_matched_in_order(trace: list[tuple[int, str]], data: st.DataObject) -> None:
    start = datetime(2024, 1, 1, tzinfo=UTC)
    events = [Told(start + timedelta(seconds=at), text) for at, text in sorted(trace, key=lambda pair: pair[0])]
    kept = data.draw(st.lists(st.booleans(), min_size=len(events), max_size=len(events)))
    told = [event for event, keep in zip(events, kept, strict=True) if keep]
    matches = align(events, told)
    assert [match.exact for match in matches] == [True] * len(told)
    assert [events[match.index] for match in matches] == told
    indices = [match.index for match in matches]
    assert indices == sorted(set(indices))


@given(
    st.lists(
        st.recursive(
            st.none() | st.booleans() | st.integers(-(2**40), 2**40) | texts,
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
            max_leaves=6,
        ),
        max_size=4,
    ),
    st.builds(
        JsonStyle,
        ensure_ascii=st.booleans(),
        indent=st.sampled_from([None, 1, 2, 4]),
        newline=st.sampled_from(["\n", "\r\n"]),
        end=st.sampled_from(["", "\n", "\r\n\r\n"]),
    ),
)
def test_the_way_a_json_file_was_written_is_found_out(value: list[object], style: JsonStyle) -> None:
    text = style.dumps(value) + style.end
    found = style_of_file(text, value)
    assert found is not None
    assert JsonStyle.from_json(found.to_json()) == found
    assert found.dumps(value) + found.end == text
