"""What a user of the gym does, one act after the other. Paths are relative to the workspace folder, with ``/``."""

from __future__ import annotations

from attrs import frozen

from proactive_collectors.events import Manner
from proactive_collectors.text import Change


@frozen(kw_only=True)
class Act:
    """Something a person does."""

    after: float = 2.0  #: seconds of rest between the end of the act before and the beginning of this one
    why: str = ""  #: why now, for whoever reads the sitting: ``definition before its uses``
    lasts: float = 0.0  #: seconds that the act itself takes


@frozen(kw_only=True)
class Open(Act):
    """Open a document."""

    path: str


@frozen(kw_only=True)
class Focus(Act):
    """Bring an open document to the front."""

    path: str


@frozen(kw_only=True)
class Type(Act):
    """One burst of edits in an open document."""

    path: str
    changes: tuple[Change, ...]  #: net changes, each in the text that those before it left
    lasts: float = 1.0  #: seconds from the first keystroke to the last
    keystrokes: int = 1
    manner: Manner = Manner.TYPED
    in_comment: bool = False
    slip: bool = False  #: whether it holds a wrong turn that the history does not have


@frozen(kw_only=True)
class Save(Act):
    """Write an open document to disk."""

    path: str


@frozen(kw_only=True)
class Close(Act):
    """Close a document."""

    path: str


@frozen(kw_only=True)
class Put(Act):
    """Have a file stand otherwise on disk without the editor: created, deleted, or moved by a tool."""

    path: str
    text: str | None  #: ``None``: the file is gone


@frozen(kw_only=True)
class Run(Act):
    """Run a command in the terminal."""

    command: str
    lasts: float = 3.0  #: seconds, where the environment does not really run it


@frozen(kw_only=True)
class Commit(Act):
    """Commit what was saved."""

    commit: str
    subject: str
    branch: str | None = None


@frozen(kw_only=True)
class Rest(Act):
    """Do nothing for so long that the editor notices."""

    lasts: float = 300.0


@frozen(kw_only=True)
class Do(Act):
    """Do something with a thing of a scene, told in a sentence."""

    what: str  #: ``The user sends the contract to both landlords.``
    entity: str | None = None  #: the thing's name; ``None``: nothing of the scene is touched
    operation: str = ""  #: what is done with it, by the name of one of its operations


@frozen(kw_only=True)
class Say(Act):
    """Answer a question of the environment's."""

    answer: str
