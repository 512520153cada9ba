"""Names that tell whose work it was, and neutral ones in their place: home, user, host, workspace.

One and the same name always becomes the same other one, so that what was one project stays one project. A name of
six characters or more is found anywhere, a shorter one where no letter stands beside it (`ada` is in `ada_notes`
and `ada2`, not in `canada`). Names that tell nothing are left alone: a user `root`, a host `localhost`, a folder
`src`; as words, that is, for their paths are replaced like any other.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import re
import socket
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from attrs import evolve, frozen

from proactive_collectors.event_strings import map_strings
from proactive_collectors.events import Event, GitCommitted, WebVisited, Where
from proactive_collectors.uris import to_path, to_uri

HOME = "/home/user"
USER = "user"
HOST = "host"
MAIL = "user@example.org"
HIDDEN = "[hidden]"

ANYWHERE = 6
"""A name so long is found inside of words as well."""

# Lists of words are easier to check as paragraphs.
# ruff: noqa: SIM905
_NOBODY = frozenset(
    "root user users admin administrator ubuntu debian fedora vscode runner dev developer guest test me home node "
    "git python localhost localdomain host desktop laptop server main build web db raspberrypi nobody".split()
)
_ANY_FOLDER = frozenset(
    "app api backend build client code core data demo dev doc docs example examples frontend git go home infra "
    "java javascript lib main my new node notes old package packages project projects python repo rust scripts "
    "server site source src temp test tests tmp tools typescript web website work workspace".split()
)


@frozen
class Person:
    """Whose names are taken out."""

    home: str = ""  #: absolute path
    users: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    names: tuple[str, ...] = ()  #: full names
    mails: tuple[str, ...] = ()

    @classmethod
    def here(cls) -> Person:
        """The one who runs this program, on this machine."""
        try:
            home = str(Path.home())
        except RuntimeError:
            home = ""
        users = {os.environ.get(name, "") for name in ("USER", "LOGNAME", "USERNAME")} | {Path(home).name}
        hosts = {socket.gethostname(), *(os.environ.get(name, "") for name in ("HOSTNAME", "COMPUTERNAME"))}
        names: set[str] = set()
        try:
            users.add(getpass.getuser())
            import pwd

            names.add(pwd.getpwuid(os.getuid()).pw_gecos.split(",")[0])
        except (ImportError, KeyError, OSError):
            pass  # no such table, as on Windows, or nobody in it
        name, mail = _git_says("user.name"), _git_says("user.email")
        whole = {host for host in hosts if host}
        return cls(
            home,
            tuple(sorted(filter(None, users))),
            tuple(sorted(whole | {host.split(".")[0] for host in whole})),
            tuple(sorted(filter(None, names | {name}))),
            (mail,) if mail else (),
        )


def _git_says(key: str) -> str:
    """A value of the user's own git configuration; empty if there is none."""
    import subprocess

    try:
        done = subprocess.run(
            ["git", "config", "--global", "--get", key], capture_output=True, timeout=5, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace").strip()


class Neutral:
    """Puts neutral names in place of a person's own.

    Args:
        person: whose.
        workspaces: absolute paths of workspace folders; the first becomes ``project1``.
        hide: further words, such as customers' names; they become ``[hidden]``.
    """

    def __init__(self, person: Person, workspaces: Sequence[str] = (), hide: Iterable[str] = ()) -> None:
        self._table: dict[str, str] = {}
        self._patterns: dict[str, str] = {}  # how each name is looked for; what comes first has the first say
        home = person.home.rstrip("/\\")
        self.projects: dict[str, str] = {}
        for path in dict.fromkeys(workspace.rstrip("/\\") for workspace in workspaces):
            if path and path != home:
                self.projects[path] = f"project{len(self.projects) + 1}"
        for word in hide:
            self._word(word.strip(), HIDDEN)
        for path, project in self.projects.items():
            self._path(path, f"{HOME}/{project}", home)
        if home.count("/") + home.count("\\") >= 1:
            self._path(home, HOME, "")
        for mail in person.mails:
            self._word(mail, MAIL)
        for name in person.names:
            if name.lower() not in _NOBODY:
                self._word(name, USER)
        for user in person.users:
            if user.lower() not in _NOBODY:
                self._word(user, USER)
        for host in person.hosts:
            if host.lower() not in _NOBODY:
                self._word(host, HOST)
        for path, project in self.projects.items():
            name = Path(path.replace("\\", "/")).name
            if name.lower() not in _ANY_FOLDER:
                for spelling in dict.fromkeys((name, *(re.sub(r"[-_ ]", to, name) for to in "-_ "))):
                    self._word(spelling, project, inside=False)
        longest_first = sorted(self._patterns, key=len, reverse=True)
        self._all = re.compile("|".join(self._patterns[key] for key in longest_first) or r"(?!)", re.IGNORECASE)

    def text(self, text: str) -> str:
        """The text with neutral names."""
        return self._all.sub(lambda match: self._table[match[0].lower()], text)

    def uri(self, uri: str) -> str:
        """The same for a URI, however it escapes."""
        path = to_path(uri)
        return self.text(uri) if path is None else to_uri(self.text(path.as_posix()))

    def event(self, event: Event) -> Event:
        """The event with neutral names, without the commit it tells of and what follows an address's ``?``.

        A commit's name leads to a public repository, and from there to its people; queries hold sessions.
        """
        data = map_strings(event.data, lambda text, name: self.text(text))
        if isinstance(data, GitCommitted):
            data = evolve(data, commit="")
        elif isinstance(data, WebVisited):
            data = evolve(data, url=re.split(r"[?#]", data.url, maxsplit=1)[0])
        where: Where = map_strings(event.where, lambda text, name: self.text(text))
        uri, workspace = event.where.uri, event.where.workspace
        where = evolve(
            where, uri=self.uri(uri) if uri else None, workspace=self.uri(workspace) if workspace else None
        )
        return evolve(event, data=data, where=where)

    # --- what is looked for -----------------------------------------------------------------------------

    def _word(self, word: str, neutral: str, *, inside: bool = True) -> None:
        for spelling in dict.fromkeys((word, quote(word))):
            if len(spelling) < 2:
                continue
            pattern = re.escape(spelling)
            if len(word) < ANYWHERE or not inside:
                # A line end may stand before it in the form that JSON and programs write: \n.
                pattern = rf"(?:(?<![^\W\d_])|(?<=\\[nrt])){pattern}(?![^\W\d_])"
            self._add(spelling, pattern, neutral)

    def _path(self, path: str, neutral: str, home: str) -> None:
        for spelling in dict.fromkeys(_spellings(path, home)):
            pattern = re.escape(spelling) + r"(?![\w-])(?!\.\w)"
            if spelling.count("/") == 1 and spelling.startswith("/"):  # /root, which is in many a path
                pattern = rf"(?<![\w.~-]){pattern}"
            self._add(spelling, pattern, neutral)

    def _add(self, spelling: str, pattern: str, neutral: str) -> None:
        key = spelling.lower()
        if key not in self._table:
            self._table[key], self._patterns[key] = neutral, pattern


def _spellings(path: str, home: str) -> Iterator[str]:
    """The ways in which a path is written."""
    paths = [path]
    with contextlib.suppress(OSError, ValueError):
        paths.append(os.path.realpath(path))
    for one in paths:
        posix = one.replace("\\", "/")
        yield from (one, posix, quote(posix))
        if posix[1:2] == ":":  # Windows
            yield from (posix.replace("/", "\\"), posix.replace("/", "\\\\"))
            yield from (f"{posix[0]}%3A{quote(posix[2:])}",)
        if home and posix.startswith(home.replace("\\", "/") + "/"):
            below = posix[len(home) :]
            yield from ("~" + below, "$HOME" + below, "${HOME}" + below)
