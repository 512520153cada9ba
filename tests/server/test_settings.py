import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from proactive_collectors.exclusion import Exclusion
from proactive_collectors.uris import to_uri
from proactive_server.commands.settings import app as settings_command
from proactive_server.configuration import Configuration
from proactive_server.settings import Settings, entries, value_of
from proactive_server.settings_page import settings_page
from proactive_server.settings_values import check, check_locks, merge
from proactive_server.settings_vscode import interface, package_with_settings

DOCS = Path(__file__).parents[2] / "docs" / "settings.md"
EXTENSION = Path(__file__).parents[2] / "vscode-client"


def test_the_page_of_the_documentation_is_the_generated_one() -> None:
    assert DOCS.read_text(encoding="utf-8") == settings_page()


def test_every_default_is_allowed_by_its_own_check() -> None:
    for entry in entries():
        default = list(entry.default) if isinstance(entry.default, tuple) else entry.default
        plain: object = default
        for part in reversed(entry.key.split(".")):
            plain = {part: plain}
        values, problems = check(plain, "a test")
        assert problems == []
        assert values == {entry.key: entry.default}
        assert value_of(Settings(), entry.key) == entry.default


def test_nested_and_dotted_names_are_read_alike() -> None:
    nested, _ = check({"sources": {"activityWatch": {"enabled": True}}, "quietSeconds": 2}, "a test")
    dotted, _ = check({"sources.activityWatch.enabled": True, "quietSeconds": 2.0}, "a test")
    assert nested == dotted
    settings = merge({}, nested)
    assert settings.sources.activity_watch.enabled
    assert settings.quiet_seconds == 2.0


def test_a_wrong_value_names_the_key_the_value_what_is_allowed_and_the_default() -> None:
    values, problems = check({"interruptionCost": 7, "logLevel": "loud", "enable": "yes"}, "a test")
    assert values == {}
    assert [problem.message for problem in problems] == [
        "'interruptionCost' in a test is 7, but must be a number from 0.01 to 0.99; the default 0.25 is used.",
        '\'logLevel\' in a test is "loud", but must be one of "debug", "info", "warning", "error"; '
        'the default "warning" is used.',
        "'enable' in a test is \"yes\", but must be true or false; the default true is used.",
    ]


def test_an_unknown_name_brings_the_closest_one() -> None:
    _, problems = check({"quietSecond": 3, "zzz": 1, "journal": 3}, "a test")
    assert "did you mean 'quietSeconds'" in problems[0].message
    assert problems[1].message == "There is no setting 'zzz' (in a test)."
    assert "needs an object" in problems[2].message


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1, True, None, "5"])
def test_numbers_must_be_real_numbers_within_limits(value: object) -> None:
    values, problems = check({"quietSeconds": value}, "a test")
    assert values == {}
    assert len(problems) == 1


def test_the_user_counts_before_the_project() -> None:
    assert merge({"quietSeconds": 9.0}, {"quietSeconds": 3.0}).quiet_seconds == 3.0
    assert merge({"quietSeconds": 9.0}, {}).quiet_seconds == 9.0


def test_a_project_file_cannot_widen_what_is_watched() -> None:
    project = {
        "sources.activityWatch.enabled": True,
        "sources.activityWatch.url": "http://elsewhere.example",
        "journal.retentionDays": 365,
    }
    assert merge(project, {}, ["sources", "journal"]) == Settings()
    assert not merge({"journal.enabled": True}, {"journal.enabled": False}, ["journal"]).journal.enabled


def test_what_is_locked_cannot_be_loosened() -> None:
    project = {"journal.enabled": False, "journal.retentionDays": 7, "interruptionCost": 0.4}
    user = {"journal.enabled": True, "journal.retentionDays": 90, "interruptionCost": 0.1}
    locked = merge(project, user, ["journal", "interruptionCost"])
    assert (locked.journal.enabled, locked.journal.retention_days, locked.interruption_cost) == (False, 7, 0.4)
    free = merge(project, user)
    assert (free.journal.enabled, free.journal.retention_days, free.interruption_cost) == (True, 90, 0.1)
    assert merge(project, {"journal.retentionDays": 3}, ["journal"]).journal.retention_days == 3


def test_exclusions_add_up() -> None:
    assert merge({"exclude": ("a/**",)}, {"exclude": ("b", "a/**")}).exclude == ("a/**", "b")


def test_unknown_locks_are_reported() -> None:
    locks, problems = check_locks(["journal", "jurnal.enabled"])
    assert locks == ("journal",)
    assert "journal.enabled" in problems[0].message
    assert check_locks("journal")[1]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from([entry.key for entry in entries()] + ["journal", "sources"]) | st.text(max_size=8),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_gives_settings_and_messages(plain: object) -> None:
    values, problems = check(plain, "a test")
    assert isinstance(merge(values, {}, ()), Settings)
    assert isinstance(merge({}, values, ("journal",)), Settings)
    assert all(problem.message for problem in problems)


def test_the_project_file_is_read_and_problems_are_told_once(tmp_path: Path) -> None:
    (tmp_path / ".proactive.toml").write_text(
        'locked = ["journal"]\nquietSeconds = -3\n[journal]\nenabled = false\n'
    )
    told: list[str] = []
    configuration = Configuration(told.append)
    seen: list[Settings] = []
    configuration.subscribe(seen.append)
    configuration.load_project([tmp_path])
    configuration.load_project([tmp_path])
    assert len(told) == 1
    assert "quietSeconds" in told[0]
    configuration.take_editor({"journal": {"enabled": True}})
    assert not configuration.current.journal.enabled
    assert len(seen) == 1
    configuration.take_options({"proactive": {"enable": False}})
    assert not configuration.current.enable
    configuration.take_editor({"enable": True})
    assert configuration.current.enable
    assert len(seen) == 3


POLICY = 'locked = ["journal"]\nexclude = ["customers/**"]\n[journal]\nenabled = false\n'


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a = " + b"[" * 9000, POLICY.encode() + b"[journal"])
def test_where_a_policy_was_never_read_the_strictest_holds_until_it_is(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".proactive.toml").write_bytes(content)
    told: list[str] = []
    configuration = Configuration(told.append)
    configuration.take_editor({"journal": {"enabled": True}, "enable": True, "model": {"name": "http://a.b/v1"}})
    configuration.load_project([tmp_path, tmp_path / "missing"])
    (message,) = told
    assert "not TOML" in message
    assert "nothing is suggested, kept" in message
    now = configuration.current
    assert not any([now.enable, now.journal.enabled, now.sources.terminal, now.sources.git, now.model.asks])
    (tmp_path / ".proactive.toml").write_text("quietSeconds = 3\n")
    configuration.load_project([tmp_path])
    assert configuration.current.journal.enabled
    assert configuration.current.enable


def test_a_slip_in_the_policy_leaves_what_it_said_before(tmp_path: Path) -> None:
    file = tmp_path / ".proactive.toml"
    file.write_text(POLICY)
    told: list[str] = []
    configuration = Configuration(told.append)
    configuration.take_editor({"journal": {"enabled": True}})
    configuration.load_project([tmp_path])
    before = configuration.current
    for content in (POLICY + "[sources\n", POLICY + "[model\n"):
        file.write_text(content)
        configuration.load_project([tmp_path])
        assert configuration.current == before
    assert all("what it said before holds" in message for message in told)
    assert len(told) == 2
    file.unlink()
    configuration.load_project([tmp_path])
    assert configuration.current.journal.enabled
    assert configuration.current.exclude == ()


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / ".proactive.toml").write_bytes(POLICY.encode("utf-8-sig"))
    told: list[str] = []
    configuration = Configuration(told.append)
    configuration.load_project([tmp_path])
    assert told == []
    assert not configuration.current.journal.enabled


def test_a_policy_holds_in_the_folders_of_its_repository(tmp_path: Path) -> None:
    folder = tmp_path / "app" / "src" / "web"
    folder.mkdir(parents=True)
    (tmp_path / "app" / ".git").mkdir()
    (tmp_path / ".proactive.toml").write_text("enable = false\n")
    (tmp_path / "app" / ".proactive.toml").write_text(
        'locked = ["journal"]\nexclude = ["src/web/keys/**", "*.pem"]\nquietSeconds = 3\n'
        "[journal]\nenabled = false\nretentionDays = 4\n"
    )
    (folder / ".proactive.toml").write_text("quietSeconds = 7\n[journal]\nenabled = true\nretentionDays = 9\n")
    configuration = Configuration(lambda _: None)
    configuration.load_project([folder])
    now = configuration.current
    assert (now.enable, now.quiet_seconds, now.journal.enabled) == (True, 7.0, False)
    assert configuration.retention == {None: 30, to_uri(folder): 4, to_uri(tmp_path / "app"): 4}
    exclusion = Exclusion([folder], now.exclude)
    assert [exclusion.excluded(folder / name) for name in ("keys/a.py", "b.pem", "a.py")] == [True, True, False]
    (tmp_path / "linked").symlink_to(folder)
    configuration.load_project([tmp_path / "linked"])
    assert not configuration.current.journal.enabled


def test_an_empty_table_of_lua_is_no_mistake() -> None:
    assert check([], "the editor's settings") == ({}, [])
    _, (problem,) = check(["quietSeconds"], "the editor's settings")
    assert problem.message.startswith("The editor's settings must be an object")


def test_the_privacy_pages_example_for_a_team_holds(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs/privacy.md").read_text()
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (tmp_path / ".proactive.toml").write_text(example)
    told: list[str] = []
    configuration = Configuration(told.append)
    configuration.load_project([tmp_path])
    configuration.take_editor(
        {"journal": {"enabled": True}, "sources": {"activityWatch": {"enabled": True}}, "exclude": []}
    )
    assert told == []
    assert configuration.current.journal.enabled is False
    assert configuration.current.sources.activity_watch.enabled is False
    assert "customers/**" in configuration.current.exclude


def test_the_vscode_extension_declares_the_settings_of_the_table() -> None:
    package = (EXTENSION / "package.json").read_text(encoding="utf-8")
    assert package_with_settings(package) == package, "run: proactive settings --write-vscode vscode-client"
    module = (EXTENSION / "src" / "settings.generated.ts").read_text(encoding="utf-8")
    assert module == interface(), "run: proactive settings --write-vscode vscode-client"


def test_what_bears_on_privacy_is_restricted_in_an_untrusted_workspace() -> None:
    package = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
    held = set(package["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"])
    assert held >= {f"proactive.{entry.key}" for entry in entries() if entry.stricter is not None}
    assert "proactive.server.command" in held, "a cloned folder must not name a program to run"
    declared = {
        key: value
        for section in package["contributes"]["configuration"]
        for key, value in section["properties"].items()
    }
    assert declared["proactive.server.command"]["scope"] == "machine"
    assert declared["proactive.gate"]["scope"] == "machine"
    assert declared["proactive.sources.terminal"]["default"] is True


def test_the_extensions_own_sections_survive_the_generator() -> None:
    own = {"title": "Server", "properties": {"proactive.server.command": {"type": "array", "scope": "machine"}}}
    bare = {
        "contributes": {"configuration": [own]},
        "capabilities": {"untrustedWorkspaces": {"supported": "limited"}},
    }
    made = json.loads(package_with_settings(json.dumps(bare)))
    assert made["contributes"]["configuration"][-1] == own
    assert len(made["contributes"]["configuration"]) > 1


def test_writing_into_a_folder_without_an_extension_names_the_folder(tmp_path: Path) -> None:
    result = CliRunner().invoke(settings_command, ["--write-vscode", str(tmp_path)])
    assert result.exit_code == 2
    assert str(tmp_path) in result.output
