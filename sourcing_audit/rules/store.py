"""Where rule files lie, how they are read, overlaid and digested. Knows no rule's meaning.

A rule file is a CSV (one rule per row) or a TOML file (one rule per `[[table]]`). Users may lay
their own folder over the shipped one: a file of the same name replaces rules of the same key and
adds the others, and every such override is listed.
"""

from __future__ import annotations

import csv
import hashlib
import tomllib
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from sourcing_audit.errors import RulesError
from sourcing_audit.model import Override

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

SUFFIXES = frozenset({".csv", ".toml"})


class Rule(BaseModel):
    """Base of every rule row: unknown columns, blank ids and wrong values fail to load."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


RuleT = TypeVar("RuleT", bound=Rule)


def shipped_folder() -> Path:
    """The rules that ship with the package: in the wheel, or in the checkout."""
    packaged = Path(str(resources.files("sourcing_audit"))) / "license_rules"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "license_rules"


def digest_of(files: Iterable[tuple[int, str, str]]) -> str:
    """The digest of rules, from the level, name and SHA-256 of each file, in any order."""
    whole = hashlib.sha256()
    for level, name, content in sorted(files, key=lambda file: (file[0], file[1].split("/"))):
        whole.update(f"{level}\0{name}\0{content}\n".encode())
    return whole.hexdigest()


class RuleStore:
    """Reads rule tables from the shipped folder and the user's overlays, later ones winning."""

    def __init__(self, overlays: Sequence[Path] = (), *, base: Path | None = None) -> None:
        """Check that each overlay is a folder with rule files that the shipped rules know.

        Args:
            overlays: folders laid over the shipped rules, later ones winning.
            base: a folder that stands for the shipped rules, such as those of an earlier audit.

        Raises:
            RulesError: an overlay is missing or holds a file that would never be read.

        """
        self.base = shipped_folder() if base is None else base
        self.overlays = tuple(overlays)
        self.overrides: list[Override] = []
        self._read: dict[str, int] = {}
        for folder in self.overlays:
            if not folder.is_dir():
                raise RulesError(f"{folder}: no such rules folder")
            for path in _files(folder):
                relative = path.relative_to(folder)
                if relative.parts[0] != "cases" and not (self.base / relative).is_file():
                    raise RulesError(
                        f"{path}: no shipped rule file has this name, so it would never be read",
                        fix="use the layout of `sourcing-audit rules list`",
                    )

    @property
    def version(self) -> str:
        """The shipped rules' calendar version."""
        return (self.base / "VERSION").read_text(encoding="utf-8").strip()

    def digest(self) -> str:
        """SHA-256 over every rule file's name and content, overlays included, in a fixed order."""
        return digest_of(
            (level, name, hashlib.sha256(path.read_bytes()).hexdigest())
            for level, name, path in self.files()
        )

    def files(self) -> Iterator[tuple[int, str, Path]]:
        """Every rule file: 0 for the shipped folder or the overlay's number, name, and place."""
        for level, folder in enumerate((self.base, *self.overlays)):
            for path in _files(folder):
                yield level, path.relative_to(folder).as_posix(), path

    def table(self, name: str, model: type[RuleT], *, key: Sequence[str]) -> list[RuleT]:
        """The rules of the file `name`, overlays applied, in file order.

        For TOML, the rules are the file's only array of tables.

        Args:
            name: path inside the rules folder, e.g. `aliases.csv`.
            model: validates each rule.
            key: the fields that identify a rule; two rules with one key fail to load.

        Raises:
            RulesError: naming file, rule and field.

        """
        merged: dict[tuple[str, ...], RuleT] = {}
        for level, folder in enumerate((self.base, *self.overlays)):
            path = folder / name
            if not path.is_file():
                continue
            seen: set[tuple[str, ...]] = set()
            for where, raw in _rows(path):
                rule = _validated(model, raw, f"{path}: {where}")
                identity = tuple(str(getattr(rule, part)) for part in key)
                if identity in seen:
                    raise RulesError(f"{path}: {where}: {identity} is already defined")
                seen.add(identity)
                if level:
                    action = "replaced" if identity in merged else "added"
                    self._remember(Override(file=name, key=" ".join(identity), action=action))
                merged[identity] = rule
        if not merged:
            raise RulesError(f"{self.base / name}: no rules found")
        self._read[name] = len(merged)
        return list(merged.values())

    def tables_read(self) -> list[tuple[str, int]]:
        """The rule files read so far, with how many rules each holds."""
        return sorted(self._read.items())

    def cases(self, name: str, model: type[RuleT]) -> list[RuleT]:
        """The examples of `cases/NAME` in the shipped folder and in the overlays."""
        found = []
        for folder in (self.base, *self.overlays):
            path = folder / "cases" / name
            if path.is_file():
                found += [_validated(model, raw, f"{path}: {where}") for where, raw in _rows(path)]
        return found

    def _remember(self, override: Override) -> None:
        if override not in self.overrides:
            self.overrides.append(override)


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.suffix in SUFFIXES and p.is_file())


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each rule of a file with its place, for messages."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            for row in reader:
                if None in row or None in row.values():
                    raise RulesError(f"{path}: line {reader.line_num}: wrong number of columns")
                yield (
                    f"line {reader.line_num}",
                    {k: v for k, v in row.items() if v != ""},
                )
        return
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise RulesError(f"{path}: {error}") from error
    for table, rules in document.items():
        if not isinstance(rules, list):
            raise RulesError(f"{path}: {table} must be an array of tables, [[{table}]]")
        for number, rule in enumerate(rules, start=1):
            name = rule.get("id") or rule.get("name") or f"number {number}"
            yield f"[[{table}]] {name}", rule


def _validated(model: type[RuleT], raw: dict[str, Any], where: str) -> RuleT:
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "rule"
        raise RulesError(f"{where}: {field}: {first['msg']}") from error
