"""What a consent source has to provide: canonical records out of one export."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from pathlib import Path

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.rules.consent import ConsentRules


@dataclass(frozen=True)
class Export:
    """One registry export as the user gave it."""

    name: str
    """The file's stem; stands for `registry_id` where the records don't say."""
    path: Path
    format: str


class RegistryReader(ABC):
    """Reads one format of registry or signal archive."""

    name: ClassVar[str]
    """What stands before the colon in `--registry FORMAT:FILE`."""

    @abstractmethod
    def recognises(self, path: Path) -> bool:
        """Whether a file given without a format is plainly of this kind."""

    @abstractmethod
    def read(self, engine: Engine, export: Export, rules: ConsentRules) -> ir.Table:
        """Every statement of the export, as columns of `schema.RECORDS` and `row`.

        Raises:
            RegistryError: naming file, row and column. A record that can't be understood might
                be a refusal, so it stops the audit instead of being skipped.

        """
