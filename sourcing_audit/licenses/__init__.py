"""Licences: declared value → concluded expression → class and terms → what a use may do."""

from sourcing_audit.licenses.batches import conclude_batches, detect_batches
from sourcing_audit.licenses.cases import check_cases
from sourcing_audit.licenses.catalog import LicenseRules
from sourcing_audit.licenses.classify import Classifier
from sourcing_audit.licenses.conclude import Concluder

__all__ = [
    "Classifier",
    "Concluder",
    "LicenseRules",
    "check_cases",
    "conclude_batches",
    "detect_batches",
]
