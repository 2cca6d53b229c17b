"""Datasets on the Hugging Face hub, streamed: only the columns that are read, nothing decoded."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sourcing_audit.errors import InputError
from sourcing_audit.sources import cards
from sourcing_audit.sources.interface import Format, Shard

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

    from sourcing_audit.rules.cards import CardRules

PREFIX = "hf:"

_SOURCE = re.compile(
    r"hf:(?P<dataset>\w[\w.-]*/\w[\w.-]*)(/(?P<config>[^/@]+)(/(?P<split>[^/@]+))?)?(@(?P<revision>.+))?"
)
_BATCH = 1000
_DOCUMENTS = ("README.md", "LICENSE*", "LICENCE*", "COPYING*", "*croissant*.json")
"""What speaks of a dataset's rights, by its name in the repository."""


@dataclass(frozen=True)
class Source:
    """What `hf:ORG/NAME[/CONFIG[/SPLIT]][@REVISION]` means."""

    dataset: str
    config: str | None
    split: str | None
    revision: str | None


@dataclass(frozen=True)
class Loaded:
    """A dataset at one commit."""

    commit: str
    splits: Mapping[str, Any]
    """A `datasets.IterableDataset` for each split."""
    documents: Path
    """A folder with copies of the dataset's card and licence files."""


@dataclass(frozen=True)
class Split:
    """One split, as a stream of Arrow data."""

    dataset: Any
    schema: pa.Schema

    def batches(self, columns: Sequence[int]) -> Iterator[pa.RecordBatch]:
        """Some columns by position; all rows."""
        # Rows are counted by a column even where none is wanted, the last being seldom an image.
        names = [self.schema.names[at] for at in columns] or self.schema.names[-1:]
        chosen = self.dataset.select_columns(names).with_format("arrow")
        for table in chosen.iter(batch_size=_BATCH):
            yield from table.select(names).to_batches()


def parse(source: str) -> Source:
    """Read an input's name.

    Raises:
        InputError: it isn't of the form that is expected.

    """
    match = _SOURCE.fullmatch(source)
    if match is None:
        raise InputError(
            f"{source}: not the name of a dataset",
            fix="write hf:ORG/NAME@REVISION, or hf:ORG/NAME/CONFIG/SPLIT@REVISION",
        )
    return Source(match["dataset"], match["config"], match["split"], match["revision"])


def shards(source: str, card_rules: CardRules | None = None) -> list[Shard]:
    """The splits of a dataset; needs the network.

    Raises:
        InputError: the extra isn't installed, or the dataset can't be opened.

    """
    wanted = parse(source)
    try:
        loaded = load(wanted)
    except ImportError as error:
        raise InputError(
            f"{source}: reading from the hub needs the package datasets",
            fix="pip install 'sourcing-audit[huggingface]'",
        ) from error
    except Exception as error:
        # The libraries let through whatever their transport raises.
        raise InputError(
            f"{source}: {type(error).__name__}: {str(error).strip().partition(chr(10))[0]}",
            fix="check name, configuration and revision, and that you may read the dataset",
        ) from error
    place = f"{PREFIX}{wanted.dataset}@{loaded.commit}"
    documents = tuple(
        replace(card, path=f"{place}/{Path(card.path).name}")
        for card in cards.of_folder(loaded.documents, card_rules)
    )
    unknown = wanted.split is not None and wanted.split not in loaded.splits
    if unknown:
        raise InputError(f"{source}: no such split", fix=f"use one of {', '.join(loaded.splits)}")
    return [
        Shard(
            name=f"{PREFIX}{wanted.dataset}/{dataset.info.config_name}/{name}@{loaded.commit}",
            path=Path(),
            format=Format.HUB,
            split=name,
            cards=documents,
            stream=Split(dataset, dataset.features.arrow_schema),
        )
        for name, dataset in loaded.splits.items()
        if wanted.split in (None, name)
    ]


def load(wanted: Source) -> Loaded:
    """Open a dataset at a fixed commit, without running any code of it.

    Raises:
        ImportError: the extra isn't installed.

    """
    from datasets import load_dataset
    from huggingface_hub import HfApi

    info = HfApi().dataset_info(wanted.dataset, revision=wanted.revision)
    splits = load_dataset(wanted.dataset, wanted.config, revision=info.sha, streaming=True)
    return Loaded(
        commit=info.sha or "main",
        splits={name: resolved(split) for name, split in splits.items()},
        documents=_documents(wanted.dataset, info.sha),
    )


def _documents(dataset: str, commit: str | None) -> Path:
    from huggingface_hub import snapshot_download

    wanted = list(_DOCUMENTS)
    return Path(
        snapshot_download(dataset, repo_type="dataset", revision=commit, allow_patterns=wanted)
    )


def resolved(dataset: Any) -> Any:
    """The dataset with its features known; some formats tell them only by their first rows."""
    return dataset if dataset.features is not None else dataset._resolve_features()  # noqa: SLF001
