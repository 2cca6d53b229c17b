"""Sentences that carry a licence's name: `This dataset is released under the Open Licence`.

What surrounds the name is handed back: whoever reads it decides whether it takes something back.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sourcing_audit.licenses.catalog import Known

_MAX_SENTENCE = 400
"""Longer text is more than one sentence about one licence."""

_CARRIERS = {
    "en": (
        (
            "licensed licenced released distributed published available provided shared offered"
            " governed covered issued redistributable usable use used"
        ),
        r"(?:to you )?(?:under|by|with|pursuant to|according to|in accordance with|subject to)",
        r"(?:the )?(?:terms|conditions)(?: and conditions)? (?:of|in)|the|an?|this|its",
    ),
    "de": (
        "steht stehen lizenziert veröffentlicht verfügbar bereitgestellt",
        "unter",
        "der|den|dem|einer",
    ),
    "fr": (
        (
            "publié publiés publiée publiées diffusé diffusés diffusée diffusées distribué"
            " distribués distribuée distribuées disponible disponibles placé placés placée placées"
        ),
        "sous|selon",
        "les termes de|la|une|le",
    ),
    "es": (
        (
            "publicado publicada publicados publicadas distribuido distribuida distribuidos"
            " distribuidas disponible disponibles licenciado licenciada licenciados licenciadas"
        ),
        "bajo|con|según",
        "los términos de|la|una|el",
    ),
    "it": (
        (
            "pubblicato pubblicata pubblicati pubblicate distribuito distribuita distribuiti"
            " distribuite rilasciato rilasciata rilasciati rilasciate disponibile disponibili"
        ),
        "sotto|con|secondo",
        "i termini della|la|una",
    ),
    "pt": (
        (
            "publicado publicada publicados publicadas distribuído distribuída distribuídos"
            " distribuídas disponível disponíveis licenciado licenciada licenciados licenciadas"
        ),
        "sob|com",
        "os termos da|a|uma",
    ),
    "nl": ("gepubliceerd beschikbaar uitgebracht gelicentieerd", "onder", "de|een"),
    "pl": (
        (
            "opublikowany opublikowana opublikowane udostępniony udostępniona udostępnione dostępny"
            " dostępna dostępne"
        ),
        "na",
        "licencji|warunkach",
    ),
}
"""By language: what is done with a work, the preposition, and what may stand before the name."""
_VERBS = frozenset(verb for verbs, _, _ in _CARRIERS.values() for verb in verbs.split())
_CARRIER = re.compile(
    "|".join(
        rf"\b(?:{verbs.replace(' ', '|')}) (?:{prepositions})(?: (?:{fillers}))* (?=[\w\"'`(\[*])"
        for verbs, prepositions, fillers in _CARRIERS.values()
    )
)
_END = re.compile(r"[.;!](?= |$)| (?:license|licence) (?:agreement )?(?=[(\[])")
_ASIDE = re.compile(r"[,(\[:]| (?:and|as|by|see|at) ")
_MAX_ENDS = 4
_OF_OTHERS = re.compile(r"\b(?:that|which|who|whose)(?: (?:is|are|was|were|be))?(?: \w+)?$")
"""A clause about something that the text only mentions."""
_WORD = re.compile(r"[^\W\d_]+")
_NAME_MARKS = " \"'`*_[](){}<>,:"


class Sentences:
    """Finds the name that a sentence carries."""

    def __init__(self, read: Callable[[str], Known | None]) -> None:
        """`read` is asked what a text names."""
        self._read = read

    def read(self, text: str) -> tuple[Known, str] | None:
        """The licence that a sentence of `text` puts it under, and the text around the name."""
        if len(text) > _MAX_SENTENCE or _VERBS.isdisjoint(_WORD.findall(text)):
            return None
        for carrier in _CARRIER.finditer(text):
            if _OF_OTHERS.search(text[: carrier.start()].rstrip()):
                continue
            for end in _ends(text, carrier.end()):
                name = text[carrier.end() : end].strip(_NAME_MARKS)
                known = self._read(name) if name else None
                if known:
                    return known, f"{text[: carrier.start()]} {text[end:]}"
        return None


def _ends(text: str, start: int) -> list[int]:
    """Where the name may end: with the sentence, or before an aside; the farthest first."""
    end = _END.search(text, start)
    stop = end.start() if end else len(text)
    asides = [match.start() for match in _ASIDE.finditer(text, start + 1, stop)]
    return [stop, *reversed(asides)][:_MAX_ENDS]
