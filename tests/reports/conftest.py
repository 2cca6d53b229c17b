"""Hand-built reports: a realistic one, and one in which every free text is hostile."""

import datetime as dt

import pytest

from sourcing_audit.model import DatasetStatus, LicenseClass, Outcome, Status, Term
from sourcing_audit.report import (
    Card,
    CardStatement,
    ChangeCount,
    Changes,
    Consent,
    ConsentCount,
    Coverage,
    Dataset,
    Disclosure,
    EarlierAudit,
    Expiring,
    ExpiringDay,
    Group,
    Input,
    LicenseCount,
    LineageCount,
    MappedField,
    ObligationCount,
    Origin,
    OutcomeCount,
    QuarantineCount,
    ReasonCount,
    Registry,
    Report,
    RuleOverride,
    RulesUsed,
    SourceCount,
    StatusCount,
    StatusFlow,
    TextCount,
    TextsRead,
    Tool,
    Totals,
    Unresolved,
    UnresolvedValue,
    Use,
    Waiver,
)
from sourcing_audit.reports import disclose, sentence

HOSTILE = (
    "<script>alert(1)</script>\x1b[31m\x9b2J|=cmd|' /C calc'!A0](javascript:alert(1))"
    "\u202egnp.exe\u2066\u200b`**_[x](http://evil.example/)\r\nhttps://evil.example/?a&b"
)
LITERALS = {"schema_version", "action", "differs"}
FREE_KEYS = {"unreadable_values", "match"}

ITEMS = 1_204_331
COUNTS = {
    Status.OPTED_OUT: 58_811,
    Status.CONSENT_REQUIRED: 395,
    Status.LICENSED: 151_300,
    Status.PUBLIC_DOMAIN_OR_CC: 753_718,
    Status.PROPRIETARY_WITH_CONSENT: 13_000,
    Status.TERMS_NOT_MET: 1_000,
    Status.NOT_ESTABLISHED: 226_076,
}
LABELS = {
    Status.OPTED_OUT: ("Opted out", "HCA Code of Ethics; AIMEG 3.1"),
    Status.CONSENT_REQUIRED: ("Consent of the person required", "AIMEG 3.1, 3.4"),
    Status.LICENSED: ("Licensed", "AIMEG 5.2, first preference"),
    Status.PUBLIC_DOMAIN_OR_CC: (
        "Public domain or Creative Commons, terms met",
        "AIMEG 5.2, second preference",
    ),
    Status.PROPRIETARY_WITH_CONSENT: (
        "Proprietary with full consent",
        "AIMEG 5.2, third preference; 3.2",
    ),
    Status.TERMS_NOT_MET: ("Licence terms not met", "AIMEG 5.2"),
    Status.NOT_ESTABLISHED: ("Not established", "AIMEG 4.3: no claim beyond the evidence"),
}
RANKS = {
    Status.LICENSED: 1,
    Status.PUBLIC_DOMAIN_OR_CC: 2,
    Status.PROPRIETARY_WITH_CONSENT: 3,
}
BASES = {
    Status.OPTED_OUT: {"creator": 50_000, "host": 8_000, "other": 811},
    Status.LICENSED: {"agreement": 1_300, "open licence": 150_000},
}
OUTCOMES = {
    Outcome.PROHIBITED: 60_206,
    Outcome.UNDETERMINED: 226_076,
    Outcome.CONDITIONAL: 214_900,
    Outcome.PERMITTED: 703_118,
}
USE = "train generative as general model training, commercial, sharing model, outputs, worldwide"
DIGEST = "3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855e"


def build_groups() -> list[Group]:
    return [
        Group(
            outcome=outcome,
            status=status,
            license_concluded=expression,
            reasons=reasons,
            obligations=obligations,
            host=host,
            items=items,
            shard="data/part-000.parquet",
            row=row,
        )
        for row, (outcome, status, expression, reasons, obligations, host, items) in enumerate(
            (
                (
                    Outcome.PROHIBITED,
                    Status.OPTED_OUT,
                    "LicenseRef-gallery-terms",
                    ["consent_refused", "non_commercial_use"],
                    [],
                    "images.gallery.example",
                    50_000,
                ),
                (
                    Outcome.PROHIBITED,
                    Status.OPTED_OUT,
                    "CC-BY-4.0",
                    ["consent_revoked"],
                    ["remove_from_training"],
                    "live.staticflickr.com",
                    1_395,
                ),
                (
                    Outcome.UNDETERMINED,
                    Status.NOT_ESTABLISHED,
                    "NOASSERTION",
                    ["license_missing"],
                    [],
                    None,
                    12,
                ),
                (
                    Outcome.CONDITIONAL,
                    Status.PUBLIC_DOMAIN_OR_CC,
                    "CC-BY-SA-4.0",
                    [],
                    ["attribute", "share_alike_if_adapted"],
                    "upload.wikimedia.org",
                    2_900,
                ),
            ),
            start=4_411,
        )
    ]


def build_changes() -> Changes:
    return Changes(
        since=EarlierAudit(
            as_of=dt.date(2026, 10, 24),
            tool_version="0.1.0",
            rules_version="2026.10.2",
            rules_digest="9" * 64,
            use=USE,
            dataset_status=DatasetStatus.PARTLY_ESTABLISHED,
            totals=Totals(
                items_in=1_190_002, verdicts=1_190_000, quarantined=2, unreadable_files=0
            ),
        ),
        differs=["inputs", "registries", "rules", "as_of"],
        added=14_400,
        gone=71,
        changed=2_090,
        unchanged=1_187_841,
        not_comparable=0,
        kinds=[
            ChangeCount(
                kind=kind, label=label, items=items, samples=[f"still-{n:07}" for n in range(3)]
            )
            for kind, label, items in (
                ("new_opt_out", "A refusal came into force", 640),
                ("revoked", "A grant was revoked", 1_395),
                ("consent_expired", "A consent expired", 55),
            )
        ],
        flows=[
            StatusFlow(before=before, after=after, items=items)
            for before, after, items in (
                (Status.LICENSED, Status.OPTED_OUT, 1_395),
                (Status.PUBLIC_DOMAIN_OR_CC, Status.OPTED_OUT, 640),
                (Status.PROPRIETARY_WITH_CONSENT, Status.NOT_ESTABLISHED, 55),
                (Status.LICENSED, Status.LICENSED, 151_300),
                (None, Status.PUBLIC_DOMAIN_OR_CC, 14_400),
                (Status.NOT_ESTABLISHED, None, 71),
            )
        ],
    )


def build_waivers() -> list[Waiver]:
    return [
        Waiver(
            code="license_unresolved",
            match={"host": "archive.example", "license": "see website"},
            reason="license-acquired",
            comment="Contract 114, appendix B.",
            owner="Rights desk",
            approved_by="J. Ruiz",
            expires=dt.date(2027, 1, 31),
            expired=False,
            items=99_020,
        ),
        Waiver(
            code="attribution_missing",
            match={},
            reason="not-used-in-training",
            comment="",
            owner="Data team",
            approved_by="M. Okafor",
            expires=None,
            expired=False,
            items=36,
        ),
        Waiver(
            code="non_commercial_use",
            match={"host": "live.staticflickr.com"},
            reason="license-acquired",
            comment="Letter of the photographer, to be renewed every year.",
            owner="Rights desk",
            approved_by="J. Ruiz",
            expires=dt.date(2026, 10, 31),
            expired=True,
            items=964,
        ),
    ]


def build_report() -> Report:
    totals = Totals(items_in=ITEMS, verdicts=ITEMS - 31, quarantined=31, unreadable_files=1)
    statuses = [
        StatusCount(
            status=status,
            rank=RANKS.get(status),
            label=LABELS[status][0],
            source=LABELS[status][1],
            items=items,
            share=items / ITEMS,
            by_license_evidence={"item": items - items // 5, "dataset default": items // 5},
            by_basis=BASES.get(status, {}),
        )
        for status, items in COUNTS.items()
    ]
    outcomes = [
        OutcomeCount(outcome=outcome, items=items, share=items / ITEMS)
        for outcome, items in OUTCOMES.items()
    ]
    registries = [
        Registry(
            name=name,
            path=f"exports/{name}.csv",
            format="canonical-csv",
            sha256=DIGEST,
            records=records,
            snapshot_at=day,
            matched_records=records // 3,
            matched_items=records // 2,
        )
        for name, records, day in (
            ("gallery", 120_400, dt.datetime(2026, 11, 3, tzinfo=dt.UTC)),
            ("spawning", 48_000, dt.datetime(2026, 10, 28, tzinfo=dt.UTC)),
        )
    ]
    coverage = Coverage(
        without_license=120_000,
        unresolved_license=106_076,
        dataset_default_license=240_800,
        without_creator=310_221,
        without_source=12,
        without_any_consent_key=9_004,
        likeness_not_checked=1_100_000,
        unreadable_values={"acquired_at": 7},
        duplicate_item_ids=0,
        registries_given=2,
    )
    consent = Consent(
        counts=[
            ConsentCount(consent_status="denied", label="Refused", items=57_416),
            ConsentCount(consent_status="revoked", label="Grant revoked", items=1_395),
            ConsentCount(consent_status="consent_complete", label="Full consent", items=13_000),
            ConsentCount(consent_status="unknown", label="No record", items=1_132_489),
        ],
        review_matches=2_310,
        opted_out_after_acquisition=1_395,
        expiring=[
            Expiring(
                registry="gallery",
                record_id="urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8",
                valid_until=dt.datetime(2026, 12, 1, tzinfo=dt.UTC),
                items=310,
            ),
            Expiring(
                registry="gallery",
                record_id="urn:uuid:6ba7b812-9dad-11d1-80b4-00c04fd430c8",
                valid_until=dt.datetime(2026, 12, 15, tzinfo=dt.UTC),
                items=4_100,
                approves="urn:uuid:6ba7b811-9dad-11d1-80b4-00c04fd430c8",
            ),
            Expiring(
                registry="gallery",
                record_id="urn:uuid:6ba7b811-9dad-11d1-80b4-00c04fd430c8",
                valid_until=dt.datetime(2027, 1, 31, tzinfo=dt.UTC),
                items=4_100,
            ),
        ],
        expiring_by_day=[
            ExpiringDay(day=dt.date(2026, 12, 1), consents=1, approvals=0, items=310),
            ExpiringDay(day=dt.date(2026, 12, 15), consents=0, approvals=1, items=4_100),
            ExpiringDay(day=dt.date(2027, 1, 31), consents=1, approvals=0, items=4_100),
        ],
    )
    origin = Origin(generated=4_000, human=1_000_000, not_stated=200_300)
    as_of = dt.date(2026, 11, 21)
    shared = {
        "totals": totals,
        "statuses": statuses,
        "outcomes": outcomes,
        "registries": registries,
        "as_of": as_of,
    }
    status = DatasetStatus.CONTAINS_OPTED_OUT
    return Report(
        tool=Tool(version="0.1.0"),
        rules=RulesUsed(
            version="2026.11.0",
            digest=DIGEST,
            overrides=[
                RuleOverride(file="licenses/gallery.toml", key="gallery-terms", action="added")
            ],
        ),
        as_of=as_of,
        dataset=Dataset(
            name="film-stills-v3",
            inputs=[
                Input(
                    name=f"data/part-{part:03}.parquet",
                    format="parquet",
                    size=812_331_002,
                    sha256=DIGEST,
                    items=602_150,
                    quarantined=15 + part,
                )
                for part in range(2)
            ]
            + [
                Input(
                    name="data/part-002.parquet",
                    format="parquet",
                    size=12,
                    sha256=DIGEST,
                    items=0,
                    quarantined=0,
                    unreadable=True,
                )
            ],
            mapping=[
                MappedField(field="source_url", template="{url}", origin="name"),
                MappedField(field="license_raw", template="{licence}", origin="config"),
                MappedField(field="creator", template="{meta.artist}", origin="layout:laion"),
            ],
            unused_columns=["similarity", "aesthetic"],
            default_license="CC-BY-4.0",
            cards=[
                Card(
                    path="data/README.md",
                    kind="huggingface",
                    statements=[
                        CardStatement(where="license", text="cc-by-4.0", expression="CC-BY-4.0"),
                        CardStatement(
                            where="line 31, Licensing Information",
                            text="The stills may be used for non-commercial research only.",
                            expression="LicenseRef-Research-Use",
                        ),
                    ],
                    contradicted=True,
                    problems=["front matter: line 9 is no YAML"],
                )
            ],
        ),
        use=Use(
            sentence=USE,
            activity="train_generative",
            project=None,
            commercial=True,
            research=False,
            shares=["model", "outputs"],
            territory=["WORLD"],
            grantee=None,
        ),
        registries=registries,
        dataset_status=status,
        sentence=sentence(**shared),
        totals=totals,
        statuses=statuses,
        outcomes=outcomes,
        reasons=[
            ReasonCount(
                code=code,
                label=label,
                clause=clause,
                how_to_fix=fix,
                items=items,
                share=items / ITEMS,
                samples=[f"still-{items + n:07}" for n in range(5)],
            )
            for code, label, clause, fix, items in (
                (
                    "license_missing",
                    "No licence is stated",
                    "AIMEG 5.2",
                    "Ask the source for a licence, or leave the items out with `sourcing-audit filter`.",
                    120_000,
                ),
                (
                    "license_unresolved",
                    "No rule understands the licence value",
                    "AIMEG 4.3",
                    "Add an alias to your rules folder, citing where the value is defined.",
                    106_076,
                ),
                (
                    "consent_refused",
                    "The creator refused use for training",
                    "HCA Code of Ethics; AIMEG 3.1",
                    "Leave the items out.",
                    57_416,
                ),
                (
                    "consent_revoked",
                    "A grant was revoked",
                    "AIMEG 3.1, 3.2",
                    "Leave the items out, and follow the deletion route of the grant.",
                    1_395,
                ),
                (
                    "non_commercial_use",
                    "The licence allows non-commercial use only",
                    "AIMEG 5.2",
                    "Leave the items out, or obtain a separate grant.",
                    964,
                ),
                (
                    "attribution_missing",
                    "Attribution is due, and neither creator nor source is on record",
                    "CC BY 4.0, section 3(a)",
                    "Fill in the creator or the source.",
                    36,
                ),
            )
        ],
        obligations=[
            ObligationCount(
                code="attribute",
                label="Credit the creator, name source and licence",
                clause="CC BY 4.0, section 3(a)",
                how_to_fix="Publish the attribution of every such item.",
                items=212_000,
            ),
            ObligationCount(
                code="share_alike_if_adapted",
                label="Share adapted material alike",
                clause="CC BY-SA 4.0, section 3(b)",
                how_to_fix="Have it judged whether the model is adapted material.",
                items=2_900,
            ),
        ],
        licenses=[
            LicenseCount(
                expression=expression,
                license_class=license_class,
                terms=terms,
                items=items,
                share=items / ITEMS,
                distinct_values=values,
            )
            for expression, license_class, terms, items, values in (
                ("CC0-1.0", LicenseClass.PUBLIC_DOMAIN, [], 541_718, 14),
                ("NOASSERTION", LicenseClass.UNKNOWN, [], 226_076, 39),
                ("CC-BY-4.0", LicenseClass.CREATIVE_COMMONS, [Term.ATTRIBUTION], 210_100, 31),
                (
                    "CC-BY-SA-4.0",
                    LicenseClass.CREATIVE_COMMONS,
                    [Term.ATTRIBUTION, Term.SHARE_ALIKE],
                    2_900,
                    6,
                ),
                (
                    "LicenseRef-gallery-terms",
                    LicenseClass.PROPRIETARY,
                    [Term.TERRITORY, Term.REVOCABLE],
                    13_000,
                    1,
                ),
            )
        ],
        license_expressions=42,
        texts=TextsRead(
            items=90_000,
            distinct_texts=312,
            methods=[
                TextCount(rule="text:known", distinct_texts=290),
                TextCount(rule="text:none", distinct_texts=20),
                TextCount(rule="text:unread", distinct_texts=2),
            ],
            stating_a_license=88_100,
        ),
        lineage=[
            LineageCount(dataset="film-archive", expression="CC-BY-NC-4.0", items=1_204_300),
            LineageCount(dataset="film-archive > stills", expression="NOASSERTION", items=12),
        ],
        origin=origin,
        unresolved=Unresolved(
            distinct_values=38,
            items=106_076,
            groups=27,
            top=[
                UnresolvedValue(
                    value="see website", distinct_values=1, items=99_020, suggestions=[]
                ),
                UnresolvedValue(
                    value="CC BY 4.O",
                    distinct_values=3,
                    items=6_900,
                    suggestions=["CC BY 4.0", "CC BY-SA 4.0"],
                ),
            ],
        ),
        consent=consent,
        hosts=[
            SourceCount(
                name=name,
                items=sum(split),
                outcomes=dict(zip((str(key) for key in Outcome), split, strict=True)),
            )
            for name, split in (
                ("upload.wikimedia.org", (1_100, 20_000, 180_000, 400_000)),
                ("images.gallery.example", (50_000, 4_000, 10_000, 60_118)),
                ("live.staticflickr.com", (9_106, 150_000, 24_900, 100_000)),
            )
        ],
        creators=[
            SourceCount(
                name="Ana Sofía Martínez", items=412, outcomes={"permitted": 400, "prohibited": 12}
            ),
            SourceCount(name="山田 花子", items=120, outcomes={"conditional": 120}),
            SourceCount(name="דנה כהן", items=80, outcomes={"undetermined": 80}),
        ],
        groups=build_groups(),
        groups_in_all=2_317,
        changes=build_changes(),
        waivers=build_waivers(),
        coverage=coverage,
        quarantine=[
            QuarantineCount(
                reason="invalid_utf8",
                label="The record is not valid UTF-8",
                how_to_fix="Write the file again as UTF-8, or state its encoding.",
                records=31,
                files=2,
                samples=["data/part-000.parquet:4411", "data/part-001.parquet:92"],
            )
        ],
        disclosure=disclose(
            dataset_status=status,
            coverage=coverage,
            consent=consent,
            origin=origin,
            use=USE,
            rules_version="2026.11.0",
            **shared,
        ),
    )


def poison(value: object, key: str = "") -> object:
    """Replace every free text, enumerations and literals aside, by hostile text."""
    if isinstance(value, dict):
        return {
            HOSTILE if key.startswith("by_") or key in FREE_KEYS else name: poison(entry, name)
            for name, entry in value.items()
        }
    if isinstance(value, list):
        return [poison(entry, key) for entry in value]
    free = type(value) is str and key not in LITERALS and value != "sourcing-audit"
    return HOSTILE if free else value


@pytest.fixture(scope="session")
def report() -> Report:
    return build_report()


@pytest.fixture(scope="session")
def hostile_report(report) -> Report:
    return Report.model_validate(poison(report.model_dump()))


@pytest.fixture(scope="session")
def empty_report(report) -> Report:
    """Nothing given beyond the items: no registry, no reasons, nothing in any list."""
    empty = Consent(counts=[], review_matches=0, opted_out_after_acquisition=0, expiring=[])
    return report.model_copy(
        update={
            "registries": [],
            "reasons": [],
            "obligations": [],
            "licenses": [],
            "hosts": [],
            "creators": [],
            "groups": [],
            "groups_in_all": 0,
            "changes": None,
            "waivers": [],
            "quarantine": [],
            "consent": empty,
            "unresolved": Unresolved(distinct_values=0, items=0, groups=0, top=[]),
            "texts": None,
            "lineage": [],
            "disclosure": Disclosure(short="Nothing.", statements=[], limits=[]),
        }
    )
