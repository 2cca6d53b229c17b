"""What one file says, as the worker found it: verbatim, not yet judged by any rule."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

LONGEST = 400
"""Characters of a verbatim text that are kept."""

UNREADABLE = "signal_unreadable"
DOCUMENT_MISSING = "signal_document_missing"
MALFORMED = "signal_malformed"

PLUS = "plus_dmi"
TDM_XMP = "tdmrep_pdf"
TDM_EPUB = "tdmrep_epub"
C2PA = "c2pa"
CAWG = "cawg"


@dataclass(frozen=True, slots=True)
class Found:
    """One statement in a file, or that there is one which can't be read."""

    scheme: str
    """A scheme of `license_rules/consent/schemes.csv`."""
    raw: str
    """The text that was read, or what is wrong."""
    value: str = ""
    """A data mining code, the `use` of an entry, or a reservation."""
    entry: str = ""
    """The entry of a training-mining assertion, without its prefix."""
    detail: str = ""
    """Constraints or the policy that the statement refers to."""
    problem: str = ""
    """Why it can't be read, or isn't where its standard wants it."""
    valid: bool = True
    """Whether the manifest that holds it validates; true where nothing is signed."""
    trusted: bool = False
    """Whether the signer is known to a trust list."""
    own: bool = True
    """Whether it is about the file itself, not about an ingredient of it."""
    signer: str = ""
    signed_at: str = ""

    def as_json(self) -> dict[str, Any]:
        """For the way between processes."""
        return asdict(self)


def shortened(text: object) -> str:
    """Hostile text as one bounded line without control characters."""
    clean = "".join(c if c.isprintable() else " " for c in str(text)[: 4 * LONGEST])
    return " ".join(clean.split())[:LONGEST]


def unreadable(scheme: str, what: str) -> Found:
    """There is a signal, or might be one, that can't be read."""
    return Found(scheme, shortened(what), problem=UNREADABLE)
