"""Keys for models' servers: from the environment, else from the system's keyring. Never from or to a file of ours.

The keyring is the library ``keyring`` (``pip install 'proactive-lsp[keyring]'``): macOS's Keychain, the Secret
Service of Linux's desktops, Windows' Credential Locker. A key is kept there by its server's origin, such as
``https://example.org``.
"""

from __future__ import annotations

import importlib.util
import os
import threading
import time
from typing import Any

from proactive_inference.errors import ModelError
from proactive_inference.models.asking import Asking

KEY_VARIABLE = "PROACTIVE_API_KEY"
"""The environment variable that comes first."""

SERVICE = "proactive-lsp"
"""By which name the keyring shows our keys."""

KEYRING_SECONDS = 5.0
"""How long the keyring may take while a model is asked; it may be waiting for somebody to unlock it."""

_LOOK_SECONDS = 0.05  # between two looks whether the question is still wanted


def checked_key(key: str, whence: str = "this") -> str:
    """The key without blanks around it; ``whence`` it comes, for the message.

    Raises:
        ModelError: it cannot be one. (The message does not show it.)
    """
    key = key.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise ModelError(f"{whence} is no key: it is empty, or has characters that no key has; copy it again")
    return key


def key_of_environment() -> str | None:
    """The key in the environment variable, if it is set."""
    return os.environ.get(KEY_VARIABLE, "").strip() or None


def kept_key(origin: str, asking: Asking | None = None) -> str | None:
    """The key that the keyring has for a server; ``None`` without one, and where the keyring does not answer.

    Raises:
        UnwantedError: the question was taken back.
        UnavailableError: its time is up.
        ModelError: what is kept cannot be a key.
    """
    if importlib.util.find_spec("keyring") is None:
        return None
    found: list[str | None] = []

    def look() -> None:
        try:
            found.append(_keyring().get_password(SERVICE, origin))
        except Exception:  # each system's keyring has errors of its own
            found.append(None)

    thread = threading.Thread(target=look, name="keyring", daemon=True)
    thread.start()
    until = time.monotonic() + KEYRING_SECONDS
    while thread.is_alive() and time.monotonic() < until:
        thread.join(_LOOK_SECONDS)
        if asking is not None:
            asking.check()
    return checked_key(found[0], "what the keyring keeps for this server") if found and found[0] else None


def keep_key(origin: str, key: str) -> None:
    """Keep a key for a server.

    Raises:
        ModelError: there is no keyring, or it refuses; or it cannot be a key.
    """
    key = checked_key(key)
    try:
        _keyring().set_password(SERVICE, origin, key)
    except ModelError:
        raise
    except Exception as error:
        raise _refused(error) from None  # its cause might show the key


def forget_key(origin: str) -> bool:
    """Delete a server's key; whether there was one.

    Raises:
        ModelError: there is no keyring, or it refuses.
    """
    keyring = _keyring()
    try:
        if keyring.get_password(SERVICE, origin) is None:
            return False
        keyring.delete_password(SERVICE, origin)
    except Exception as error:
        raise _refused(error) from None
    return True


def _keyring() -> Any:
    try:
        import keyring
    except ImportError as error:
        raise ModelError(
            "keeping keys needs the package 'keyring'; install it with pip install 'proactive-lsp[keyring]', "
            f"or set {KEY_VARIABLE}"
        ) from error
    return keyring


def _refused(error: Exception) -> ModelError:
    if type(error).__name__ == "NoKeyringError":
        return ModelError(f"this system has no keyring that is running; set {KEY_VARIABLE} instead")
    return ModelError(f"the system's keyring refuses ({type(error).__name__}); unlock it, or set {KEY_VARIABLE}")
