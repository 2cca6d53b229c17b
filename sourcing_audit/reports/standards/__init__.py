"""The report in the standards that other tools read; each module says which version and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sourcing_audit.reports.standards.croissant import CroissantFormat
from sourcing_audit.reports.standards.cyclonedx import CycloneDxFormat
from sourcing_audit.reports.standards.dpv import DpvFormat
from sourcing_audit.reports.standards.junit import JunitFormat
from sourcing_audit.reports.standards.sarif import SarifFormat
from sourcing_audit.reports.standards.sheet import CsvFormat
from sourcing_audit.reports.standards.spdx import SpdxFormat
from sourcing_audit.reports.standards.spdx3 import Spdx3Format

if TYPE_CHECKING:
    from sourcing_audit.reports.interface import ReportFormat

STANDARDS: Final[tuple[ReportFormat, ...]] = (
    SarifFormat(),
    JunitFormat(),
    CsvFormat(),
    SpdxFormat(),
    Spdx3Format(),
    CycloneDxFormat(),
    CroissantFormat(),
    DpvFormat(),
)
"""Every standard, in the order in which files are written."""

__all__ = ["STANDARDS"]
