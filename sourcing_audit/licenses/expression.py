"""Licence expressions as trees: leaves are licences that the rules know."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from sourcing_audit.model import NOASSERTION, NONE, LicenseClass, Term

if TYPE_CHECKING:
    from collections.abc import Iterator

Grants = Literal["yes", "no", "unknown"]
_CACHED_TREES = 4_096
CLASS_ORDER = {value: index for index, value in enumerate(LicenseClass)}
GRANTS_ORDER: dict[Grants, int] = {"yes": 0, "unknown": 1, "no": 2}


@dataclass(frozen=True, slots=True, eq=False)
class License:
    """One licence or rights statement, whichever rule file it comes from.

    The rules hold one object per id, so identity is equality.
    """

    id: str
    name: str
    license_class: LicenseClass
    terms: tuple[Term, ...] = ()
    grants: Grants = "unknown"
    territory: tuple[str, ...] = ()
    broader: str | None = None
    yields: bool = False


@dataclass(frozen=True, slots=True)
class Leaf:
    """A licence, perhaps WITH an exception; the exception changes neither class nor terms."""

    license: License
    exception: str | None = None


@dataclass(frozen=True, slots=True)
class Joint:
    """Several expressions that all hold (AND) or that the licensee chooses from (OR)."""

    op: Literal["AND", "OR"]
    parts: tuple[Tree, ...]


Tree = Leaf | Joint

UNKNOWN = Leaf(License(NOASSERTION, "not known", LicenseClass.UNKNOWN))
NO_LICENSE = Leaf(License(NONE, "no licence", LicenseClass.NO_LICENSE, grants="no"))


def join(op: Literal["AND", "OR"], parts: list[Tree]) -> Tree:
    """The parts under `op`, flattened, without repetitions; one part is itself.

    SPDX has no expression that holds NOASSERTION or NONE as an operand. An alternative that
    can't be read is no alternative; whoever joins says so with a reason.
    """
    flat: list[Tree] = []
    for part in parts:
        flat += part.parts if isinstance(part, Joint) and part.op == op else [part]
    unique = list(dict.fromkeys(flat))
    if op == "OR":
        unique = [part for part in unique if part not in (UNKNOWN, NO_LICENSE)] or unique[:1]
    return unique[0] if len(unique) == 1 else Joint(op, tuple(unique))


def leaves(tree: Tree) -> Iterator[Leaf]:
    """Every leaf, left to right."""
    if isinstance(tree, Leaf):
        yield tree
    else:
        for part in tree.parts:
            yield from leaves(part)


@lru_cache(_CACHED_TREES)
def render(tree: Tree) -> str:
    """The SPDX expression; NOASSERTION or NONE as soon as one of them takes part."""
    ids = {leaf.license.id for leaf in leaves(tree)}
    for special in (NOASSERTION, NONE):
        if special in ids:
            return special
    return _text(tree)


def _text(tree: Tree) -> str:
    if isinstance(tree, Leaf):
        return f"{tree.license.id} WITH {tree.exception}" if tree.exception else tree.license.id
    return f" {tree.op} ".join(
        f"({_text(part)})" if isinstance(part, Joint) else _text(part) for part in tree.parts
    )


@lru_cache(_CACHED_TREES)
def class_of(tree: Tree) -> LicenseClass:
    """The most restrictive class of an AND, the least restrictive one of an OR."""
    if isinstance(tree, Leaf):
        return tree.license.license_class
    choose = max if tree.op == "AND" else min
    return choose((class_of(part) for part in tree.parts), key=CLASS_ORDER.__getitem__)


@lru_cache(_CACHED_TREES)
def grants_of(tree: Tree) -> Grants:
    """Whether permission is stated at all: by every part of an AND, by one part of an OR."""
    if isinstance(tree, Leaf):
        return tree.license.grants
    choose = max if tree.op == "AND" else min
    return choose((grants_of(part) for part in tree.parts), key=GRANTS_ORDER.__getitem__)


@lru_cache(_CACHED_TREES)
def terms_of(tree: Tree) -> tuple[Term, ...]:
    """Every term that is stated, in the vocabulary's order; those of all options of an OR."""
    if isinstance(tree, Leaf):
        return tree.license.terms
    stated = {term for leaf in leaves(tree) for term in leaf.license.terms}
    return tuple(term for term in Term if term in stated)
