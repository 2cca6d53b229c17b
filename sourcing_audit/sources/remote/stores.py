"""The file systems behind addresses; each library is imported only where its store is named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sourcing_audit.errors import InputError
from sourcing_audit.sources.remote.addresses import WEB, scheme_of, shown
from sourcing_audit.sources.remote.problems import problem_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")

_EXTRAS = {"hf": "huggingface"}


def opened(source: str) -> Any:
    """The fsspec file system for an address, with the credentials that its library finds itself.

    Raises:
        InputError: the extra isn't installed.

    """
    scheme = scheme_of(source)
    # What was listed an hour ago may have changed since.
    options: dict[str, Any] = {"skip_instance_cache": True, "use_listings_cache": False}
    if scheme in WEB:
        options |= {
            # A server must neither pack what it sends nor a library unpack it: bytes are counted.
            "headers": {"Accept-Encoding": "identity"},
            "client_kwargs": {"trust_env": True, "auto_decompress": False},
            # An address that is well written is sent as it is; a signature may depend on it.
            "encoded": source.isascii() and " " not in source,
        }
    try:
        import fsspec

        return fsspec.filesystem(scheme, **options)
    except ImportError as error:
        extra = _EXTRAS.get(scheme, "remote")
        raise InputError(
            f"{shown(source)}: reading {scheme}:// needs packages that aren't installed",
            fix=f"pip install 'sourcing-audit[{extra}]'",
        ) from error
    except Exception as error:
        raise unreachable(source, error) from error


def asked(source: str, ask: Callable[[], T]) -> T:
    """What a store answers.

    Raises:
        InputError: it doesn't; says why, and never with a secret.

    """
    try:
        return ask()
    except Exception as error:
        # The libraries let through whatever their transport raises.
        raise unreachable(source, error) from error


def unreachable(source: str, error: Exception) -> InputError:
    """The error for an input whose store can't be asked."""
    problem = problem_of(error)
    return InputError(f"{shown(source)}: {problem.text}", fix=problem.fix)
