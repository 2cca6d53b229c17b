"""Three published manifests as a year of audits needs them: few rows, that come, go and change.

What is worked out here of an item (its address, its hosts, its creator) is worked out from the
published columns alone, so that it says something about how the audit reads them.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Row = dict[str, object]
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "works"


def host_of(address: object) -> str:
    """Without `www.`; an address may lack its scheme."""
    text = str(address)
    return (urlsplit(text if "//" in text else f"//{text}").hostname or "").removeprefix("www.")


def _page(row: Row) -> str:
    return f"https://{row['provider_domain']}{row['content_path']}"


@dataclass(frozen=True)
class Kind:
    """How a published manifest is read here, and how its rows change in the year."""

    name: str
    file: str
    rows: int
    """At most so many are taken: with all 122,000, a year would take hours on two slow cores."""
    item_id: Callable[[Row], str]
    url: Callable[[Row], str]
    pages: tuple[Callable[[Row], str], ...]
    creator_id: str = ""
    creator_name: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    """What `audit.toml` says of its columns."""
    relicensed: Mapping[str, str] = field(default_factory=dict)
    """What a row holds once it has another licence."""
    license_then: str = ""
    established_then: bool = False


KINDS = (
    Kind(
        name="openverse",
        file="openverse-images.csv",
        rows=1_899,
        item_id=lambda row: str(row["identifier"]),
        url=lambda row: str(row["url"]),
        pages=(lambda row: str(row["foreign_landing_url"]),),
        creator_id="creator_url",
        creator_name="creator",
        relicensed={"license": "by-nc-nd", "license_version": "4.0", "meta_data": ""},
        license_then="CC-BY-NC-ND-4.0",
    ),
    Kind(
        name="tate",
        file="tate-artworks.parquet",
        rows=3_000,
        item_id=lambda row: str(row["id"]),
        url=lambda row: str(row["thumbnail_url"]),
        pages=(lambda row: str(row["url"]),),
        creator_name="artist",
        relicensed={"copyright": "CC0 1.0"},
        license_then="CC0-1.0",
        established_then=True,
    ),
    Kind(
        name="commoncrawl",
        file="commoncrawl-cc-pages.parquet",
        rows=3_000,
        item_id=_page,
        url=_page,
        pages=(),
        columns={"item_id": "https://{provider_domain}{content_path}"},
        relicensed={"cc_domain": "creativecommons.org", "cc_license": "/publicdomain/zero/1.0/"},
        license_then="CC0-1.0",
        established_then=True,
    ),
)


@dataclass(frozen=True)
class Work:
    """An item, and what a registry's record may know it by."""

    dataset: str
    item_id: str
    url: str
    hosts: frozenset[str]
    creator_id: str
    creator_name: str


@dataclass
class Manifest:
    """The rows of one dataset that there may be in the year, whether they are there yet or not."""

    kind: Kind
    rows: dict[str, Row]
    """By item id, in the order of the published file."""
    schema: pa.Schema | None
    """None: the file is CSV."""

    def works(self) -> list[Work]:
        """The rows as a registry's records may know them."""
        kind = self.kind
        return [
            Work(
                kind.name,
                item_id,
                kind.url(row),
                frozenset(host_of(at(row)) for at in (kind.url, *kind.pages) if at(row)),
                str(row.get(kind.creator_id) or ""),
                str(row.get(kind.creator_name) or ""),
            )
            for item_id, row in self.rows.items()
        ]

    def write(self, present: Sequence[str], changed: Mapping[str, Row], folder: Path) -> None:
        """Write the rows of a week, in the format of the published file."""
        rows = [self.rows[each] | changed.get(each, {}) for each in present]
        path = folder / self.kind.file
        if self.schema is not None:
            pq.write_table(pa.Table.from_pylist(rows, schema=self.schema), path)
            return
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


def manifest(kind: Kind, rows: Sequence[Row], schema: pa.Schema | None) -> Manifest:
    """The first rows that have an id and an address to themselves."""
    ids = Counter(kind.item_id(row) for row in rows)
    urls = Counter(bare(kind.url(row)) for row in rows)
    alone = [row for row in rows if ids[kind.item_id(row)] == urls[bare(kind.url(row))] == 1]
    return Manifest(kind, {kind.item_id(row): row for row in alone[: kind.rows]}, schema)


def bare(url: str) -> str:
    """An address without what may be written or left out."""
    return url.rpartition("://")[2].removeprefix("www.").rstrip("/").casefold()


def published(folder: Path = SHARED) -> list[Manifest]:
    """The three manifests; empty where one of them isn't there."""
    if not all((folder / kind.file).is_file() for kind in KINDS):
        return []
    found = []
    for kind in KINDS:
        path = folder / kind.file
        if path.suffix == ".parquet":
            table = pq.read_table(path).slice(0, 2 * kind.rows)
            found.append(manifest(kind, table.to_pylist(), table.schema))
        else:
            with path.open(encoding="utf-8", newline="") as stream:
                found.append(manifest(kind, list(csv.DictReader(stream)), None))
    return found
