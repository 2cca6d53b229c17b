"""Rules are data: load, validate, overlay and digest `license_rules/`."""

from sourcing_audit.rules.consent import ConsentRules
from sourcing_audit.rules.policy import PolicyRules
from sourcing_audit.rules.store import Rule, RuleStore

__all__ = ["ConsentRules", "PolicyRules", "Rule", "RuleStore"]
