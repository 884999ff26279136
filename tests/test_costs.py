"""What a run will cost: counted by hand, priced as the replies are, and plain where something is unknown."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from parallax import config, costs, plan, providers
from parallax.records import Limits, ModelSpec, Outcome, Price
from tests.asking import Host, probe_set, prompts, serving

FREE, CHEAP = Price(0.0, 0.0), Price(1.0, 2.0)
SIXTEEN = "sixteen letters."
PROMPT_TOKENS = 4 + costs.TEMPLATE_TOKENS
SAMPLE = sorted((config.ROOT / "data" / "sample").glob("*/answers.parquet"))


def spec(id: str = "tea", litellm: str = "openai/no-such-model", **fields: Any) -> ModelSpec:
    return ModelSpec(id, litellm, **fields)


def of(*models: ModelSpec, count: int = 10, **asked: Any) -> costs.Estimate:
    """Return the estimate for `count` probes of sixteen letters each."""
    return costs.estimate(probe_set([SIXTEEN] * count), models, **asked)


# ---- tokens


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("a", 1),
        ("abcd", 1),
        ("abcde", 2),
        ("Çà’é – “tea”", 3),
        ("写一篇文章。", 6),
        ("기사를", 3),
        ("エッセイ", 4),
        ("🍵🍵", 2),
        ("Чай", 2),
        ("Чай и чай", 4),
        ("写 abc", 2),
        ("مقال", 2),
    ],
)
def test_tokens_go_by_the_script(text: str, count: int) -> None:
    assert costs.count_tokens(text) == count


@pytest.mark.skipif(not SAMPLE, reason="the recorded study is not here")
@pytest.mark.parametrize("answers", SAMPLE, ids=lambda path: path.parent.name[:8])
def test_tokens_of_the_recorded_study_are_within_a_factor_of_two(answers: Path) -> None:
    """These two models' chat templates add a system prompt of their own, which no text of ours shows."""
    made = plan.from_json((answers.parent / "plan.json").read_text(encoding="utf-8"))
    recorded = sum(pq.read_table(answers, columns=["prompt_tokens"])["prompt_tokens"].drop_null().to_pylist())
    estimated = costs.estimate(made.probe_set, made.models, made.samples).prompt_tokens
    assert 0.5 < recorded / estimated < 2.0


# ---- rows and totals


def test_a_row_is_probes_times_samples() -> None:
    row = of(spec(params={"max_tokens": 100}, price=CHEAP), samples=3).rows[0]
    assert (row.model, row.calls, row.prompt_tokens) == ("tea", 30, 30 * PROMPT_TOKENS)
    assert row.completion_tokens == 3000
    assert row.cost_usd == pytest.approx((30 * PROMPT_TOKENS * 1 + 3000 * 2) / 1e6)


def test_calls_are_those_of_the_plan() -> None:
    models = [spec("a"), spec("b"), spec("c")]
    made = plan.new(probe_set(prompts(7)), models, samples=4)
    assert costs.estimate(made.probe_set, made.models, made.samples).calls == made.size == len(made.cells())


def test_the_system_prompt_is_sent_with_every_call() -> None:
    assert of(spec(system=SIXTEEN)).prompt_tokens - of(spec()).prompt_tokens == 10 * 4


@pytest.mark.parametrize(
    ("own", "told", "most"),
    [
        ({}, None, None),
        ({"max_tokens": 100}, None, 1000),
        ({"max_completion_tokens": 50}, None, 500),
        ({}, {"max_tokens": 20}, 200),
        ({"max_tokens": 100}, {"max_tokens": 20}, 200),
        ({"max_tokens": 100}, {"temperature": 1}, 1000),
        ({"max_tokens": -1}, None, None),
        ({"max_tokens": "many"}, None, None),
    ],
)
def test_the_longest_answers_are_those_that_the_parameters_allow(
    own: dict[str, Any], told: dict[str, Any] | None, most: int | None
) -> None:
    assert of(spec(params=own), params=told).completion_tokens == most


@pytest.mark.parametrize(
    ("price", "params", "cost"),
    [
        (FREE, {"max_tokens": 100}, 0.0),
        (FREE, {}, 0.0),
        (CHEAP, {}, None),
        (Price(1.0, 0.0), {}, 10 * PROMPT_TOKENS / 1e6),
        (None, {"max_tokens": 100}, None),
    ],
)
def test_an_unknown_cost_is_none(price: Price | None, params: dict[str, Any], cost: float | None) -> None:
    assert of(spec(price=price, params=params)).cost_usd == (cost if cost is None else pytest.approx(cost))


def test_totals_add_up_and_are_unknown_where_a_part_is() -> None:
    known = spec("a", params={"max_tokens": 10}, price=CHEAP)
    both = of(known, replace(known, id="b"))
    assert both.cost_usd == pytest.approx(2 * (of(known).cost_usd or 0.0))
    assert (both.calls, both.prompt_tokens, both.completion_tokens) == (20, 20 * PROMPT_TOKENS, 200)
    mixed = of(known, spec("c"))
    assert (mixed.calls, mixed.completion_tokens, mixed.cost_usd) == (20, None, None)
    assert mixed.rows[0].cost_usd == of(known).cost_usd


def test_of_no_model_nothing_is_asked() -> None:
    none = of()
    assert (none.rows, none.calls, none.cost_usd, none.seconds, none.rounds) == ((), 0, 0, None, 0)


# ---- time


@pytest.mark.parametrize(
    ("limits", "seconds"),
    [
        (Limits(), None),
        (Limits(rpm=100), 0.0),
        (Limits(rpm=5), 60.0),
        (Limits(rpm=1), 540.0),
        (Limits(rpm=3), 180.0),
        (Limits(tpm=8 * PROMPT_TOKENS), 15.0),
        (Limits(tpm=10 * PROMPT_TOKENS), 0.0),
        (Limits(tpm=PROMPT_TOKENS), 540.0),
        (Limits(rpm=5, tpm=PROMPT_TOKENS), 540.0),
        (Limits(rpm=1, tpm=5 * PROMPT_TOKENS), 540.0),
    ],
)
def test_the_least_time_is_what_goes_beyond_the_first_minutes_allowance(
    limits: Limits, seconds: float | None
) -> None:
    assert of(spec(limits=limits)).seconds == (seconds if seconds is None else pytest.approx(seconds))


def test_models_are_asked_side_by_side() -> None:
    slow, quick = spec("slow", limits=Limits(1, rpm=1)), spec("quick", limits=Limits(5, rpm=5))
    both = of(slow, quick, spec("unlimited"))
    assert (both.seconds, both.rounds) == (of(slow).seconds, 10)


@pytest.mark.parametrize(("own", "told", "rounds"), [(8, None, 2), (10, None, 1), (3, None, 4), (8, 1, 10)])
def test_rounds_are_answers_one_after_another(own: int, told: int | None, rounds: int) -> None:
    assert of(spec(limits=Limits(own)), concurrency=told).rounds == rounds


# ---- prices, as replies are charged


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    with serving() as running:
        running.completes({"content": "Tea."}, usage={"prompt_tokens": 1000, "completion_tokens": 500})
        yield running


@pytest.fixture(scope="module")
def charged(host: Host) -> Iterator[Callable[[ModelSpec], float | None]]:
    with asyncio.Runner() as loop:

        def ask(model: ModelSpec) -> float | None:
            providers.prepare([model])
            reply = loop.run(providers.ask(model, "Tea?", timeout_s=20.0))
            assert reply.outcome is Outcome.OK
            return reply.cost_usd

        yield ask
        loop.run(providers.close())


@pytest.mark.parametrize(
    ("litellm", "own", "known"),
    [
        ("openai/gpt-4o-mini", None, True),
        ("gpt-4o-mini", None, True),
        ("deepseek/deepseek-reasoner", None, True),
        ("mistral/mistral-large-latest", None, True),
        ("dashscope/qwen-flash", None, True),
        ("openai/gpt-4o-mini", CHEAP, True),
        ("openai/gpt-4o-mini", FREE, True),
        ("openai/deepseek-chat", None, False),
        ("hosted_vllm/gpt-4o-mini", None, False),
        ("openrouter/deepseek/deepseek-r1", None, False),
        ("openai/no-such-model", None, False),
    ],
)
def test_the_price_is_what_a_reply_is_charged(
    host: Host,
    charged: Callable[[ModelSpec], float | None],
    litellm: str,
    own: Price | None,
    known: bool,
) -> None:
    model = spec(litellm=litellm, price=own, api_base=host.base)
    price = costs.price_of(model)
    cost = (1000 * price.input_per_million + 500 * price.output_per_million) / 1e6 if price else None
    assert (cost is not None) is known
    assert charged(model) == (cost if cost is None else pytest.approx(cost))


@pytest.mark.parametrize(
    ("litellm", "more", "usd"),
    [
        pytest.param("openai/gpt-4o", {"model": "gpt-4o-2024-05-13"}, 0.0125, id="as it was served"),
        pytest.param(
            "openai/gpt-4o", {"usage": {"prompt_tokens_details": {"cached_tokens": 400}}}, 0.007, id="cached"
        ),
        pytest.param(
            "openai/gpt-4o",
            {"usage": {"prompt_tokens_details": {"cached_tokens": 0}}},
            0.0075,
            id="not cached",
        ),
        pytest.param("openai/gpt-4o", {"service_tier": "priority"}, 0.01275, id="another tier of service"),
        pytest.param(
            "dashscope/qwen-flash",
            {"usage": {"prompt_tokens": 300_000}},
            (300_000 * 0.25 + 500 * 2.0) / 1e6,
            id="another tier of length",
        ),
    ],
)
def test_a_reply_is_charged_for_what_it_was_whatever_a_header_says(
    charged: Callable[[ModelSpec], float | None], litellm: str, more: dict[str, Any], usd: float
) -> None:
    counted = {"prompt_tokens": 1000, "completion_tokens": 500} | more.get("usage", {})
    with serving() as host:
        host.completes({"content": "Tea."}, **{**more, "usage": counted})
        host.headers = {"x-litellm-response-cost": "99"}
        assert charged(spec(litellm=litellm, api_base=host.base)) == pytest.approx(usd)


@pytest.mark.parametrize(
    ("litellm", "own", "said", "usd"),
    [
        pytest.param("openrouter/deepseek/deepseek-r1", None, 0.25, 0.25, id="in the table or not"),
        pytest.param("openrouter/tea/tea-2", None, 0.25, 0.25, id="not in the table"),
        pytest.param("openrouter/tea/tea-2", None, 0, 0.0, id="free"),
        pytest.param("openrouter/tea/tea-2", FREE, 0.25, 0.0, id="our own price goes first"),
        pytest.param("openrouter/tea/tea-2", None, None, None, id="nothing said"),
        pytest.param("openrouter/tea/tea-2", None, -1, None, id="less than nothing"),
        pytest.param("openrouter/tea/tea-2", None, True, None, id="no number"),
        pytest.param("openai/tea-2", None, 0.25, None, id="no router"),
        pytest.param("hosted_vllm/tea-2", None, 0.25, None, id="another host"),
    ],
)
def test_a_router_says_what_it_charged(
    charged: Callable[[ModelSpec], float | None],
    litellm: str,
    own: Price | None,
    said: object,
    usd: float | None,
) -> None:
    with serving() as host:
        told = {} if said is None else {"cost": said}
        host.completes({"content": "Tea."}, usage={"prompt_tokens": 1000, "completion_tokens": 500, **told})
        assert charged(spec(litellm=litellm, price=own, api_base=host.base)) == usd


@pytest.mark.parametrize(
    "litellm", ["bedrock/anthropic.claude-3-7-sonnet-20250219-v1:0", "vertex_ai/gemini-2.5-pro"]
)
def test_a_hosts_longer_name_in_the_table_is_the_same_host(litellm: str) -> None:
    price = costs.price_of(spec(litellm=litellm))
    assert price
    assert 0 < price.input_per_million < price.output_per_million


def test_thinking_counts_at_its_own_price_where_that_is_higher() -> None:
    price = costs.price_of(spec(litellm="dashscope/qwen-plus-2025-07-28"))
    assert price == Price(pytest.approx(0.4), pytest.approx(4.0))


def test_an_estimate_never_imports_litellm() -> None:
    script = (
        "import json, sys; from parallax import costs; from parallax.records import ModelSpec;"
        "known = costs.price_of(ModelSpec('a', 'openai/gpt-4o-mini'));"
        "print(json.dumps([known is not None, 'litellm' in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=config.ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [True, False]


# ---- the sentence

MOST = {"max_tokens": 160}
MODELS = {
    "paid": spec("paid", params=MOST, price=CHEAP, limits=Limits(4)),
    "free": spec("free", params=MOST, price=FREE, limits=Limits(4)),
    "odd": spec("odd", params=MOST, limits=Limits(4)),
    "endless": spec("endless", price=CHEAP, limits=Limits(4)),
    "limited": spec("limited", params=MOST, price=FREE, limits=Limits(4, rpm=120)),
}


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (
            "free",
            "1,000 calls, about 12,000 tokens in and at most 160,000 out; no cost;"
            " at least as long as 250 answers one after another",
        ),
        (
            "paid",
            "1,000 calls, about 12,000 tokens in and at most 160,000 out; at most about $0.34 (paid);"
            " at least as long as 250 answers one after another",
        ),
        (
            "paid odd free limited",
            "4,000 calls, about 48,000 tokens in and at most 640,000 out; at most about $0.34 (paid),"
            " price unknown for odd; at least 8 min by the rate limits,"
            " and as long as 250 answers one after another",
        ),
        (
            "endless",
            "1,000 calls, about 12,000 tokens in and no limit on tokens out;"
            " no limit on the cost of endless: max_tokens is not set;"
            " at least as long as 250 answers one after another",
        ),
    ],
)
def test_the_sentence_says_what_is_known_and_what_is_not(asked: str, words: str) -> None:
    assert of(*(MODELS[name] for name in asked.split()), count=1000).sentence == words


@pytest.mark.parametrize(
    ("price", "words"),
    [
        (Price(1.0, 0.0), "at most about $0.01 ("),
        (Price(10_000.0, 0.0), "at most about $1.20 ("),
        (Price(10_000_000.0, 0.0), "at most about $1,200.00 ("),
    ],
)
def test_dollars_are_rounded_up_to_the_cent(price: Price, words: str) -> None:
    assert words in of(spec(params=MOST, price=price)).sentence


@pytest.mark.parametrize(
    ("rpm", "words"),
    [(1000, None), (600, "at least 60 s by"), (100, "at least 9 min by"), (5, "at least 3 h by")],
)
def test_the_least_time_is_rounded_down(rpm: int, words: str | None) -> None:
    said = of(spec(limits=Limits(rpm=rpm)), count=1000).sentence
    assert words in said if words else "rate limits" not in said


def test_one_call_is_one_call() -> None:
    said = of(spec(params=MOST, price=FREE), count=1).sentence
    assert said.startswith("1 call, about 12 tokens in")
    assert said.endswith("at least as long as 1 answer one after another")


def test_a_long_list_of_models_is_cut() -> None:
    said = of(*(spec(f"m{n}") for n in range(5))).sentence
    assert "price unknown for m0, m1, m2 and 2 more" in said
