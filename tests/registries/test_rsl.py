"""RSL documents: what is permitted and prohibited, use by use, and where."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from sourcing_audit.errors import RegistryError
from sourcing_audit.registries.web.rsl_document import NotRslError, contents
from tests.registries.support import RULES, pick, records, said

if TYPE_CHECKING:
    from pathlib import Path

    from sourcing_audit.engine import Engine


TRAIN = "train_generative|train_non_generative"


def document(licenses: str, url: str = "/", attributes: str = "") -> str:
    content = f'<content url="{url}"{attributes}>{licenses}</content>'
    return f'<rsl xmlns="https://rslstandard.org/rsl">{content}</rsl>'


def license_of(permits: str = "", prohibits: str = "", more: str = "") -> str:
    text = f'<permits type="usage">{permits}</permits>' if permits else ""
    text += f'<prohibits type="usage">{prohibits}</prohibits>' if prohibits else ""
    return f"<license>{text}{more}</license>"


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def read(body: str, **entry: Any) -> list[dict[str, Any]]:
        path = tmp_path / "rsl.jsonl"
        path.write_text(json.dumps({"host": "a.example", "body": body, **entry}), encoding="utf-8")
        return said(f"rsl:{path}")

    return read


def by_use(rows: list[dict[str, Any]]) -> dict[str, tuple[str, str | None]]:
    return {row["uses"]: (row["decision"], row.get("problem")) for row in rows}


def test_a_published_licence(read: Any) -> None:
    rows = read(
        document(
            license_of("search ai-index ai-input", "ai-train", '<payment type="attribution"/>')
        )
    )
    assert by_use(rows) == {
        TRAIN: ("deny", None),
        "ai_input": ("allow", None),
        "search_index": ("allow", None),
        "tdm_other|dataset_redistribution": ("deny", None),
    }
    permitted = [row for row in rows if row["decision"] == "allow"]
    assert {row["compensation_kind"] for row in permitted} == {"attribution"}
    assert len({row["statement_id"] for row in rows}) == 4
    assert "<permits" in rows[0]["signal_raw"]


def test_prohibited_words(read: Any) -> None:
    assert by_use(read(document(license_of(prohibits="ai-train")))) == {TRAIN: ("deny", None)}
    assert by_use(read(document(license_of(prohibits="ai-all")))) == {
        TRAIN: ("deny", None),
        "ai_input": ("deny", None),
        "search_index": ("deny", None),
    }
    assert {row["decision"] for row in read(document(license_of(prohibits="all")))} == {"deny"}


def test_what_isnt_listed_isnt_permitted(read: Any) -> None:
    rows = by_use(read(document(license_of("search"))))
    assert rows["search_index"] == ("allow", None)
    assert rows[TRAIN] == rows["ai_input"] == ("deny", None)


def test_to_permit_training_isnt_undone_by_what_else_is_refused(read: Any) -> None:
    rows = by_use(read(document(license_of("ai-train"))))
    assert rows[TRAIN] == ("allow", None)
    assert not [use for use in rows if "tdm_other" in use]


def test_permitted_and_prohibited_is_refused(read: Any) -> None:
    rows = by_use(read(document(license_of("ai-train ai-input", "all"))))
    assert rows[TRAIN] == rows["ai_input"] == ("deny", "signal_contradictory")


@pytest.mark.parametrize(
    ("more", "attributes", "conditions"),
    [
        ('<payment type="training"><amount currency="USD">1</amount></payment>', "", {"payment"}),
        ("<payment><standard>https://x.example</standard></payment>", "", {"payment"}),
        ('<payment type="barter"/>', "", {"payment"}),
        ('<permits type="user">non-commercial</permits>', "", {"non_commercial"}),
        ('<permits type="geo">US</permits>', "", {"geo_us"}),
        ('<prohibits type="geo">EU</prohibits>', "", {"not_geo_eu"}),
        ("", ' server="https://l.example"', {"license_server"}),
    ],
)
def test_permissions_under_conditions(
    read: Any, more: str, attributes: str, conditions: set[str]
) -> None:
    rows = read(document(license_of("ai-train", more=more), attributes=attributes))
    (one,) = [row for row in rows if row["uses"] == TRAIN]
    assert one["decision"] == "conditional"
    assert set(json.loads(one["conditions"])) == conditions


def test_licences_are_offers_to_choose_from(read: Any) -> None:
    paid = license_of("ai-train", more='<payment type="subscription"/>')
    rows = by_use(read(document(license_of("search") + paid)))
    assert rows["search_index"] == ("allow", None)
    assert rows[TRAIN] == ("conditional", None)
    assert rows["ai_input"] == ("deny", None)


def test_words_of_earlier_drafts(read: Any) -> None:
    rows = by_use(read(document(license_of("search,ai-use", "train-ai"))))
    assert rows[TRAIN] == ("deny", "signal_legacy")
    assert rows["ai_input"] == ("unknown", "signal_legacy")
    assert rows["search_index"] == ("allow", None)


@pytest.mark.parametrize("licenses", ["", "<license/>", license_of(prohibits="robots")])
def test_what_cant_be_told_is_unreadable(read: Any, licenses: str) -> None:
    assert pick(read(document(licenses)), "decision", "problem", "uses", "subject_value") == [
        ("unknown", "signal_unreadable", "any", "a.example/")
    ]


def test_places(tmp_path: Path, read: Any) -> None:
    refusal = license_of(prohibits="ai-train")
    for url, place in (
        ("/img/*.jpg$", "a.example/img/*.jpg$"),
        ("*.png", "a.example/*.png"),
        ("https://www.a.example/x", "www.a.example/x"),
        ("https://a.example", "a.example/"),
        ("/ü%7e#part", "a.example/%C3%BC~"),
    ):
        assert pick(read(document(refusal, url)), "subject_value") == [(place,)]
    narrow = document(refusal, "/a/b")
    assert int(read(narrow)[0]["priority"]) == RULES.schemes["rsl"].priority(
        octets=4, denies=True, nth=0
    )


def test_a_site_doesnt_speak_for_another(read: Any) -> None:
    rows = read(document(license_of("all", "ai-train"), "https://elsewhere.example/"))
    assert pick(rows, "decision", "problem") == [("unknown", "signal_unverified")]


def test_a_lone_document(tmp_path: Path) -> None:
    path = tmp_path / "license.xml"
    path.write_text(document(license_of(prohibits="ai-train"), "https://a.example/"))
    (one,) = said(str(path))
    assert (one["subject_value"], one["declarant_id"]) == ("a.example/", "host:a.example")
    path.write_text(document(license_of(prohibits="ai-train")))
    with pytest.raises(RegistryError, match="names no host"):
        said(str(path))
    named = tmp_path / "a.example.xml"
    named.write_text(document(license_of(prohibits="ai-train")))
    assert pick(said(f"rsl:{named}"), "subject_value") == [("a.example/",)]


@pytest.mark.parametrize(
    "body",
    [
        "<html><body>Not found</body></html>",
        "<rsl",
        "",
        '<!DOCTYPE r [<!ENTITY a "b">]><rsl>&a;</rsl>',
        '<!DOCTYPE r SYSTEM "file:///etc/passwd"><rsl/>',
        "\x00\x01",
    ],
)
def test_what_is_no_rsl(read: Any, body: str) -> None:
    assert pick(read(body), "decision", "problem", "subject_kind", "subject_value") == [
        ("unknown", "signal_unreadable", "host", "a.example")
    ]


def test_absent_and_unreachable_documents(read: Any) -> None:
    assert read("", status=404) == []
    assert pick(read("", status=503), "decision", "problem") == [("unknown", "signal_unreachable")]


def test_hostile_documents_take_bounded_time(read: Any) -> None:
    begun = time.monotonic()
    deep = "<a>" * 100_000 + "</a>" * 100_000
    words = " ".join(f"w{n}" for n in range(100_000))
    assert read(document(f"<license>{deep}</license>"))
    assert read(document(license_of(words, "ai-train")))
    assert read(document(license_of(prohibits="ai-train") * 20_000))
    with pytest.raises(NotRslError):
        list(contents(f"<rsl>{'<content/>' * 20_000}</rsl>".encode(), RULES.rsl_terms))
    assert time.monotonic() - begun < 20


def test_every_term_comes_down_to_terms_that_have_uses() -> None:
    for (kind, _), term in RULES.rsl_terms.items():
        if kind == "usage":
            for leaf in term.leaves:
                uses = RULES.rsl_terms["usage", leaf].uses
                assert set(uses.split("|")) <= RULES.vocabulary["use"]


def test_records_pass_every_check(engine: Engine, tmp_path: Path) -> None:
    bodies = [
        document(license_of("search ai-index", "train-ai", '<payment type="attribution"/>')),
        document(license_of("all", more='<payment type="crawl"/>'), "/a*b$"),
        document(license_of("all", "ai-train"), "https://elsewhere.example/"),
        document(""),
        "no XML",
    ]
    path = tmp_path / "rsl.jsonl"
    lines = [{"host": f"h{n}.example", "body": body} for n, body in enumerate(bodies)]
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    rows = records(engine, f"rsl:{path}")
    assert {row["decision"] for row in rows} == {"allow", "deny", "conditional", "unknown"}
    assert {row["signal_scheme"] for row in rows} == {"rsl"}
