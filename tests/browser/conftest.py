"""One headless Chromium for all tests of the page, and reports opened in it as files."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from sourcing_audit.report import Report
from sourcing_audit.reports.html_page import HtmlFormat
from tests.reports.conftest import build_report, poison

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
UNSCALED = {"rank", "age_days", "limit_days"}


@pytest.fixture(scope="session")
def reports() -> dict[str, Report]:
    """A realistic report, one whose every text is hostile, and one of a hundred million items."""
    usual = build_report()
    return {
        "usual": usual,
        "hostile": Report.model_validate(poison(usual.model_dump())),
        "large": Report.model_validate(scaled(usual.model_dump())),
        "long": usual.model_copy(update={"groups": usual.groups * 12, "groups_in_all": 48}),
    }


def scaled(value: Any, key: str = "") -> Any:
    """Multiply every count by 83."""
    if isinstance(value, dict):
        return {name: scaled(entry, name) for name, entry in value.items()}
    if isinstance(value, list):
        return [scaled(entry, key) for entry in value]
    return value * 83 if type(value) is int and key not in UNSCALED else value


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright (pip)")
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip(f"needs one of {', '.join(PROGRAMS)}: `apt-get install chromium`")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Visit:
    """An open page and what it tried to do."""

    page: Any
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    """What the console said: errors, and what the content policy refused."""


@pytest.fixture(scope="session")
def written(reports, tmp_path_factory) -> dict[str, Path]:
    """The pages as files."""
    folder = tmp_path_factory.mktemp("pages")
    paths = {}
    for name, report in reports.items():
        paths[name] = folder / f"{name}.html"
        paths[name].write_bytes(HtmlFormat().render(report))
    return paths


@pytest.fixture
def visit(chromium, written) -> Callable[..., Any]:
    """Open a report in a context of its own."""

    @contextmanager
    def visiting(name: str, *, width: int = 1280, scheme: str = "light", **options: Any):
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, **options
        )
        seen = Visit(context.new_page())
        seen.page.on("request", lambda request: seen.requests.append(request.url))
        seen.page.on(
            "dialog", lambda dialog: (seen.dialogs.append(dialog.message), dialog.dismiss())
        )
        seen.page.on("console", lambda message: seen.complaints.append(message.text))
        seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        seen.page.goto(written[name].as_uri())
        yield seen
        context.close()

    return visiting
