"""Ids of persons and works: every written form gives one key, and a wrong check digit none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sourcing_audit import identities, iscc, places
from sourcing_audit.addresses import Address, Addresses
from sourcing_audit.engine import Engine
from sourcing_audit.identifiers import MAX_LENGTH, Identifiers, Wrong, name
from sourcing_audit.rules.places import IdentifierScheme
from sourcing_audit.rules.store import RuleStore

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMES = RuleStore().table("consent/identifiers.csv", IdentifierScheme, key=["scheme"])
ADDRESSES = Addresses(["utm_*"])
IDS = Identifiers(SCHEMES, ADDRESSES)
VECTORS = Path(__file__).parents[2] / "shared/data/signals/iscc-core-vectors.json"

ORCID = "orcid:0000-0002-1825-0097"
ISNI = "isni:0000000121032683"
ISBN = "isbn:9780306406157"
ISRC = "isrc:gbaye6700123"
ISWC = "iswc:t0345246801"
EIDR = "eidr:10.5240/7791-8534-2c23-9030-8610-5"
CODE = "KACYPXW445FTYNJ3CYSXHAFJMA2HUWULUNRFE3BLHRSCXYH2M5AEGQY"

PERSONS = {
    "0000-0002-1825-0097": ORCID,
    " 0000-0002-1825-0097 ": ORCID,
    "0000\u20110002\u20111825\u20110097": ORCID,
    "orcid:0000-0002-1825-0097": ORCID,
    "ORCID iD: 0000-0002-1825-0097": ORCID,
    "urn:orcid:0000-0002-1825-0097": ORCID,
    "https://orcid.org/0000-0002-1825-0097": ORCID,
    "http://www.orcid.org/0000-0002-1825-0097/": ORCID,
    "orcid.org/0000-0002-1825-0097?lang=en": ORCID,
    "orcid:https://orcid.org/0000-0002-1825-0097": ORCID,
    "isni:0000000218250097": ORCID,
    "0000-0002-1694-233X": "orcid:0000-0002-1694-233x",
    "0000-0002-1694-233x": "orcid:0000-0002-1694-233x",
    "0000 0001 2103 2683": ISNI,
    "0000000121032683": ISNI,
    "ISNI 0000 0001 2103 2683": ISNI,
    "https://isni.org/isni/0000000121032683": ISNI,
    "http://www.isni.org/0000000121032683": ISNI,
    "IPI:14107338": "ipi:00014107338",
    "ipi:00014107338": "ipi:00014107338",
}
WORKS = {
    "9780306406157": ISBN,
    "978-0-306-40615-7": ISBN,
    "978 0 306 40615 7": ISBN,
    "0306406152": ISBN,
    "0-306-40615-2": ISBN,
    "ISBN 0-306-40615-2": ISBN,
    "ISBN-13: 978-0-306-40615-7": ISBN,
    "ISBN10:0306406152": ISBN,
    "isbn:0306406152 (pbk.)": ISBN,
    "isbn:ISBN 978-0-306-40615-7": ISBN,
    "urn:isbn:0306406152": ISBN,
    "080442957X": "isbn:9780804429573",
    "979-10-90636-07-1": "isbn:9791090636071",
    "GB-AYE-67-00123": ISRC,
    "GBAYE6700123": ISRC,
    "isrc:gb-aye-67-00123": ISRC,
    "ISRC GBAYE6700123": ISRC,
    "T-034.524.680-1": ISWC,
    "T0345246801": ISWC,
    "iswc:T-034524680-1": ISWC,
    "10.5240/7791-8534-2C23-9030-8610-5": EIDR,
    "eidr:10.5240/7791-8534-2C23-9030-8610-5": EIDR,
    "EIDR: 7791-8534-2C23-9030-8610-5": EIDR,
    "urn:eidr:10.5240:7791-8534-2C23-9030-8610-5": EIDR,
    "https://doi.org/10.5240/7791-8534-2C23-9030-8610-5": EIDR,
    "https://ui.eidr.org/view/content?id=10.5240/7791-8534-2C23-9030-8610-5": EIDR,
    "10.1000/ABC.1": "doi:10.1000/abc.1",
    "doi:10.1000/abc.1": "doi:10.1000/abc.1",
    "DOI 10.1000/abc.1": "doi:10.1000/abc.1",
    "info:doi/10.1000/abc.1": "doi:10.1000/abc.1",
    "doi:https://dx.doi.org/10.1000/abc.1": "doi:10.1000/abc.1",
    "https://doi.org/10.1016%2FS0140-6736(05)1": "doi:10.1016/s0140-6736(05)1",
    "10.978.86123/45678": "doi:10.978.86123/45678",
    f"ISCC:{CODE}": f"iscc:{CODE.lower()}",
    CODE: f"iscc:{CODE.lower()}",
    f"iscc:{CODE[:20]}-{CODE[20:]}": f"iscc:{CODE.lower()}",
}
WRONG_PERSONS = [
    "https://orcid.org/0000-0002-1825-0098",
    "orcid:0000-0002-1825",
    "orcid:wren",
    "isni:0000000121032684",
]
WRONG_WORKS = [
    "isbn:9780306406158",
    "ISBN 0-306-40615-3",
    "isrc:GBAYE670012",
    "iswc:T-034.524.680-2",
    "eidr:10.5240/7791-8534-2C23-9030-8610-6",
    "https://doi.org/10.5240/7791-8534-2C23-9030-8610-6",
    "doi:abc",
    f"ISCC:{CODE[:-4]}",
    "iscc:",
]
OTHERS = {
    "person": ["wren:castellane", "0000-0002-1825-0098", "1234567890123456", "did:web:a.example"],
    "work": ["arxiv:1234.5678", "0306406153", "wikidata:Q42", "T-034.524.680-2", "isbndb:7"],
}


@pytest.mark.parametrize("row", SCHEMES, ids=lambda row: row.scheme)
def test_the_example_of_each_scheme(row: IdentifierScheme) -> None:
    assert IDS.key(row.example, row.about) == row.key
    assert IDS.key(row.key, row.about) == row.key


@pytest.mark.parametrize(("text", "key"), PERSONS.items())
def test_persons(text: str, key: str) -> None:
    assert IDS.form(text, "person") == Address(key, key)
    assert IDS.verified(text, "person") == (Address(key, key),)


@pytest.mark.parametrize(("text", "key"), WORKS.items())
def test_works(text: str, key: str) -> None:
    assert IDS.form(text, "work") == Address(key, key)


@pytest.mark.parametrize(
    ("about", "text"),
    [("person", text) for text in WRONG_PERSONS] + [("work", text) for text in WRONG_WORKS],
)
def test_what_says_that_it_is_an_id_and_is_not_is_wrong(about: str, text: str) -> None:
    assert isinstance(IDS.key(text, about), Wrong)
    assert IDS.verified(text, about) == ()
    # An item keeps the id as it is written, which equals no verified one.
    assert IDS.form(text, about).exact == text


@pytest.mark.parametrize(
    ("about", "text"), [(about, text) for about, texts in OTHERS.items() for text in texts]
)
def test_other_ids_are_left_alone(about: str, text: str) -> None:
    assert IDS.key(text, about) is None
    assert IDS.verified(text, about)[0].exact == text


def test_profile_addresses_are_addresses() -> None:
    assert IDS.form("https://www.flickr.com/photos/150386686@N03/", "person") == Address(
        "https://www.flickr.com/photos/150386686@N03", "flickr.com/photos/150386686@n03"
    )
    assert IDS.form("www.flickr.com/photos/1", "person").wide == "flickr.com/photos/1"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "isbn:" * 5000,
        "10.1000/" + "x" * 10**6,
        "orcid:\0",
        "\ud7ff" * 9,
        "(" * 999,
        "isbn:" + " " * 9**5 + "(",
        "\u0f71\u0f72" * 10**5,
    ],
)
@pytest.mark.parametrize("about", ["person", "work"])
def test_hostile_text_is_only_text(text: str, about: str) -> None:
    assert not isinstance(IDS.key(text, about), str) or len(text) <= MAX_LENGTH
    assert IDS.form(text, about).exact == text.strip()


def test_names_are_compared_without_case_width_and_spacing() -> None:
    assert name(" ＪＯＳÉ\u00a0 Straße ") == name("José STRASSE") == "josé strasse"
    assert name("ﬁne") == "fine"
    assert name("\u0f71\u0f72" * 10**5) == "\u0f71\u0f72" * 10**5
    assert name("Cézanne") != name("Cezanne")


# The engine's half


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine.duckdb(threads=1) as found:
        yield found


READER = identities.Reader(IDS, ADDRESSES)
TEXTS = {
    "person": [
        *PERSONS,
        *PERSONS.values(),
        *WRONG_PERSONS,
        *OTHERS["person"],
        "https://a.example/B/",
        "User 7",
        "WWW.a.example",
        "a\\b",
    ],
    "work": [*WORKS, *WORKS.values(), *WRONG_WORKS, *OTHERS["work"], "https://a.example/?utm_x=1"],
    "name": ["Wren", "wren  x", " José", "JOSÉ", "a\tb", "", " "],
}


def keyed(engine: Engine, about: str, texts: list[str]) -> dict[str, tuple[str, str]]:
    table = engine.from_arrow("texts", pa.table({"given": pa.array(texts, pa.string())}))
    odd = READER.is_odd(table.given, about)
    table = table.mutate(odd=odd)
    forms = places.read(engine, table.filter(table.odd).select("given"), READER.forms(about))
    found = identities.with_forms(table, "given", about, forms)
    return {row["given"]: (row["exact"], row["wide"]) for row in engine.arrow(found).to_pylist()}


@pytest.mark.parametrize("about", sorted(TEXTS))
def test_the_engine_reads_as_python_does(engine: Engine, about: str) -> None:
    read = READER.forms(about)
    wanted = {text: tuple(form) for text in TEXTS[about] for form in read(text)}
    assert keyed(engine, about, TEXTS[about]) == wanted


@given(
    texts=st.lists(
        st.text(st.sampled_from("abAB019xX:-./ _@#?%(éß"), max_size=24)
        | st.from_regex(r"(doi:)?10\.5?2?4?0?\d{1,2}/[a-z0-9.]{1,6}", fullmatch=True)
        | st.from_regex(r"(orcid:|isbn:)?[09]{4}-000\d-\d{4}-\d{3}[\dx]", fullmatch=True)
        | st.from_regex(r"https?://(www\.)?[a-z]{1,3}\.ex(/[a-zA-Z]{0,3}){0,2}", fullmatch=True),
        max_size=30,
        unique=True,
    )
)
@settings(max_examples=15, deadline=None)
def test_the_engine_reads_any_text_as_python_does(engine: Engine, texts: list[str]) -> None:
    for about in ("person", "work", "name"):
        read = READER.forms(about)
        wanted = {text: tuple(form) for text in texts for form in read(text)}
        found = keyed(engine, about, texts)
        # The engine doesn't verify check digits of what is written as its own key.
        unverified = {
            text for text in texts if about != "name" and isinstance(IDS.key(text, about), Wrong)
        }
        assert {text: form for text, form in found.items() if text not in unverified} == {
            text: form for text, form in wanted.items() if text not in unverified
        }


# Content codes


def test_units_of_a_composite_code() -> None:
    found = iscc.units(CODE)
    assert found is not None
    assert [unit.main for unit in found] == [iscc.META, iscc.CONTENT, iscc.DATA, iscc.INSTANCE]
    assert all(len(unit.body) == 8 for unit in found)


@pytest.mark.parametrize(
    "text", ["", "A", "AAAA", "ISCC", CODE[:-1], CODE + "A", CODE.lower(), "A" * 10**6, "77777777"]
)
def test_what_is_no_code(text: str) -> None:
    assert iscc.units(text) is None


@pytest.mark.skipif(not VECTORS.is_file(), reason="the shared data isn't here")
def test_the_conformance_vectors() -> None:
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))
    cases = [
        case for name, cases in vectors.items() if name != "_metadata" for case in cases.values()
    ]
    codes = [case["outputs"]["iscc"] for case in cases if "iscc" in case["outputs"]]
    assert len(codes) == 50
    for code in codes:
        assert iscc.units(code.removeprefix("ISCC:")), code
        assert IDS.key(code, "work") == code.lower()
    for case in vectors["gen_iscc_code_v0"].values():
        whole = iscc.units(case["outputs"]["iscc"].removeprefix("ISCC:"))
        parts = [iscc.units(part.removeprefix("ISCC:")) for part in case["inputs"][0]]
        assert whole is not None
        for unit in whole:
            same = [p for part in parts for p in part or () if p.main == unit.main]
            assert any(p.body.startswith(unit.body) for p in same)
