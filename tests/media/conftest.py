from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sourcing_audit.media import joining, manifests, reading
from sourcing_audit.media.statements import records
from sourcing_audit.rules import ConsentRules, RuleStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sourcing_audit.media.found import Found

    Read = Callable[[bytes], list[Found]]
    Told = Callable[[bytes], list[tuple[str, str, str, str]]]


# These need the extra; without it there is nothing to test here.
collect_ignore_glob = [] if joining.installed() else ["test_*.py"]


@pytest.fixture(scope="session")
def rules() -> ConsentRules:
    return ConsentRules.load(RuleStore())


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """What a file says, read in this process."""
    settings = manifests.context()

    def reads(content: bytes) -> list[Found]:
        path = tmp_path / "file"
        path.write_bytes(content)
        return reading.read(path, settings)

    return reads


@pytest.fixture
def told(read: Read, rules: ConsentRules) -> Told:
    """Scheme, decision, uses and problem of each record that a file makes."""

    def tells(content: bytes) -> list[tuple[str, str, str, str]]:
        fields = ("signal_scheme", "decision", "uses", "problem")
        return [
            tuple(record[name] or "" for name in fields)
            for record in records("0" * 64, read(content), rules)
        ]

    return tells
