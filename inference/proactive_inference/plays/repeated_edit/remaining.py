"""Which of the places that still have the old spelling the same replacement is meant for."""

from __future__ import annotations

from proactive_inference.plays.repeated_edit.candidates import NONE, Remaining, Seen, candidates
from proactive_inference.plays.repeated_edit.library import Library
from proactive_inference.plays.repeated_edit.names import names_left
from proactive_inference.plays.repeated_edit.roles import NAMES
from proactive_inference.plays.repeated_edit.texts import texts_left
from proactive_inference.plays.repeated_edit.tokens import distinctive


def remaining(seen: Seen, library: Library) -> Remaining:
    """The places left for a replacement; empty where it is not sure."""
    names = [place for place in seen.places if place.role in NAMES]
    texts = [place for place in seen.places if place.role not in NAMES]
    if not names:
        return texts_left(seen, texts, library)
    found = names_left(seen, names, library)
    left = list(found.places)
    if texts and found.broken and distinctive(seen.old):
        roles = {place.role for place in texts}
        for uri in sorted({place.uri for place in seen.places}):
            source = library.source(uri)
            if source is not None:
                left += [place for place in candidates(source, seen) if place.role in roles]
    return Remaining(tuple(left), found.broken, found.why) if left else NONE
