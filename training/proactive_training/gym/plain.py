"""The gym's values as plain JSON and back, so that an episode can be kept and gone on with."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from cattrs.preconf.orjson import OrjsonConverter, make_converter
from cattrs.strategies import configure_tagged_union

from proactive_collectors.event_json import from_dict, to_dict
from proactive_collectors.events import Event
from proactive_inference.decision import Silence
from proactive_inference.proposal import Suggestion
from proactive_training.errors import DataError
from proactive_training.gym import acts

_Value = TypeVar("_Value")

AnyAct = (
    acts.Open | acts.Focus | acts.Type | acts.Save | acts.Close | acts.Put | acts.Run | acts.Commit | acts.Rest
    | acts.Do | acts.Say
)  # fmt: skip


def plain(value: Any, kind: Any = None) -> Any:
    """A value of the gym's as plain JSON; ``kind`` is its type where that is a union."""
    return _converter().unstructure(value, unstructure_as=kind)


def structured(value: Any, kind: type[_Value]) -> _Value:
    """The value of a type from plain JSON.

    Raises:
        DataError: it is none such.
    """
    try:
        return _converter().structure(value, kind)
    except Exception as error:  # cattrs raises whatever a malformed value provokes
        name = getattr(kind, "__name__", str(kind))
        raise DataError(f"a saved episode cannot be read ({name}: {error}); begin it anew") from error


@cache
def _converter() -> OrjsonConverter:
    converter = make_converter(detailed_validation=False)
    converter.register_unstructure_hook(Event, to_dict)
    converter.register_structure_hook(Event, lambda value, _: from_dict(value))
    converter.register_unstructure_hook(datetime, lambda time: time.isoformat())
    converter.register_structure_hook(datetime, lambda text, _: datetime.fromisoformat(text))
    configure_tagged_union(AnyAct, converter, tag_name="act")
    configure_tagged_union(Suggestion | Silence, converter, tag_name="outcome")
    return converter
