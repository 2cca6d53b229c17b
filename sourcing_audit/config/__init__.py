"""What to audit and how: `audit.toml`, flags and their values, validated.

A flag wins over its environment variable, that over the file, that over the default.
"""

from __future__ import annotations

from sourcing_audit.config.file import AuditConfig, load
from sourcing_audit.config.flags import (
    parse_columns,
    parse_date,
    parse_formats,
    parse_media,
    parse_upstream,
    upstream_datasets,
)
from sourcing_audit.config.sections import (
    DatasetConfig,
    LimitConfig,
    RegistryConfig,
    UpstreamConfig,
    WaiverConfig,
    WaiverMatch,
)
from sourcing_audit.config.template import TEMPLATE
from sourcing_audit.config.uses import parse_use

__all__ = [
    "TEMPLATE",
    "AuditConfig",
    "DatasetConfig",
    "LimitConfig",
    "RegistryConfig",
    "UpstreamConfig",
    "WaiverConfig",
    "WaiverMatch",
    "load",
    "parse_columns",
    "parse_date",
    "parse_formats",
    "parse_media",
    "parse_upstream",
    "parse_use",
    "upstream_datasets",
]
