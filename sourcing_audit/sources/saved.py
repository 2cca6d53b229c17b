"""Hugging Face datasets saved to disk: which files they consist of."""

from __future__ import annotations

import json
from pathlib import Path

from sourcing_audit.errors import InputError
from sourcing_audit.sources.interface import Format, Shard

STATE = "state.json"
SPLITS = "dataset_dict.json"


def shards(folder: Path) -> list[Shard]:
    """The Arrow files of a dataset, or of a dict of datasets, that `save_to_disk` wrote.

    Returns nothing for any other folder.

    Raises:
        InputError: the folder's own list of files is damaged, or a file of it is missing.

    """
    if (folder / SPLITS).is_file():
        names = [_safe(folder, name) for name in _listed(folder / SPLITS, "splits")]
        return [shard for name in names for shard in _dataset(folder / name, name)]
    return _dataset(folder, None) if (folder / STATE).is_file() else []


def _dataset(folder: Path, split: str | None) -> list[Shard]:
    found = []
    for entry in _listed(folder / STATE, "_data_files"):
        path = folder / _safe(folder, entry.get("filename") if isinstance(entry, dict) else entry)
        if not path.is_file():
            raise InputError(f"{path}: no such file, but {folder / STATE} lists it")
        found.append(Shard(str(path), path, Format.ARROW, split=split))
    return found


def _listed(path: Path, key: str) -> list[object]:
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))[key]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"{path}: can't be read as the state of a saved dataset") from error
    if not isinstance(listed, list):
        raise InputError(f"{path}: {key} is no list")
    return listed


def _safe(folder: Path, name: object) -> str:
    if not isinstance(name, str) or Path(name).name != name:
        raise InputError(f"{folder}: {name!r} is not the name of a file in it")
    return name
