"""Bundles that were sealed anew by somebody who knows the form: a signature finds all of them."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from sourcing_audit import evidence
from sourcing_audit.evidence import Wanted, layout
from sourcing_audit.evidence.checking import State
from sourcing_audit.evidence.statement import Statement, json_bytes
from tests.evidence.support import edited, members, pack, sealed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sourcing_audit.evidence import Verification
    from tests.evidence.conftest import Made
    from tests.evidence.support import Change


def states(found: Verification) -> dict[str, State]:
    return {check.name: check.state for check in found.checks}


def detail(found: Verification, name: str) -> str:
    return next(check.detail for check in found.checks if check.name == name)


def test_a_whole_bundle(made: Made) -> None:
    found = evidence.verify(made.signed, Wanted(key=made.key))
    assert found.accepted
    assert found.signed
    assert states(found) == {
        **dict.fromkeys(("container", "members", "statement", "signature"), State.OK),
        **dict.fromkeys(("rules", "numbers", "reports"), State.OK),
        "findings": State.NOT_CHECKED,
    }
    assert "findings" in found.conclusion
    assert "declare is true" in found.conclusion


def test_findings_are_counted_anew(made: Made) -> None:
    for bundle, wanted in (
        (made.full, Wanted(key=made.key)),
        (made.signed, Wanted(key=made.key, findings=made.folder)),
    ):
        found = evidence.verify(bundle, wanted)
        assert found.accepted
        assert "510 rows" in detail(found, "findings")
        assert State.NOT_CHECKED not in states(found).values()


def test_a_signature_that_is_not_checked_is_not_enough(made: Made) -> None:
    found = evidence.verify(made.signed)
    assert not found.failed
    assert not found.accepted
    assert states(found)["signature"] is State.NOT_CHECKED
    assert "no key was given" in detail(found, "signature")
    assert "anybody could have made it" in found.conclusion
    assert evidence.verify(made.signed, Wanted(unsigned_ok=True)).accepted


def test_a_bundle_that_is_not_signed(made: Made) -> None:
    found = evidence.verify(made.unsigned)
    assert not found.accepted
    assert "not signed" in detail(found, "signature")
    allowed = evidence.verify(made.unsigned, Wanted(unsigned_ok=True))
    assert allowed.accepted
    assert not allowed.signed
    asked = evidence.verify(made.unsigned, Wanted(key=made.key, unsigned_ok=True))
    assert [check.name for check in asked.failed] == ["signature"]


def test_another_key_is_refused(made: Made, tmp_path: Path) -> None:
    _, public, _ = evidence.make_keys(tmp_path)
    found = evidence.verify(made.signed, Wanted(key=evidence.Verifier.of(public), unsigned_ok=True))
    assert [check.name for check in found.failed] == ["signature"]
    assert states(found)["rules"] is State.NOT_CHECKED


def json_change(name: str, change: Callable[[Any], None]) -> Change:
    def apply(contents: dict[str, bytes]) -> None:
        contents[name] = edited(contents[name], change)
        sealed(contents)

    return apply


def _fewer_opted_out(report: Any) -> None:
    opted_out, licensed = report["statuses"][0], report["statuses"][2]
    licensed["items"] += opted_out["items"]
    opted_out["items"] = 0


def _no_quarantine(report: Any) -> None:
    report["totals"].update(items_in=510, quarantined=0)


def _established(report: Any) -> None:
    report["dataset_status"] = "established"


def _totals_of_the_statement(statement: Any) -> None:
    statement["predicate"]["totals"]["items_in"] = 510


def _other_rows(tables: Any) -> None:
    tables["tables"][0]["rows"] += 1


def _other_rules(contents: dict[str, bytes]) -> None:
    contents["rules/shipped/verdict.toml"] += b"# changed\n"
    sealed(contents)


def _other_page(contents: dict[str, bytes]) -> None:
    contents["report.html"] = contents["report.html"].replace(b"516", b"615")
    sealed(contents)


def _other_table(contents: dict[str, bytes]) -> None:
    contents["evidence/consent.parquet"] = contents["evidence/records.parquet"]
    sealed(contents)


def _no_table(contents: dict[str, bytes]) -> None:
    contents["groups.parquet"] = b"PAR1" + bytes(4996 - 8) + b"PAR1"
    sealed(contents)


def _findings_that_were_left_out(contents: dict[str, bytes]) -> None:
    contents["findings.parquet"] = b"anything"
    sealed(contents)


FORGERIES: dict[str, tuple[Change, str]] = {
    "statuses": (json_change("report.json", _fewer_opted_out), "statement"),
    "quarantine": (json_change("report.json", _no_quarantine), "statement"),
    "dataset status": (json_change("report.json", _established), "statement"),
    "statement": (json_change(layout.STATEMENT, _totals_of_the_statement), "statement"),
    "other date": (
        json_change(layout.REQUEST, lambda one: one.update(as_of="2020-01-01")),
        "statement",
    ),
    "rows": (json_change(layout.LISTING, _other_rows), "numbers"),
    "rules": (_other_rules, "rules"),
    "page": (_other_page, "reports"),
    "table": (_other_table, "numbers"),
    "no table": (_no_table, "numbers"),
    "one more": (_findings_that_were_left_out, "members"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_found_without_a_signature(name: str, made: Made, tmp_path: Path) -> None:
    change, expected = FORGERIES[name]
    contents = members(made.unsigned)
    change(contents)
    found = evidence.verify(pack(tmp_path / "b.zip", contents), Wanted(unsigned_ok=True))
    assert [check.name for check in found.failed] == [expected]


def restated(contents: dict[str, bytes]) -> None:
    """Let the statement follow from the other files, as whoever has this program can."""
    from sourcing_audit.evidence.statement import Tables, build
    from sourcing_audit.recorded import Recorded
    from sourcing_audit.report import Report

    sealed(contents)
    stated = Statement.model_validate_json(contents[layout.STATEMENT])
    out = set(stated.predicate.left_out)
    digests = {one.name: one.digest.sha256 for one in stated.subject if one.name not in out}
    contents[layout.STATEMENT] = json_bytes(
        build(
            Report.model_validate_json(contents[layout.REPORT]),
            Recorded.model_validate_json(contents[layout.REQUEST]),
            Tables.model_validate_json(contents[layout.LISTING]),
            digests,
            stated.predicate.signer and stated.predicate.signer.keyid,
        )
    )


SUMS = {
    "statuses": (_fewer_opted_out, "opted_out by licence evidence"),
    "quarantine": (_no_quarantine, "quarantined records by input: 6, and not 0"),
    "dataset status": (_established, "its counts make it contains_opted_out"),
    "items in": (lambda r: r["totals"].update(items_in=515), "items in: 515, and not 516"),
    "outcome": (lambda r: r["outcomes"][0].update(items=1), "verdicts by outcome"),
    "share": (lambda r: r["statuses"][0].update(share=0.5), "the share of opted_out is 0.5"),
    "reason": (lambda r: r["reasons"][0].update(items=511), "511, of 510"),
    "group": (lambda r: r["groups"][0].update(items=10**6), "items of all groups"),
    "status gone": (lambda r: r["statuses"].pop(), "statuses:"),
    "negative": (lambda r: r["reasons"][0].update(items=-1), "-1, of 510"),
    "licence": (lambda r: r["licenses"][0].update(items=0), "items of all licences"),
    "host": (lambda r: r["hosts"][0].update(items=0), "by outcome"),
    "groups in all": (lambda r: r.update(groups_in_all=1), "rows of groups.parquet"),
}


@pytest.mark.parametrize("name", SUMS)
def test_sums_that_do_not_come_out_are_found(name: str, made: Made, tmp_path: Path) -> None:
    """Even where a statement was made that fits them."""
    change, message = SUMS[name]
    contents = members(made.unsigned)
    contents["report.json"] = edited(contents["report.json"], change)
    restated(contents)
    found = evidence.verify(pack(tmp_path / "b.zip", contents), Wanted(unsigned_ok=True))
    assert "numbers" in {check.name for check in found.failed}
    assert message in detail(found, "numbers")


def test_whatever_fits_is_found_by_the_signature(made: Made, tmp_path: Path) -> None:
    contents = members(made.signed)
    contents["README.txt"] += b"All is well.\n"
    restated(contents)
    _, public, _ = evidence.make_keys(tmp_path / "keys")
    forger = evidence.Signer.of(tmp_path / "keys" / "signing-key.pem")
    forged = {
        "old signature": contents,
        "forger's": {
            **contents,
            layout.ENVELOPE: json_bytes(forger.envelope(contents[layout.STATEMENT])),
        },
        "removed": {name: c for name, c in contents.items() if name != layout.ENVELOPE},
    }
    for name, some in forged.items():
        bundle = pack(tmp_path / f"{name}.zip", some)
        for wanted in (Wanted(key=made.key), Wanted(unsigned_ok=True)):
            found = evidence.verify(bundle, wanted)
            assert [check.name for check in found.failed] == ["signature"], name
    assert evidence.Verifier.of(public).keyid == forger.keyid


def _sig(envelope: Any, change: Callable[[str], str]) -> None:
    envelope["signatures"][0]["sig"] = change(envelope["signatures"][0]["sig"])


ENVELOPES: dict[str, Callable[[Any], None]] = {
    "other key id": lambda e: e["signatures"][0].update(keyid="0" * 64),
    "no signature": lambda e: e.update(signatures=[]),
    "two signatures": lambda e: e.update(signatures=e["signatures"] * 2),
    "other type": lambda e: e.update(payloadType="application/json"),
    "one more field": lambda e: e.update(extra=1),
    "no base64": lambda e: _sig(e, lambda sig: f"*{sig[1:]}"),
    "url-safe or cut": lambda e: _sig(e, lambda sig: sig.rstrip("=")),
    "blank": lambda e: _sig(e, lambda sig: f"{sig}\n"),
    "empty": lambda e: _sig(e, lambda _: ""),
    "payload": lambda e: e.update(payload=e["payload"][:-4]),
}


@pytest.mark.parametrize("name", ENVELOPES)
def test_an_envelope_that_was_changed(name: str, made: Made, tmp_path: Path) -> None:
    contents = members(made.signed)
    contents[layout.ENVELOPE] = edited(contents[layout.ENVELOPE], ENVELOPES[name])
    found = evidence.verify(pack(tmp_path / "b.zip", contents), Wanted(key=made.key))
    assert [check.name for check in found.failed] == ["signature"]


def test_json_in_another_form_is_refused(made: Made, tmp_path: Path) -> None:
    """The same meaning in other bytes: a field named twice, other blanks, a number as text."""
    contents = members(made.unsigned)
    stated = contents[layout.STATEMENT]
    for changed in (
        json.dumps(json.loads(stated)).encode(),
        stated.replace(b'"_type"', b'"_type": "x",\n "_type"', 1),
        stated.replace(b'"items_in": 516', b'"items_in": "516"'),
        stated.replace(b"2026-11-18T06:00:00", b"2026-11-18t06:00:00"),
    ):
        assert changed != stated
        bundle = pack(tmp_path / "b.zip", {**contents, layout.STATEMENT: changed})
        found = evidence.verify(bundle, Wanted(unsigned_ok=True))
        assert [check.name for check in found.failed] == ["statement"]


def test_findings_that_are_not_those_of_the_audit(made: Made, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    shutil.copytree(made.folder, folder)
    (folder / "findings.parquet").write_bytes((folder / "groups.parquet").read_bytes())
    found = evidence.verify(made.signed, Wanted(key=made.key, findings=folder))
    assert [check.name for check in found.failed] == ["findings"]
    (folder / "findings.parquet").unlink()
    found = evidence.verify(made.signed, Wanted(key=made.key, findings=folder))
    assert "No such file" in detail(found, "findings")


def test_a_report_of_another_version_is_not_written_anew(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sourcing_audit.evidence import recount

    monkeypatch.setattr(recount, "__version__", "99.0")
    found = evidence.verify(made.signed, Wanted(key=made.key))
    assert found.accepted
    assert states(found)["reports"] is State.NOT_CHECKED
    assert "reports" in found.conclusion
