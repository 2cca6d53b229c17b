"""Rules on what names a person, a work or a place: ids, platforms, and hashes that are alike."""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator

from sourcing_audit.rules.store import Rule

Check = Literal["none", "mod11_2", "mod37_36", "isbn", "iswc", "iscc"]
"""How an id shows a slip of the pen."""

ACCOUNT = "{account}"


class IdentifierScheme(Rule):
    """A scheme of ids of persons or works, in every form in which they are written."""

    scheme: str
    about: Literal["person", "work"]
    labels: str
    """Words before an id, with spaces between them: `isbn isbn-13`. A hyphen in a label may be
    missing, or something else."""
    resolvers: str | None = None
    """Beginnings of addresses (without `https://` and `www.`) that lead to an id."""
    separators: str | None = None
    """Characters that structure an id and say nothing; where there are any, spaces don't either."""
    grammar: str
    """A pattern that an id fits as a whole, without separators, in capitals."""
    bare: str | None = None
    """A pattern that an id fits as a whole where nothing says what it is; none: never taken
    for one."""
    normal: str | None = None
    """A pattern that keys and what becomes one without being read fit as a whole."""
    check: Check
    example: str
    key: str
    """What becomes of the example."""
    source: str

    @property
    def names(self) -> tuple[str, ...]:
        """The labels."""
        return tuple(self.labels.split())

    @property
    def addresses(self) -> tuple[str, ...]:
        """The resolvers."""
        return tuple((self.resolvers or "").split())


class Platform(Rule):
    """Where the pages of a platform's accounts are."""

    platform: str
    aliases: str | None = None
    """Other names of the platform, with spaces between them."""
    address: str
    """Host and path, without `www.`, with `{account}` where the account stands."""
    any_case: bool
    """Capitals and small letters name the same account."""
    source: str

    @field_validator("address")
    @classmethod
    def _has_one_account(cls, address: str) -> str:
        if address.count(ACCOUNT) != 1 or address != address.strip("/"):
            raise ValueError(f"must hold {ACCOUNT} once, and no slash at its ends")
        return address

    @property
    def before(self) -> str:
        """What stands before the account."""
        return self.address.partition(ACCOUNT)[0]

    @property
    def after(self) -> str:
        """What stands after the account."""
        return self.address.partition(ACCOUNT)[2]

    @property
    def shared_host(self) -> str | None:
        """The domain below which every account has a host of its own: `tumblr.com`."""
        return None if self.before else self.after.removeprefix(".")

    @property
    def names(self) -> tuple[str, ...]:
        """The platform's names, in small letters."""
        return (self.platform, *(self.aliases or "").split())


class NearAlgorithm(Rule):
    """A kind of hash of which two that differ in few bits are of works that are alike."""

    algorithm: str
    bits: int
    max_distance: int
    """Bits in which two may differ; a record can only ask for fewer."""
    meaning: str
    source: str
