"""Licence texts: what licence a file, a header, a notice or a document with one states."""

from sourcing_audit.licenses.texts.detection import Detection
from sourcing_audit.licenses.texts.detector import Detector

__all__ = ["Detection", "Detector"]
