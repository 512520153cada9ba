"""What the client at the other end can do, read once from its capabilities."""

from __future__ import annotations

from typing import NamedTuple

from lsprotocol import types
from pygls.capabilities import get_capability


class Client(NamedTuple):
    """The capabilities that make a difference here."""

    document_changes: bool = False  #: versioned edits
    annotations: bool = False  #: edits that ask for confirmation
    literals: bool = False  #: code actions beside bare commands
    resolve_edit: bool = False  #: an action's edit may come later
    preferred: bool = False
    disabled: bool = False  #: shows actions that cannot be taken, with the reason
    apply_edit: bool = False
    show_document: bool = False
    configuration: bool = False
    register_configuration: bool = False
    register_watched_files: bool = False
    lens_refresh: bool = False
    register_lens: bool = False
    progress: bool = False
    diagnostic_versions: bool = False
    ticked_preview: bool = False  #: shows edits before they are applied, and takes only those that are ticked
    terminal: bool = False  #: offers to put a command into a terminal; one of our own clients
    status: bool = False  #: wants `proactive/didChangeStatus`; an experimental capability of our own clients

    @classmethod
    def of(cls, capabilities: types.ClientCapabilities) -> Client:
        """Read the client's capabilities."""

        def has(name: str) -> bool:
            return bool(get_capability(capabilities, name, False))

        properties = get_capability(capabilities, "text_document.code_action.resolve_support.properties", ()) or ()
        experimental = capabilities.experimental
        ours = experimental.get("proactive") if isinstance(experimental, dict) else None
        return cls(
            document_changes=has("workspace.workspace_edit.document_changes"),
            annotations=has("workspace.workspace_edit.document_changes")
            and get_capability(capabilities, "workspace.workspace_edit.change_annotation_support") is not None,
            literals=get_capability(capabilities, "text_document.code_action.code_action_literal_support")
            is not None,
            resolve_edit="edit" in properties and has("text_document.code_action.data_support"),
            preferred=has("text_document.code_action.is_preferred_support"),
            disabled=has("text_document.code_action.disabled_support"),
            apply_edit=has("workspace.apply_edit"),
            show_document=has("window.show_document.support"),
            configuration=has("workspace.configuration"),
            register_configuration=has("workspace.did_change_configuration.dynamic_registration"),
            register_watched_files=has("workspace.did_change_watched_files.dynamic_registration"),
            lens_refresh=has("workspace.code_lens.refresh_support"),
            register_lens=has("text_document.code_lens.dynamic_registration"),
            progress=has("window.work_done_progress"),
            diagnostic_versions=has("text_document.publish_diagnostics.version_support"),
            ticked_preview=isinstance(ours, dict) and ours.get("tickedPreview") is True,
            terminal=isinstance(ours, dict) and ours.get("terminal") is True,
            status=isinstance(ours, dict) and ours.get("status") is True,
        )
