"""What a bundle holds, and under which names. Those of an audit's folder are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sourcing_audit import output, results
from sourcing_audit.rules.store import digest_of

if TYPE_CHECKING:
    from collections.abc import Mapping

STATEMENT: Final = "statement.json"
ENVELOPE: Final = "envelope.json"
README: Final = "README.txt"
LISTING: Final = "tables.json"
REPORT: Final = output.MARKER
REQUEST: Final = results.REQUEST

RULES: Final = "rules"
_SHIPPED = "shipped"
_OVERLAY = "overlay-"
VERSION: Final = f"{RULES}/{_SHIPPED}/VERSION"

ABOUT_EACH_ITEM: Final = (results.FINDINGS, results.TEXTS)
"""Tables that may be large: their digests stand in the bundle, they themselves on request."""

_UNSIGNED = "It is NOT signed: anybody could have made it."


def explained(keyid: str | None) -> bytes:
    """The content of `README.txt`."""
    signed = _UNSIGNED if keyid is None else f"It is signed with the key {keyid}."
    return _EXPLAINED.format(signed=signed).encode("ascii")


_EXPLAINED = """\
Evidence of an audit by sourcing-audit. {signed}

statement.json  what is stated: an in-toto Statement that names every other file by its SHA-256
envelope.json   the same statement, signed (DSSE, Ed25519); not there if nobody signed
report.*        the report; report.json is what the others are made from
tables.json     every table of the audit with its digests, those that were left out included
evidence/       licences, matched consent records and what was asked; request.json to run it again
rules/          the rules that every verdict follows from

    sourcing-audit verify BUNDLE --key PUBLIC.pem

checks all of it. Without sourcing-audit: check the signature of envelope.json with openssl, that
its payload is statement.json, and each file with sha256sum; docs/evidence.md of the project has
the commands.

The signature shows who vouches for these files. It doesn't show when they were made, and not that
what manifests, cards and registries declare is true.
"""


def rule_name(level: int, name: str) -> str:
    """Where a rule file stands; level 0 are the shipped ones, then the overlays."""
    return f"{RULES}/{f'{_OVERLAY}{level}' if level else _SHIPPED}/{name}"


def rule_place(member: str) -> tuple[int, str] | None:
    """The level and name of a rule file; None if the member is none."""
    top, _, rest = member.partition("/")
    folder, _, name = rest.partition("/")
    if top != RULES or not name:
        return None
    if folder == _SHIPPED:
        return 0, name
    number = folder.removeprefix(_OVERLAY)
    plain = number.isascii() and number.isdecimal() and number == str(int(number)) != "0"
    return (int(number), name) if folder != number and plain else None


def rules_digest(digests: Mapping[str, str]) -> str:
    """The digest of the rules among some members, as reports name it."""
    places = {name: rule_place(name) for name in digests if name != VERSION}
    return digest_of((*place, digests[name]) for name, place in places.items() if place)
