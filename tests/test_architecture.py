"""The architecture of ARCHITECTURE.md, held by reading every import."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "sourcing_audit"

LAYERS = (
    ("errors", "model", "garbage"),
    ("schema", "results", "escape", "files", "filetypes", "processes"),
    ("report", "rules", "engine", "state"),
    ("keys", "combinations", "addresses", "iscc", "terminal"),
    ("progress",),
    ("places", "identifiers"),
    ("identities",),
    ("licenses", "sources"),
    ("registries",),
    ("media",),
    ("consent",),
    ("verdict",),
    ("reports", "config", "licensing", "documents", "codes"),
    ("disclosures",),
    ("units",),
    ("reuse",),
    ("pipeline",),
    ("alike", "recorded"),
    ("summary", "output"),
    ("remembered",),
    ("explain", "history", "changes", "attribution", "notebook"),
    ("gates",),
    ("api",),
    ("cases", "authoring", "evidence"),
    ("commands",),
    ("cli",),
    ("__main__",),
)
"""From the ground up; a module imports only from layers below its own, or from its own package."""

LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def unit(path: Path) -> str:
    """The top-level module or package that a file belongs to."""
    relative = path.relative_to(PACKAGE)
    return relative.parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports when it runs, inside functions too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_module_has_a_layer() -> None:
    units = {unit(path) for path in modules()} - {"__init__"}
    assert units == set(LEVEL) - ({"__main__"} - units)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_engine_imports_an_engine(path: Path) -> None:
    if unit(path) == "engine":
        return
    roots = {name.split(".")[0] for name in imports(path)}
    assert not roots & {"duckdb", "pyspark"}


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_one_way(path: Path) -> None:
    own = unit(path)
    if own == "__init__":
        return
    for name in imports(path):
        parts = name.split(".")
        if parts[0] != "sourcing_audit" or len(parts) == 1 or parts[1] not in LEVEL:
            continue
        other = parts[1]
        assert other == own or LEVEL[other] < LEVEL[own], f"{own} imports {name}"


def test_an_engine_import_elsewhere_would_be_found(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text("def f():\n    import duckdb.typing\n", encoding="utf-8")
    assert "duckdb.typing" in set(imports(path))
