"""The notebooks run from beginning to end, and show what they promise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("altair", reason="charts need the extra notebook")
pytest.importorskip("ipykernel", reason="notebooks need a kernel: the extra notebook")
nbclient = pytest.importorskip("nbclient", reason="notebooks are run by nbclient")
nbformat = pytest.importorskip("nbformat")

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(__file__).parents[1] / "notebooks"
REAL = FOLDER / "../../shared/data/works/openverse-images.csv"
NAMES = ("01-first-audit", "02-exploring-findings", "03-a-year-of-audits")
PARAMETERS = """
OUT = Path({out!r})
MONTHS_APART = 6
"""
"""Two audits make a year here: each takes as long whatever there is to audit."""


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Any]:
    """Run a notebook once, after those before it; what it writes goes to one folder."""
    out = tmp_path_factory.mktemp("notebooks")
    done: dict[str, Any] = {}

    def run(name: str) -> Any:
        for each in NAMES[: NAMES.index(name) + 1]:
            if each not in done:
                done[each] = execute(each, out)
        return done[name]

    return run


def execute(name: str, out: Path) -> Any:
    notebook = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    cells = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    assert len(cells) == 1
    cells[0].source += PARAMETERS.format(out=str(out))
    client = nbclient.NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        resources={"metadata": {"path": str(FOLDER)}},
    )
    return client.execute()


def shown(notebook: Any) -> str:
    """All that the cells print and show, as text and HTML."""
    found = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            found.append(output.get("text", ""))
            data = output.get("data", {})
            found += [data.get(kind, "") for kind in ("text/plain", "text/html", "image/svg+xml")]
    return "\n".join(found)


EXPECTED = {
    "01-first-audit": [
        "Totals(items_in=516, verdicts=510, quarantined=6, unreadable_files=0)",
        "sourcing-audit-card",
        "contains opted-out items",
        "Items by status",
        "Items by host and outcome",
        "decides: northern-creators/NCR-0003",
        "all_rights_reserved",
        "219 of 516 items",
        "Attribution(entries=102, items=102",
        "findings.parquet",
    ],
    "02-exploring-findings": [
        "sourcing is established for 219 of 516 items",
        "license_evidence",
        "opted_out_by_creator",
        "NCR-0020",
        "percent_so_far",
        "Standard licence of the archive, tier B",
        "Items by licence and outcome",
        "Licence classes by outcome",
        "Consent records by month",
        "works.csv: SHA-256",
    ],
    "03-a-year-of-audits": [
        "As of 2026-06-30, sourcing is established for",
        "As of 2026-12-31, sourcing is established for",
        "Works by status, month by month",
        "consent_revoked",
        "consent_expired",
        "Consent records by month",
        "sourcing-audit-card",
    ],
}


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_and_shows_what_it_promises(
    executed: Callable[[str], Any], name: str
) -> None:
    notebook = executed(name)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output.text for output in outputs if output.get("name") == "stderr"]
    text = shown(notebook)
    assert not [words for words in EXPECTED[name] if words not in text]
    if name == NAMES[0]:
        assert ("openverse-images" in text.replace(str(REAL.name), "")) == REAL.is_file()


@pytest.mark.parametrize("name", NAMES)
def test_notebooks_are_kept_without_output(name: str) -> None:
    notebook = json.loads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert cells
    assert not [cell for cell in cells if cell["outputs"] or cell["execution_count"] is not None]
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"


def test_every_notebook_is_run_and_listed() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.ipynb")) == [*NAMES]
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert not [name for name in NAMES if f"({name}.ipynb)" not in readme]
