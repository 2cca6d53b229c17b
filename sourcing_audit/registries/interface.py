"""What a consent source has to provide: canonical records out of one export."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sourcing_audit.files import sha256_of

if TYPE_CHECKING:
    from pathlib import Path

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.rules.consent import ConsentRules

HEAD = 4096
"""How many bytes of a file a reader sees when it is asked whether it recognises it."""


@dataclass(frozen=True)
class Export:
    """One registry export as the user gave it."""

    name: str
    """The file's stem; stands for `registry_id` where the records don't say."""
    path: Path
    """A file, or a folder for readers that read folders."""
    format: str
    address: str | None = None
    """Where the file was copied from, if it didn't lie on this disk."""


class RegistryReader(ABC):
    """Reads one format of registry or signal archive."""

    name: ClassVar[str]
    """What stands before the colon in `--registry FORMAT:PATH`."""

    summary: ClassVar[str] = ""
    """What the format is, in one line for `registry formats`."""

    folders: ClassVar[bool] = False
    """Whether PATH may be a folder."""

    lists: ClassVar[bool] = False
    """Whether PATH may be a list with one entry on each line."""

    @abstractmethod
    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether a path given without a format is plainly of this kind.

        Args:
            path: a file, or a folder.
            head: its first `HEAD` bytes, nothing for a folder.

        """

    @abstractmethod
    def read(self, engine: Engine, export: Export, rules: ConsentRules) -> ir.Table:
        """Every statement of the export: `row`, `seq` and fields of `schema.RECORDS` as text.

        `row` says where in the export a statement stands; `seq` counts the statements from 1 and
        may be left out where it is the same.
        What a field may hold, and what it holds by default, is checked and filled in afterwards
        (`record.checked`).

        Raises:
            RegistryError: naming file, row and column. A record that can't be understood might
                be a refusal, so it stops the audit instead of being skipped. In an archive of
                signals that others wrote, it becomes a record with the decision `unknown` and
                its `problem` instead.

        """

    def fingerprint(self, export: Export) -> str:
        """The SHA-256 of all that is read."""
        return sha256_of(export.path)

    def unstated(self, engine: Engine, export: Export) -> int:  # noqa: ARG002
        """How many entries of the export say nothing either way, and so become no record."""
        return 0
