"""The chosen rows of a dataset's inputs, written in the inputs' own format."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sourcing_audit.errors import ConfigError, InputError
from sourcing_audit.files import replacing_file
from sourcing_audit.sources import again, formats, rewrite, saved
from sourcing_audit.sources.interface import SUFFIXES, Chosen, Format, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import ibis.expr.types as ir

    from sourcing_audit.engine import Engine
    from sourcing_audit.model import ShardInfo


def write_subset(engine: Engine, shards: Sequence[ShardInfo], keep: ir.Table, output: Path) -> int:
    """Write the input rows that `keep` names, with all their columns and in the input's order.

    Text is copied as it stands, but in UTF-8; Parquet and Arrow keep their schema with its
    metadata; a dataset that was saved to disk becomes another such folder.

    Args:
        engine: holds `keep`.
        shards: the dataset's shards, as the audit recorded them.
        keep: `shard` and `row`.
        output: a file whose suffix fits the input; for a dataset saved to disk a new folder.

    Returns:
        How many rows were written.

    Raises:
        InputError: an input is gone or has changed since the audit.
        ConfigError: the output doesn't fit the inputs, or is one of them.
        OutputError: the output can't be written.

    """
    chosen = _chosen(engine, [shard for shard in shards if not shard.unreadable])
    format_ = chosen[0].shard.format
    folder = format_ is Format.ARROW and not output.suffix
    compression = None if folder else _compression(format_, output)
    _refuse_overwriting(chosen, output)
    for one in chosen:
        again.require_unchanged(one.shard, one.info)
    _mark(engine, chosen, keep)
    try:
        if folder:
            saved.write(chosen, output)
        else:
            with replacing_file(output) as temporary:
                rewrite.write(chosen, temporary, compression)
    except UnreadableError as error:
        raise InputError(f"an input can't be read again: {error}") from error
    return sum(int(one.mask.sum()) for one in chosen)


def _chosen(engine: Engine, infos: Sequence[ShardInfo]) -> list[Chosen]:
    """The shards with room to mark their rows.

    Raises:
        InputError: one is gone.
        ConfigError: they are of several formats.

    """
    found = [
        Chosen(again.reopened(engine, info), info, np.zeros(info.items + info.quarantined, bool))
        for info in infos
    ]
    formats = sorted({one.shard.format.value for one in found})
    if len(formats) != 1:
        raise ConfigError(
            f"the inputs are of several formats: {', '.join(formats)}" if formats else "no inputs",
            fix="audit and filter the files of each format on their own",
        )
    return found


def _compression(format_: Format, output: Path) -> str | None:
    known = formats.kind(output)
    if known is None or SUFFIXES[known[0]] != SUFFIXES[format_]:
        raise ConfigError(
            f"{output}: the input is {format_.value}, so the output can't be of another format",
            fix=f"give a name that ends in {SUFFIXES[format_]}",
        )
    return known[1]


def _refuse_overwriting(chosen: Sequence[Chosen], output: Path) -> None:
    target = output.resolve()
    for one in chosen:
        source = one.shard.path.resolve()
        if one.shard.is_here and (source == target or target in source.parents):
            raise ConfigError(f"{output}: is an input", fix="write to another place")


def _mark(engine: Engine, chosen: Sequence[Chosen], keep: ir.Table) -> None:
    """Set the mask of each shard where `keep` has a row."""
    masks = {one.info.name: one.mask for one in chosen}
    for batch in engine.batches(keep.select("shard", "row")):
        shards = batch.column(0).dictionary_encode()
        rows = batch.column(1).to_numpy(zero_copy_only=False)
        codes = shards.indices.to_numpy(zero_copy_only=False)
        for code, name in enumerate(shards.dictionary.to_pylist()):
            masks[name][rows[codes == code] - 1] = True
