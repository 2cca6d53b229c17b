"""The interface of report formats."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sourcing_audit.report import Report


class ReportFormat(ABC):
    """Represents a file that a report is written to."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The format as a user asks for it, e.g. `html`."""

    @property
    @abstractmethod
    def filename(self) -> str:
        """The file's name in the output folder."""

    @abstractmethod
    def render(self, report: Report) -> bytes:
        """Return the file's content: the same report gives the same bytes."""

    def check(self) -> None:  # noqa: B027  most formats need nothing that could be missing
        """See that what the format needs is installed.

        Raises:
            ConfigError: naming the extra to install.

        """
