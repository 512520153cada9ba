"""What may be read of a workspace: its folders' files with unsaved changes, or the open files alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from proactive_collectors.exclusion import Exclusion
from proactive_collectors.folder_workspace import FolderWorkspace
from proactive_collectors.uris import to_path, to_uri
from proactive_collectors.workspace import WorkspaceView
from proactive_server.documents import Documents
from proactive_server.open_files import OpenFiles


def view_of_folders(
    documents: Documents, folders: Sequence[Path], exclude: Sequence[str]
) -> tuple[Exclusion, WorkspaceView]:
    """What is left out, and the view of the rest; ``exclude`` are the user's own globs."""
    exclusion = Exclusion(tuple(folders), tuple(exclude))
    uris = tuple(to_uri(folder) for folder in folders)
    return exclusion, FolderWorkspace(uris, exclusion, documents.overlay, documents.open_uris)


def view_of_open_files(
    documents: Documents, parents: Sequence[Path], exclude: Sequence[str]
) -> tuple[Exclusion, WorkspaceView]:
    """The same where no folder is open: a file's neighbours are nobody's business.

    ``parents`` are the folders that the open files lie in (:func:`parents_of`).
    """
    exclusion = Exclusion(tuple(parents), tuple(exclude))
    return exclusion, OpenFiles(documents, exclusion)


def parents_of(documents: Documents) -> tuple[Path, ...]:
    """The folders in which the open documents lie."""
    paths = (to_path(uri) for uri in documents.open_uris())
    return tuple(dict.fromkeys(path.parent for path in paths if path is not None))
