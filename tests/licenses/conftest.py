from pathlib import Path

import pytest

from sourcing_audit.licenses import Classifier, LicenseRules
from sourcing_audit.rules import RuleStore

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"


@pytest.fixture(scope="session")
def rules() -> LicenseRules:
    return LicenseRules.load(RuleStore())


@pytest.fixture(scope="session")
def classifier(rules: LicenseRules) -> Classifier:
    return Classifier(rules)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real data for measuring; tests that need it are skipped where it isn't there."""
    if not SHARED.is_dir():
        pytest.skip("the shared data is not here")
    return SHARED
