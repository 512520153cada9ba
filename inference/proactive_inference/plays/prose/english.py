"""Whether a passage is English, by its function words alone: cheap, and sure enough to stay silent elsewhere."""

from __future__ import annotations

import re

_WORDS = {
    "en": "the of and to in is that for it as with are this on "
    "be by or from you not an at was can which has its we if",
    "de": "der die und das in den von zu ist mit sich auf für "
    "im nicht ein eine dem des es als auch wird sie wir ich",
    "fr": "le la les et des du un une est que qui dans pour "
    "pas sur au ce il avec par vous nous ne se en plus sont",
    "es": "el la los las de que y en un una por con para se del es no al lo como su más este esta o pero son",
    "it": "il la che di e un una per non con sono del della si le i da al nel come più questo anche lo gli è",
    "nl": "de het een en van in is dat op te voor met zijn niet aan er om ook als bij of wordt je we die naar",
    "pt": "o a os as de que e em um uma para com não do da no na se por mais como dos das ao é são",
    "sv": "och att det som en på är av för med den till inte om ett men har de kan jag vi så var från",
}
_SETS = {language: frozenset(words.split()) for language, words in _WORDS.items()}
_LANGUAGES: dict[str, list[str]] = {}
for _language, _known in _SETS.items():
    for _one in _known:
        _LANGUAGES.setdefault(_one, []).append(_language)
_WORD = re.compile(r"[^\W\d_]+")
_REACH = 3_000


def is_english(prose: str, around: int) -> bool:
    """Whether the prose around an offset is English rather than anything else.

    In a longer passage at least one word in ten must be an English function word; in any, English must lead.
    """
    passage = prose[max(0, around - _REACH) : around + _REACH]
    words = _WORD.findall(passage.lower())
    total = len(words)
    scores = dict.fromkeys(_SETS, 0)
    for word in words:
        for language in _LANGUAGES.get(word, ()):
            scores[language] += 1
    english = scores.pop("en")
    return english > max(scores.values()) and english >= 0.1 * min(total, 400)
