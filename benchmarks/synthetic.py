"""Synthetic manifests and registries: skewed as real ones are, 2 % dirt, always the same.

    python benchmarks/synthetic.py ITEMS FOLDER

Everything about item `i` or record `r` follows from hashes of its number, so that shards are made
one by one, the registry finds its subjects without reading the manifest, and two runs agree.
Hosts, creators and licences are drawn by Zipf's law: the k-th is drawn 1/k as often as the first.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
from spellings import DIRTY, spellings

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARD = 5_000_000
"""Items of one Parquet file."""
_PER_HOST = 25
_PER_CREATOR = 20
_PER_RECORD = 10

_FIRST = "Ana Ben Cleo Dai Eva Femi Gus Hana Ivo Jane Kofi Lea Mia Noor Olga Raj Zoë José"
_LAST = (
    "Abe Bell Cruz Doe Eze Fox Gil Haas Iqbal Jones Kim Lopez Marsh Ng Okoro Park Quist Rossi "
    "Silva Tran Ueda Vance Weiss Xu Yilmaz Zola Böhm Kovač"
)
_WORDS = (
    "Harbour Noon Garden Portrait Stairs Rain Market Bridge Winter Hands Window Field Study "
    "Morning Tower Train Coast Night Street Festival"
)
_SUBS = "www. images. www. static. cdn1. www. media. www."
_SITES = "photo art news blog archive shop museum press"
_TLDS = ".com .org .com .co.uk .de .net .com .io .fr .com.br"
_PLATFORMS = "flickr deviantart behance artstation github"
_PAGES = (
    "www.flickr.com/photos/ www.deviantart.com/ www.behance.net/ www.artstation.com/ github.com/"
)


def _one_of(words: str, number: str) -> str:
    """The SQL of one word, chosen by a number."""
    members = words.split(" ")
    listed = ", ".join(f"'{word}'" for word in members)
    return f"([{listed}])[1 + (({number}) % {len(members)})::BIGINT]"


_MACROS = f"""
CREATE MACRO chance(i, salt) AS hash(i, salt) / 18446744073709551616.0;
CREATE MACRO zipf(i, salt, n) AS least(n, floor(pow(n + 1.0, chance(i, salt)))::BIGINT);
CREATE MACRO tail(d, n) AS n // 100 + 1 + d % (n - n // 100);
CREATE MACRO site_of(h) AS {_one_of(_SITES, "h // 2")} || h // 2 || {_one_of(_TLDS, "h // 2")};
CREATE MACRO host_of(h) AS {_one_of(_SUBS, "hash(h, 1)")} || site_of(h);
CREATE MACRO path_of(i) AS '/media/' || hash(i, 2) % 40;
CREATE MACRO url_of(i, h) AS CASE WHEN hash(i, 3) % 8 = 0 THEN 'http://' ELSE 'https://' END
    || host_of(h) || path_of(i) || '/img-' || i || CASE hash(i, 4) % 16 WHEN 0 THEN '.jpg?w=1024'
    WHEN 1 THEN '.png' ELSE '.jpg' END;
CREATE MACRO name_by(n) AS {_one_of(_FIRST, "n")} || ' ' || chr((65 + n // 100 % 26)::INT)
    || '. ' || {_one_of(_LAST, "n // 10000")} || '-' || {_one_of(_LAST, "n // 1000000")};
CREATE MACRO name_of(c) AS name_by(hash(c, 5));
CREATE MACRO creator_id_of(c) AS CASE WHEN hash(c, 9) % 32 = 0
    THEN 'https://www.flickr.com/people/u' || c
    ELSE {_one_of(_PLATFORMS, "c")} || ':u' || c END;
CREATE MACRO landing_of(i, h, c) AS CASE WHEN hash(i, 10) % 5 < 2
    THEN 'https://' || {_one_of(_PAGES, "c")} || 'u' || c || '/' || i
    ELSE 'https://' || host_of(h) || '/page/' || i END;
CREATE MACRO work_of(i) AS 'doi:10.5555/w' || i;
"""

_DIRT = {
    "item_id": ("NULL", "'duplicate'"),
    "source_url": (
        "NULL",
        "'image ' || i",
        "'https://fotó' || h || '.müller.example/ä/' || i || '.jpg'",
        "'HTTPS://WWW.' || upper(site_of(h)) || path_of(i) || '/img-' || i || '.jpg'",
        "'https://' || host_of(h) || ':443/%7Euser/%C3%A9t%C3%A9/' || i || '.jpg#top'",
    ),
    "creator": (
        "'[\"' || name_of(c) || '\", \"' || name_of(c + 1) || '\"]'",
        "'  ' || upper(name_of(c)) || '\u3000'",
    ),
    "creator_id": ("'orcid:0000-0002-1825-0098'", "'not applicable'"),
    "sha256": ("upper(sha256(i::VARCHAR))", "'0x' || left(sha256(i::VARCHAR), 40)", "'none'"),
    "depicts_person": ("'maybe'",),
    "acquired_at": ("'last summer'", "'2023-13-45'"),
    "title": ("repeat('long ', 400)", "'tab\there, \"quotes\" and a\nline'"),
    "license": tuple(f"'{text.replace(chr(39), chr(39) * 2)}'" for text in DIRTY[:6]),
    "landing_url": ("'javascript:void(0)'",),
}
"""What may stand in a column instead, as SQL; one item in fifty has one of these."""
_KINDS_OF_DIRT = sum(len(odd) for odd in _DIRT.values())


def _given() -> dict[str, str]:
    """The columns of a manifest, as SQL over an item's number and draws."""
    return {
        "item_id": "'i' || i",
        "source_url": "url_of(i, h)",
        "landing_url": "CASE WHEN hash(i, 12) % 2 = 0 THEN landing_of(i, h, c) END",
        "creator": "name_of(c)",
        "creator_id": "CASE WHEN hash(i, 13) % 10 < 7 THEN creator_id_of(c) END",
        "sha256": "CASE WHEN i % 10 < 3 THEN sha256(i::VARCHAR) END",
        "work_id": "CASE WHEN i % 20 = 0 THEN work_of(i) END",
        "license": "CASE WHEN hash(i, 16) % 8 > 0 THEN getvariable('spellings')[l] END",
        "title": f"{_one_of(_WORDS, 'hash(i, 17)')} || ' ' || {_one_of(_WORDS, 'hash(i, 18)')} "
        "|| ' ' || hash(i, 19) % 1000",
        "depicts_person": "CASE hash(i, 20) % 20 WHEN 0 THEN 'true' WHEN 1 THEN 'false' "
        "WHEN 2 THEN 'false' END",
        "acquired_at": "CASE WHEN hash(i, 21) % 10 < 7 "
        "THEN (DATE '2019-01-01' + (hash(i, 22) % 2500)::INT)::VARCHAR END",
    }


def _with_dirt() -> Iterator[str]:
    """Each column, or in its place what is odd."""
    first = 0
    for column, clean in _given().items():
        odd = _DIRT.get(column, ())
        branches = "".join(f" WHEN {first + n} THEN {value}" for n, value in enumerate(odd))
        first += len(odd)
        value = f"CASE dirt{branches} ELSE {clean} END" if odd else clean
        yield f"{value} AS {column}"


_KINDS = (
    (45, "url", "url_of(j, zipf(j, 31, {hosts}))", "'https://e' || q || '.example/a.jpg'"),
    (67, "sha256", "sha256((j // 10 * 10)::VARCHAR)", "sha256('n' || q)"),
    (77, "creator_id", "creator_id_of(tail(d, {creators}))", "'elsewhere:u' || q"),
    (80, "account", "{platform} || ':u' || tail(d, {creators})", "'tumblr:nobody' || q"),
    (84, "creator_name", "name_of(tail(d, {creators}))", "'Nobody ' || q"),
    (88, "host", "host_of(tail(d, {hosts}))", "'h' || q || '.nowhere.example'"),
    (90, "domain", "site_of(tail(d, {hosts}))", "'d' || q || '.example'"),
    (94, "url_prefix", "'https://' || host_of(tail(d, {hosts})) || path_of(j) || '/'",
     "'https://p' || q || '.example/a/b/'"),
    (98, "work_id", "work_of(j // 20 * 20)", "'doi:10.5555/other-' || q"),
    (99, "url_pattern", "host_of(tail(d, {hosts})) || '/media/*.png$'",
     "'q' || q || '.example/*.gif$'"),
    (100, "md5", "md5(j::VARCHAR)", "md5('n' || q)"),
)  # fmt: skip
"""Kinds of records up to which percentage: the subject that items have, and one that none has.
A manifest without MD5s is the usual case: these records find nothing, as many in a registry do."""

_RECORDS = """
SELECT 'R' || r AS record_id, subject_kind,
    CASE WHEN found THEN CASE subject_kind {found} END ELSE CASE subject_kind {other} END END
        AS subject_value,
    CASE WHEN slot < 13 OR slot = 19 THEN 'deny' ELSE 'allow' END AS decision,
    CASE WHEN slot < 10 THEN 'opt_out' WHEN slot < 13 THEN 'refusal' WHEN slot = 17
        THEN 'licence_agreement' WHEN slot = 19 THEN 'revocation' ELSE 'consent' END AS record_type,
    CASE WHEN slot = 19 THEN 'R' || (r - 1) END AS refers_to,
    CASE WHEN slot < 10 AND hash(r, 40) % 2 = 0 THEN 'any' ELSE 'train_generative' END AS uses,
    CASE WHEN subject_kind IN ('host', 'domain', 'url_pattern') THEN 'host'
        WHEN slot = 17 THEN 'rightsholder' ELSE 'creator' END AS declarant_role,
    'who:' || hash(q, 41) % ({records} // 3 + 1) AS declarant_id,
    CASE WHEN slot = 17 THEN 'document_checked' WHEN hash(q, 42) % 4 = 0 THEN 'self_asserted'
        ELSE 'registry_verified' END AS authority_level,
    CASE WHEN hash(q, 43) % 10 = 0 THEN 'org:somebody-else' WHEN slot = 17 THEN 'org:us'
        ELSE '*' END AS grantee_id,
    'general_training' AS scope_kind,
    (DATE '2023-01-01' + (hash(q, 44) % 1000)::INT + CASE WHEN slot = 19 THEN 90 ELSE 0 END)
        ::VARCHAR AS declared_at,
    CASE WHEN slot BETWEEN 13 AND 18 AND hash(q, 45) % 10 = 0 THEN '2025-12-31' END AS valid_until,
    CASE WHEN hash(q, 45) % 10 = 0 THEN 'fixed' ELSE 'perpetual' END AS duration_kind,
    CASE WHEN hash(q, 46) % 3 = 0 THEN 'not_stated' ELSE 'flat' END AS compensation_kind,
    'yes' AS revocable, 'by mail' AS revocation_method,
    'dataset_removal' AS deletion_mechanism,
    CASE WHEN subject_kind IN ('sha256', 'md5') THEN 'file_bytes' END AS hash_target,
    '2026-11-18' AS snapshot_at
FROM (SELECT *, hash(q, 30) % {items} AS j, hash(q, 32) AS d, hash(q, 33) % 2 = 0 AS found,
        CASE {kind} END AS subject_kind
    FROM (SELECT *, hash(q, 34) % 100 AS share
        FROM (SELECT r, r % 20 AS slot, CASE WHEN r % 20 = 19 THEN r - 1 ELSE r END AS q
            FROM range({records}) t(r))))
"""
"""Of twenty records, 13 refuse, 5 consent, one is an agreement and one revokes the record before
it; half of their subjects are some item's. Hosts and creators are drawn evenly from all but the
most frequent hundredth: one record about these would decide about a tenth of the items."""


@dataclass(frozen=True)
class Data:
    """A dataset and a registry of a given size, as queries and files."""

    items: int
    shard: int = SHARD

    @property
    def records(self) -> int:
        return self.items // _PER_RECORD

    @property
    def hosts(self) -> int:
        return max(100, self.items // _PER_HOST)

    @property
    def creators(self) -> int:
        return max(100, self.items // _PER_CREATOR)

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A database that knows how items are made."""
        database = duckdb.connect(config={"memory_limit": "2GB"})
        database.execute(_MACROS)
        database.execute("SET VARIABLE spellings = $1", [spellings()])
        return database

    def shards(self) -> Iterator[tuple[str, str]]:
        """The name and the query of each file of the manifest."""
        columns = ", ".join(_with_dirt())
        for number, start in enumerate(range(0, self.items, self.shard)):
            stop = min(start + self.shard, self.items)
            yield (
                f"items-{number:05}.parquet",
                f"""SELECT {columns} FROM (SELECT i, zipf(i, 31, {self.hosts}) AS h,
                zipf(i, 23, {self.creators}) AS c, zipf(i, 24, len(getvariable('spellings'))) AS l,
                CASE WHEN hash(i, 25) % 50 = 0 THEN hash(i, 26) % {_KINDS_OF_DIRT} END AS dirt
                FROM range({start}, {stop}) t(i))""",
            )

    def registry(self) -> str:
        """The query of the records."""
        platform = _one_of(_PLATFORMS, f"tail(d, {self.creators})")
        fields = {"hosts": self.hosts, "creators": self.creators, "platform": platform}
        kinds = [(upto, kind, found.format(**fields), other) for upto, kind, found, other in _KINDS]
        return _RECORDS.format(
            items=self.items,
            records=self.records,
            kind=" ".join(f"WHEN share < {upto} THEN '{kind}'" for upto, kind, _, _ in kinds),
            found=" ".join(f"WHEN '{kind}' THEN {found}" for _, kind, found, _ in kinds),
            other=" ".join(f"WHEN '{kind}' THEN {other}" for _, kind, _, other in kinds),
        )

    def write_manifest(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        with self.connect() as database:
            for name, query in self.shards():
                copy(database, query, folder / name)

    def write_registry(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        with self.connect() as database:
            copy(database, self.registry(), file)


def copy(database: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    """Write a query's rows as Parquet."""
    database.execute(f"COPY ({query}) TO '{file}' (FORMAT parquet, COMPRESSION zstd)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("items", type=int)
    parser.add_argument("folder", type=Path, help="gets manifest/ and registry.parquet")
    given = parser.parse_args()
    data = Data(given.items)
    data.write_manifest(given.folder / "manifest")
    data.write_registry(given.folder / "registry.parquet")


if __name__ == "__main__":
    main()
