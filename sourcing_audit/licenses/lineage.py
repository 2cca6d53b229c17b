"""Datasets made from others: the terms of what they were made from are carried on.

Whoever passes on or trains on a collection needs the permission for each part of it (CC BY 4.0,
section 2(a)(5)(A): every recipient receives the offer from the licensor of the original), so the
terms of every upstream dataset hold together with those of the item itself.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from sourcing_audit.licenses.expression import (
    CLASS_ORDER,
    GRANTS_ORDER,
    UNKNOWN,
    Tree,
    class_of,
    grants_of,
    leaves,
    render,
    terms_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sourcing_audit.licenses.classify import Classifier
    from sourcing_audit.model import UpstreamDataset
    from sourcing_audit.rules.licenses import DatasetRow

CARRIED = "upstream_terms"
NOT_KNOWN = "upstream_unknown"

MOST_DATASETS = 100
"""Upstream datasets that are followed; what is beyond is not known."""

_CACHED = 4_096
_LOCATION = re.compile(
    r"^(?:extended\|(?:other-)?|hf:|https?://)?(?:www\.)?"
    r"(?:huggingface\.co/datasets/|hf\.co/datasets/)?"
)
_REVISION = re.compile(r"(?:@|/(?:tree|blob|resolve)/).*$")
_SEPARATORS = re.compile(r"\s*[;|,\n]\s*")
_ORIGINAL = frozenset({"original", "none"})
"""Words of the hub's `source_datasets` for a dataset that is made from no other."""


@dataclass(frozen=True, slots=True)
class Ancestry:
    """What is carried on from upstream."""

    trees: tuple[Tree, ...] = ()
    """Their licences, the most restrictive first."""
    reasons: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()
    """For each licence `DATASET: expression`, or `DATASET > ITS UPSTREAM: expression`."""


NOTHING = Ancestry()


@dataclass(frozen=True, slots=True)
class _Source:
    name: str
    tree: Tree
    upstream: tuple[str, ...]


class Lineage:
    """Answers which terms come along with the names of upstream datasets."""

    def __init__(
        self,
        classifier: Classifier,
        known: Iterable[DatasetRow],
        given: Sequence[UpstreamDataset] = (),
    ) -> None:
        """`given` is what the user or a card says; it wins over what is `known`."""
        self._sources: dict[str, _Source] = {}
        for row in known:
            tree = classifier.rules.parse(row.target) if row.target else UNKNOWN
            source = _Source(row.name, tree or UNKNOWN, row.upstream)
            for name in (row.id, *row.names):
                self._sources.setdefault(_key(name), source)
        for dataset in given:
            self._add(classifier, dataset)
        self._everywhere = tuple(dataset.name for dataset in given if dataset.everywhere)
        self.of = lru_cache(_CACHED)(self._of)

    def _add(self, classifier: Classifier, dataset: UpstreamDataset) -> None:
        nothing = _Source(dataset.name, UNKNOWN, ())
        found = self._sources.get(_key(dataset.name), nothing)
        if dataset.license and dataset.license.strip():
            tree = classifier.resolve(dataset.license).tree
            found = _Source(dataset.name, tree, found.upstream)
        upstream = dataset.upstream or found.upstream
        self._sources[_key(dataset.name)] = replace(found, upstream=upstream)

    def _of(self, value: str | None) -> Ancestry:
        """What comes along for items whose `upstream` column holds `value`."""
        names = (*self._everywhere, *_names(value))
        visited = dict(self._walk(names))
        if not visited:
            return NOTHING
        found = sorted(visited.items(), key=lambda entry: _severity(entry[1][1]))
        trees = tuple(dict.fromkeys(tree for _, (_, tree) in found))
        reasons = [CARRIED] if any(tree != UNKNOWN for tree in trees) else []
        if any(UNKNOWN in leaves(tree) for tree in trees):
            reasons.append(NOT_KNOWN)
        chain = tuple(f"{' > '.join(path)}: {render(tree)}" for _, (path, tree) in found)
        return Ancestry(trees, tuple(reasons), chain)

    def _walk(self, names: Iterable[str]) -> Iterator[tuple[str, tuple[tuple[str, ...], Tree]]]:
        """Each upstream dataset once, with the path that leads to it; nearest first."""
        pending: list[tuple[str, tuple[str, ...]]] = [(name, ()) for name in names]
        seen: set[str] = set()
        for name, path in pending:
            key = _key(name)
            if key in seen or key in _ORIGINAL:
                continue
            seen.add(key)
            if len(seen) > MOST_DATASETS:
                yield key, (("further datasets",), UNKNOWN)
                return
            source = self._sources.get(key, _Source(name.strip(), UNKNOWN, ()))
            here = (*path, source.name)
            yield key, (here, source.tree)
            pending += [(further, here) for further in source.upstream]


def _severity(tree: Tree) -> tuple[int, int, int]:
    """Sorts the most restrictive first."""
    return (
        -GRANTS_ORDER[grants_of(tree)],
        -len(terms_of(tree)),
        -CLASS_ORDER[class_of(tree)],
    )


def _key(name: str) -> str:
    """What spellings of one dataset's name have in common."""
    plain = _LOCATION.sub("", " ".join(name.casefold().split()))
    return re.sub(r"[\s_]+", "-", _REVISION.sub("", plain).strip("/ "))


def _names(value: str | None) -> list[str]:
    """The names in a manifest's cell: a JSON list, or text with `;`, `|` or `,` between them."""
    if value is None or not value.strip():
        return []
    text = value.strip()
    if text.startswith("["):
        try:
            members = json.loads(text)
        except (ValueError, RecursionError):
            return [text]
        return [one if isinstance(one, str) else json.dumps(one) for one in members if one]
    # `extended|squad` is one name, in the hub's words.
    parts = _SEPARATORS.split(text.replace("extended|", "extended\0"))
    return [part.replace("extended\0", "") for part in parts if part]
