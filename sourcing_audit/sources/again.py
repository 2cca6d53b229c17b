"""The inputs of an earlier audit, read again: only what has not changed since."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sourcing_audit.errors import InputError
from sourcing_audit.sources import elsewhere, formats, huggingface, remote, streams
from sourcing_audit.sources.interface import UnreadableError

if TYPE_CHECKING:
    from sourcing_audit.engine import Engine
    from sourcing_audit.model import ShardInfo
    from sourcing_audit.sources.interface import Shard


def reopened(engine: Engine, info: ShardInfo) -> Shard:
    """A shard as the audit recorded it; a remote one is copied, as all its columns are wanted now.

    Raises:
        InputError: it is gone, can't be read again, or is another version by now.

    """
    if remote.is_address(info.name):
        return _downloaded(engine, info)
    if info.name.startswith(huggingface.PREFIX):
        return huggingface.shards(info.name)[0]
    return formats.file(Path(info.name))


def require_unchanged(shard: Shard, info: ShardInfo) -> None:
    """Refuse a file on this disk whose bytes aren't those that were audited.

    A dataset on the hub is named with its commit; a remote file's version is compared before it is
    copied.

    Raises:
        InputError: it has changed.

    """
    if shard.is_here and info.sha256 and streams.sha256(shard.path) != info.sha256:
        raise changed(info)


def changed(info: ShardInfo) -> InputError:
    """What to say of an input that isn't what was audited."""
    return InputError(f"{info.name}: has changed since the audit", fix="audit it again")


def _downloaded(engine: Engine, info: ShardInfo) -> Shard:
    file = remote.reopened(info.name)
    if (file.version, file.size) != (info.version, info.size):
        raise changed(info)
    shard = elsewhere.shard(file)
    try:
        path = file.copied(engine.new_folder())
        file.require_unchanged()
    except UnreadableError as error:
        raise InputError(f"{info.name}: {error}", fix=error.fix) from error
    return replace(shard, path=path, remote=None)
