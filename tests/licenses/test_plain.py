import pytest

from sourcing_audit.licenses.plain import PlainWords
from sourcing_audit.licenses.text import fold

PLAIN = PlainWords({"photo", "museum", "und", "写真"})


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "Jane Doe",
        "J. R. Doe",
        "Smith & Sons",
        "by jane doe",
        "via some.user",
        "© 2015 doe",
        "photo 123",
        "Photo: Ana María López und Museum",
        "写真",
        "Иван Петров",
    ],
)
def test_names_numbers_and_plain_words_leave_no_doubt(raw):
    assert not PLAIN.leave_doubt(fold(raw), raw)


@pytest.mark.parametrize(
    "raw",
    [
        "negotiable",
        "Negotiable",  # one word with a capital may be any word
        "NEGOTIABLE TERMS",
        "jane doe",  # without capitals a name can't be told
        "Doe 2015 Loan",
        "by jane doe smith jones",
        "BY NEGOTIATION",  # an element of a licence, in capitals
        "写真除く",
        "n/a",
    ],
)
def test_everything_else_does(raw):
    assert PLAIN.leave_doubt(fold(raw), raw)


def test_no_word_both_limits_and_is_plain(rules):
    guards = rules.guard_words
    assert not [word for word in rules.plain_words if word in guards]
    assert not [word for word in rules.plain_words if word.startswith(rules.guard_stems)]
