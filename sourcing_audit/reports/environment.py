"""What fills the HTML templates of this package and of others: outside text is always harmless."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sourcing_audit.escape import one_line

if TYPE_CHECKING:
    from jinja2 import Environment


def environment(package: str, *, limit: int) -> Environment:
    """Templates of a package's folder `templates`, escaped, and strict about names.

    Args:
        package: e.g. `sourcing_audit.reports`.
        limit: characters of a text that no filter has cut before.

    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader(package, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=partial(_harmless, limit=limit),
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _harmless(value: Any, *, limit: int) -> Any:
    """Put a string on one harmless line; a separator's space at its end is text too."""
    if not isinstance(value, str) or hasattr(value, "__html__"):
        return value
    return value if value.strip() in ("", ",") else one_line(value, limit)
