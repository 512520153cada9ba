"""Files that make other programs run something: hooks, pipelines, an editor's tasks, what a shell reads first.

An edit of one is offered only where the user is at work in that very file.
"""

from __future__ import annotations

import fnmatch
import json
import re
from functools import cache

STEERING = frozenset({
    # git and what runs at commits
    ".git/", ".githooks/", "githooks/", ".husky/", ".gitmodules", ".gitconfig", ".gitattributes",
    ".pre-commit-config.yaml", ".pre-commit-hooks.yaml", "lefthook.y*ml", ".lefthook.y*ml", ".overcommit.yml",
    # pipelines
    ".github/workflows/", ".github/actions/", ".gitlab-ci*", ".gitlab/ci/", ".circleci/", ".travis.yml",
    "azure-pipelines*", ".azure-pipelines/", "bitbucket-pipelines.yml", ".buildkite/", ".drone.y*ml",
    ".woodpecker*", ".woodpecker/", "jenkinsfile*", ".tekton/", ".teamcity/", "appveyor.yml", ".appveyor.yml",
    ".forgejo/workflows/", ".gitea/workflows/",
    # editors
    ".vscode/", ".idea/", ".zed/", ".fleet/", ".devcontainer/", "*.code-workspace", ".exrc", ".nvimrc", ".vimrc",
    ".gvimrc", ".nvim.lua", ".lvimrc", ".dir-locals*.el", ".emacs", ".emacs.d/", "*.sublime-project",
    ".kateproject", ".helix/",
    # shells and environments
    ".bashrc", ".bash_profile", ".bash_login", ".bash_logout", ".bash_aliases", ".profile", ".zshrc", ".zshenv",
    ".zprofile", ".zlogin", ".zlogout", "config.fish", ".cshrc", ".tcshrc", ".kshrc", ".inputrc", ".envrc",
    "*profile.ps1", ".mise.toml", "mise.toml", ".mise/", ".tool-versions", ".xinitrc", ".xprofile", ".xsession",
    "crontab*", ".config/autostart/", ".config/systemd/", "*.service", "*.timer", ".devenv/",
    # interpreters and installers
    "sitecustomize.py", "usercustomize.py", "*.pth", ".pythonrc*", ".pdbrc*", ".gdbinit", ".lldbinit", ".irbrc",
    ".rprofile", ".cargo/config*", ".yarnrc*", ".pnpmfile.*", ".npmrc", ".bazelrc", "pip.conf",
    # this program
    ".proactive.toml",
})  # fmt: skip
"""By name, case ignored: a glob for the last part of a path, ``folder/`` for all below it."""

_INSTALL_SCRIPTS = re.compile(r"(?:pre|post)?(?:install|prepare|publish|pack|version)|prepublishOnly|dependencies")
_FOLDERS = tuple("/" + entry for entry in STEERING if entry.endswith("/"))


@cache
def _names() -> re.Pattern[str]:
    return re.compile("|".join(fnmatch.translate(entry) for entry in STEERING if not entry.endswith("/")))


def steers(path: str) -> bool:
    """Whether a path (its parts apart by slashes) is of such a file."""
    lowered = "/" + path.lower().replace("\\", "/").lstrip("/")
    return any(folder in lowered for folder in _FOLDERS) or _names().match(lowered.rsplit("/", 1)[-1]) is not None


def changes_install_scripts(path: str, old: str, new: str) -> bool:
    """Whether an edit of a ``package.json`` changes what installing the package runs."""
    return path.lower().replace("\\", "/").rsplit("/", 1)[-1] == "package.json" and _scripts(old) != _scripts(new)


def _scripts(text: str) -> object:
    try:
        value = json.loads(text)
        return {key: told for key, told in value["scripts"].items() if _INSTALL_SCRIPTS.fullmatch(key)}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
