"""The commands that a model may offer although the user did not run them: developers' tools that build, check and test."""

# A list of words is easier to read as a paragraph.
# ruff: noqa: E501, SIM905

from __future__ import annotations

from attrs import frozen


@frozen
class Tool:
    """What of a program may be offered.

    A subcommand is written with blanks (``compose ps``); the empty one stands for a program that has none.
    """

    subcommands: frozenset[str]
    flags: frozenset[str]  #: without a value, or with a plain one


def _tool(subcommands: str, flags: str) -> Tool:
    return Tool(frozenset(part.strip() for part in subcommands.split("|")), frozenset(flags.split()))


_PYTEST = "-q -v -vv -x -s -l -k -m --lf --ff --nf --sw --last-failed --failed-first --exitfirst --maxfail --tb --durations --co"
_LINT = "--fix --check --diff --watch --show-fixes --unsafe-fixes --quiet --verbose -q -v --write --ext --all"

TOOLS: dict[str, Tool] = {
    "pytest": _tool("", _PYTEST),
    "py.test": _tool("", _PYTEST),
    "unittest": _tool("|discover", "-v -q -f -k -s -b"),
    "doctest": _tool("", "-v"),
    "tox": _tool("|run", "-e -q -v"),
    "nox": _tool("", "-s -l"),
    "ruff": _tool("check|format", _LINT),
    "black": _tool("", "--check --diff -q -v"),
    "isort": _tool("", "--check --diff -q"),
    "flake8": _tool("", "-q -v"),
    "mypy": _tool("", "--strict -v --pretty"),
    "pyright": _tool("", "--verbose"),
    "pylint": _tool("", "-E"),
    "coverage": _tool("report|html", "-m"),
    "pre-commit": _tool("run", "-a --all-files"),
    "pip": _tool("list|show|check|freeze", "-v --outdated"),
    "pip3": _tool("list|show|check|freeze", "-v --outdated"),
    "uv": _tool("sync|lock|pip list|pip check|tree", "--all-extras --dev"),
    "poetry": _tool("check|install|show|lock", ""),
    "npm": _tool("test|t|ls|ci|install|run test|run lint|run build|run typecheck|run format|run check|outdated", "--silent -s"),
    "pnpm": _tool("test|t|install|run test|run lint|run build|run typecheck|run format|lint|build|ls", "--silent"),
    "yarn": _tool("|test|install|lint|build|run test|run lint|run build|typecheck", "--silent"),
    "bun": _tool("test|install|run test|run lint|run build", ""),
    "deno": _tool("test|lint|fmt|check", ""),
    "jest": _tool("", "-t --watch --coverage -u"),
    "vitest": _tool("|run", "-t --coverage"),
    "mocha": _tool("", "-g"),
    "eslint": _tool("", "--fix --quiet"),
    "prettier": _tool("", "--check --write -c -w"),
    "tsc": _tool("", "--noEmit -b -p"),
    "cargo": _tool("test|build|check|clippy|fmt|doc|bench|tree|update",
                   "--release --all --workspace --all-targets --all-features --no-fail-fast --lib --bins --tests -p --package -q -v"),
    "rustfmt": _tool("", "--check"),
    "go": _tool("test|build|vet|fmt|mod tidy|mod verify|list", "-v -race -run -count -cover -short -timeout"),
    "gofmt": _tool("", "-l -d -w -s"),
    "golangci-lint": _tool("run", "--fix"),
    "git": _tool("status|diff|log|show|add|branch|blame|stash|stash list|stash show|commit|fetch|merge --continue|rebase --continue"
                 "|tag|shortlog",
                 "-s --short --staged --cached --stat --oneline -p --patch -u -A --all -m -a -am --name-only -n --graph -L"),
    "dotnet": _tool("test|build|restore|format", ""),
    "mvn": _tool("test|compile|verify|-q test", "-q"),
    "gradle": _tool("test|build|check", ""),
    "gradlew": _tool("test|build|check", ""),
    "bundle": _tool("install|exec rspec|exec rubocop|check", ""),
    "rspec": _tool("", "--only-failures -e"),
    "rubocop": _tool("", "-a"),
    "phpunit": _tool("", "--filter"),
    "composer": _tool("install|test|validate", ""),
    "mix": _tool("test|compile|format|deps.get", "--failed"),
    "swift": _tool("test|build", ""),
    "ctest": _tool("", "--output-on-failure -V"),
    "ls": _tool("", "-l -a -la -al"),
    "pwd": _tool("", ""),
}  # fmt: skip
"""By the program's name; also as ``python -m NAME``, ``uv run NAME``, ``poetry run NAME``."""

INSTALLERS: dict[str, frozenset[str]] = {
    "pip": frozenset(["install"]),
    "pip3": frozenset(["install"]),
    "uv": frozenset(["add", "pip install"]),
    "poetry": frozenset(["add"]),
    "pdm": frozenset(["add"]),
    "pipenv": frozenset(["install"]),
    "conda": frozenset(["install"]),
    "npm": frozenset(["install", "i", "add"]),
    "pnpm": frozenset(["add", "install", "i"]),
    "yarn": frozenset(["add"]),
    "bun": frozenset(["add", "install"]),
    "cargo": frozenset(["add"]),
    "go": frozenset(["get"]),
    "gem": frozenset(["install"]),
    "composer": frozenset(["require"]),
    "dotnet": frozenset(["add package"]),
}
"""What installs the packages that are named after it."""

INSTALL_FLAGS = frozenset(
    "-D --save-dev --dev -U --upgrade -e --editable -r --requirement --group -q -y --save -d".split()
)

MODULE_PACKAGES = {
    "cv2": "opencv-python", "yaml": "pyyaml", "pil": "pillow", "sklearn": "scikit-learn", "bs4": "beautifulsoup4",
    "dotenv": "python-dotenv", "dateutil": "python-dateutil", "jwt": "pyjwt", "serial": "pyserial", "usb": "pyusb",
    "attr": "attrs", "skimage": "scikit-image", "magic": "python-magic", "git": "gitpython", "crypto": "pycryptodome",
    "openssl": "pyopenssl", "google.protobuf": "protobuf", "multipart": "python-multipart", "jose": "python-jose",
    "psycopg2": "psycopg2-binary", "mysqldb": "mysqlclient", "fitz": "pymupdf", "docx": "python-docx", "markdown": "markdown",
    "pkg_resources": "setuptools", "pytest_cov": "pytest-cov", "pytest_asyncio": "pytest-asyncio",
}  # fmt: skip
"""Python modules whose package has another name."""

NEVER = frozenset(
    "sudo su doas runas pkexec rm rmdir dd mkfs shred wipefs fdisk chmod chown chgrp setfacl curl wget nc ncat netcat socat telnet ftp"
    " sftp scp rsync eval base64 xxd env printenv export set history xargs tee crontab at systemctl service launchctl reg regedit"
    " shutdown reboot halt del erase format iex invoke-expression invoke-webrequest iwr irm start-process powershell pwsh cmd cmd.exe"
    " powershell.exe osascript security gpg keyring pass vault aws gcloud az nohup disown kill killall pkill mkfifo mount umount"
    " iptables useradd usermod passwd visudo chpasswd ssh ssh-copy-id ssh-add gh hub twine"
    .split()
)  # fmt: skip
"""What is never offered, although the user ran it: it deletes, has rights, sends, or hides what it does."""

INTERPRETERS = frozenset(
    "bash sh zsh dash fish ksh csh tcsh python python2 python3 node deno bun perl ruby php lua Rscript julia tclsh awk gawk sed"
    " osascript source . exec npx pnpx bunx uvx pipx docker podman kubectl helm terraform ansible ansible-playbook make just brew apt"
    " apt-get yum dnf pacman snap choco winget scoop open xdg-open start".split()
)
"""What runs anything that is named to it: offered only as the user ran it."""
