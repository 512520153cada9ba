"""Repeated edits that are offered to be finished: each with exactly the places a careful person would change."""

from __future__ import annotations

from datetime import timedelta

from proactive_collectors.events import DiagnosticAppeared, GitCommitted, Snoozed, SnoozeScope, SuggestionShown
from proactive_collectors.text import Range
from proactive_inference.plays.repeated_edit import RepeatedEdit
from proactive_inference.proposal import Boundary

PYTHON = """\
import os

cache_dir = os.environ["CACHE"]


def path(name):
    return os.path.join(cache_dir, name)


def clear():
    for entry in os.listdir(cache_dir):
        os.remove(os.path.join(cache_dir, entry))


def size():
    return len(os.listdir(cache_dir))
"""


def only(sitting, boundary=Boundary.QUIET):
    proposals = RepeatedEdit().propose(sitting.moment(boundary))
    assert len(proposals) == 1
    return proposals[0]


def test_a_renamed_variable_at_all_places_left(sitting) -> None:
    person = sitting({"store.py": PYTHON})
    person.type("store.py", "dir", "root")
    person.type("store.py", "dir", "root", nth=0)
    assert person.workspace.files["store.py"].count("cache_root") == 2
    proposal = only(person)
    assert proposal.play == "repeated_edit.replace"
    assert proposal.title == "Replace the 3 remaining 'cache_dir' with 'cache_root'"
    assert proposal.key == "cache_dir→cache_root"
    assert person.accept(proposal) == {"store.py": PYTHON.replace("cache_dir", "cache_root")}
    assert proposal.anchor.range == Range.of(10, 28, 10, 37)
    assert proposal.edits[0].version == 1
    assert proposal.evidence == (0, 1)


def test_a_definition_renamed_and_one_use_across_python_files(sitting) -> None:
    files = {
        "app/io.py": "def load_all(path):\n    return open(path)\n",
        "app/a.py": "from app.io import load_all\n\nload_all('a')\n",
        "app/b.py": "from app.io import load_all\n\nprint(load_all('b'))\n",
    }
    person = sitting(files)
    person.edit("app/io.py", "load_all", "read_all")
    person.edit("app/a.py", "load_all", "read_all")
    proposal = only(person)
    wanted = {path: text.replace("load_all", "read_all") for path, text in files.items()}
    assert person.accept(proposal) == wanted
    assert proposal.anchor.uri == person.workspace.uri("app/a.py")
    assert "3 remaining" in proposal.title


def test_a_renamed_function_where_its_module_is_asked_for_it(sitting) -> None:
    files = {
        "lib/keys.py": "def typed(*args):\n    return args\n\n\ndef method(*args):\n    return typed(*args)\n",
        "lib/func.py": "from . import keys\n\nprint(keys.typed())\n",
        "test.py": "import lib.keys\n\nlib.keys.typed(1)\n",
        "other.py": "import locks\n\nlocks.typed(1)\n",
    }
    person = sitting(files)
    person.edit("lib/keys.py", "typed", "typed_key")
    person.edit("lib/keys.py", "typed(*args)\n", "typed_key(*args)\n")
    wanted = {path: files[path].replace("typed", "typed_key") for path in ("lib/func.py", "test.py")}
    accepted = person.accept(only(person))
    assert {path: accepted[path] for path in wanted} == wanted
    assert accepted.get("other.py", files["other.py"]) == files["other.py"], "another module's function"


def test_one_renamed_definition_is_enough_once_something_misses_the_old_name(sitting) -> None:
    files = {"a.py": "def total(items):\n    return sum(items)\n\n\nprint(total([1]), total([2]))\n"}
    person = sitting(files)
    person.edit("a.py", "total", "sum_of")
    assert RepeatedEdit().propose(person.moment()) == ()
    person.add(DiagnosticAppeared(message='"total" is not defined'), "a.py")
    assert person.accept(only(person)) == {"a.py": files["a.py"].replace("total", "sum_of")}


def test_typescript_method(sitting) -> None:
    text = """\
export class Store {
  fetchItems(): string[] { return []; }
  first() { return this.fetchItems()[0]; }
  last() { return this.fetchItems().at(-1); }
}
const count = (s: Store) => s.fetchItems().length;
"""
    person = sitting({"store.ts": text})
    person.edit("store.ts", "fetchItems", "loadItems")
    person.edit("store.ts", "fetchItems", "loadItems")
    assert person.accept(only(person)) == {"store.ts": text.replace("fetchItems", "loadItems")}


def test_go_function_over_the_files_of_its_package(sitting) -> None:
    files = {
        "kv/open.go": "package kv\n\nfunc openStore(path string) *Store { return nil }\n",
        "kv/main.go": 'package kv\n\nvar one = openStore("a")\nvar two = openStore("b")\n',
        "other/main.go": 'package other\n\nvar one = openStore("a")\n',
    }
    person = sitting(files)
    person.edit("kv/open.go", "openStore", "newStore")
    person.edit("kv/main.go", "openStore", "newStore")
    after = person.accept(only(person))
    assert after["kv/main.go"] == files["kv/main.go"].replace("openStore", "newStore")
    assert after["other/main.go"] == files["other/main.go"]


def test_rust_local_variable(sitting) -> None:
    text = "fn a(src: &str) -> usize {\n    let n = src.len();\n    n + src.len()\n}\nfn b(src: &u8) {}\n"
    person = sitting({"a.rs": text})
    person.edit("a.rs", "src", "source")
    person.edit("a.rs", "src", "source")
    after = person.accept(only(person))["a.rs"]
    assert after == text.replace("src", "source", 3)


def test_a_parameter_stays_in_its_function(sitting) -> None:
    text = """\
def one(conf):
    print(conf)
    return conf.a + conf.b


def two(conf):
    return conf.a
"""
    person = sitting({"a.py": text})
    person.edit("a.py", "conf", "config")
    person.edit("a.py", "conf", "config", nth=1)
    after = person.accept(only(person))["a.py"]
    assert after.endswith("def two(conf):\n    return conf.a\n")
    assert after.count("config") == 4


def test_a_nested_function_with_a_variable_of_its_own_is_left_alone(sitting) -> None:
    text = """\
def outer(items):
    print(items)
    def inner(items):
        return items
    return [inner(items), items]
"""
    person = sitting({"a.py": text})
    person.edit("a.py", "items", "rows")
    person.edit("a.py", "items", "rows")
    after = person.accept(only(person))["a.py"]
    assert "def inner(items):\n        return items\n    return [inner(rows), rows]" in after


def test_a_flag_across_code_yaml_and_markdown(sitting) -> None:
    files = {
        "cli.py": 'parser.add_argument("--cache-dir")\nhelp = "see --cache-dir"\n',
        "ci.yaml": "run: tool --cache-dir=/tmp\n",
        "README.md": "Pass `--cache-dir` to choose.\n\n    tool --cache-dir x --cache-dirs\n",
    }
    person = sitting(files)
    person.type("cli.py", "dir", "root")
    person.type("cli.py", "dir", "root")
    proposal = only(person)
    after = person.accept(proposal)
    assert proposal.title == "Replace the 3 remaining '--cache-dir' with '--cache-root'"
    assert after["ci.yaml"] == "run: tool --cache-root=/tmp\n"
    assert after["README.md"] == "Pass `--cache-root` to choose.\n\n    tool --cache-root x --cache-dirs\n"


def test_after_a_commit_the_mentions_left_in_the_docs(sitting) -> None:
    files = {
        "cache.py": "def purge_cache(path):\n    return path\n\n\nx = purge_cache('a')\n",
        "docs/use.md": "Call `purge_cache` first. Then `purge_cache` again.\n",
    }
    person = sitting(files)
    person.edit("cache.py", "purge_cache", "clear_cache")
    person.edit("cache.py", "purge_cache", "clear_cache")
    assert RepeatedEdit().propose(person.moment()) == ()
    person.add(GitCommitted(subject="Rename"))
    proposal = only(person, Boundary.COMMITTED)
    assert proposal.play == "repeated_edit.mentions"
    assert proposal.title == "2 mentions of purge_cache are left"
    assert person.accept(proposal)["docs/use.md"] == files["docs/use.md"].replace("purge_cache", "clear_cache")


def test_an_import_path(sitting) -> None:
    text = "from old_pkg.a import one\nfrom old_pkg.b import two\nfrom old_pkg.c import three\n"
    person = sitting({"a.py": text})
    person.edit("a.py", "old_pkg", "new_pkg")
    person.edit("a.py", "old_pkg", "new_pkg")
    assert person.accept(only(person)) == {"a.py": text.replace("old_pkg", "new_pkg")}


def test_a_whole_string(sitting) -> None:
    text = 'a = {"mode": "fast"}\nb = {"mode": "fast"}\nc = {"mode": "fast"}\nd = "not so fast"\n'
    person = sitting({"a.py": text})
    person.edit("a.py", "fast", "quick")
    person.edit("a.py", "fast", "quick")
    assert person.accept(only(person))["a.py"] == text.replace('"fast"', '"quick"')


def test_a_value_in_yaml(sitting) -> None:
    text = "a:\n  image: acme/base:1.4.2\nb:\n  image: acme/base:1.4.2\nc:\n  image: acme/base:1.4.2\n"
    person = sitting({"ci.yml": text})
    person.type("ci.yml", "2\n", "3\n")
    person.type("ci.yml", "2\n", "3\n")
    assert person.accept(only(person))["ci.yml"] == text.replace("1.4.2", "1.4.3")


def test_an_argument_added_to_calls(sitting) -> None:
    text = "a = fetch(one)\nb = fetch(two)\nc = fetch(three)\nd = fetch(four, 1)\ne = fetch(five, timeout=9)\n"
    person = sitting({"a.py": text})
    person.edit("a.py", "one)", "one, timeout=5)")
    person.edit("a.py", "two)", "two, timeout=5)")
    proposal = only(person)
    assert proposal.play == "repeated_edit.argument"
    assert proposal.title == "Add 'timeout=5' to the remaining call of 'fetch'"
    assert person.accept(proposal)["a.py"].splitlines()[2:] == [
        "c = fetch(three, timeout=5)",
        "d = fetch(four, 1)",
        "e = fetch(five, timeout=9)",
    ]


def test_other_cases_are_counted_but_left(sitting) -> None:
    text = "cache_dir = 1\nCACHE_DIR = 2\nprint(cache_dir, cache_dir)\n"
    person = sitting({"a.py": text})
    person.edit("a.py", "cache_dir", "cache_root")
    person.edit("a.py", "cache_dir", "cache_root")
    proposal = only(person)
    assert "1 × 'CACHE_DIR'" in proposal.reason
    assert "CACHE_DIR" in person.accept(proposal)["a.py"]


def test_the_last_intent_wins(sitting) -> None:
    person = sitting({"store.py": PYTHON})
    person.edit("store.py", "cache_dir", "cache_root")
    person.edit("store.py", "cache_root", "cache_home")
    person.edit("store.py", "cache_dir", "cache_root")
    person.edit("store.py", "cache_root", "cache_home")
    assert "cache_home" in person.workspace.files["store.py"]
    assert person.accept(only(person)) == {"store.py": PYTHON.replace("cache_dir", "cache_home")}


def test_the_other_places_may_be_in_a_file_with_crlf_and_wide_characters(sitting) -> None:
    text = 'name_key = "😀"\r\nprint("😀", name_key)\r\nprint("é", name_key)\r\n'
    person = sitting({"a.py": text})
    person.edit("a.py", "name_key", "label_key")
    person.edit("a.py", "name_key", "label_key")
    assert person.accept(only(person)) == {"a.py": text.replace("name_key", "label_key")}


def test_what_was_just_written_and_then_called_otherwise(sitting) -> None:
    person = sitting({"a.py": "import csv\n"})
    written = "\n\ndef total(table):\n    rows = table.rows\n    print(rows)\n    return sum(rows)\n"
    person.edit("a.py", "", written, at=len("import csv\n"))
    person.edit("a.py", "rows", "cells", nth=0)
    person.edit("a.py", "rows", "cells", nth=1)
    assert "cells = table.rows" in person.workspace.files["a.py"]
    assert "sum(cells)" in person.accept(only(person))["a.py"]


def test_a_pinned_digest_in_a_workflow(sitting) -> None:
    old, new = "8e8c483db84b4bee98b60c0593521ed34d9990e8", "de0fac2e4500dabe0009e67214ff5f5447ce83dd"
    text = (
        f"    - uses: acme/fetch@{old}  # v1\n    - uses: acme/fetch@{old}  # v1\n    - uses: acme/fetch@{old}\n"
    )
    person = sitting({"ci.yml": text})
    person.edit("ci.yml", old, new)
    person.edit("ci.yml", old, new)
    assert person.accept(only(person))["ci.yml"] == text.replace(old, new)


def test_a_plain_key_of_a_configuration_replaced_three_times(sitting) -> None:
    text = "a:\n  extras: x\nb:\n  extras: y\nc:\n  extras: z\nd:\n  extras: w\n"
    person = sitting({"ci.yml": text})
    for _ in range(2):
        person.edit("ci.yml", "extras", "groups")
    assert RepeatedEdit().propose(person.moment()) == ()
    person.edit("ci.yml", "extras", "groups")
    assert person.accept(only(person))["ci.yml"] == text.replace("extras", "groups")


def test_a_name_of_a_keyword_that_is_long_enough_to_be_one_thing(sitting) -> None:
    text = "get(allow_redirects=1)\npost(allow_redirects=1)\nput(allow_redirects=1)\n"
    person = sitting({"a.py": text})
    person.edit("a.py", "allow_redirects", "follow_redirects")
    person.edit("a.py", "allow_redirects", "follow_redirects")
    assert person.accept(only(person))["a.py"] == text.replace("allow", "follow")


def test_a_local_that_hid_an_import_is_renamed_where_it_is_meant(sitting) -> None:
    text = (
        'package p\n\nimport "example.org/check"\n\nfunc A(t *T) {\n\tcheck := check.New(t)\n'
        "\tcheck.Equal(1)\n\tcheck.Equal(2)\n\tcheck.Equal(3)\n}\n"
    )
    person = sitting({"a.go": text})
    person.edit("a.go", "check :=", "checks :=")
    person.edit("a.go", "check.Equal(1)", "checks.Equal(1)")
    assert RepeatedEdit().propose(person.moment()) == ()  # the import may be meant
    person.edit("a.go", "check.Equal(2)", "checks.Equal(2)")
    after = person.accept(only(person))["a.go"]
    assert "checks := check.New(t)" in after
    assert after.count("\tchecks.Equal") == 3


def test_an_offer_that_was_put_away_by_a_snooze_may_come_again(sitting) -> None:
    person = sitting({"store.py": PYTHON})
    person.edit("store.py", "cache_dir", "cache_root")
    person.edit("store.py", "cache_dir", "cache_root")
    proposal = only(person)
    person.add(SuggestionShown("1", proposal.play, proposal.key, proposal.title), "store.py", seconds=6)
    person.add(Snoozed(SnoozeScope.ALL, 1.0))
    person.edit("store.py", "cache_dir", "cache_root")
    person.time += timedelta(seconds=90)
    assert only(person).key == proposal.key
