"""Python searches for garbage less often during an audit, and as before when it is over."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from sourcing_audit.garbage import OBJECTS, seldom

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def test_searches_are_fewer_inside_and_as_before_afterwards() -> None:
    gc.set_threshold(700, 10, 10)
    with seldom():
        assert gc.get_threshold() == (OBJECTS, 10, 10)
        with seldom():
            assert gc.get_threshold() == (OBJECTS, 10, 10)
        assert gc.get_threshold() == (OBJECTS, 10, 10)
    assert gc.get_threshold() == (700, 10, 10)


def test_an_error_ends_it_too() -> None:
    gc.set_threshold(700, 10, 10)
    with pytest.raises(ValueError, match="wrong"), seldom():
        raise ValueError("wrong")
    assert gc.get_threshold() == (700, 10, 10)


def test_two_at_a_time_may_end_in_any_order() -> None:
    gc.set_threshold(700, 10, 10)
    first, second = seldom(), seldom()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert gc.get_threshold() == (OBJECTS, 10, 10)
    second.__exit__(None, None, None)
    assert gc.get_threshold() == (700, 10, 10)


@pytest.mark.parametrize("chosen", [0, OBJECTS + 1])
def test_what_is_seldom_already_stays(chosen: int) -> None:
    gc.set_threshold(chosen, 5, 5)
    with seldom():
        assert gc.get_threshold() == (chosen, 5, 5)
    assert gc.get_threshold() == (chosen, 5, 5)
