"""Audits that differ in what is asked give, one after the other, what each gives by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sourcing_audit import audit
from sourcing_audit.engine import compiling
from tests.conftest import write_csv

if TYPE_CHECKING:
    from pathlib import Path

_COMMON: dict[str, Any] = {
    "use": "commercial-training,grantee=org:us",
    "as_of": "2026-11-21",
    "columns": {"creator_id": "maker"},
}
_CHANGED: dict[str, dict[str, Any]] = {
    "as it is": {},
    "another use, a later day": {"use": "research,grantee=org:others", "as_of": "2027-11-21"},
    "another column, another rule": {"columns": {"creator_id": "seller"}},
}


def _audited(folder: Path, name: str) -> dict[str, bytes]:
    given = _COMMON | _CHANGED[name]
    if name.endswith("another rule"):
        given["rules"] = [folder / "rules"]
    out = folder / name
    with audit(
        folder / "works.csv", registries=[folder / "consents.csv"], dataset="d", **given
    ) as audited:
        audited.save(out)
    return {path.name: path.read_bytes() for path in out.rglob("*") if path.is_file()}


@pytest.fixture
def given(tmp_path: Path) -> Path:
    works = [
        {
            "id": f"i{number}",
            "url": f"https://h{number}.example/{number}.jpg",
            "maker": f"flickr:m{number}",
            "seller": f"flickr:m{number + 1}",
            "license": "CC BY",
        }
        for number in range(6)
    ]
    write_csv(tmp_path / "works.csv", works)
    grant = {
        "subject_kind": "creator_id",
        "decision": "allow",
        "record_type": "consent",
        "grantee_id": "org:us",
        "declarant_role": "creator",
        "authority_level": "registry_verified",
        "declared_at": "2025-01-01",
        "uses": "train_generative",
        "snapshot_at": "2026-11-01",
    }
    refusal = {"decision": "deny", "record_type": "opt_out", "uses": "any", "grantee_id": ""}
    consents = [
        grant
        | {"subject_value": "flickr:m1", "grantee_id": "*", "authority_level": "self_asserted"}
        | {"valid_until": "2027-01-01"},
        grant | {"subject_value": "flickr:m2"},
        grant
        | refusal
        | {"subject_value": "flickr:m2", "record_type": "revocation", "refers_to": "c1"}
        | {"declared_at": "2026-12-01"},
        grant
        | refusal
        | {"subject_kind": "host", "subject_value": "h4.example", "declarant_role": "host"},
    ]
    write_csv(
        tmp_path / "consents.csv",
        [{"record_id": f"c{number}"} | record for number, record in enumerate(consents)],
    )
    rule = tmp_path / "rules" / "consent" / "authority.csv"
    rule.parent.mkdir(parents=True)
    rule.write_text(
        "level,rank,verified,void,grants,source\nself_asserted,1,no,no,no,a stricter house rule\n",
        encoding="utf-8",
    )
    return tmp_path


def test_each_audit_gives_what_it_gives_in_a_process_of_its_own(
    given: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    after_others = {name: _audited(given, name) for name in _CHANGED}
    for name, found in after_others.items():
        # All that is kept of the queries of earlier audits.
        monkeypatch.setattr(compiling, "_kept", {})
        monkeypatch.setenv("SOURCING_AUDIT_CACHE", "off")
        assert _audited(given, name) == found, name
    verdicts = {found["findings.parquet"] for found in after_others.values()}
    assert len(verdicts) == len(_CHANGED)
