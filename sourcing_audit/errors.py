"""Errors that a user can act on: each names the place and the way out."""

from __future__ import annotations


class SourcingAuditError(Exception):
    """The audit could not run (exit code 2)."""

    exit_code = 2

    def __init__(self, message: str, *, fix: str | None = None) -> None:
        """Say what is wrong, naming file, row or column, and how to mend it."""
        super().__init__(message)
        self.message = message
        self.fix = fix

    def __str__(self) -> str:
        """The message, followed by the way out where there is one."""
        return f"{self.message}\n  how to fix: {self.fix}" if self.fix else self.message


class InputError(SourcingAuditError):
    """A manifest or dataset can't be read."""


class NothingToAuditError(SourcingAuditError):
    """The input holds no items (exit code 3)."""

    exit_code = 3


class RegistryError(SourcingAuditError):
    """A consent registry can't be trusted as it is."""


class RulesError(SourcingAuditError):
    """A rule in `license_rules/` or in the user's overlay is invalid."""


class ConfigError(SourcingAuditError):
    """A flag, an environment variable or `audit.toml` is wrong."""


class OutputError(SourcingAuditError):
    """The output folder or file can't be written."""
