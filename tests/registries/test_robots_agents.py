"""The crawlers that are known by name, and what each of them collects content for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.registries.support import RULES

LIST = Path(__file__).parents[3] / "shared" / "data" / "signals" / "ai-robots.json"
CRAWLERS = RULES.crawlers
TRAIN = {"train_generative", "train_non_generative"}


@pytest.mark.skipif(not LIST.exists(), reason="needs the data beside the checkout")
def test_every_crawler_of_the_public_list_is_known_by_its_own_name() -> None:
    tokens = json.loads(LIST.read_text(encoding="utf-8"))
    assert len(tokens) == 166
    for token in tokens:
        agent = CRAWLERS.named(token)
        assert agent is not None, token
        assert agent.token.lower() == token.lower()


def test_purposes_are_uses_of_the_record() -> None:
    for agent in CRAWLERS.agents:
        assert set(agent.purposes.split("|")) <= RULES.vocabulary["use"], agent.token
    for signal in RULES.content_signals.values():
        assert set((signal.uses or "any").split("|")) <= RULES.vocabulary["use"]


@pytest.mark.parametrize(
    ("tokens", "purposes"),
    [
        (
            [
                "GPTBot",
                "ClaudeBot",
                "anthropic-ai",
                "Bytespider",
                "Applebot-Extended",
                "img2dataset",
            ],
            TRAIN,
        ),
        (["ChatGPT-User", "Claude-User", "Perplexity-User", "Meta-ExternalFetcher"], {"ai_input"}),
        (["OAI-SearchBot", "PerplexityBot", "Claude-SearchBot"], {"search_index", "ai_input"}),
        (["CCBot"], {*TRAIN, "tdm_other"}),
        (["Google-Extended"], {*TRAIN, "ai_input"}),
        (["Googlebot", "bingbot", "DuckDuckBot"], {"search_index"}),
        (["Diffbot", "omgili", "GoogleOther"], {"any"}),
    ],
)
def test_purposes(tokens: list[str], purposes: set[str]) -> None:
    for token in tokens:
        agent = CRAWLERS.named(token)
        assert agent is not None
        assert set(agent.purposes.split("|")) == purposes, token


def test_what_only_controls() -> None:
    controls = {agent.token for agent in CRAWLERS.agents if agent.control_only}
    assert controls == {"Google-Extended", "Applebot-Extended"}


@pytest.mark.parametrize(
    ("value", "token"),
    [
        ("gptbot/1.2", "GPTBot"),
        ("GPTBot (+https://openai.com/gptbot)", "GPTBot"),
        ("AI2Bot/1.0", "AI2Bot"),
        ("Kangaroo Bot", "Kangaroo Bot"),
        ("Brightbot 1.0", "Brightbot 1.0"),
        ("panscient.com/1.0", "panscient.com"),
        ("Google", None),
        ("AI", None),
        ("Kangaroo", None),
        ("*", None),
        ("", None),
    ],
)
def test_names(value: str, token: str | None) -> None:
    agent = CRAWLERS.named(value)
    assert (agent.token if agent else None) == token


def test_names_in_a_sentence() -> None:
    text = "Our operator is a code spider; GPTBot, xCCBot and Google-Extended are not allowed"
    assert [agent.token for agent in CRAWLERS.mentioned(text)] == ["GPTBot", "Google-Extended"]
    assert CRAWLERS.refuses(text)
    assert not CRAWLERS.refuses("GPTBot is welcome and blocks nothing")
