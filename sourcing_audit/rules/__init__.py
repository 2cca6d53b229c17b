"""Rules are data: load, validate, overlay and digest `license_rules/`."""

from sourcing_audit.rules.store import Rule, RuleStore

__all__ = ["Rule", "RuleStore"]
