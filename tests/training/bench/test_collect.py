"""A journal that the real server filled becomes a dataset in which nothing stands but work and labels."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pyarrow.parquet as pq
import pytest
from lsprotocol import types
from pytest_lsp import client_capabilities

from activity_watch_server import ActivityWatchServer, at
from lsp_editor import Editor, editor_for
from proactive_collectors.event_json import from_json
from proactive_collectors.events import (
    DocumentFocused,
    EditBurst,
    Event,
    Source,
    SuggestionEvent,
    TerminalRun,
    WebVisited,
    Where,
)
from proactive_collectors.journal import Journal
from proactive_training.bench.audit import audit_folder
from proactive_training.bench.dataset import Dataset
from proactive_training.bench.example import Example, LabelSource
from proactive_training.stages.agent_examples import read_agent_data
from proactive_training.stages.preference_examples import from_data, from_journal
from secret_samples import POSITIVE, TOKENS

USER, HOST, PROJECT = "adalovelace", "ada-thinkpad", "acme-shop"
FAST = {"quietSeconds": 0.2, "minimumPauseSeconds": 0, "expireMinutes": 0.05, "interruptionCost": 0.05}
LANGUAGES = {"terminal": "shellscript", None: "plaintext"}


# --- a journal ---------------------------------------------------------------------------------------------


class Work:
    """A person's home on this machine, with a project and a journal in it."""

    def __init__(self, root: Path) -> None:
        self.home = root / "home" / USER
        self.project = self.home / "kunden" / PROJECT
        self.project.mkdir(parents=True)
        self.state = self.home / "state"
        self.failures: dict[str, str] = {}
        self.environment = {
            "HOME": str(self.home), "USER": USER, "LOGNAME": USER, "HOSTNAME": HOST,
            "PROACTIVE_STATE_DIR": str(self.state),
        }  # fmt: skip

    @property
    def journal(self) -> Path:
        return self.state / "journal.sqlite3"

    def collect(self, *options: object, **more: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "proactive_server", "bench", "collect", *map(str, options)],
            env={**os.environ, **self.environment, "COLUMNS": "250"},
            capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=120, **more,
        )  # fmt: skip

    def failure(self, name: str, line: str) -> str:
        """Write a module with a line that fails and a test of it; what pytest says of it."""
        (self.project / f"{name}.py").write_text(f'"""A part."""\n\n\ndef total(folder):\n    {line}\n')
        (self.project / f"test_{name}.py").write_text(
            f"from {name} import total\n\n\ndef test_total(tmp_path):\n    assert total(tmp_path) == 0\n"
        )
        if line in self.failures:  # the same failure in a module of another name
            return self.failures[line].replace("PART", name)
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"test_{name}.py"],
            cwd=self.project, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert "NameError" in run.stdout
        # As a terminal shows it: whose it is, and where.
        said = f"{USER}@{HOST}:~/kunden/{PROJECT}$ pytest\n{run.stdout}\nin {self.project}/{name}.py\n"
        self.failures[line] = said.replace(name, "PART")
        return said


IMPORTED = "return sum(path.stat().st_size for path in Path(folder).iterdir())"
MISSPELT = "return sum(len(name) for name in sorted(foldr.iterdir()))"


async def failed(editor: Editor, work: Work, name: str, line: str) -> tuple[str, list[types.CodeAction]]:
    editor.output = work.failure(name, line)
    uri = editor.open(work.project / f"{name}.py")
    editor.fail(work.project)
    return uri, await editor.offered(uri, 4)


async def kept(editor: Editor, kind: str, count: int = 1) -> None:
    async def there() -> bool:
        return (await editor.kinds()).count(kind) >= count

    await editor.until(there)


def insert(line: int, text: str) -> types.TextEdit:
    spot = types.Position(line, 0)
    return types.TextEdit(types.Range(spot, spot), text)


async def answers(work: Work) -> None:
    """Suggestions with each of the ends that they can have."""
    async with editor_for(work.home, "") as editor:
        await editor.start([work.project], client_capabilities("visual_studio_code"), FAST)
        uri, actions = await failed(editor, work, "accepted", IMPORTED)
        await editor.take(actions[0])
        await kept(editor, "suggestion.accepted")

        uri, actions = await failed(editor, work, "alone", IMPORTED)
        await kept(editor, "suggestion.ignored")
        editor.edit(uri, [insert(2, "from pathlib import Path\n\n\n")])
        await kept(editor, "suggestion.done_alone")

        await failed(editor, work, "ignored", IMPORTED)
        await kept(editor, "suggestion.ignored", 2)

        uri, actions = await failed(editor, work, "undone", MISSPELT)
        before = editor.texts[uri]
        await editor.take(actions[0])
        await kept(editor, "suggestion.accepted", 2)
        assert editor.texts[uri] == before.replace("foldr", "folder")
        at = before.split("\n")[4].index("foldr") + len("fold")
        span = types.Range(types.Position(4, at), types.Position(4, at + 1))
        assert editor.texts[uri].split("\n")[4][at] == "e"
        editor.edit(uri, [types.TextEdit(span, "")])
        await kept(editor, "suggestion.dismissed")

        uri, actions = await failed(editor, work, "dismissed", IMPORTED)
        await editor.take(next(action for action in actions if action.title.startswith("Dismiss: ")))
        await kept(editor, "suggestion.dismissed", 2)


async def secrets(work: Work) -> None:
    """Every secret in an edit, a terminal and a commit, and some in paths."""
    async with editor_for(work.home, "") as editor:
        await editor.start([work.project], client_capabilities("visual_studio_code"), {"enable": False})
        (work.project / ".env").write_text("A=1\n")
        hidden = editor.open(work.project / ".env", "dotenv")
        editor.edit(hidden, [insert(0, "UNSEEN=1\n")])
        for number, (_, _, text, context) in enumerate(POSITIVE):
            path = work.project / f"part{number}.txt"
            path.write_text("")
            uri = editor.open(path, LANGUAGES.get(context, context or "plaintext"))
            editor.edit(uri, [insert(0, text + "\n")])
            if context not in (None, "terminal"):
                continue  # known for a secret by the language it stands in
            data = {"command": f"show {number}", "cwd": str(work.project), "exit_code": 0, "output": text}
            editor.notify({"kind": "terminal.run", "data": data})
            subject = text.replace("\n", " ") if "KEY--" not in text else "key"
            data = {"subject": subject, "commit": f"{number:040x}", "branch": f"{USER}/main"}
            editor.notify({"kind": "git.committed", "data": data})
        for token in TOKENS.values():
            path = work.project / f"for {token} of {USER}.txt"
            path.write_text("x")
            editor.open(path, "plaintext")
        command = f"scp {USER}@{HOST}:{work.home}/x '{work.project}' && curl file://{quote(str(work.project))}"
        data = {"command": command, "cwd": str(work.home), "output": f"root@{socket.gethostname()}:{work.home}#"}
        editor.notify({"kind": "terminal.run", "data": data})

        async def all_seen() -> bool:
            told = (await editor.ask("proactive/timeline", {"limit": 5})).events
            return any(event.sentence.startswith("The user ran 'scp") for event in told)

        await editor.until(all_seen, 240)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Work]:
    work = Work(tmp_path_factory.mktemp("work"))
    with pytest.MonkeyPatch.context() as environment:
        for name, value in work.environment.items():
            environment.setenv(name, value)
        asyncio.run(answers(work))
        asyncio.run(secrets(work))
    yield work


@pytest.fixture(scope="module")
def collected(work: Work) -> Path:
    done = work.collect("--out", work.home / "mine", "--yes")
    assert done.returncode == 0, done.stderr
    return work.home / "mine"


# --- what is in the files ----------------------------------------------------------------------------------


def strings(value: Any) -> Iterator[str]:
    """Every string in a value, also inside of JSON."""
    if isinstance(value, str):
        yield value
        with suppress(orjson.JSONDecodeError):
            inner = orjson.loads(value)
            if isinstance(inner, dict | list):
                yield from strings(inner)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from (key, *strings(inner))
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def everything(folder: Path) -> str:
    """All that is in the files of a folder: their bytes, and what they hold once it is unpacked."""
    found = [str(path.relative_to(folder)) for path in folder.rglob("*")]
    for path in folder.rglob("*"):
        if path.is_file():
            found.append(path.read_bytes().decode("latin-1"))
            found.append(path.read_bytes().decode("utf-8", "replace"))
        if path.suffix == ".parquet":
            found += strings(pq.read_table(path).to_pylist())
    return "\n".join(found)


def test_no_secret_and_no_name_is_in_any_byte_of_the_files(work: Work, collected: Path) -> None:
    journal = Journal.open(work.journal)
    told = [event for event in journal.events() if event.kind in ("edit.burst", "git.committed", "terminal.run")]
    journal.close()
    assert len(told) > 2 * len(POSITIVE), "what was planted has been seen"
    found = everything(collected)
    assert found.count("[redacted]") > len(POSITIVE)
    for what, secret, _, _ in POSITIVE:
        for piece in secret.split("\n"):
            assert piece not in found, what
    assert "UNSEEN" not in found
    assert ".env" not in found
    lowered = found.lower()
    for name in (USER, HOST, PROJECT, str(work.home), str(work.project), quote(str(work.project)), "kunden/acme"):
        assert name.lower() not in lowered
    assert f"@{socket.gethostname()}:".lower() not in lowered
    assert "/home/user/project1" in found
    assert "user@host:/home/user/project1$" in found
    for number in range(1, len(POSITIVE)):
        assert f"{number:040x}" not in found


def test_what_was_not_taken_out_once_is_taken_out_now(work: Work, tmp_path: Path) -> None:
    """A journal of an older version, that knew fewer sorts of secrets."""
    path = tmp_path / "old.sqlite3"
    journal = Journal.open(path)
    where = Where(workspace=work.project.as_uri())
    began = next(iter(Journal.open(work.journal).events(limit=1))).time
    for number, (_, _, text, context) in enumerate(POSITIVE):
        if context in (None, "terminal"):
            moment = began + timedelta(seconds=number)
            run = TerminalRun(command=text.split("\n")[0], output=text, cwd=str(work.project), exit_code=0)
            journal.append(Event(moment, Source.CLIENT, run, where))
    ignored = TerminalRun(command=f"grep -v UNSEEN {work.project}/.env", output="PLAIN=unseen")
    journal.append(Event(began, Source.CLIENT, ignored, where))
    journal.close()
    done = work.collect("--journal", path, "--out", tmp_path / "old", "--yes")
    assert done.returncode == 0, done.stderr
    assert "with a secret that was still in the journal" in done.stdout
    assert "1 event about files that are excluded today" in done.stdout
    found = everything(tmp_path / "old")
    for what, secret, _, context in POSITIVE:
        if context in (None, "terminal"):
            for piece in secret.split("\n"):
                assert piece not in found, what
    assert "unseen" not in found.lower()


def test_what_activitywatch_keeps_goes_the_same_way_and_stands_there_once(work: Work, tmp_path: Path) -> None:
    path, page = tmp_path / "own.sqlite3", "https://docs.example.org/asyncio"
    journal = Journal.open(path)
    where = Where(workspace=work.project.as_uri())
    run = TerminalRun(command="pytest -q", output="", cwd=str(work.project), exit_code=0)
    journal.append(Event(at(2), Source.CLIENT, run, where))
    journal.append(Event(at(5), Source.ACTIVITYWATCH, WebVisited(page, "asyncio"), Where()))  # told as it began
    journal.close()
    tokens = list(TOKENS.values())
    with ActivityWatchServer(tmp_path / "aw") as server:
        server.bucket("web", "web.tab.current")
        server.bucket("editor", "app.editor.activity")
        tab = {"audible": False, "incognito": False}
        for second in (5, 7, 9):
            server.beat("web", second, url=page, title="asyncio", **tab)
        for second, token in enumerate(tokens, 10):
            url = f"https://{USER}.example.org/{token}?q={token}"
            server.beat("web", second, url=url, title=f"{token} of {USER}, {work.project}", **tab)
        server.beat("web", 200, url="https://private.example.org/", title="unseen", audible=False, incognito=True)
        server.beat("editor", 210, file=str(work.project / ".env"), project=str(work.project), language="dotenv")
        server.beat("editor", 212, file=str(work.project / "a.py"), project=str(work.project), language="python")
        options = ("--journal", path, "--activity-watch", server.url, "--yes")
        done = work.collect(*options, "--out", tmp_path / "out")
        assert done.returncode == 0, done.stderr
        shown = work.collect(*options[:-1], "--out", tmp_path / "asked", "--show", 1)
        assert shown.returncode == 1 and "docs.example.org/asyncio" in shown.stdout
        assert not (tmp_path / "asked").exists()
    records = list(Dataset.open(tmp_path / "out").records("train"))
    events = [event for record in records for event in record.sitting.trace.events]
    visited = [event.data.url for event in events if isinstance(event.data, WebVisited)]
    assert visited.count(page) == 1 and len(visited) == 1 + len(tokens)
    files = [event.where.uri for event in events if isinstance(event.data, DocumentFocused)]
    assert files == ["file:///home/user/project1/a.py"]
    found = everything(tmp_path / "out")
    assert "unseen" not in found and ".env" not in found
    for secret in (*tokens, USER, PROJECT, str(work.project)):
        assert secret.lower() not in found.lower()
    done = work.collect(*options, "--out", tmp_path / "later")
    assert done.returncode == 1 and "start it" in done.stderr, "nobody is there any more"
    assert not (tmp_path / "later").exists()


def test_the_answers_are_the_labels(work: Work, collected: Path) -> None:
    (record, *others) = Dataset.open(collected).records("train")
    assert not others
    assert not any(isinstance(event.data, SuggestionEvent) for event in record.sitting.trace.events)

    def labels(examples: tuple[Example, ...]) -> dict[str | None, tuple[bool | None, bool | None]]:
        return {e.offer.path: (e.label.need, e.label.accepted) for e in examples if e.offer}

    assert labels(record.examples) == {
        "accepted.py": (True, True),
        "alone.py": (True, None),
        "undone.py": (False, False),
        "dismissed.py": (False, False),
    }
    assert labels(record.answers) == {"ignored.py": (None, None)}
    assert {example.label.source for example in (*record.examples, *record.answers)} == {LabelSource.FEEDBACK}
    for example in (*record.examples, *record.answers):
        last = record.sitting.trace.events[example.index]
        assert isinstance(last.data, TerminalRun)
        assert example.offer is not None
        assert example.offer.path is not None
        assert f"/home/user/project1/{example.offer.path}" in last.data.output
        assert example.boundary == "run_failed"
        assert example.offer.proposer.startswith("failed_run.")
    # What the person did then stands behind the moment, and by whom it was done.
    accepted = next(e for e in record.examples if e.offer and e.offer.path == "accepted.py")
    after = [e.data for e in record.sitting.trace.events[accepted.index + 1 :] if isinstance(e.data, EditBurst)]
    assert after[0].manner == "applied"
    assert (record.sitting.domain, record.sitting.repository, record.sitting.source) == (
        "code",
        "project1",
        "journal",
    )


def test_training_and_audit_read_it(work: Work, collected: Path) -> None:
    data = read_agent_data([collected])
    assert Counter(example.speaks for example in data.examples) == {True: 1, False: 2}
    told = from_data([collected], split=None, most_events=8)
    own = from_journal(work.journal, most_events=8)
    offered = Counter((one.example.answer.task, one.welcome) for one in told if one.example.answer.task)
    # Done alone is no acceptance here.
    assert offered == Counter((o.example.answer.task, o.welcome) for o in own) - Counter(
        {(o.example.answer.task, True): 1 for o in own if o.welcome}
    )
    report = audit_folder(collected)
    assert report["leaking"] is False
    assert report["balance"]["train"]["all"]["label_sources"] == {"feedback": 4}
    assert report["balance"]["train"]["all"]["accepted"] == pytest.approx(1 / 3)
    card = (collected / "README.md").read_text()
    assert "# Collected sittings" in card
    assert "From a person's own journal" in card
    assert collected.stat().st_mode & 0o077 == 0


def test_datasets_opens_it(collected: Path, tmp_path: Path) -> None:
    code = (
        "import sys, datasets\n"
        "for name in ('events', 'sittings', 'examples', 'answers'):\n"
        "    print(datasets.load_dataset(sys.argv[1], name, cache_dir=sys.argv[2])['train'].num_rows)"
    )
    offline = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HOME": str(tmp_path / "hf")}
    done = subprocess.run(
        [sys.executable, "-c", code, str(collected), str(tmp_path / "cache")],
        env={**os.environ, **offline}, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.stdout.split()[1:] == ["1", "4", "1"], done.stderr


# --- asked first -------------------------------------------------------------------------------------------


def listing(folder: Path) -> list[str]:
    return sorted(str(path) for path in folder.rglob("*"))


def answered(work: Work, out: Path, answer: str) -> tuple[int, str]:
    """What a person sees in a terminal of their own who gives an answer to the question."""
    master, slave = pty.openpty()
    command = ["--out", str(out), "--show", "1"]
    process = subprocess.Popen(
        [sys.executable, "-m", "proactive_server", "bench", "collect", *command],
        env={**os.environ, **work.environment, "COLUMNS": "250", "TERM": "xterm"},
        stdin=slave, stdout=slave, stderr=slave, close_fds=True,
    )  # fmt: skip
    os.close(slave)
    screen, asked, deadline = b"", False, time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            piece = os.read(master, 65536)
        except OSError:  # the other end is closed
            break
        screen += piece
        if not asked and b"[y/N]" in screen:
            assert not out.exists()
            os.write(master, answer.encode() + b"\n")
            asked = True
        if not piece:
            break
    os.close(master)
    return process.wait(60), re.sub(r"\x1b\[[0-9;]*m", "", screen.decode("utf-8", "replace"))


def test_no_writes_nothing(work: Work, tmp_path: Path) -> None:
    before = listing(tmp_path)
    code, screen = answered(work, tmp_path / "deep" / "out", "n")
    assert code == 1
    assert "Nothing was written." in screen
    assert listing(tmp_path) == before
    # The real name is for the screen; the sentences are as they would be written.
    assert f"project1 (yours: {PROJECT})" in screen
    assert "1 accepted, 2 dismissed, 1 done alone, (1 unanswered)" in screen
    _, _, sentences = screen.partition("as it would be written:")
    assert "The user ran 'pytest -q'; 1 test failed in accepted.py" in sentences
    assert "(need: yes, accepted: yes)" in sentences
    assert USER not in sentences.partition("Write 1 sitting")[0].lower()


def test_yes_writes(work: Work, tmp_path: Path) -> None:
    code, screen = answered(work, tmp_path / "out", "y")
    assert code == 0, screen
    assert Dataset.open(tmp_path / "out").count("examples", "train") == 4
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_without_a_terminal_it_says_what_to_do(work: Work, tmp_path: Path) -> None:
    done = work.collect("--out", tmp_path / "out")
    assert done.returncode == 1
    assert "give --yes" in done.stderr
    assert "1 accepted, 2 dismissed" in done.stdout
    assert listing(tmp_path) == []


def test_what_stands_in_the_way_stays(work: Work, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    done = work.collect("--out", tmp_path / "out", "--yes")
    assert done.returncode == 1
    assert "exists already" in done.stderr
    assert listing(tmp_path) == [str(tmp_path / "out"), str(tmp_path / "out" / "mine.txt")]


def test_what_is_no_journal_stays_as_it_is(work: Work, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Buy milk, and then some more of it.")
    done = work.collect("--journal", tmp_path / "notes.txt", "--out", tmp_path / "out", "--yes")
    assert "is no journal" in done.stderr
    done = work.collect("--journal", tmp_path / "none.sqlite3", "--out", tmp_path / "out", "--yes")
    assert "is no journal" in done.stderr
    assert listing(tmp_path) == [str(tmp_path / "notes.txt")]


def test_scripts_get_figures_without_a_name(work: Work, tmp_path: Path) -> None:
    done = work.collect("--out", tmp_path / "out", "--yes", "--json", "--only", "project1", "--hide", "accepted")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    (one,) = found["sittings"]
    assert one["labels"] == {"accepted": 1, "dismissed": 2, "done_alone": 1}
    assert (one["unanswered"], one["project"], one["number"]) == (1, "project1", 1)
    assert USER not in str(one)
    assert PROJECT not in str(one)
    (record,) = Dataset.open(tmp_path / "out").records("train")
    assert {e.offer.path for e in record.examples if e.offer} >= {"[hidden].py", "alone.py"}
    done = work.collect("--out", tmp_path / "more", "--yes", "--only", "project7")
    assert "nothing is kept that fits" in done.stderr
    done = work.collect("--out", tmp_path / "more", "--yes", "--show", "9")
    assert "there is no sitting 9 to show; there are 1" in done.stderr
    assert not (tmp_path / "more").exists()


def test_what_is_excluded_today_is_left_out(work: Work, tmp_path: Path) -> None:
    done = work.collect("--out", tmp_path / "out", "--yes", "--exclude", "dismissed.py", "--exclude", "part*.txt")
    assert done.returncode == 0, done.stderr
    (record,) = Dataset.open(tmp_path / "out").records("train")
    assert {e.offer.path for e in record.examples if e.offer} == {"accepted.py", "alone.py", "undone.py"}
    names = {(event.where.uri or "").rpartition("/")[2] for event in record.sitting.trace.events}
    assert "accepted.py" in names
    assert not any(name == "dismissed.py" or name.startswith("part") for name in names)
    rules = work.project / ".proactive.toml"
    above = work.project.parent / rules.name
    rules.write_text('exclude = ["accepted.py"]\n')
    try:
        done = work.collect("--out", tmp_path / "ruled", "--yes")
        (record,) = Dataset.open(tmp_path / "ruled").records("train")
        assert {e.offer.path for e in record.examples if e.offer} == {"alone.py", "undone.py", "dismissed.py"}
        rules.rename(above)
        (above.parent / ".git").mkdir()
        above.write_text(f'\ufeffexclude = ["/{work.project.name}/accepted.py"]\n', encoding="utf-8")
        done = work.collect("--out", tmp_path / "ruled from above", "--yes")
        (record,) = Dataset.open(tmp_path / "ruled from above").records("train")
        assert {e.offer.path for e in record.examples if e.offer} == {"alone.py", "undone.py", "dismissed.py"}
        above.unlink()
        rules.write_text("exclude = [")
        done = work.collect("--out", tmp_path / "broken", "--yes")
        assert "mend it first" in done.stderr
        assert not (tmp_path / "broken").exists()
    finally:
        rules.unlink()
        (above.parent / ".git").rmdir()


def test_sentences_of_the_files_are_those_of_its_events(collected: Path) -> None:
    from proactive_collectors.sentences import sentence

    rows = pq.read_table(collected / "events" / "train-00000.parquet").to_pylist()
    assert all(row["sentence"] == sentence(from_json(row["event"])) for row in rows)
