"""What stands behind each code of a report, from the rules and their examples."""

from sourcing_audit.codes.lookup import Code, Example, Fact, Kind, find, load, shown, told

__all__ = ["Code", "Example", "Fact", "Kind", "find", "load", "shown", "told"]
