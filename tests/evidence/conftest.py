"""One audit of the sample, as bundles: signed, not signed, and with its findings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import sourcing_audit
from sourcing_audit import evidence
from sourcing_audit.rules import RuleStore

if TYPE_CHECKING:
    from sourcing_audit.evidence import Signer, Verifier

SAMPLE = Path(__file__).parents[2] / "examples" / "film-stills"


@dataclass(frozen=True)
class Made:
    """An audit's folder, its bundles, and the key."""

    folder: Path
    signed: Path
    unsigned: Path
    full: Path
    private: Path
    public: Path
    signer: Signer
    key: Verifier


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    place = tmp_path_factory.mktemp("evidence")
    private, public, _ = evidence.make_keys(place / "keys")
    signer = evidence.Signer.of(private)
    with sourcing_audit.audit(
        SAMPLE / "works.csv",
        registries=[SAMPLE / "registry.csv"],
        use="commercial-training,grantee=org:northlight-films",
        as_of="2026-11-21",
        dataset="film-stills",
    ) as audited:
        folder = audited.save(place / "out")
    names = [place / f"{name}.zip" for name in ("signed", "unsigned", "full")]
    store = RuleStore()
    evidence.write(folder, names[0], store, signer=signer)
    evidence.write(folder, names[1], store)
    evidence.write(folder, names[2], store, signer=signer, with_findings=True)
    return Made(
        folder, *names, private=private, public=public,
        signer=signer, key=evidence.Verifier.of(public),
    )  # fmt: skip
