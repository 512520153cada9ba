"""What is never read, asked of real files and, for git's rules, of git itself."""

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proactive_collectors import exclusion
from proactive_collectors.exclusion import Exclusion


def write(path: Path, text: str = "x\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exclusion, "STALE_AFTER", 0.0)


@pytest.mark.parametrize(
    "name",
    [
        ".env", ".env.local", "deep/.env.production", "prod.env", "server.pem", "tls/site.key", "id_rsa",
        "id_ed25519", "store.p12", "vault.kdbx", ".netrc", ".npmrc", ".pypirc", "credentials", "credentials.json",
        "secrets.yaml", "secret.txt", "SECRETS.YML", ".aws/config", ".ssh/config", ".gnupg/x",
        ".docker/config.json", "infra/prod.tfvars", "terraform.tfstate",
        ".git/config", "sub/.git/HEAD",
        ".git-credentials",
        ".bash_history", "id_rsa.pub",
    ],
)  # fmt: skip
def test_files_that_hold_secrets_are_excluded_whether_they_exist_or_not(tmp_path: Path, name: str) -> None:
    rules = Exclusion([tmp_path])
    assert rules.excluded(tmp_path / name)
    write(tmp_path / name)
    assert rules.excluded(tmp_path / name)


@pytest.mark.parametrize(
    "name",
    ["a.py", "environment.py", "keys.py", "monkey.ts", "src/secret_santa.py", "docs/token.md", ".github/ci.yml",
     ".gitignore", "config.json", "pem.rs", "tests/test_credentials.py"],
)  # fmt: skip
def test_ordinary_files_are_read_whether_they_exist_or_not(tmp_path: Path, name: str) -> None:
    rules = Exclusion([tmp_path])
    assert not rules.excluded(tmp_path / name)
    write(tmp_path / name)
    assert not rules.excluded(tmp_path / name)


def test_a_home_folder_of_keys_stays_shut_even_as_a_workspace(tmp_path: Path) -> None:
    write(tmp_path / ".ssh" / "config")
    assert Exclusion([tmp_path / ".ssh"]).excluded(tmp_path / ".ssh" / "config")


def test_user_globs_are_relative_to_each_folder(tmp_path: Path) -> None:
    rules = Exclusion([tmp_path / "a", tmp_path / "b"], ["/private/", "*.csv", "[bad"])
    assert rules.excluded(tmp_path / "a/private/x.py")
    assert rules.excluded(tmp_path / "b/deep/x.csv")
    assert not rules.excluded(tmp_path / "a/deep/private/x.py")
    assert not rules.excluded(tmp_path / "b/x.py")


def test_what_lies_outside_is_excluded_however_it_is_spelled(tmp_path: Path) -> None:
    inside = tmp_path / "app"
    write(inside / "a.py")
    outside = write(tmp_path / "other" / "b.py")
    (inside / "link.py").symlink_to(outside)
    (inside / "dir").symlink_to(tmp_path / "other")
    (inside / "good.py").symlink_to(inside / "a.py")
    rules = Exclusion([inside])
    assert not rules.excluded(inside / "a.py")
    assert not rules.excluded(inside / "good.py")
    assert not rules.excluded(inside / "new" / "c.py")
    for path in (
        outside, inside / ".." / "other" / "b.py", inside / "link.py", inside / "dir" / "b.py",
        inside / "dir" / "new.py", Path("a.py"), tmp_path / "app2" / "x.py", Path("/etc/passwd"),
        Path(str(inside) + "\0"),
    ):  # fmt: skip
        assert rules.excluded(path), path


def test_a_link_is_judged_by_its_own_name_and_its_targets(tmp_path: Path) -> None:
    write(tmp_path / ".env")
    write(tmp_path / "a.txt")
    (tmp_path / "notes.txt").symlink_to(tmp_path / ".env")
    (tmp_path / "site.pem").symlink_to(tmp_path / "a.txt")
    rules = Exclusion([tmp_path])
    assert rules.excluded(tmp_path / "notes.txt")
    assert rules.excluded(tmp_path / "site.pem")


def test_a_folder_that_is_a_link_counts_as_its_target(tmp_path: Path) -> None:
    write(tmp_path / "real" / "a.py")
    (tmp_path / "alias").symlink_to(tmp_path / "real")
    rules = Exclusion([tmp_path / "alias"])
    assert not rules.excluded(tmp_path / "alias" / "a.py")
    assert not rules.excluded(tmp_path / "real" / "a.py")


def assert_agrees_with_git(folder: Path, names: list[str]) -> list[str]:
    """What both say is ignored."""
    for name in names:
        write(folder / name)
    said = subprocess.run(
        ["git", "-C", folder, "check-ignore", "--no-index", "--stdin"],
        input="\n".join(names), capture_output=True, text=True, check=False,
    ).stdout.splitlines()  # fmt: skip
    rules = Exclusion([folder])
    ignored = [name for name in names if rules.excluded(folder / name)]
    assert ignored == [name.strip('"') for name in said]
    return ignored


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's home folder, with nothing of git's in it."""
    for name in ("XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    return folder


@pytest.mark.parametrize(
    ("config", "file"),
    [
        ("", "home/.config/git/ignore"),
        ("[core]\n\texcludesFile = ~/.ignored\n", "home/.ignored"),
        ('[CORE] ExcludesFile = "~/my #1 \\"file\\"" ; mine\n', 'home/my #1 "file"'),
        ("[core]\n  excludesfile = ~/my \\\n file # mine\n", "home/my  file"),
        ("[core]\n\texcludesFile = patterns/ignored\n", "work/patterns/ignored"),
        ("[core]\n\texcludesFile = ~/first\n\texcludesFile = ~/last\n", "home/last"),
        ("[include]\n\tpath = more/config\n", "home/.included"),
        ('[core "x"]\n\texcludesFile = ~/other\n', "home/.config/git/ignore"),
        ("[core]\n\texcludesFile =\n", "nowhere"),
        ("[core]\n\texcludesFile = ~/absent\n", "nowhere"),
    ],
)
@pytest.mark.parametrize("of", ["home/.gitconfig", "home/.config/git/config", "work/.git/config"])
def test_the_users_own_ignore_file_counts_as_it_does_for_git(
    tmp_path: Path, home: Path, config: str, file: str, of: str
) -> None:
    work = tmp_path / "work"
    subprocess.run(["git", "init", "-q", work], check=True)
    write(home / ".config/git/ignore", "nothing.txt\n")
    included = write((tmp_path / of).parent / "more" / "config", "[core]\nexcludesFile = ~/.included\n")
    with (write(tmp_path / of, "") if "home" in of else tmp_path / of).open("a") as opened:
        opened.write(config)
    write(tmp_path / file, "notes.txt\n*.log\nprivate/\n/top.md\n")
    write(work / ".gitignore", "!keep.log\n")
    write(work / ".git" / "info" / "exclude", "!excluded.log\n")
    names = ["a.py", "notes.txt", "keep.log", "a.log", "excluded.log", "private/x", "top.md", "sub/top.md"]
    ignored = assert_agrees_with_git(work, names)
    assert ignored == ([] if file == "nowhere" else ["notes.txt", "a.log", "private/x", "top.md"])
    assert included.exists()


def test_the_users_own_ignore_file_is_found_where_the_environment_says(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "work"
    subprocess.run(["git", "init", "-q", work], check=True)
    rules = Exclusion([work])
    assert not rules.excluded(work / "notes.txt")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    write(tmp_path / "xdg" / "git" / "ignore", "notes.txt\n")
    assert_agrees_with_git(work, ["a.py", "notes.txt"])
    assert rules.excluded(work / "notes.txt"), "it has come since"
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    write(tmp_path / "config", f"[core]\nexcludesFile = {write(tmp_path / 'mine', 'a.py')}\n")
    write(home / ".gitconfig", "[core]\nexcludesFile = ~/another\n")
    assert assert_agrees_with_git(work, ["a.py", "notes.txt"]) == ["a.py"]


def test_a_linked_work_tree_shares_what_its_repository_excludes(tmp_path: Path, home: Path) -> None:
    main, linked = tmp_path / "main", tmp_path / "linked"
    git = ["git", "-C", str(main), "-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "init", "-q", main], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "first"], check=True)
    subprocess.run([*git, "worktree", "add", "-q", str(linked)], check=True)
    write(main / ".git" / "info" / "exclude", "by-info.txt\n")
    for folder in (main, linked):
        assert assert_agrees_with_git(folder, ["a.py", "by-info.txt"]) == ["by-info.txt"]


def test_ignore_files_agree_with_git(tmp_path: Path) -> None:
    write(
        tmp_path / ".gitignore", "*.log\n!keep.log\nbuild/\n/top.txt\ndocs/**/draft.md\n\\#odd\n# c\n\nsub/*.tmp\n"
    )
    write(tmp_path / "sub" / ".gitignore", "!special.log\nlocal.py\n/deep/\n")
    write(tmp_path / "build" / ".gitignore", "!kept.py\n")
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    write(tmp_path / ".git" / "info" / "exclude", "by-info.txt\n")
    names = [
        "a.log", "keep.log", "build/x.py", "build/kept.py", "top.txt", "sub/top.txt", "docs/a/b/draft.md",
        "docs/draft.md", "#odd", "sub/x.tmp", "sub/y/x.tmp", "sub/special.log", "sub/other.log", "sub/local.py",
        "local.py", "sub/deep/x.py", "sub/more/deep/x.py", "by-info.txt", "sub/by-info.txt", "plain.py",
    ]  # fmt: skip
    assert_agrees_with_git(tmp_path, names)
    # A folder deep in the repository is under the rules above it, too.
    assert Exclusion([tmp_path / "sub"]).excluded(tmp_path / "sub" / "other.log")


def test_a_directory_is_pruned_as_a_whole(tmp_path: Path) -> None:
    write(tmp_path / ".gitignore", "build/\n")
    write(tmp_path / "build" / "x" / "y.py")
    write(tmp_path / "other" / "build")
    rules = Exclusion([tmp_path])
    assert rules.excluded(tmp_path / "build")
    assert not rules.excluded(tmp_path / "other" / "build")
    assert not rules.excluded(tmp_path)


def test_a_changed_ignore_file_is_noticed(tmp_path: Path) -> None:
    rules = Exclusion([tmp_path])
    path = write(tmp_path / "notes.txt")
    assert not rules.excluded(path)
    ignore = write(tmp_path / ".gitignore", "notes.txt\n")
    assert rules.excluded(path)
    ignore.write_text("nothing-of\n")
    os.utime(ignore, (1, 1))
    assert not rules.excluded(path)
    ignore.unlink()
    assert not rules.excluded(path)


def test_repeated_questions_are_answered_from_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exclusion, "STALE_AFTER", 60.0)
    rules = Exclusion([tmp_path])
    assert not rules.excluded(tmp_path / "a.py")
    write(tmp_path / ".gitignore", "a.py\n")
    assert not rules.excluded(tmp_path / "a.py")
    assert rules.excluded(tmp_path / "a.py") is Exclusion([tmp_path]).excluded(tmp_path / "b.py")


@given(st.lists(st.sampled_from(["..", ".", "a", "app", "link", "/", "", " ", "é", "x.py"]), max_size=8))
def test_nothing_outside_is_ever_let_through(tmp_path_factory: pytest.TempPathFactory, parts: list[str]) -> None:
    base = tmp_path_factory.getbasetemp() / "escape"
    folder = base / "app"
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / "link"
    if not link.is_symlink():
        link.symlink_to(base)
    path = folder.joinpath(*parts)
    if not Exclusion([folder]).excluded(path):
        real = os.path.realpath(path)
        assert real == os.path.realpath(folder) or real.startswith(os.path.realpath(folder) + os.sep)


def test_many_answers_at_once_are_those_asked_one_by_one(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    folder = tmp_path / "app" / "web"
    (folder / "sub").mkdir(parents=True)
    (tmp_path / ".gitignore").write_text("*.log\nsub/no.py\n")
    (folder / ".gitignore").write_text("/out\n!keep.log\n")
    entries = [
        (name, False)
        for name in (
            "a.py", "a.log", "keep.log", ".env", "ID_RSA", "out", "x.csv", "no.py", "secrets.json", "config.json"
        )
    ] + [(name, True) for name in ("out", "gcloud", ".ssh", "plain", ".git", "data")]  # fmt: skip
    for directory in (folder, folder / "sub"):
        for name, is_directory in entries:
            if is_directory:
                (directory / name).unlink(missing_ok=True)
                (directory / name).mkdir(exist_ok=True)
            elif not (directory / name).is_dir():
                (directory / name).write_text("")
        real = [entry for entry in entries if (directory / entry[0]).is_dir() == entry[1]]
        rules = Exclusion([folder, folder / "sub"], ["*.csv", "data/"])
        one_by_one = [rules.excluded(directory / name) for name, _ in real]
        assert Exclusion([folder, folder / "sub"], ["*.csv", "data/"]).among(str(directory), real) == one_by_one
        assert any(one_by_one) and not all(one_by_one)
