"""The day of the training: given with the use, told in the report, and in `explain`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

import sourcing_audit
from sourcing_audit import config
from sourcing_audit.errors import ConfigError
from sourcing_audit.rules import PolicyRules, RuleStore
from tests.conftest import write_csv

if TYPE_CHECKING:
    from pathlib import Path

USES = PolicyRules.load(RuleStore()).uses
DATE = "2026-11-21"


def test_the_day_of_the_training_is_part_of_the_use() -> None:
    use = config.parse_use("research,trained=2026-06-15", USES)
    assert use.trained_at == dt.date(2026, 6, 15)
    assert use.describe().endswith("trained on 2026-06-15")
    assert config.parse_use("research", USES).trained_at is None


@pytest.mark.parametrize("day", ["", "June", "2026-13-01", "1066-10-14"])
def test_a_day_that_is_none(day: str) -> None:
    with pytest.raises(ConfigError, match="training date"):
        config.parse_use(f"trained={day}", USES)


def test_the_chain_tells_clocks_and_duties_in_80_columns(tmp_path: Path) -> None:
    url = "https://clock.example/1.jpg"
    grant = {
        "record_id": "g",
        "record_type": "consent",
        "refers_to": "",
        "subject_kind": "url",
        "subject_value": url,
        "decision": "allow",
        "declarant_id": "painter:7",
        "declarant_role": "creator",
        "authority_level": "self_asserted",
        "grantee_id": "*",
        "uses": "train_generative",
        "scope_kind": "general_training",
        "duration_kind": "perpetual",
        "compensation_kind": "none_waived",
        "revocable": "yes",
        "revocation_method": "mail",
        "revocation_effect": "retrain_or_unlearn",
        "deletion_mechanism": "dataset_removal",
        "deletion_contact": "rights@clock.example",
        "deletion_sla_days": "30",
        "declared_at": "2026-01-10",
        "signal_raw": "",
    }
    back = dict.fromkeys(grant, "") | {
        "record_id": "r",
        "record_type": "revocation",
        "refers_to": "g",
        "subject_kind": "domain",
        "subject_value": "clock.example",
        "decision": "deny",
        "declarant_id": "painter:7",
        "declarant_role": "creator",
        "declared_at": "2026-07-01",
        "signal_raw": "I take it back\x1b[31m",
    }
    with sourcing_audit.audit(
        write_csv(tmp_path / "items.csv", [{"item_id": "a", "source_url": url}]),
        registries=[write_csv(tmp_path / "gallery.csv", [grant, back])],
        use="commercial-training,trained=2026-06-15",
        as_of=DATE,
    ) as audited:
        told = str(audited.explain("a")[0])
        report = audited.report
    # The first line is the item and its file, whose name is as long as it is.
    assert max(map(len, told.splitlines()[1:])) <= 80
    words = " ".join(told.split())
    for said in (
        "answer for 2026-11-21, and for a training on 2026-06-15",
        "said on 2026-01-10 in a consent registry: painter:7 (creator) permits",
        "painter:7 (creator) revokes g",
        "about the domain clock.example, matched by domain",
        "verbatim: I take it back\\x1b[31m",
        "revoked with effect from 2026-07-01",
        "within 30 days, by 2026-07-31, contact rights@clock.example",
        "retrain_or_unlearn",
        "consent_revoked_after_training",
    ):
        assert said in words, said
    assert report.use.trained_at == dt.date(2026, 6, 15)
    assert report.consent.opted_out_after_training == 1
    owed = {row.code for row in report.obligations}
    assert owed == {"remove_from_dataset", "retrain_or_unlearn"}
