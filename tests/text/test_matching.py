"""Workers that hang, die and fail: every text is answered, in order, and the rest goes on."""

import os
import time

import pytest

from sourcing_audit.licenses.texts import matching

LICENSED = "It is licensed under the terms of number"


def expressions(detector, texts):
    return [(found.expression, found.reasons) for found in detector.detect(texts)]


def test_answers_come_in_order(faked) -> None:
    texts = [f"{LICENSED} {n} {'sleeps' if n == 0 else ''}" for n in range(100)]
    texts.insert(50, "Nothing at all")
    found = expressions(faked(), texts)
    assert found[50] == (None, ())
    assert found.count(("MIT", ())) == 100


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("hangs", "license_text_timeout"),
        ("dies", "license_text_crashed"),
        ("raises", "license_text_crashed"),
        ("eats", "license_text_crashed"),
    ],
)
def test_a_text_that_breaks_its_worker(faked, what: str, reason: str) -> None:
    texts = [f"{LICENSED} 1", f"{LICENSED} {what}", f"{LICENSED} 2", f"{LICENSED} 3"]
    start = time.monotonic()
    found = expressions(faked(deadline=10 if what == "eats" else 1), texts)
    assert found == [("MIT", ()), ("NOASSERTION", (reason,)), ("MIT", ()), ("MIT", ())]
    assert time.monotonic() - start < 20


def test_many_texts_that_hang(faked) -> None:
    texts = [f"{LICENSED} hangs {number}" for number in range(6)]
    found = expressions(faked(deadline=0.3), texts)
    assert found == [("NOASSERTION", ("license_text_timeout",))] * 6


def test_a_host_that_is_killed_is_replaced(faked) -> None:
    detector = faked(workers=1)
    found = expressions(detector, [f"{LICENSED} kills"])
    assert found == [("NOASSERTION", ("license_text_crashed",))]
    assert expressions(detector, [f"{LICENSED} 2"]) == [("MIT", ())]


def test_a_host_that_is_killed_again_and_again_is_given_up(faked) -> None:
    detector = faked(workers=1)
    for number in range(6):
        found = expressions(detector, [f"{LICENSED} kills {number}"])
        assert found == [("NOASSERTION", ("license_text_crashed",))]


def test_a_scancode_that_cannot_be_loaded(faked) -> None:
    found = expressions(faked(ready=False), [f"{LICENSED} {number}" for number in range(3)])
    assert found == [("NOASSERTION", ("license_text_no_scancode",))] * 3


def test_a_system_that_cannot_fork(faked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork")
    found = expressions(faked(), [f"{LICENSED} 1"])
    assert found == [("NOASSERTION", ("license_text_no_fork",))]


def test_a_reader_that_stops_early_leaves_nothing_wrong(faked) -> None:
    detector = faked()
    first = detector.detect(f"{LICENSED} {number}" for number in range(200))
    assert next(first).expression == "MIT"
    first.close()
    assert expressions(detector, [f"{LICENSED} dies"]) == [
        ("NOASSERTION", ("license_text_crashed",))
    ]


def test_nothing_runs_after_the_block(faked) -> None:
    detector = faked()
    with detector:
        assert expressions(detector, [f"{LICENSED} 1"]) == [("MIT", ())]
        process = detector._matching._process
    assert process.poll() is not None


def test_a_silent_host_is_not_waited_for(faked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "_GRACE", 0.5)
    detector = faked(deadline=0.5)
    assert expressions(detector, [f"{LICENSED} 1"]) == [("MIT", ())]
    os.kill(detector._matching._process.pid, 19)
    found = expressions(detector, [f"{LICENSED} 2"])
    assert found == [("NOASSERTION", ("license_text_crashed",))]
