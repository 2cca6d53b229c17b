"""The tables of values and of generators: each row is its own example."""

import re
from collections import defaultdict

import pytest

from sourcing_audit.licenses.expression import render
from sourcing_audit.licenses.generators import Generators
from sourcing_audit.licenses.text import name_key
from sourcing_audit.rules import RuleStore
from sourcing_audit.rules.licenses import AliasRow

TABLES = ("aliases", "platforms")
WORDS = re.compile(r"[^\W\d_]+|\d+")


def values(name):
    return RuleStore().table(f"licenses/{name}.csv", AliasRow, key=["value"])


@pytest.mark.parametrize("name", TABLES)
def test_every_value_becomes_what_its_row_says(rules, classifier, name):
    wrong = [
        (row.value, row.target, found)
        for row in values(name)
        if (found := classifier.classify(row.value).expression) != render(rules.parse(row.target))
    ]
    assert wrong == []


def test_no_number_names_a_licence():
    """An id means something only beside the platform that gave it."""
    bare = {row.value for name in TABLES for row in values(name) if re.fullmatch(r"\d+", row.value)}
    squeezed = {
        row.value
        for name in TABLES
        for row in values(name)
        if re.fullmatch(r"[\d. ]+", name_key(row.value))
    }
    assert bare | squeezed == set()


def test_no_name_means_two_generators_with_other_terms(rules):
    targets = defaultdict(set)
    for row in rules.generators:
        for name in (row.id, *row.names):
            targets[tuple(WORDS.findall(name.casefold()))].add(row.target)
    assert {name: found for name, found in targets.items() if len(found) > 1} == {}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("gpt-4o-mini-2024-07-18", "LicenseRef-OpenAI-Output-Terms"),
        ("DALL·E 3", "LicenseRef-OpenAI-Output-Terms"),
        ("claude-3-5-sonnet-20241022", "LicenseRef-Anthropic-Output-Terms"),
        ("gemini-1.5-pro", "LicenseRef-Google-Output-Terms"),
        ("stable-diffusion-v1-5", "LicenseRef-RAIL-Output-Terms"),
        ("stabilityai/stable-diffusion-xl-base-1.0", "LicenseRef-RAIL-Output-Terms"),
        ("stable-diffusion-3.5-large", "LicenseRef-Stability-Community-Output-Terms"),
        ("black-forest-labs/FLUX.1-dev", "LicenseRef-FLUX-dev-Output-Terms"),
        ("meta-llama/Llama-2-70b-chat-hf", "LicenseRef-Llama-Improve-Output-Terms"),
        ("Llama 3.3 70B", "LicenseRef-Llama-Naming-Output-Terms"),
        ("Qwen/Qwen2.5-72B-Instruct", "LicenseRef-Qwen-Output-Terms"),
        ("deepseek-ai/DeepSeek-V3", "LicenseRef-DeepSeek-Output-Terms"),
        ("Midjourney v6", "LicenseRef-Midjourney-Output-Terms"),
        ("Suno v4", "LicenseRef-Suno-Output-Terms"),
        ("ElevenLabs", "LicenseRef-Generator-Terms-Not-Read"),
    ],
)
def test_the_terms_of_known_generators(rules, value, expected):
    found = Generators(rules, rules.generators).of(value)
    assert found.generated
    assert {render(tree) for tree in found.trees} == {expected}


@pytest.mark.parametrize(
    "value",
    [
        "gpt2-xl",
        "EleutherAI/gpt-j-6b",
        "mistralai/Mixtral-8x7B-Instruct-v0.1",
        "black-forest-labs/FLUX.1-schnell",
        "Qwen/Qwen3-32B",
        "deepseek-ai/DeepSeek-R1",
        "google/flan-t5-xxl",
        "microsoft/phi-4",
    ],
)
def test_generators_whose_terms_ask_nothing(rules, value):
    found = Generators(rules, rules.generators).of(value)
    assert found.generated
    assert found.trees == ()
    assert found.reasons == ()
