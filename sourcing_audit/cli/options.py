"""The options and arguments of the commands: how they are called, and what they are for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sourcing_audit.model import FailOn, MediaChoice

InputArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="INPUT...",
        help="Manifests (Parquet, CSV, TSV, JSONL; files, folders, globs), a saved Hugging "
        "Face dataset, hf:org/name@revision, or addresses with s3://, gs://, hf:// or "
        "https://. Only the last two kinds use the network.",
    ),
]
RegistryOption = Annotated[
    list[str] | None,
    typer.Option(
        "-r",
        "--registry",
        metavar="[FORMAT:]FILE",
        help="A consent-registry export. Repeatable.",
    ),
]
UseOption = Annotated[
    str | None,
    typer.Option(
        "--use",
        metavar="NAME|KEY=VALUE,...",
        envvar="SOURCING_AUDIT_USE",
        help="The intended use: commercial-training (default), internal-commercial, "
        "open-model, research; then activity, project, commercial, research, share, "
        "territory, grantee, trained.",
    ),
]
AsOfOption = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="DATE",
        envvar="SOURCING_AUDIT_AS_OF",
        help="The date that verdicts hold for. [default: today]",
    ),
]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        metavar="DIR",
        envvar="SOURCING_AUDIT_OUTPUT",
        help="Where reports, findings and evidence go. [default: audit-out]",
    ),
]
FormatOption = Annotated[
    list[str] | None,
    typer.Option(
        "-f",
        "--format",
        metavar="NAME",
        envvar="SOURCING_AUDIT_FORMAT",
        help="A format of the report: json (always written), md, html, disclosure (these by "
        "default), pdf, sarif, junit, csv, spdx, spdx3, cyclonedx, croissant, dpv. Repeatable.",
    ),
]
ColumnOption = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="FIELD=COLUMN",
        help="Read a canonical field from a column, or from text with {column} in it. Repeatable.",
    ),
]
DatasetOption = Annotated[
    str | None,
    typer.Option(
        "--dataset",
        metavar="NAME",
        help="Name the dataset; all inputs become its shards. Without it each input is one.",
    ),
]
DefaultLicenseOption = Annotated[
    str | None,
    typer.Option(
        "--default-license",
        metavar="TEXT",
        help="What the dataset as a whole declares, for items without a licence.",
    ),
]
CardOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--card",
        metavar="FILE",
        help="A document about the dataset: a card (README.md), Croissant, SPDX or licence "
        "file. Those in its folder are read anyway. Repeatable.",
    ),
]
UpstreamOption = Annotated[
    list[str] | None,
    typer.Option(
        "--upstream",
        metavar="NAME[=LICENCE]",
        help="A dataset that this one was made from; its terms are carried on. Repeatable.",
    ),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option("-c", "--config", metavar="FILE", help="Read audit.toml; flags win over it."),
]
FailOnOption = Annotated[
    FailOn | None,
    typer.Option(
        "--fail-on",
        envvar="SOURCING_AUDIT_FAIL_ON",
        help="Exit with 1 when an item has this outcome or a worse one. [default: prohibited]",
    ),
]
SinceOption = Annotated[
    Path | None,
    typer.Option(
        "--since",
        metavar="DIR",
        help="Tell what changed since the audit in that folder, which may be the output itself.",
    ),
]
BaselineOption = Annotated[
    Path | None,
    typer.Option(
        "--baseline",
        metavar="DIR",
        help="Fail only on findings that the audit in that folder doesn't have.",
    ),
]
StrictOption = Annotated[
    bool, typer.Option("--strict", help="Stop at records or files that can't be read.")
]
MediaOption = Annotated[
    MediaChoice | None,
    typer.Option(
        "--media",
        help="Read the signals inside media files: auto (on this disk, with the extra media),"
        " on (elsewhere too), off. [default: auto]",
    ),
]
MemoryLimitOption = Annotated[
    str | None,
    typer.Option(
        "--memory-limit",
        metavar="SIZE",
        envvar="SOURCING_AUDIT_MEMORY_LIMIT",
        help="Memory of the engine, e.g. 4GB; more is spilled to disk.",
    ),
]
TempDirOption = Annotated[
    Path | None,
    typer.Option(
        "--temp-dir",
        metavar="DIR",
        envvar="SOURCING_AUDIT_TEMP_DIR",
        help="Where work files and what is spilled are put until the end.",
    ),
]
StateOption = Annotated[
    Path | None,
    typer.Option(
        "--state",
        metavar="DIR",
        envvar="SOURCING_AUDIT_STATE",
        help="Keep there what later audits can use again, and use what is there.",
    ),
]
KeysOption = Annotated[
    Path | None,
    typer.Option(
        "--keys",
        metavar="DIR",
        envvar="SOURCING_AUDIT_KEYS",
        help="Remember there the keys of items as numbers, for `trace`.",
    ),
]
EngineOption = Annotated[
    str | None,
    typer.Option(
        "--engine",
        metavar="duckdb|spark",
        envvar="SOURCING_AUDIT_ENGINE",
        help="What runs the audit: duckdb on this machine, or spark. [default: duckdb]",
    ),
]
MasterOption = Annotated[
    str | None,
    typer.Option(
        "--master",
        metavar="URL",
        envvar="SOURCING_AUDIT_MASTER",
        help="Where Spark runs, e.g. spark://host:7077. [default: as Spark's settings say]",
    ),
]
EvidenceOption = Annotated[
    Path | None,
    typer.Option(
        "--evidence",
        metavar="FILE.zip",
        envvar="SOURCING_AUDIT_EVIDENCE",
        help="Write the report, its rules and its evidence into one file that can be checked "
        "for years; of several datasets one each, FILE-NAME.zip.",
    ),
]
SignKeyOption = Annotated[
    Path | None,
    typer.Option(
        "--sign-key",
        metavar="FILE",
        envvar="SOURCING_AUDIT_SIGN_KEY",
        help="Sign the evidence with this Ed25519 private key (`keygen` makes one).",
    ),
]
WithFindingsOption = Annotated[
    bool,
    typer.Option(
        "--with-findings",
        help="Put the findings themselves into the evidence, and not only their digests.",
    ),
]
QuietOption = Annotated[bool, typer.Option("-q", "--quiet", help="No progress and no summary.")]
FolderArgument = Annotated[Path, typer.Argument(metavar="DIR", help="What `audit -o DIR` wrote.")]
RulesOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--rules",
        metavar="DIR",
        envvar="SOURCING_AUDIT_RULES",
        help="Lay a folder of rules over the shipped ones; later ones win. Repeatable.",
    ),
]
ExportArgument = Annotated[
    str, typer.Argument(metavar="[FORMAT:]PATH", help="An export, as --registry takes it.")
]
HistoryArgument = Annotated[
    str,
    typer.Argument(
        metavar="HISTORY",
        envvar="SOURCING_AUDIT_HISTORY",
        help="The history: a DuckDB file, or postgresql://user@host/database.",
    ),
]
