"""Hugging Face datasets saved to disk: which files they consist of, and writing one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from sourcing_audit.errors import ConfigError, InputError, OutputError
from sourcing_audit.sources import rewrite
from sourcing_audit.sources.interface import Chosen, Format, Shard

if TYPE_CHECKING:
    from collections.abc import Sequence

STATE = "state.json"
SPLITS = "dataset_dict.json"
_INFO = "dataset_info.json"
_FILE = "data-00000-of-00001.arrow"
_STATE: dict[str, object] = {
    "_data_files": [{"filename": _FILE}],
    "_fingerprint": "sourcing-audit-subset",
    "_format_columns": None,
    "_format_kwargs": {},
    "_format_type": None,
    "_output_all_columns": False,
    "_split": None,
}
"""What `datasets.load_from_disk` wants to know."""


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


def write(chosen: Sequence[Chosen], output: Path) -> None:
    """Copy the chosen rows of a dataset saved to disk into another such folder.

    Raises:
        ConfigError: the inputs are no saved dataset, or of several with different columns.
        OutputError: the folder is there already, or can't be written.
        UnreadableError: a shard is damaged.

    """
    folders = list(dict.fromkeys(one.shard.path.parent for one in chosen))
    if not all((folder / STATE).is_file() for folder in folders):
        raise ConfigError(f"{output}: the input is no saved dataset", fix="write to a .arrow file")
    if len({folder.name for folder in folders}) < len(folders):
        raise ConfigError(f"{output}: two inputs have one name", fix="filter them on their own")
    several = len(folders) > 1 or (folders[0].parent / SPLITS).is_file()
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.mkdir()
    except OSError as error:
        raise OutputError(f"{output}: {error.strerror}", fix="give a new folder") from error
    try:
        for folder in folders:
            target = output / folder.name if several else output
            target.mkdir(exist_ok=True)
            rewrite.write(
                [one for one in chosen if one.shard.path.parent == folder], target / _FILE, None
            )
            if (folder / _INFO).is_file():
                shutil.copyfile(folder / _INFO, target / _INFO)
            (target / STATE).write_text(json.dumps(_STATE, indent=2), encoding="utf-8")
        if several:
            splits = json.dumps({"splits": [folder.name for folder in folders]})
            (output / SPLITS).write_text(splits, encoding="utf-8")
    except BaseException:
        shutil.rmtree(output)
        raise


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
    if not isinstance(name, str) or Path(name).name != name or name in ("", ".."):
        raise InputError(f"{folder}: {name!r} is not the name of a file in it")
    return name
