"""The ground a proposal stands on: whether the text it was made for is still there."""

from __future__ import annotations

import hashlib


def digest(text: str) -> str:
    """A short fingerprint of a text, to tell whether it changed (not a secret, not for security)."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
