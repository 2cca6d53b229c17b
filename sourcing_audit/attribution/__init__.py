"""The attribution that licences ask for, ready to publish."""

from sourcing_audit.attribution.credits import Attribution
from sourcing_audit.attribution.writing import write

__all__ = ["Attribution", "write"]
