"""The commented `audit.toml` that `init` writes."""

from __future__ import annotations

from typing import Final

TEMPLATE: Final = """\
# What `sourcing-audit audit -c audit.toml` audits. Paths are relative to this file.

# The intended use: a name (commercial-training, internal-commercial, open-model, research),
# then key=value pairs: activity, project, commercial, research, share, territory, grantee,
# trained (the day of the training, past or planned).
use = "commercial-training"

# The date that verdicts hold for; today where it is left out.
# as_of = 2026-11-21

# Exit with 1 from this outcome on: never, prohibited, undetermined or conditional.
fail_on = "prohibited"

# Where the reports go.
output = "audit-out"

# The formats of the report (docs/formats.md): json, which is always written, md, html, disclosure,
# pdf, sarif, junit, csv, spdx, spdx3, cyclonedx, croissant, dpv. Without this the first four.
# formats = ["html", "sarif"]

# Stop when a record or file can't be read, instead of quarantining it.
strict = false

# Read the signals inside media files: auto (on this disk), on (elsewhere too), off.
media = "auto"

# Keep what later audits can use again, and use what is there (docs/large.md).
# state = "audit-state"

# Remember the keys of items as numbers, so that `trace` finds later what was in a dataset.
# keys = "audit-keys"

# What `sourcing-audit run` adds to: a DuckDB file, or postgresql://user@host/database.
# history = "audit-history.duckdb"

# Works that were taken down (`trace --tombstones`); a run fails where one of them came back.
# tombstones = "tombstones.csv"
# One file with the report, its rules and its evidence, to be checked for years (docs/evidence.md).
# evidence = "evidence.zip"

# What the engine may hold in memory, and where it puts the rest until the end.
# memory_limit = "8GB"
# temp_dir = "/scratch"

# What runs the audit: duckdb on this machine, or spark; and where Spark runs, if its own settings
# don't say it.
engine = "duckdb"
# master = "spark://host:7077"

# Tell what changed since an earlier audit; it may be the output folder itself (docs/changes.md).
# since = "audit-out"

# Only findings that this earlier audit doesn't have count towards the gate.
# baseline = "audit-baseline"

# Folders of rules laid over the shipped ones; every override is listed in the report.
# rules = ["our-rules"]

[[dataset]]
name = "my-dataset"
source = "data/manifest.parquet"      # a file, folder, glob, list of them, hf:org/name@revision,
                                      # or an address: s3://, gs://, hf://, https://
# use = "research"                    # instead of the use of all
# default_license = "CC BY 4.0"       # what the dataset as a whole declares, for items without one

# card = ["README.md"]                # documents about it, beside those in its folder

# Datasets that this one was made from; their terms are carried on. Known ones need no licence.
# [[dataset.upstream]]
# name = "wikipedia"
# [[dataset.upstream]]
# name = "our-scans"
# license = "CC BY-NC 4.0"
# upstream = ["city-archive"]         # what it was made from itself
# items = "named"                     # only items whose `upstream` column names it; default: all

# Columns with unusual names: canonical field = "column", or text with {column} in it.
# [dataset.columns]
# source_url = "https://{host}{path}"
# creator = "made_by"

# [[registry]]
# path = "exports/consent-registry.csv"
# format = "canonical"

# How many items may have an outcome, a status or a reason; more is exit code 1, as for fail_on.
# [gate]
# undetermined = { max_share = 0.01 }
# license_missing = { max = 0 }

# Findings that somebody answers for; they stay in all counts, and don't count towards the gate.
# [[waiver]]
# code = "license_missing"            # a reason or a status
# match = { host = "stills.example" } # dataset, host, license, shard, item_id; all must agree
# reason = "license_acquired"         # license_rules/waivers.toml lists them
# comment = "Contract 2026-114 with Stills GmbH, being entered into the registry"
# owner = "licensing@studio.example"
# approved_by = "counsel@studio.example"
# expires = 2027-03-31                # from this day on it waives nothing, and the audit fails
"""
