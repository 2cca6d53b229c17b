"""Audits again after registries have changed: only new records are matched, with the same bytes."""

import base64
import csv
import random
from collections.abc import Iterator
from pathlib import Path

import ibis.expr.types as ir
import pytest

from sourcing_audit import audit, iscc
from sourcing_audit.consent import Consulted, Matched
from sourcing_audit.engine import Engine
from sourcing_audit.sources.interface import Portion
from sourcing_audit.state import State
from sourcing_audit.units import Judge

DAY = "2026-11-21"
HOSTS = ("films.example", "www.stills.example", "cdn.stills.example", "flickr.com")
COLUMNS = (
    "id",
    "url",
    "landing_url",
    "creator",
    "creator_id",
    "sha256",
    "phash",
    "subject_id",
    "acquired_at",
    "license",
)
RECORD = (
    "record_id",
    "subject_kind",
    "subject_value",
    "decision",
    "declarant_id",
    "declared_at",
    "max_distance",
    "snapshot_at",
)


def manifest(folder: Path) -> Path:
    folder.mkdir()
    drawn = random.Random(5)
    for shard in range(3):
        with (folder / f"shard-{shard}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for row in range(60):
                host, person = drawn.choice(HOSTS), drawn.randrange(9)
                page = f"https://www.flickr.com/photos/p{person}/{row}" if row % 3 else ""
                # Some names and addresses have to be read, as they aren't in their normal form.
                creator = f"Person {person}" if row % 5 else f"PERSON {person}; Person 1"
                url = f"https://{host}/{drawn.choice('abc')}/{row}.jpg"
                if row % 11 == 0:
                    url = url.upper()
                writer.writerow(
                    (
                        f"{shard}-{row}",
                        url,
                        page,
                        creator,
                        f"flickr:p{person}",
                        f"{row % 40:064x}",
                        f"phash:{row % 32 * 7:016x}",
                        f"person-{row % 4}",
                        f"2026-03-0{1 + row % 9}",
                        drawn.choice(("CC0-1.0", "CC BY 4.0", "")),
                    )
                )
    return folder


def subjects() -> list[tuple[str, str]]:
    found = [("host", host) for host in HOSTS]
    found += [("domain", "stills.example"), ("url_pattern", "https://films.example/*.jpg")]
    found += [("url_prefix", f"https://{host}/{place}/") for host in HOSTS for place in "abc"]
    found += [("url", f"https://{host}/a/{row}.jpg") for host in HOSTS for row in range(0, 60, 7)]
    found += [("creator_id", f"flickr:p{person}") for person in range(9)]
    found += [("creator_name", f"Person {person}") for person in range(9)]
    found += [("sha256", f"{number:064x}") for number in range(40)]
    found += [("phash", f"phash:{number * 7 ^ 1:016x}") for number in range(0, 32, 5)]
    found += [("subject_id", f"person-{number}") for number in range(4)]
    return found


def registries(folder: Path, seed: int) -> Iterator[Path]:
    """Exports of one registry, of which each has lost, gained and changed some records."""
    drawn = random.Random(seed)
    there = [
        [str(number), *drawn.choice(subjects()), drawn.choice(("deny", "allow"))]
        for number in range(40)
    ]
    path = folder / "registry.csv"
    for export in range(3):
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(RECORD)
            for number, kind, value, decision in there:
                day = f"2026-0{1 + int(number) % 9}-05"
                near = "6" if kind == "phash" else ""
                who, snapshot = f"person-{int(number) % 4}", f"2026-10-0{export + 1}"
                writer.writerow((number, kind, value, decision, who, day, near, snapshot))
        yield path
        drawn.shuffle(there)
        there = there[drawn.randrange(8) :]
        for row in drawn.sample(there, 4):
            row[3] = "allow" if row[3] == "deny" else "deny"
        new = range(100 * (export + 1), 100 * (export + 1) + drawn.randrange(8))
        there += [[str(n), *drawn.choice(subjects()), "deny"] for n in new]


def iscc_code(body: int) -> str:
    """A unit of the content of texts (ISO 24138) with this body of 64 bits."""
    octets = bytes([iscc.CONTENT << 4 | 1, 1]) + body.to_bytes(8, "big")
    return base64.b32encode(octets).decode().rstrip("=")


def run(out: Path, folder: Path, registry: Path, state: Path | None = None) -> dict[str, bytes]:
    with audit(folder, registries=[registry], dataset="films", as_of=DAY, state=state) as audited:
        audited.save(out)
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def matched(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many records items are matched with, one number for each portion of each audit."""
    counts: list[int] = []
    original = Judge.matched

    def match(
        self: Judge, portion: Portion, told: ir.Table, consulted: Consulted | None = None
    ) -> Matched | None:
        planned = (consulted or self.consulted).planned
        tables = [self.engine.arrow(table.count().as_table()) for table in planned.of_kind.values()]
        counts.append(sum(table.column(0)[0].as_py() for table in tables))
        return original(self, portion, told, consulted)

    monkeypatch.setattr(Judge, "matched", match)
    return counts


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("portion", [70, 1_000])
def test_the_same_bytes_after_any_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, portion: int
) -> None:
    monkeypatch.setattr(Engine, "portion_items", portion)
    folder, state, seen = manifest(tmp_path / "in"), tmp_path / "state", set()
    for registry in registries(tmp_path, seed):
        again = run(tmp_path / "again", folder, registry, state)
        assert again == run(tmp_path / "fresh", folder, registry)
        seen.add(again["findings.parquet"] if portion > 100 else again["report.json"])
    assert len(seen) == 3


def test_only_new_records_are_matched(tmp_path: Path, matched: list[int]) -> None:
    folder, state = manifest(tmp_path / "in"), tmp_path / "state"
    path = tmp_path / "registry.csv"
    rows = [f"h{n},sha256,{n:064x},deny,2026-10-01" for n in range(30)]
    head = "record_id,subject_kind,subject_value,decision,snapshot_at"
    path.write_text("\n".join([head, *rows]), encoding="utf-8")
    run(tmp_path / "first", folder, path, state)
    # One is gone, one has another name, one is new, and all have other numbers.
    rows = ["new,host,films.example,deny,2026-10-02", *reversed(rows[2:]), rows[1] + "1"]
    rows[-1] = rows[-1].replace("h1,", "other,")[:-1]
    path.write_text("\n".join([head, *rows]), encoding="utf-8")
    again = run(tmp_path / "again", folder, path, state)
    assert matched == [30, 1]
    assert again == run(tmp_path / "fresh", folder, path)
    assert matched == [30, 1, 30]


def test_what_is_damaged_is_matched_anew(tmp_path: Path, matched: list[int]) -> None:
    folder, state = manifest(tmp_path / "in"), tmp_path / "state"
    exports = registries(tmp_path, seed=1)
    run(tmp_path / "first", folder, next(exports), state)
    (state / "matched").rename(state / "elsewhere")
    registry = next(exports)
    again = run(tmp_path / "again", folder, registry, state)
    assert again == run(tmp_path / "fresh", folder, registry)
    assert matched[1] == matched[2] > 10


def test_a_state_keeps_the_last_matches_only(tmp_path: Path) -> None:
    folder, state = manifest(tmp_path / "in"), tmp_path / "state"
    for registry in registries(tmp_path, seed=2):
        run(tmp_path / "out", folder, registry, state)
    (kind,) = [path for path in state.iterdir() if path.name.startswith("matches-")]
    assert len(list(kind.iterdir())) == 1
    assert len(State(state).names("matched")) <= 2


def test_what_was_merely_alike_is_compared_anew(tmp_path: Path) -> None:
    """Of two records with one key, only the one that states a distance finds what is near."""
    mine, near = (iscc_code(body) for body in (0, 0b111))
    folder, state, path = tmp_path / "in", tmp_path / "state", tmp_path / "registry.csv"
    folder.mkdir()
    (folder / "items.csv").write_text(f"id,iscc\n1,ISCC:{near}\n2,ISCC:{mine}\n", encoding="utf-8")
    head = "record_id,subject_kind,subject_value,decision,max_distance,snapshot_at"
    found = []
    for distance in ("4", "", "2", "4"):
        row = f"r,iscc,ISCC:{mine},deny,{distance},2026-10-01"
        path.write_text(f"{head}\n{row}\n", encoding="utf-8")
        again = run(tmp_path / "again", folder, path, state)
        assert again == run(tmp_path / "fresh", folder, path)
        found.append(again["findings.parquet"])
    assert found[0] == found[3] != found[1] == found[2]
