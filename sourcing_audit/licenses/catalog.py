"""Every licence table, loaded once and indexed: what a name or an id stands for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from sourcing_audit.errors import RulesError
from sourcing_audit.licenses.creative_commons import CreativeCommons
from sourcing_audit.licenses.expression import NO_LICENSE, UNKNOWN, Leaf, License, Tree
from sourcing_audit.licenses.families import Families, derived, listed
from sourcing_audit.licenses.spdx import Operators, SpdxIndex
from sourcing_audit.licenses.text import key, name_key
from sourcing_audit.model import NOASSERTION, NONE, LicenseClass, Term
from sourcing_audit.rules.cards import FILE as CARDS
from sourcing_audit.rules.cards import CardKind, CardRules
from sourcing_audit.rules.licenses import (
    AliasRow,
    CategoryRow,
    ClassRow,
    DatasetRow,
    DatedRow,
    ExceptionRow,
    FamilyRow,
    GeneratorRow,
    Grants,
    GuardRow,
    JurisdictionRow,
    LicenseRow,
    PhraseRow,
    PlainRow,
    SpdxRow,
    TermRow,
    UnitRow,
    UrlRow,
    WordRow,
)
from sourcing_audit.rules.texts import TextRules

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from sourcing_audit.rules import RuleStore

_LICENSE_FILES = ("rights", "data", "models", "generators", "software", "cc-ports")
_ALIAS_FILES = ("aliases", "platforms")


@dataclass(frozen=True, slots=True)
class Known:
    """What a name stands for, and the rule that says so."""

    tree: Tree
    rule: str
    reasons: tuple[str, ...] = ()


class LicenseRules:
    """The licence rules of a store."""

    def __init__(self, store: RuleStore) -> None:
        """Read and check every table.

        Raises:
            RulesError: a row is invalid, or names a licence, class or term that isn't there.

        """
        self.classes = {row.id: row for row in store.table("classes.toml", ClassRow, key=["id"])}
        self.terms = {row.id: row for row in store.table("terms.toml", TermRow, key=["id"])}
        _complete("classes.toml", LicenseClass, self.classes)
        _complete("terms.toml", Term, self.terms)
        grants: dict[LicenseClass, Grants] = {row.id: row.grants for row in self.classes.values()}
        self.spdx = SpdxIndex()
        self.creative_commons = CreativeCommons(
            store.table("licenses/cc-units.csv", UnitRow, key=["unit"]),
            store.table("licenses/cc-jurisdictions.csv", JurisdictionRow, key=["code"]),
            store.table("licenses/cc-words.csv", WordRow, key=["words"]),
            self.spdx.ids,
            grants,
        )
        categories = store.table("licenses/spdx-categories.toml", CategoryRow, key=["id"])
        listing = store.table("licenses/spdx.csv", SpdxRow, key=["id"])
        self.pages = {row.page: row.id for row in listing if row.page}
        self._licenses = self._collect(
            _rows(store),
            store.table("licenses/families.csv", FamilyRow, key=["stem"]),
            listing,
            {row.id: row for row in categories},
            grants,
        )
        self._by_case = {identifier.casefold(): identifier for identifier in self._licenses}
        self._by_case |= {
            other: self._by_case[identifier.casefold()]
            for other, identifier in self.spdx.former.items()
        }
        self._operators = Operators(self._operand, self.spdx.exceptions)
        self.names = self._names(store)
        self.exceptions = store.table("licenses/exceptions.csv", ExceptionRow, key=["id"])
        self.urls = store.table("licenses/urls.csv", UrlRow, key=["host", "path"])
        self.phrases = store.table("licenses/phrases.toml", PhraseRow, key=["id"])
        for phrase in self.phrases:
            if (phrase.target is None) != (phrase.kind == "pointer"):
                raise RulesError(f"licenses/phrases.toml: {phrase.id}: a pointer has no target")
            if phrase.target:
                self._target(phrase.target, f"licenses/phrases.toml: {phrase.id}")
        self.datasets = store.table("datasets.csv", DatasetRow, key=["id"])
        self.generators = store.table("generators.csv", GeneratorRow, key=["id"])
        self.dated = store.table("licenses/dated.csv", DatedRow, key=["value", "since"])
        self.cards = CardRules(store)
        self._check_targets()
        self.texts = TextRules.load(store)
        plain = store.table("licenses/plain.csv", PlainRow, key=["word"])
        self.plain_words = frozenset(row.word for row in plain)
        self.crediting_words = frozenset(row.word for row in plain if row.kind == "credit")
        guards = [row.word for row in store.table("licenses/guards.csv", GuardRow, key=["word"])]
        self.guard_words = frozenset(word for word in guards if not word.endswith("*"))
        self.guard_stems = tuple(word[:-1] for word in guards if word.endswith("*"))

    @classmethod
    def load(cls, store: RuleStore) -> LicenseRules:
        """The licence rules of `store`; see the constructor for errors."""
        return cls(store)

    def license(self, identifier: str) -> License | None:
        """The licence of an id, whatever its case."""
        found = self._by_case.get(identifier.casefold())
        return self._licenses[found] if found else None

    def licenses(self) -> Mapping[str, License]:
        """Every licence by its id."""
        return self._licenses

    def parse(self, text: str) -> Tree | None:
        """The SPDX expression in `text`, None if it isn't one or names an unknown id."""
        return self._operators.parse(text)

    def spelt_out(self) -> Iterator[str]:
        """Everything that values are compared with, as it is written in the rules."""
        yield from self.names
        yield from self.pages
        for page in self.urls:
            yield from (page.host, page.path.pattern)
        for phrase in self.phrases:
            yield phrase.pattern.pattern
            if phrase.unless:
                yield phrase.unless.pattern
        for exception in self.exceptions:
            yield from exception.names

    def lineage(self, identifier: str) -> frozenset[str]:
        """The ids that `identifier` merely says more precisely, itself included."""
        found = set()
        current: str | None = identifier
        while current and current not in found:
            found.add(current)
            license_ = self._licenses.get(current)
            current = license_.broader if license_ else None
        return frozenset(found)

    @cached_property
    def labels(self) -> dict[str, frozenset[str]]:
        """The values to suggest, with their tokens: curated names and licences."""
        return {name: frozenset(name_key(name).split()) for name in self._display}

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every token of a name."""
        words = set(self.families.vocabulary | self.creative_commons.vocabulary)
        for name in self.names:
            words.update(key(name).split(), name.split())
        for exception in self.spdx.exceptions:
            words.update(key(exception).split())
        return frozenset(words)

    @cached_property
    def names_without_software(self) -> dict[str, Known]:
        """Names of listed licences less the word `software`, where no two become the same."""
        found: dict[str, Known] = {}
        twice = set()
        for name, known in self.names.items():
            words = name.split()
            if "software" in words and known.rule.startswith(("spdx:", "name:")):
                shorter = " ".join(word for word in words if word != "software")
                twice |= {shorter} & found.keys()
                found[shorter] = known
        return {
            name: known
            for name, known in found.items()
            if name not in twice and name not in self.names and " " in name
        }

    def _operand(self, identifier: str) -> Tree | None:
        special = {NOASSERTION.casefold(): UNKNOWN, NONE.casefold(): NO_LICENSE}
        found = self.license(identifier)
        return Leaf(found) if found else special.get(identifier.casefold())

    def _check_targets(self) -> None:
        """Every dataset and generator names licences, and datasets upstream, that are there."""
        for row in self.generators:
            if row.target:
                self._target(row.target, f"generators.csv: {row.id}")
        for dated in self.dated:
            self._target(dated.target, f"licenses/dated.csv: {dated.value}")
        for claim in self.cards.of(CardKind.CLAIM):
            self._target(claim.target or "", f"{CARDS}: {claim.id}")
        ids = {row.id for row in self.datasets}
        for dataset in self.datasets:
            if dataset.target:
                self._target(dataset.target, f"datasets.csv: {dataset.id}")
            if missing := set(dataset.upstream) - ids:
                raise RulesError(f"datasets.csv: {dataset.id}: no row for {', '.join(missing)}")

    def _target(self, text: str, where: str) -> Tree:
        tree = self.parse(text)
        if tree is None:
            raise RulesError(f"{where}: {text!r} is not a licence that the rules know")
        return tree

    def _collect(
        self,
        rows: Iterable[tuple[str, LicenseRow]],
        families: list[FamilyRow],
        listing: list[SpdxRow],
        categories: Mapping[str, CategoryRow],
        grants: dict[LicenseClass, Grants],
    ) -> dict[str, License]:
        """All licences: our own rows first, then the grammars', then SPDX's and ScanCode's."""
        own = dict(self._own(rows, grants))
        titles = {row.id: row.name for row in listing}
        listed_there: dict[str, License] = {}
        for identifier, category in self.spdx.categories.items():
            row = categories.get(category)
            if row is None and identifier not in self.spdx.ids:
                continue
            class_ = row.license_class if row else LicenseClass.UNKNOWN
            terms = row.terms if row else ()
            name = titles.get(identifier, identifier)
            listed_there[identifier] = License(identifier, name, class_, terms, grants[class_])
        found = listed(families, grants)
        found += derived(
            listing, (listed_there | own).__getitem__, {family.stem for family in found}
        )
        self.families = Families(found, self.spdx.ids)
        own_ports = own.keys() & self.creative_commons.licenses.keys()
        self.creative_commons.licenses |= {identifier: own[identifier] for identifier in own_ports}
        known = own | {
            identifier: license_
            for grammar in (self.creative_commons, self.families)
            for identifier, license_ in grammar.licenses.items()
            if identifier not in own
        }
        self._display = [license_.name for license_ in known.values() if license_.broader is None]
        known = listed_there | known
        broader = self.families.broader
        for identifier, license_ in known.items():
            if license_.broader is None and identifier in broader:
                known[identifier] = replace(license_, broader=broader[identifier])
        for license_ in known.values():
            if license_.broader and license_.broader not in known:
                raise RulesError(f"{license_.id}: {license_.broader}, its broader one, is unknown")
        return known

    def _own(
        self, rows: Iterable[tuple[str, LicenseRow]], grants: Mapping[LicenseClass, Grants]
    ) -> Iterator[tuple[str, License]]:
        seen = set()
        for file, row in rows:
            if row.id in seen:
                raise RulesError(f"{file}: {row.id} is already defined in another licence file")
            seen.add(row.id)
            if row.grants == "yes" and self.classes[row.license_class].rank is None:
                raise RulesError(
                    f"{file}: {row.id}: class {row.license_class} has no rank to grant"
                )
            if (Term.TERRITORY in row.terms) != bool(row.territory):
                raise RulesError(f"{file}: {row.id}: term territory and its countries go together")
            yield (
                row.id,
                License(
                    row.id,
                    row.name,
                    row.license_class,
                    row.terms,
                    row.grants or grants[row.license_class],
                    row.territory,
                    row.broader,
                    row.yields,
                ),
            )

    def _names(self, store: RuleStore) -> dict[str, Known]:
        """What each name stands for, as it is written and squeezed to its key; aliases win."""
        exact: dict[str, Known] = {}
        squeezed: dict[str, Known] = {}
        for file in _ALIAS_FILES:
            where = f"licenses/{file}.csv"
            for row in store.table(where, AliasRow, key=["value"]):
                rule = f"alias:{row.kind}" if file == "aliases" else f"platform:{row.kind}"
                tree = self._target(row.target, f"{where}: {row.value}")
                reasons = ("license_missing",) if row.kind == "missing" else ()
                known = Known(tree, f"{rule}:{_slug(row.value)}", reasons + self._versionless(tree))
                if exact.setdefault(row.value.casefold(), known).tree != tree:
                    raise RulesError(f"{where}: {row.value} already means something else")
                name = name_key(row.value)
                if squeezed.setdefault(name, known).tree != tree:
                    squeezed[name] = self._common(squeezed[name], known)
        for identifier, license_ in self._licenses.items():
            tree = Leaf(license_)
            known = Known(tree, f"spdx:{identifier}", self._versionless(tree))
            squeezed.setdefault(name_key(identifier), known)
            if identifier not in self.families.nameless | self.creative_commons.licenses.keys():
                named = replace(known, rule=f"name:{identifier}")
                squeezed.setdefault(name_key(license_.name), named)
        for former, identifier in self.spdx.former.items():
            known = Known(Leaf(self._licenses[identifier]), f"spdx:{identifier}")
            squeezed.setdefault(key(former), known)
        squeezed.pop("", None)
        return squeezed | exact

    def _common(self, one: Known, other: Known) -> Known:
        """What two meanings of one key have in common: the licence without its version, if that."""
        for broad, precise in ((one, other), (other, one)):
            if not isinstance(broad.tree, Leaf) or not isinstance(precise.tree, Leaf):
                continue
            if broad.tree.license.id in self.lineage(precise.tree.license.id):
                return broad
        return Known(UNKNOWN, "alias:ambiguous")

    def _versionless(self, tree: Tree) -> tuple[str, ...]:
        """The reason that a target without its version comes with."""
        if not isinstance(tree, Leaf):
            return ()
        return self._missing.get(tree.license.id, ())

    @cached_property
    def _missing(self) -> dict[str, tuple[str, ...]]:
        stems = {*self.families.licenses, *self.creative_commons.licenses}
        return {
            identifier: ("license_version_missing",)
            for identifier in stems
            if self._licenses[identifier].broader in (None, "LicenseRef-Public-Domain")
            and identifier.startswith("LicenseRef-")
        }


def _rows(store: RuleStore) -> Iterable[tuple[str, LicenseRow]]:
    for name in _LICENSE_FILES:
        file = f"licenses/{name}.csv"
        for row in store.table(file, LicenseRow, key=["id"]):
            yield file, row


def _complete(file: str, vocabulary: Iterable[str], rows: Collection[str]) -> None:
    missing = [word for word in vocabulary if word not in rows]
    if missing:
        raise RulesError(f"{file}: no rule for {', '.join(missing)}")


def _slug(value: str) -> str:
    return "-".join(name_key(value).split()) or value
