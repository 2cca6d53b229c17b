"""Signals inside media files, through the whole audit."""

from __future__ import annotations

import hashlib

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sourcing_audit
from sourcing_audit.errors import ConfigError
from sourcing_audit.media import joining
from sourcing_audit.reports import render_all
from sourcing_audit.sources import huggingface
from tests.conftest import write_csv
from tests.support import media

AS_OF = "2026-11-21"
FREE = "CC0-1.0"
REFUSING = media.image(media.data_mining("DMI-PROHIBITED"))
SILENT = media.image()
ALLOWED = media.signed([media.entries("allowed", "ai_generative_training")])
STRUCT = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def embedded(*contents):
    return pa.array(
        [content and {"bytes": content, "path": "a.jpg"} for content in contents], STRUCT
    )


@pytest.fixture
def audit(tmp_path):
    opened = []

    def audits(source, **options):
        opened.append(sourcing_audit.audit(source, as_of=AS_OF, **options))
        return opened[-1]

    yield audits
    for one in opened:
        one.close()


def rows(found):
    return found.to_arrow().to_pylist()


def statuses(found):
    return [(row["status"], row["consent_status"]) for row in rows(found)]


@pytest.fixture
def folder(tmp_path):
    """A folder of images as Hugging Face's ImageFolder has it."""
    inside = tmp_path / "images"
    inside.mkdir()

    def write(files, **more):
        for name, content in files.items():
            if content is not None:
                (inside / name).write_bytes(content)
        table = [{"file_name": name, "license": FREE, **more} for name in files]
        write_csv(inside / "metadata.csv", table)
        return inside

    return write


def test_a_folder_of_images(audit, folder):
    found = audit(folder({"a.jpg": REFUSING, "b.jpg": SILENT, "c.jpg": ALLOWED, "d.jpg": REFUSING}))
    assert statuses(found) == [
        ("opted_out", "denied"),
        ("public_domain_or_cc", "unknown"),
        ("public_domain_or_cc", "permitted_by_signal"),
        ("opted_out", "denied"),
    ]
    [source] = found.report.registries
    # Two items have the same file, which is read once.
    assert (source.name, source.records, source.matched_items) == ("media", 2, 3)


def test_what_is_inside_files_is_no_registry(audit, folder):
    found = audit(folder({"a.jpg": REFUSING}))
    assert found.report.asked == []
    assert found.report.coverage.registries_given == 0
    assert b"No consent registry was" in render_all(found.report)["report.md"]


def test_images_in_parquet(audit, tmp_path):
    table = pa.table({"image": embedded(REFUSING, SILENT, None), "license": [FREE] * 3})
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=1)
    found = audit(tmp_path / "a.parquet")
    assert [status for status, _ in statuses(found)] == [
        "opted_out",
        "public_domain_or_cc",
        "public_domain_or_cc",
    ]


def test_a_table_of_nothing_but_images(audit, tmp_path):
    pq.write_table(pa.table({"image": embedded(SILENT, REFUSING)}), tmp_path / "a.parquet")
    assert statuses(audit(tmp_path / "a.parquet")) == [
        ("not_established", "unknown"),
        ("opted_out", "denied"),
    ]


def test_plain_bytes_and_lists_in_arrow(audit, tmp_path):
    table = pa.table(
        {
            "license": [FREE] * 2,
            "jpg": pa.array([SILENT, REFUSING], pa.large_binary()),
            "digest": pa.array([b"\xff\xd8\xff" * 10] * 2, pa.binary()),
            "more": pa.array(
                [[{"bytes": SILENT, "path": None}, {"bytes": REFUSING, "path": None}], []],
                pa.list_(STRUCT),
            ),
        }
    )
    with (
        pa.OSFile(str(tmp_path / "a.arrow"), "wb") as sink,
        pa.ipc.new_stream(sink, table.schema) as writer,
    ):
        writer.write_table(table)
    # In the first item only the second file refuses.
    assert statuses(audit(tmp_path / "a.arrow")) == [("opted_out", "denied")] * 2


def test_every_file_of_an_item_speaks(audit, tmp_path):
    def files(*contents):
        return [{"bytes": content, "path": None} for content in contents]

    damaged = SILENT[:20]
    other = media.image(shade=3)
    table = pa.table(
        {
            "license": [FREE] * 4,
            "pages": pa.array(
                [
                    files(SILENT, other, REFUSING),
                    files(SILENT, damaged),
                    files(SILENT, ALLOWED),
                    files(SILENT, other),
                ],
                pa.list_(STRUCT),
            ),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    consents = [consent for _, consent in statuses(audit(tmp_path / "a.parquet"))]
    # A permission of one of several files permits nothing.
    assert consents == ["denied", "review", "unknown", "unknown"]


def test_a_dataset_saved_to_disk(audit, tmp_path):
    datasets = pytest.importorskip("datasets")
    paths = []
    for number, content in enumerate((REFUSING, SILENT)):
        paths.append(str(tmp_path / f"{number}.jpg"))
        (tmp_path / f"{number}.jpg").write_bytes(content)
    kind = datasets.Features({"image": datasets.Image(), "license": datasets.Value("string")})
    saved = datasets.Dataset.from_dict({"image": paths, "license": [FREE] * 2}, kind)
    saved.save_to_disk(tmp_path / "saved")
    assert statuses(audit(tmp_path / "saved")) == [
        ("opted_out", "denied"),
        ("public_domain_or_cc", "unknown"),
    ]


def test_a_path_that_leads_out_is_not_followed(audit, folder):
    inside = folder({"../secret.jpg": None, "/etc/passwd": None, "gone.jpg": None})
    (inside.parent / "secret.jpg").write_bytes(REFUSING)
    found = audit(inside)
    assert [row["reasons"][-1] for row in rows(found)] == [
        "media_path_outside",
        "media_path_outside",
        "media_not_found",
    ]
    assert found.report.registries == []
    coverage = found.report.coverage
    assert (coverage.media_not_read, coverage.permitted_media_not_read) == (3, 3)
    told = " ".join(found.render("md").decode().split())
    assert "Permitted, with a file not read" in told


def test_only_what_could_be_used_counts_as_permitted_with_a_file_not_read(audit, folder):
    table = [
        {"file_name": "gone.jpg", "license": declared, "creator": "A. Painter"}
        for declared in ("CC0 1.0", "CC BY 4.0", "CC BY-NC 4.0", "")
    ]
    inside = folder({})
    write_csv(inside / "metadata.csv", table)
    found = audit(inside)
    coverage = found.report.coverage
    assert (coverage.media_not_read, coverage.permitted_media_not_read) == (4, 2)


def test_an_address_is_never_fetched(audit, folder):
    found = audit(folder({"https://example.org/a.jpg": None, "a.jpg": SILENT}))
    assert found.report.coverage.media_not_read == 0


def test_a_declared_hash_that_differs_is_a_finding(audit, folder):
    found = rows(audit(folder({"a.jpg": SILENT, "b.jpg": ALLOWED}, sha256=sha256(SILENT))))
    assert ["hash_differs" in row["reasons"] for row in found] == [False, True]


def registry(path, *hashes, **more):
    record = {"subject_kind": "sha256", "hash_target": "file_bytes", "decision": "deny", **more}
    record["declarant_role"] = "creator"
    return write_csv(
        path, [{"record_id": n, "subject_value": one, **record} for n, one in enumerate(hashes)]
    )


def test_a_registry_knows_the_file_by_its_bytes(audit, folder, tmp_path):
    refusals = registry(tmp_path / "registry.csv", sha256(SILENT))
    found = audit(folder({"a.jpg": SILENT, "b.jpg": ALLOWED}), registries=[refusals])
    assert [status for status, _ in statuses(found)] == ["opted_out", "public_domain_or_cc"]
    assert [one.name for one in found.report.asked] == ["registry"]


def test_a_refusal_of_the_declared_hash_still_counts(audit, folder, tmp_path):
    original = "ab" * 32
    refusals = registry(tmp_path / "registry.csv", original)
    found = audit(folder({"a.jpg": SILENT}, sha256=original), registries=[refusals])
    assert statuses(found) == [("opted_out", "denied")]


def test_a_consent_for_the_declared_hash_is_none_for_another_file(audit, folder, tmp_path):
    original = "ab" * 32
    grants = registry(
        tmp_path / "registry.csv",
        original,
        sha256(ALLOWED),
        decision="allow",
        record_type="consent",
        grantee_id="*",
        uses="train_generative",
        authority_level="document_checked",
        declared_at="2025-01-01",
    )
    inside = folder({"a.jpg": SILENT, "b.jpg": ALLOWED}, sha256=original)
    assert [consent for _, consent in statuses(audit(inside, registries=[grants]))] == [
        "unknown",
        "consent_incomplete",
    ]


@pytest.mark.parametrize("choice", ["off", "auto"])
def test_what_isnt_read_is_a_gap(audit, folder, tmp_path, monkeypatch, choice):
    if choice == "auto":
        monkeypatch.setattr(joining, "installed", lambda: False)
    found = audit(folder({"a.jpg": REFUSING, "b.jpg": SILENT}), media=choice)
    assert ["media_not_read" in row["reasons"] for row in rows(found)] == [True, True]
    assert found.report.coverage.media_not_read == 2
    assert b"Embedded signals not read" in render_all(found.report)["report.md"]
    table = pa.table({"image": embedded(REFUSING), "license": [FREE]})
    pq.write_table(table, tmp_path / "a.parquet")
    assert audit(tmp_path / "a.parquet", media=choice).report.coverage.media_not_read == 1


def test_what_has_to_be_read_needs_the_extra(audit, folder, monkeypatch):
    monkeypatch.setattr(joining, "installed", lambda: False)
    with pytest.raises(ConfigError, match="needs the extra media"):
        audit(folder({"a.jpg": REFUSING}), media="on")
    with pytest.raises(ConfigError, match="not a choice"):
        audit(folder({"a.jpg": REFUSING}), media="maybe")


def test_a_damaged_column_is_a_gap_for_the_rest_of_its_rows(audit, tmp_path):
    contents = [media.image(media.data_mining("DMI-PROHIBITED"), shade=n) for n in range(200)]
    table = pa.table({"license": [FREE] * 200, "image": embedded(*contents)})
    path = tmp_path / "a.parquet"
    pq.write_table(table, path, row_group_size=100, compression="zstd", use_dictionary=False)
    group = pq.ParquetFile(path).metadata.row_group(1)
    at = group.column(1).data_page_offset
    content = bytearray(path.read_bytes())
    content[at : at + 400] = b"\x00" * 400
    path.write_bytes(content)
    found = rows(audit(path))
    refused = [row["status"] == "opted_out" for row in found]
    unread = ["media_not_read" in row["reasons"] for row in found]
    assert refused[:64] == [True] * 64
    assert unread[100:] == [True] * 100
    assert all(one or other for one, other in zip(refused, unread, strict=True))


def test_a_text_manifest_is_left_as_it_is(audit, tmp_path):
    manifest = write_csv(tmp_path / "a.csv", [{"url": "https://a.org/b", "license": FREE}])
    found = audit(manifest)
    assert found.report.coverage.media_not_read == 0
    assert found.report.registries == []


def test_the_same_files_give_the_same_bytes(audit, folder):
    inside = folder(
        {f"{n}.jpg": media.image(media.data_mining("DMI-PROHIBITED"), shade=n) for n in range(40)}
    )
    first, second = (render_all(audit(inside).report) for _ in range(2))
    assert first == second


@pytest.mark.skipif(not media.REAL.is_dir(), reason="the files aren't here")
def test_files_of_others(audit, folder):
    files = sorted(media.REAL.iterdir())
    found = audit(folder({path.name: path.read_bytes() for path in files}))
    by_name = {path.name: status for path, status in zip(files, statuses(found), strict=True)}
    refused = ("opted_out", "denied")
    assert by_name == {
        "IPTC-PhotometadataRef-Std2014_large.jpg": ("public_domain_or_cc", "unknown"),
        "IPTC-PhotometadataRef-Std2023.1.jpg": refused,
        "c2pa-all-four-not-allowed.wav": refused,
        "c2pa-and-cawg-allowed-invalid-manifest.jpg": ("public_domain_or_cc", "review"),
        "c2pa-training-mining-not-allowed.png": refused,
        "cawg-training-mining-not-allowed.jpg": refused,
    }


def test_images_on_the_hub_are_read_only_where_that_is_asked_for(audit, tmp_path, monkeypatch):
    datasets = pytest.importorskip("datasets")
    kind = datasets.Features({"license": datasets.Value("string"), "image": datasets.Image()})
    rows_of = {"license": [FREE], "image": [{"bytes": REFUSING, "path": None}]}
    stream = datasets.Dataset.from_dict(rows_of, kind).to_iterable_dataset()
    loaded = huggingface.Loaded("0" * 40, {"train": stream}, tmp_path)
    monkeypatch.setattr(huggingface, "load", lambda _wanted: loaded)
    found = audit("hf:org/name")
    assert statuses(found) == [("public_domain_or_cc", "unknown")]
    assert found.report.coverage.media_not_read == 1
    assert statuses(audit("hf:org/name", media="on")) == [("opted_out", "denied")]
