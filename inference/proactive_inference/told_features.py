"""From told sentences to numbers: what the last one says, what the ones before said, and how much they are about.

Four groups, in the order of :data:`TOLD_NAMES`:

- for each :class:`~proactive_inference.told_acts.Act`, whether the last sentence has it;
- what acts come to together: a search for something against a search for a site, a run whose end is not told;
- *substance*: how many words are about something, whether earlier sentences were about them too, whether an
  error stands;
- for each act, a sum over the sentences before that halves every four.

Plain Python numbers, since one pass over a window must take a fraction of a millisecond.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from proactive_inference.told_acts import ACTS, Telling

HALF_LIFE = 4.0
"""After how many sentences the trail of an act has halved."""

REACH = 24
"""How many sentences back a trail goes; what is farther back weighs less than two in a hundred."""

_DECAY = 0.5 ** (1.0 / HALF_LIFE)
_RECENT = 8
_SPANS = (3, 8, 20)

# name → plain words for the evidence (empty: never named)
_TOGETHER: dict[str, str] = {
    "sought": "something is searched for",
    "sought_site": "only a site is searched for",
    "sought_how": "a how-to is searched for",
    "sought_error": "an error is searched for",
    "saw_error": "an error is told of",
    "run_open": "a run whose end is not told",
    "titled": "a titled text",
    "reads_text": "a text is being read",
    "reads_vaguely": "looking at nothing in particular",
    "only_switched": "only switching or waiting",
    "switched_to_act": "switching to do something",
    "writes_code": "code is being written",
    "writes_text": "text is being written",
}
_SUBSTANCE: dict[str, str] = {
    "quoted_words": "how much is quoted",
    "about": "how much it is about",
    "vague": "it is about nothing",
    "thin": "it is hardly about anything",
    "overlap": "the same matter goes on",
    "fresh_words": "something new comes up",
    **{f"about_{span}": "how much goes on lately" for span in _SPANS},
    "coherence": "one matter runs through it",
    "open_error": "an error was told of and no success since",
    "errors": "errors were told of",
    "sought_again": "the same thing is searched for again",
    "searches": "searching went on",
    "position": "",
    "first": "the sitting has just begun",
    "early": "",
    "said_before": "the same thing was done before",
}
_TRAIL_WORDS = {name: f"{act.words} (before)" if act.words else "" for name, act in ACTS.items()}

TOLD_LABELS: dict[str, str] = {
    **{f"last:{name}": act.words for name, act in ACTS.items()},
    **_TOGETHER,
    **_SUBSTANCE,
    **{f"trail:{name}": words for name, words in _TRAIL_WORDS.items()},
    "trail:quoted_words": "",
}
"""Every number's name, in order, with its plain words."""

TOLD_NAMES: tuple[str, ...] = tuple(TOLD_LABELS)
_INDEX = {name: position for position, name in enumerate(TOLD_NAMES)}


def searches(told: Telling) -> bool:
    """Whether a search is made, rather than its results looked at."""
    acts = told.acts
    return "searched" in acts and not ("results" in acts and "wrote" not in acts)


def told_features(tellings: Sequence[Telling]) -> tuple[float, ...]:
    """The numbers of a run of sentences, oldest first: one for each of :data:`TOLD_NAMES`; zeros for none."""
    values = [0.0] * len(TOLD_NAMES)
    if not tellings:
        return tuple(values)

    def put(name: str, value: float) -> None:
        values[_INDEX[name]] = value

    last, before = tellings[-1], tellings[:-1]
    for act in last.acts:
        put(f"last:{act}", 1.0)
    for name, holds in _together(last).items():
        put(name, float(holds))
    for name, value in _substance(last, before).items():
        put(name, value)
    trail: dict[str, float] = {}
    weight = 1.0
    for told in reversed(before[-REACH:]):
        weight *= _DECAY
        for act in told.acts:
            trail[act] = trail.get(act, 0.0) + weight
    for act, total in trail.items():
        put(f"trail:{act}", math.log1p(total))
    return tuple(values)


def _together(last: Telling) -> dict[str, bool]:
    acts = last.acts
    about = len(last.words)
    search = searches(last)
    writes = bool(acts & {"wrote", "changed"})
    looks = bool(acts & {"read", "scrolled"})
    return {
        "sought": search and about >= 2,
        "sought_site": search and about < 2,
        "sought_how": search and "how_to" in acts,
        "sought_error": search and "failed" in acts,
        "saw_error": not search and "failed" in acts,
        "run_open": "ran" in acts and not acts & {"failed", "succeeded"},
        "titled": {"material", "quoted"} <= acts,
        "reads_text": "material" in acts and looks,
        "reads_vaguely": (looks or "clicked" in acts) and about < 2,
        "only_switched": bool(acts & {"switched", "stayed", "opened"}) and about < 2,
        "switched_to_act": "switched" in acts and (writes or "searched" in acts),
        "writes_code": writes and "code" in acts,
        "writes_text": writes and "code" not in acts and not search,
    }


def _substance(last: Telling, before: Sequence[Telling]) -> dict[str, float]:
    about = len(last.words)
    known = frozenset[str]().union(*(told.words for told in before[-_RECENT:]))
    everything = (*before, last)
    named = Counter(word for told in everything[-_RECENT:] for word in told.words)
    errors = [index for index, told in enumerate(everything) if "failed" in told.acts]
    overcome = any("succeeded" in told.acts for told in everything[errors[-1] + 1 :]) if errors else True
    earlier = [told.words for told in before if "searched" in told.acts]
    found = {
        "quoted_words": math.log1p(last.quoted_words),
        "about": math.log1p(about),
        "vague": float(about == 0),
        "thin": float(about <= 1),
        "overlap": len(last.words & known) / max(1, about),
        "fresh_words": math.log1p(len(last.words - known)),
        "coherence": sum(n for n in named.values() if n > 1) / max(1, sum(named.values())),
        "open_error": float(not overcome),
        "errors": math.log1p(len(errors)),
        "sought_again": float(searches(last) and any(last.words & words for words in earlier)),
        "searches": math.log1p(len(earlier)),
        "position": math.log1p(len(everything)),
        "first": float(not before),
        "early": float(len(everything) <= 3),
        "said_before": float(last in before),
    }
    for span in _SPANS:
        recent = everything[-span:]
        found[f"about_{span}"] = sum(math.log1p(len(told.words)) for told in recent) / len(recent)
    return found
