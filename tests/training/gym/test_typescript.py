"""The real compiler of TypeScript, asked about texts that stand nowhere."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from proactive_collectors.diagnostics import Item
from proactive_collectors.events import DiagnosticAppeared, DiagnosticResolved, Severity
from proactive_collectors.text import Change, Range
from proactive_training.errors import DataError
from proactive_training.gym.acts import Open, Put, Save, Type
from proactive_training.gym.git_objects import Git
from proactive_training.gym.linters import First
from proactive_training.gym.linters.carrying import carried
from proactive_training.gym.linters.parsers import Parsers
from proactive_training.gym.linters.typescript_codes import PROJECT_OPTIONS, SURROUNDINGS
from proactive_training.gym.linters.typescript_program import tsserver
from proactive_training.gym.linters.typescript_server import TypeScriptServer
from proactive_training.gym.replay_environment import LINT_DELAY, SETTLED, ReplayEnvironment
from proactive_training.gym.replay_workspace import ReplayWorkspace
from proactive_training.gym.workers import Lot, Tools, Workers

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "vscode-client" / "node_modules" / "typescript"


@pytest.fixture(scope="module")
def server() -> Iterator[TypeScriptServer]:
    program = tsserver(PACKAGE) if PACKAGE.is_dir() else tsserver()
    if program is None or shutil.which("node") is None:
        pytest.skip("no node, or no TypeScript: npm ci in vscode-client has one")
    found = TypeScriptServer(program)
    yield found
    found.close()


@pytest.fixture(autouse=True)
def _new_sitting(request: pytest.FixtureRequest) -> None:
    if "server" in request.fixturenames:
        request.getfixturevalue("server").forget()


def _new(server: TypeScriptServer, path: str, text: str) -> list[Item]:
    """What is said of a text written into a new file."""
    assert server.check(path, "") == []
    found = server.check(path, text)
    assert found is not None
    return list(found)


def test_the_compiler_says_what_is_undefined_and_where(server: TypeScriptServer) -> None:
    (found,) = _new(server, "a.ts", 'const x = "😀"; const y = missing;\nexport { x, y };\n')
    assert (found.code, found.severity, found.tool) == ("2304", Severity.ERROR, "ts")
    assert found.range == Range.of(0, 25, 0, 32), "code points"


def test_types_are_checked_and_not_syntax_alone(server: TypeScriptServer) -> None:
    text = "function twice(n: number): number {\n  return 2 * n;\n}\nexport const four = twice('two');\n"
    assert [item.code for item in _new(server, "b.ts", text)] == ["2345"]


@pytest.mark.parametrize("path", ["c.ts", "c.tsx", "c.js", "c.jsx", "c.mts"])
def test_what_is_half_typed_is_a_syntax_error(server: TypeScriptServer, path: str) -> None:
    assert any(item.severity is Severity.ERROR for item in _new(server, path, "export const a = (1 + ;\n"))


def test_markup_belongs_to_its_own_files(server: TypeScriptServer) -> None:
    assert _new(server, "d.tsx", "export const a = <b className='x'>{1}</b>;\n") == []
    assert _new(server, "d.ts", "export const a = <b className='x'>{1}</b>;\n")


@pytest.mark.parametrize(
    "text",
    [
        "import { a } from './a';\nimport * as fs from 'node:fs';\nimport b from 'b';\nfs.x(a.y, b.z);\n",
        "import data from './data.json';\nexport const x = data.y;\n",
        "const a = require('a');\nexport const x = process.env.A + Buffer.from(a).toString() + __dirname;\n",
        "describe('a', () => {\n  it('b', () => expect(1).toBe(1));\n});\n",
        "import { B } from './b';\nexport class A extends B {\n  override f() {\n    return this.x;\n  }\n}\n",
        "import { Base } from './base';\nexport interface A extends Base {\n  x: number;\n}\n"
        "export const f = (a: A) => a.y;\nexport const g: A = { x: 1, z: 2 };\n",
        "export function f(a, b) {\n  return a.c.d(b);\n}\n"
        "export const w = window.mine;\nlet t: NodeJS.Timeout;\n",
        "import { C, I } from './c';\n@C({})\nexport class A {\n  constructor(@I() private a: string) {}\n}\n",
        "export const mode = import.meta.env.MODE;\nawait mode;\n",
        "let a: string = null;\na = undefined;\nexport { a };\n",
    ],
)
def test_what_follows_from_the_missing_surroundings_is_not_told(server: TypeScriptServer, text: str) -> None:
    assert _new(server, "e.ts", text) == []


def test_files_do_not_see_one_another(server: TypeScriptServer) -> None:
    assert _new(server, "f.ts", "const same = 1;\n") == []
    assert _new(server, "g.ts", "const same = 'one';\n") == []


def test_what_the_file_had_before_is_not_told(server: TypeScriptServer) -> None:
    old = "export const a = missing;\nexport const b: number = 'b';\n"
    assert server.check("h.ts", old) == []
    assert server.check("h.ts", "\n\n" + old) == [], "it has moved"
    (found,) = server.check("h.ts", old + "export const c = missing;\n") or ()
    assert (found.code, found.range.start.line) == ("2304", 2), "one more of the same sort"
    server.forget()
    assert server.check("h.ts", old + "export const c = missing;\n") == []


def test_a_text_that_is_mended_has_no_diagnostics_left(server: TypeScriptServer) -> None:
    assert _new(server, "i.ts", "export const a = missing;\n")
    assert server.check("i.ts", "export const a = 1;\n") == []


def test_until_the_text_settles_its_diagnostics_go_with_their_lines(server: TypeScriptServer) -> None:
    (before,) = _new(server, "j.ts", "export const a = missing;\n")
    (moved,) = (
        server.check("j.ts", "// one more\nexport const a = missing;\nexport const b = gone;\n", False) or ()
    )
    assert moved.message == before.message
    assert moved.range.start.line == 1
    assert len(server.check("j.ts", "// one more\nexport const a = missing;\nexport const b = gone;\n") or ()) == 2


def test_diagnostics_of_what_is_deleted_stay_in_the_text() -> None:
    item = Item(Range.of(2, 4, 3, 9), "wrong")
    (moved,) = carried([item], "a\nb\nlet wrong = [\n  thing x\n]\n", "a\nb\n")
    assert moved.range == Range.of(1, 1, 1, 1), "at the end of what is left"
    (kept,) = carried([item], "a\nb\nlet wrong = [\n  thing x\n]\n", "a\nlet wrong = [\n  thing x\n]\n")
    assert kept.range == Range.of(1, 4, 2, 9)


def test_lines_that_end_for_the_compiler_alone_do_not_move_anything(server: TypeScriptServer) -> None:
    (found,) = _new(server, "k.ts", "export const a = 'x\u2028y';\nexport const b = missing;\n")
    assert found.range == Range.of(1, 17, 1, 24)


def test_other_languages_are_left_to_others(server: TypeScriptServer) -> None:
    assert server.check("a.py", "x = (\n") is None
    assert not server.waits("a.py")
    assert First(server, Parsers()).check("a.go", "package a\n\nfunc f( {\n")


def test_in_a_replay_a_rest_or_a_save_settles_the_text(server: TypeScriptServer) -> None:
    workspace = ReplayWorkspace(Git(Path()), "")
    environment = ReplayEnvironment(workspace, server)
    now = datetime(2026, 1, 1, 12, tzinfo=UTC)
    text = "export const a = 1;\n"
    environment.do(Put(path="l.ts", text=text), now)
    environment.do(Open(path="l.ts"), now)
    change = Change(Range.of(0, 17, 0, 18), "1", "missing")
    typed = environment.do(Type(path="l.ts", changes=(change,)), now)
    assert [event.kind for event in typed] == ["edit.burst"]
    settles = now + LINT_DELAY + SETTLED
    assert environment.wake_at == settles
    assert environment.happen(settles - timedelta(seconds=1)) == []
    (appeared,) = environment.happen(settles)
    assert isinstance(appeared.data, DiagnosticAppeared)
    assert appeared.time == settles
    later = now + timedelta(seconds=30)
    back = Change(Range.of(0, 17, 0, 24), "missing", "1")
    assert [event.kind for event in environment.do(Type(path="l.ts", changes=(back,)), later)] == ["edit.burst"]
    _, resolved = environment.do(Save(path="l.ts"), later + timedelta(seconds=1))
    assert isinstance(resolved.data, DiagnosticResolved)
    assert environment.wake_at is None


# --- the program ---------------------------------------------------------------------------------------------


def _package(folder: Path, version: str) -> Path:
    (folder / "lib").mkdir(parents=True)
    (folder / "lib" / "tsserver.js").write_text("process.exit(3);\n")
    (folder / "package.json").write_bytes(orjson.dumps({"name": "typescript", "version": version}))
    return folder


def test_the_program_is_found_by_package_file_and_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = _package(tmp_path / "lib" / "node_modules" / "typescript", "5.9.2")
    file = package / "lib" / "tsserver.js"
    assert tsserver(package) == tsserver(file) == tsserver(tmp_path / "lib") == file
    programs = tmp_path / "bin"
    programs.mkdir()
    (package / "bin").mkdir()
    for program in (package / "bin" / "tsc", programs / "node"):
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    assert tsserver() is None
    (programs / "tsc").symlink_to(package / "bin" / "tsc")
    assert tsserver() == file


def test_another_version_is_named_and_one_on_path_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = _package(tmp_path / "typescript", "7.0.1")
    with pytest.raises(DataError, match=r"TypeScript 7\.0\.1 .* 5 or 6"):
        tsserver(package)
    (package / "lib" / "tsserver.js").unlink()
    with pytest.raises(DataError, match=r"TypeScript 7\.0\.1 .* 5 or 6"):
        tsserver(package)
    with pytest.raises(DataError, match=r"no lib/tsserver\.js"):
        tsserver(tmp_path)
    monkeypatch.setenv("PATH", os.devnull)
    assert tsserver() is None


def test_a_dataset_whose_compiler_is_gone_says_so(tmp_path: Path) -> None:
    for jobs in (1, 2):
        workers = Workers(jobs, _job, None, typescript=tmp_path / "lib" / "tsserver.js")
        with pytest.raises(DataError, match="install typescript 5 or 6"), workers:
            pass


def _job(tools: Tools, lot: Lot, options: object) -> None:
    raise AssertionError("nothing is to be done")


def test_a_program_that_ends_is_named(tmp_path: Path) -> None:
    if shutil.which("node") is None:
        pytest.skip("no node")
    with pytest.raises(DataError, match="tsserver ended"):
        TypeScriptServer(_package(tmp_path / "typescript", "6.0.0") / "lib" / "tsserver.js")


def test_every_code_that_is_left_out_has_its_reason() -> None:
    assert all(SURROUNDINGS.values()) and all(PROJECT_OPTIONS.values())
    assert not SURROUNDINGS.keys() & PROJECT_OPTIONS.keys()
