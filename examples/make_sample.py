"""Write the bundled sample, `film-stills/`: invented works of every status, and a registry export.

Every name, host and agreement is made up; hosts end in `.example`, which RFC 2606 reserves. Run it
again and the bytes are the same:

    python examples/make_sample.py [FOLDER]
"""

from __future__ import annotations

import csv
import hashlib
import io
import random
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")
Row = dict[str, str]

GRANTEE = "org:northlight-films"
"""The invented company that trains; agreements and consents name it."""

FOLDER = Path(__file__).parent / "film-stills"

WORK_COLUMNS = (
    "item_id",
    "title",
    "url",
    "page_url",
    "creator",
    "creator_id",
    "license",
    "license_url",
    "rights",
    "attribution",
    "sha256",
    "md5",
    "work_id",
    "agreement_id",
    "consent_id",
    "media_type",
    "depicts_person",
    "person_status",
    "subject_id",
    "acquired_at",
)

RECORD_COLUMNS = (
    "schema_version",
    "registry_id",
    "snapshot_at",
    "record_id",
    "record_type",
    "refers_to",
    "relation",
    "signal_scheme",
    "signal_raw",
    "subject_kind",
    "subject_value",
    "include_subdomains",
    "platform",
    "hash_target",
    "declarant_name",
    "declarant_id",
    "declarant_role",
    "authority_level",
    "person_status",
    "approver_name",
    "approver_role",
    "approval_at",
    "grantee_id",
    "decision",
    "uses",
    "scope_kind",
    "scope_id",
    "territory",
    "declared_at",
    "recorded_at",
    "valid_from",
    "valid_until",
    "duration_kind",
    "duration_event",
    "compensation_kind",
    "compensation_amount",
    "compensation_currency",
    "revocable",
    "revocation_method",
    "revocation_notice_days",
    "revocation_effect",
    "deletion_mechanism",
    "deletion_contact",
    "deletion_sla_days",
    "agreement_uri",
    "agreement_overrides_optout",
)

FILMS = (
    "The Salt Line",
    "Night Ferry to Varnholm",
    "A Clock in the Orchard",
    "Paper Lanterns",
    "Nobody Waits at Pier Nine",
    "The Cartographer's Daughter",
    "Low Winter Sun",
    "Das stille Ufer",
    "La última función",
    "Les heures bleues",
    "風の停車場",
)
SCENES = (
    "harbour at dawn",
    "empty auditorium",
    "camera crane in rain",
    "miniature of the old town",
    "matte painting, third pass",
    "prop table",
    "storyboard, reel 2",
    "costume rack",
    "title card",
    "lighting test",
    "tram depot, night exterior",
    "painted backdrop",
    "editing room",
    "location scout, coast road",
)
PORTRAITS = (
    "close-up of the lead",
    "actor in rehearsal",
    "crew portrait",
    "figure at the window",
    "dancer, screen test",
)
PHOTOGRAPHERS = (
    "Ines Varga",
    "Tomasz Wolny",
    "Adaeze Okonkwo-Reyes",
    "Mirela Dragan",
    "Hiro Tanimoto",
    "Saoirse Quill",
    "Jean-Baptiste Morvan",
    "Lena Østergård",
    "Paulo Brandão",
    "Nadia El-Amrani",
)
"""Members of the photo community who said nothing about AI."""


class Declared(NamedTuple):
    """What a row says about its licence, in the three columns where rows say it."""

    license: str = ""
    license_url: str = ""
    rights: str = ""


CC_OR_PUBLIC_DOMAIN = (
    Declared("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
    Declared("cc-by-4.0"),
    Declared("CC-BY-SA-4.0"),
    Declared("Attribution 2.0 Generic (CC BY 2.0)"),
    Declared("by-sa", "http://creativecommons.org/licenses/by-sa/3.0/de/"),
    Declared("", "https://i.creativecommons.org/l/by/3.0/88x31.png"),
    Declared("", "creativecommons.org/licenses/by/2.5/es/deed.ca"),
    Declared("CC BY-ND 4.0"),
    Declared("", "https://creativecommons.org/licenses/by-sa/2.0/"),
    Declared("cc0-1.0"),
    Declared("CC0", "https://creativecommons.org/publicdomain/zero/1.0/"),
    Declared("Public Domain Mark 1.0", "http://creativecommons.org/publicdomain/mark/1.0/"),
    Declared("CC-BY-3.0-AT"),
    Declared("Creative Commons Attribution-ShareAlike 4.0 International"),
    Declared("", "", "Public domain"),
)
CC_WITHOUT_DUTIES = (
    Declared("cc0-1.0"),
    Declared("CC0 1.0 Universal"),
    Declared("", "https://creativecommons.org/publicdomain/zero/1.0/deed.fr"),
)
CC_BY = (
    Declared("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
    Declared("cc-by-4.0"),
    Declared("", "http://creativecommons.org/licenses/by/2.0/deed.en"),
    Declared("CC-BY-SA-4.0"),
)
NON_COMMERCIAL = (
    Declared("CC BY-NC 4.0"),
    Declared("cc-by-nc-sa-4.0"),
    Declared("CC-BY-NC-ND-3.0"),
    Declared("", "https://creativecommons.org/licenses/by-nc/2.0/"),
    Declared("by-nc-nd", "https://i.creativecommons.org/l/by-nc-nd/3.0/gr/88x31.png"),
    Declared("Creative Commons Attribution-NonCommercial 4.0 International"),
    Declared("", "http://rightsstatements.org/vocab/NoC-NC/1.0/"),
)
NO_TRAINING = (
    Declared("CC BY 4.0", "", "May not be used to train AI models."),
    Declared("CC BY-SA 4.0, no AI training"),
)
OPEN = (
    Declared("MIT"),
    Declared("MIT License", "https://opensource.org/licenses/MIT"),
    Declared("mit"),
    Declared("Apache-2.0"),
    Declared("Apache License, Version 2.0"),
    Declared("BSD-3-Clause"),
    Declared("odbl"),
    Declared("ODbL-1.0", "https://opendatacommons.org/licenses/odbl/1-0/"),
    Declared("Open Data Commons Open Database License v1.0"),
    Declared("odc-by"),
    Declared("cdla-permissive-2.0"),
    Declared("MIT OR Apache-2.0"),
    Declared("creativeml-openrail-m"),
)
ALL_RIGHTS_RESERVED = (
    Declared("", "", "© 2021 Paper Moon Pictures. All rights reserved."),
    Declared("All rights reserved"),
    Declared("", "", "Copyright 2019 Paper Moon Pictures GmbH"),
    Declared("", "http://rightsstatements.org/vocab/InC/1.0/"),
    Declared("In Copyright", "", "(c) 2023 Harbour Film Office"),
)
UNRESOLVED = (
    Declared("see website"),
    Declared("Standard licence of the archive, tier B"),
    Declared("courtesy of the production office"),
    Declared("ask Mara"),
    Declared("free"),
    Declared("royalty free"),
    Declared("unknown"),
    Declared("Unknown"),
    Declared("other"),
    Declared("n/a"),
    Declared("cc"),
    Declared("", "https://licences.lantern-archive.example/standard"),
    Declared("", "http://rightsstatements.org/vocab/CNE/1.0/"),
    Declared("", "http://rightsstatements.org/vocab/UND/1.0/"),
    Declared("No License"),
)
CONFLICTING = (
    Declared("CC BY 4.0", "", "© 2022 Paper Moon Pictures. All rights reserved."),
    Declared("cc0-1.0", "", "All rights reserved"),
    Declared("CC BY 4.0", "http://rightsstatements.org/vocab/InC/1.0/"),
    Declared("mit", "", "Not licensed for any use without written permission"),
)

HOSTILE_TITLES = (
    "<script>alert('still')</script>",
    '<img src=x onerror="alert(1)">',
    "\x1b[31mred on your terminal\x1b[0m \x1b]0;owned\x07",
    '=HYPERLINK("https://evil.example","prize")',
    "+1+cmd|' /C calc'!A0",
    "| a | table | cell |",
    "right\u202etfel ot",
)
HOSTILE_IDS = ("../../etc/passwd", "'; DROP TABLE items; --", "=2+5", "<b>NL-0000</b>")


def slug(name: str) -> str:
    """A name as it stands in an id or an address."""
    plain = name.lower().translate(str.maketrans("øåã", "oaa"))
    return "".join(char if char.isalnum() else "-" for char in plain).strip("-")


def person(name: str) -> str:
    """The id that the invented photo community gives its members."""
    return f"openreel:{slug(name)}"


def sha256(seed: str) -> str:
    """A stand-in for the hash of a file that doesn't exist."""
    return hashlib.sha256(seed.encode()).hexdigest()


def md5(seed: str) -> str:
    """As `sha256`, for archives that only know MD5."""
    return hashlib.md5(seed.encode(), usedforsecurity=False).hexdigest()


@dataclass
class Sample:
    """The works and records so far, and the status that each work is made for."""

    rng: random.Random = field(default_factory=lambda: random.Random(20261121))
    works: list[tuple[Row, str]] = field(default_factory=list)
    records: list[Row] = field(default_factory=list)

    def pick(self, choices: Sequence[T]) -> T:
        """One of `choices`. Only `random()` gives the same numbers in every Python."""
        return choices[int(self.rng.random() * len(choices))]

    def shuffle(self) -> None:
        """Mix the works, so that no status stands in a block."""
        keyed = [(self.rng.random(), work) for work in self.works]
        self.works = [work for _, work in sorted(keyed, key=lambda pair: pair[0])]

    def work(self, status: str, host: str, declared: Declared, creator: str, **given: str) -> Row:
        """Add one work; `given` overrides any column."""
        serial = f"{len(self.works) + 1001}"
        shown = given.get("depicts_person") or given.get("person_status")
        month, day = 1 + int(self.rng.random() * 9), 1 + int(self.rng.random() * 28)
        row = dict.fromkeys(WORK_COLUMNS, "") | {
            "title": f"{self.pick(FILMS)}: {self.pick(PORTRAITS if shown else SCENES)}",
            "url": f"https://{host}/media/{serial}.jpg",
            "page_url": f"https://{host}/stills/{serial}",
            "creator": creator,
            "creator_id": person(creator) if creator else "",
            "sha256": sha256(serial),
            "media_type": "image/jpeg",
            "depicts_person": "" if shown else self.pick(("no", "no", "false", "")),
            "acquired_at": f"2026-{month:02}-{day:02}",
            **declared._asdict(),
            **given,
        }
        self.works.append((row, status))
        return row

    def lot(
        self,
        status: str,
        count: int,
        host: str,
        declared: Sequence[Declared],
        creators: Sequence[str] = PHOTOGRAPHERS,
        **given: str,
    ) -> list[Row]:
        """Add `count` works alike, each spelling and creator in turn."""
        return [
            self.work(
                status, host, declared[n % len(declared)], creators[n % len(creators)], **given
            )
            for n in range(count)
        ]

    def record(self, kind: str, value: str, decision: str, **given: str) -> str:
        """Add one consent record and return its id."""
        record_id = f"NCR-{len(self.records) + 1:04}"
        declared_at = given.get("declared_at", "")
        self.records.append(
            dict.fromkeys(RECORD_COLUMNS, "")
            | {
                "schema_version": "1.0",
                "registry_id": "northern-creators",
                "snapshot_at": "2026-11-18T06:00:00Z",
                "record_id": record_id,
                "signal_scheme": "registry",
                "subject_kind": kind,
                "subject_value": value,
                "decision": decision,
                "recorded_at": declared_at,
                **given,
            }
        )
        return record_id

    def deny(self, kind: str, value: str, role: str, declared_at: str, **given: str) -> str:
        """A refusal of any use."""
        given = {"record_type": "opt_out", "uses": "any", **given}
        return self.record(
            kind, value, "deny", declarant_role=role, declared_at=declared_at, **given
        )

    def grant(self, kind: str, value: str, role: str, declared_at: str, **given: str) -> str:
        """A consent that states every element of AIMEG 3.2, unless `given` takes one away."""
        stated = {
            "record_type": "consent",
            "authority_level": "registry_verified",
            "grantee_id": GRANTEE,
            "uses": "train_generative",
            "scope_kind": "general_training",
            "valid_from": declared_at,
            "valid_until": "2028-12-31T00:00:00Z",
            "duration_kind": "fixed",
            "compensation_kind": "flat",
            "compensation_amount": "120.00",
            "compensation_currency": "EUR",
            "revocable": "yes",
            "revocation_method": "form at https://registry.northern-creators.example/revoke",
            "revocation_notice_days": "14",
            "revocation_effect": "remove_from_datasets",
            "deletion_mechanism": "dataset_removal",
            "deletion_contact": "rights@northern-creators.example",
            "deletion_sla_days": "30",
        }
        given = stated | given
        return self.record(
            kind, value, "allow", declarant_role=role, declared_at=declared_at, **given
        )

    def agreement(self, kind: str, value: str, declared_at: str, **given: str) -> str:
        """A licence agreement with Northlight Films, checked against the signed document."""
        given = {
            "record_type": "licence_agreement",
            "signal_scheme": "contract",
            "authority_level": "document_checked",
            "declarant_name": "Lantern Archive",
            "declarant_id": "org:lantern-archive",
            "compensation_kind": "per_use",
            "compensation_amount": "4.50",
            "agreement_uri": "https://contracts.northlight.example/LA-2025-014",
            **({"hash_target": "file_bytes"} if kind in {"sha256", "md5"} else {}),
            **given,
        }
        return self.grant(kind, value, "rightsholder", declared_at, **given)

    def revoke(self, grant: str, kind: str, value: str, role: str, at: str, **given: str) -> None:
        """Take a grant back."""
        self.deny(
            kind,
            value,
            role,
            at,
            record_type="revocation",
            refers_to=grant,
            relation="revokes",
            revocation_effect="remove_from_datasets",
            **given,
        )


def opted_out(sample: Sample) -> None:
    """Refusals by creators, rightsholders and hosts; an open licence doesn't outweigh them."""
    status = "opted_out"
    for name, when in (
        ("Wren Castellane", "2025-02-11T09:30:00Z"),
        ("Yusuf Demirkan", "2026-08-30T17:05:00Z"),
        ("Oona Takala", "2024-06-01T00:00:00Z"),
    ):
        sample.lot(status, 6, "img.openreel.example", CC_BY, [name])
        sample.deny(
            "creator_id",
            person(name),
            "creator",
            when,
            declarant_name=name,
            declarant_id=person(name),
            authority_level="account_oauth",
        )
    for serial, row in enumerate(sample.lot(status, 8, "www.lowlight-press.example", CC_BY)):
        # The registry knows each address in another spelling: refusals are found all the same.
        spelling = (row["url"].replace("https://www.", "http://"), row["page_url"] + "#top")
        sample.deny(
            "url",
            spelling[serial % 2],
            "creator",
            "2026-01-20T12:00:00Z",
            declarant_name=row["creator"],
            declarant_id=row["creator_id"],
            authority_level="self_asserted",
            record_type="refusal",
            uses="train_generative|ai_input",
        )
    for row in sample.lot(status, 4, "mirror.openreel.example", CC_WITHOUT_DUTIES):
        sample.deny(
            "sha256",
            row["sha256"].upper(),
            "creator",
            "2025-09-09T09:09:09Z",
            hash_target="file_bytes",
            declarant_name=row["creator"],
            authority_level="signature_valid",
        )
    for row in sample.lot(status, 3, "mirror.openreel.example", CC_BY, sha256=""):
        row["md5"] = md5(row["url"])
        sample.deny(
            "md5",
            row["md5"],
            "agent",
            "2025-09-10T00:00:00Z",
            hash_target="file_bytes",
            declarant_name="Bureau Kestrel",
            declarant_id="org:bureau-kestrel",
        )
    for row in sample.lot(status, 12, "press.papermoon.example", ALL_RIGHTS_RESERVED, [""]):
        row["url"] = row["url"].replace("/media/", "/catalogue/feature/")
    sample.deny(
        "url_prefix",
        "https://press.papermoon.example/catalogue/",
        "rightsholder",
        "2025-05-05T00:00:00Z",
        declarant_name="Paper Moon Pictures",
        declarant_id="org:paper-moon",
        authority_level="document_checked",
    )
    for artist in ("amsel", "birk", "cedar", "dorn"):
        sample.lot(status, 4, f"{artist}.quietframe.example", CC_BY)
    sample.deny(
        "domain",
        "quietframe.example",
        "host",
        "2025-11-01T00:00:00Z",
        include_subdomains="true",
        signal_scheme="robots_ua",
        signal_raw="User-agent: GPTBot\\nDisallow: /",
        declarant_name="Quietframe",
        declarant_id="org:quietframe",
        authority_level="domain_dns",
        uses="train_generative|train_non_generative",
    )
    sample.lot(status, 5, "stills.dailies.example", OPEN)
    sample.deny(
        "host",
        "stills.dailies.example",
        "host",
        "2026-02-02T00:00:00Z",
        signal_scheme="tdmrep_file",
        signal_raw='{"location": "/", "tdm-reservation": 1}',
        uses="tdm_other",
        declarant_name="Dailies Cooperative",
        declarant_id="org:dailies",
        authority_level="domain_meta",
    )
    for row in sample.lot(status, 6, "img.openreel.example", ALL_RIGHTS_RESERVED):
        given = {"declarant_name": row["creator"], "declarant_id": row["creator_id"]}
        consent = sample.grant("url", row["url"], "creator", "2024-03-03T00:00:00Z", **given)
        sample.revoke(consent, "url", row["url"], "creator", "2026-07-01T00:00:00Z", **given)
    for row in sample.lot(status, 2, "img.openreel.example", ALL_RIGHTS_RESERVED, ["Oona Takala"]):
        # An agreement with somebody else doesn't lift the creator's own refusal.
        sample.agreement("url", row["url"], "2025-03-01T00:00:00Z")


def people(sample: Sample) -> None:
    """A person is shown: their consent is due, whatever the licence of the picture says."""
    due, fine, host = "consent_required", "public_domain_or_cc", "img.openreel.example"
    sample.lot(due, 20, host, CC_BY, depicts_person="yes")
    sample.lot(due, 4, host, CC_WITHOUT_DUTIES, person_status="adult", depicts_person="TRUE")
    sample.lot(due, 4, host, CC_BY, depicts_person="maybe?")
    sample.lot(due, 2, host, CC_BY, depicts_person="no", person_status="adult or minor")

    def portraits(status: str, name: str, count: int, person_status: str) -> None:
        sample.lot(
            status,
            count,
            host,
            CC_BY,
            depicts_person="yes",
            person_status=person_status,
            subject_id=f"person:{slug(name)}",
        )

    def consent(name: str, role: str, declared_at: str, **given: str) -> str:
        given = {
            "declarant_name": name,
            "declarant_id": f"person:{slug(name)}",
            "authority_level": "document_checked",
            **given,
        }
        return sample.grant("subject_id", f"person:{slug(name)}", role, declared_at, **given)

    portraits(fine, "Marisol Etxeberria", 12, "adult")
    consent("Marisol Etxeberria", "performer", "2026-01-10T00:00:00Z", person_status="adult")
    portraits(due, "Anders Lindqvist-Moe", 6, "adult")
    consent(
        "Anders Lindqvist-Moe",
        "performer",
        "2024-01-10T00:00:00Z",
        person_status="adult",
        valid_until="2026-01-10T00:00:00Z",
    )
    portraits(due, "Farida Nasser", 4, "adult")
    consent(
        "Farida Nasser",
        "performer",
        "2026-02-14T00:00:00Z",
        person_status="adult",
        scope_kind="specific_project",
        scope_id="project:paper-lanterns-trailer",
    )

    portraits(due, "Milo B.", 8, "minor")
    consent("Milo B.", "performer", "2026-03-03T00:00:00Z", person_status="minor")
    portraits(fine, "Elif T.", 6, "minor")
    approved = consent("Elif T.", "performer", "2026-03-04T00:00:00Z", person_status="minor")
    sample.record(
        "subject_id",
        "person:elif-t",
        "allow",
        record_type="approval",
        refers_to=approved,
        relation="approves",
        declarant_name="Guardian of Elif T.",
        declarant_role="guardian",
        authority_level="document_checked",
        approver_name="Guardian of Elif T.",
        approver_role="guardian",
        declared_at="2026-03-05T00:00:00Z",
        approval_at="2026-03-05T00:00:00Z",
        valid_until="2030-08-17T00:00:00Z",
    )

    portraits(due, "Greta Solano", 8, "deceased")
    portraits(fine, "Ottavio Brenn", 5, "deceased")
    consent(
        "Ottavio Brenn",
        "estate",
        "2025-12-01T00:00:00Z",
        person_status="deceased",
        declarant_name="Estate of Ottavio Brenn",
        declarant_id="org:estate-brenn",
        approver_name="Estate of Ottavio Brenn",
        approver_role="estate",
        approval_at="2025-12-01T00:00:00Z",
    )


def licensed(sample: Sample) -> None:
    """Agreements that name Northlight Films and the works, and open licences that are not CC."""
    status, archive = "licensed", "stills.lantern-archive.example"
    sample.lot(
        status, 24, archive, ALL_RIGHTS_RESERVED, ["Lantern Archive"], agreement_id="LA-2025-014"
    )
    sample.agreement("agreement_id", "LA-2025-014", "2025-03-01T00:00:00Z")
    for kind, column in (("url", "url"), ("sha256", "sha256")):
        for row in sample.lot(status, 4, archive, UNRESOLVED[:2], ["Lantern Archive"]):
            sample.agreement(kind, row[column], "2025-03-01T00:00:00Z")
    for number, row in enumerate(sample.lot(status, 4, archive, [Declared()], ["Rune Askeland"])):
        row["work_id"] = f"10.5555/lantern.{number + 1}"
        sample.agreement("doi", f"10.5555/LANTERN.{number + 1}", "2025-03-01")
    for row in sample.lot(status, 4, "amsel.quietframe.example", ALL_RIGHTS_RESERVED):
        # The host refuses for everybody; these works are licensed by name.
        sample.agreement("url", row["url"], "2026-04-01", agreement_overrides_optout="true")
    sample.lot(status, 36, "raw.gitstills.example", OPEN, ["stills-bot", *PHOTOGRAPHERS[:4]])


def open_culture(sample: Sample) -> None:
    """Public domain and Creative Commons, with what their terms ask for on record."""
    status = "public_domain_or_cc"
    sample.lot(status, 48, "img.openreel.example", CC_OR_PUBLIC_DOMAIN)
    for row in sample.lot(status, 24, "collections.harbourfilm-museum.example", CC_WITHOUT_DUTIES):
        row["md5"] = md5(row["url"])
        row["attribution"] = f"{row['creator']}, Harbour Film Museum"
    # Refused from next year on, which the report announces and today's verdict doesn't use.
    sample.lot(status, 3, "img.openreel.example", CC_BY, ["Rafael Montecinos"])
    sample.deny(
        "creator_id",
        person("Rafael Montecinos"),
        "creator",
        "2026-11-10T00:00:00Z",
        declarant_name="Rafael Montecinos",
        declarant_id=person("Rafael Montecinos"),
        valid_from="2027-01-01T00:00:00Z",
    )
    # A bare name may be somebody else's: a person has to look, and nothing is decided.
    sample.lot(status, 4, "img.openreel.example", CC_BY, ["John Smith"], creator_id="")
    sample.deny(
        "creator_name", "John Smith", "creator", "2025-01-01T00:00:00Z", declarant_name="John Smith"
    )


def consented(sample: Sample) -> None:
    """Proprietary works whose creator states all four elements of AIMEG 3.2."""
    status, host = "proprietary_with_consent", "studio.openreel.example"

    def consent(kind: str, value: str, name: str, declared_at: str, **given: str) -> str:
        who = {"declarant_name": name, "declarant_id": person(name)}
        return sample.grant(kind, value, "creator", declared_at, **(who | given))

    for name, pay in (("Priya Raghunath", "royalty"), ("Casimir Holt", "none_waived")):
        sample.lot(status, 10, host, ALL_RIGHTS_RESERVED, [name])
        consent(
            "creator_id",
            person(name),
            name,
            "2026-05-01T00:00:00Z",
            compensation_kind=pay,
            compensation_amount="",
            compensation_currency="",
        )
    sample.lot(status, 12, host, UNRESOLVED, ["Bettina Rau"], consent_id="C-2026-0077")
    consent(
        "consent_id",
        "C-2026-0077",
        "Bettina Rau",
        "2026-05-20T00:00:00Z",
        duration_kind="until_event",
        duration_event="end of the festival season 2028",
        valid_until="",
    )
    for row in sample.lot(status, 6, "folio.ghislain.example", [Declared()], ["Ghislain Peeters"]):
        row["url"] = row["url"].replace("/media/", "/film/")
    consent(
        "url_prefix",
        "https://folio.ghislain.example/film/",
        "Ghislain Peeters",
        "2025-10-10T00:00:00Z",
        deletion_mechanism="retrain",
        revocation_effect="retrain_or_unlearn",
    )
    # He refuses in general and agrees to these works: his specific word beats his general one.
    general = "2025-01-15T00:00:00Z"
    name = "Emre Vidal"
    who = {"declarant_name": name, "declarant_id": person(name)}
    sample.deny("creator_id", person(name), "creator", general, **who)
    for row in sample.lot(status, 3, host, NON_COMMERCIAL, [name]):
        consent("url", row["url"], name, "2026-06-06T00:00:00Z")
    sample.lot("opted_out", 3, host, NON_COMMERCIAL, [name])


def terms_not_met(sample: Sample) -> None:
    """The licence is known, and a commercial use or a row without credits doesn't keep to it."""
    status = "terms_not_met"
    sample.lot(status, 35, "img.openreel.example", NON_COMMERCIAL)
    nobody = {"url": "", "page_url": ""}
    sample.lot(status, 12, "lost.example", CC_BY, [""], **nobody)
    research = [Declared("", "http://rightsstatements.org/vocab/InC-EDU/1.0/")]
    sample.lot(status, 4, "collections.harbourfilm-museum.example", research)
    sample.lot(status, 4, "img.openreel.example", NO_TRAINING)


def not_established(sample: Sample) -> None:
    """Nothing, or not enough, is known."""
    status, host = "not_established", "img.openreel.example"
    sample.lot(status, 14, "grab.scraped-frames.example", [Declared()], [""])
    sample.lot(status, 30, "grab.scraped-frames.example", UNRESOLVED, [*PHOTOGRAPHERS, ""])
    sample.lot(status, 15, "press.harbourfilm.example", ALL_RIGHTS_RESERVED)
    sample.lot(status, 8, host, CONFLICTING)

    def reserved(name: str, count: int, declared_at: str, role: str, **given: str) -> None:
        sample.lot(status, count, host, ALL_RIGHTS_RESERVED[:2], [name])
        given = {"declarant_name": name, "declarant_id": person(name), **given}
        sample.grant("creator_id", person(name), role, declared_at, **given)

    before, lately = "2023-02-01T00:00:00Z", "2026-02-01T00:00:00Z"
    project = {"scope_kind": "specific_project", "scope_id": "project:winter-teaser"}
    reserved("Dagny Rosk", 6, before, "creator", valid_until="2025-02-01T00:00:00Z")
    reserved("Ilse Brandt", 5, lately, "creator", compensation_kind="", deletion_mechanism="")
    reserved("Kofi Mensah-Ward", 5, lately, "creator", duration_kind="", revocation_method="")
    reserved("Noor Haddad", 4, lately, "creator", **project)
    reserved("Petra Sorensen", 3, lately, "creator", grantee_id="org:somebody-else")
    reserved("Quentin Achard", 3, lately, "creator", uses="search_index|ai_input")
    reserved("Ruben Costa", 3, lately, "creator", uses="any")
    reserved("Signe Dahl", 2, lately, "creator", territory="AT|CH|DE")
    reserved("Teodor Iliescu", 2, lately, "licensee")
    reserved("Ulla Weiss", 2, "", "creator")


def strangers(sample: Sample) -> None:
    """What the registry says about works that aren't in the manifest, as most of its records do."""
    for number in range(1, 31):
        name = f"member {number:03}"
        sample.deny(
            *sample.pick(
                (
                    ("creator_id", f"openreel:member-{number:03}"),
                    ("url", f"https://portfolio-{number:03}.example/piece/{number * 7}"),
                    ("domain", f"portfolio-{number:03}.example"),
                    ("sha256", sha256(name)),
                )
            ),
            sample.pick(("creator", "creator", "agent", "host")),
            f"2025-{1 + number % 12:02}-15T08:00:00Z",
            declarant_name=name,
            declarant_id=f"openreel:member-{number:03}",
            authority_level=sample.pick(("self_asserted", "account_oauth", "domain_dns")),
        )
    sample.deny(
        "creator_id",
        "openreel:little-bobby",
        "creator",
        "2025-04-01T00:00:00Z",
        declarant_name="Robert'); DROP TABLE records;--<b>\x1b[2J",
        declarant_id="openreel:little-bobby",
    )


def hostile(sample: Sample) -> None:
    """Text that would act on a terminal, a page, a sheet or a path if it weren't kept inert."""
    for number, title in enumerate(HOSTILE_TITLES):
        sample.works[40 + 9 * number][0]["title"] = title
    for number, item_id in enumerate(HOSTILE_IDS):
        sample.works[61 + 50 * number][0]["item_id"] = item_id
    # This one has no id, and is known by its place in the file.
    sample.work(
        "not_established",
        "img.openreel.example",
        Declared("=cmd|' /C calc'!A0"),
        "<a href='javascript:alert(1)'>Eve</a>",
        acquired_at="spring 2025",
    )


def build() -> Sample:
    """The whole sample; every work with its id, in the order of the file."""
    sample = Sample()
    for chapter in (
        opted_out,
        people,
        licensed,
        open_culture,
        consented,
        terms_not_met,
        not_established,
        strangers,
    ):
        chapter(sample)
    sample.shuffle()
    for number, (row, _) in enumerate(sample.works, start=1):
        row["item_id"] = f"NL-{number:04}"
    hostile(sample)
    return sample


def line(row: Row, columns: Sequence[str]) -> bytes:
    """One record as it stands in the file."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(row[column] for column in columns)
    return text.getvalue().encode()


def broken_lines() -> dict[int, bytes]:
    """Records that can't be read, by the line after which they stand."""
    tail = b"," * (len(WORK_COLUMNS) - 3)
    return {
        57: b"NL-X001,The Salt Line: cut short,https://img.openreel.example/media/x001.jpg\n",
        141: b"NL-X002,Low Winter Sun,https://img.openreel.example/x002.jpg" + tail + b",,,more\n",
        223: b"NL-X003,Caf\xe9 de la Gare,https://img.openreel.example/x003.jpg" + tail + b"\n",
        304: b"NL-X004,\xff\xfe\x00broken,https://img.openreel.example/x004.jpg" + tail + b"\n",
        388: b'NL-X005,"The "Blue" Hour",https://img.openreel.example/x005.jpg' + tail + b"\n",
        455: b'NL-X006,"Les heures" bleues,https://img.openreel.example/x006.jpg' + tail + b"\n",
    }


def manifest(sample: Sample) -> bytes:
    """`works.csv`, with the broken records among the good ones."""
    broken = broken_lines()
    lines = [",".join(WORK_COLUMNS).encode() + b"\n"]
    for number, (row, _) in enumerate(sample.works, start=1):
        lines.append(line(row, WORK_COLUMNS))
        if number in broken:
            lines.append(broken[number])
    return b"".join(lines)


def registry(sample: Sample) -> bytes:
    """`registry.csv`, canonical consent records."""
    header = ",".join(RECORD_COLUMNS).encode() + b"\n"
    return header + b"".join(line(row, RECORD_COLUMNS) for row in sample.records)


def main(folder: Path) -> None:
    """Write both files and say what they hold."""
    sample = build()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "works.csv").write_bytes(manifest(sample))
    (folder / "registry.csv").write_bytes(registry(sample))
    print(
        f"{folder}: {len(sample.works)} works, {len(broken_lines())} broken records, "
        f"{len(sample.records)} consent records"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
