"""The rules' examples that need ScanCode."""

from __future__ import annotations

import pytest

from sourcing_audit import cases
from sourcing_audit.rules import RuleStore
from sourcing_audit.rules.cases import DatasetCase, load_datasets

NEEDING = [case for case in load_datasets(RuleStore()) if case.needs == "text"]


@pytest.mark.parametrize("case", NEEDING, ids=lambda case: case.name)
def test_a_case_that_needs_scancode(case: DatasetCase) -> None:
    if not cases.visible(case):
        pytest.skip("ScanCode isn't installed")
    assert cases.check_datasets([case]) == []
