"""Plans: every cell once, in an order that a seed fixes, and back from JSON as they were."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from parallax import plan
from parallax.errors import RunError
from parallax.records import Cell, Kind, Limits, ModelSpec, Price, Probe, ProbeSet
from tests.asking import probe_set, prompts

FULL = ModelSpec(
    "full",
    "openai/full",
    developer="Maker",
    home="FR",
    api_base="http://127.0.0.1:1/v1",
    api_key_env="A_KEY",
    system="Sei höflich. 请简短。",
    params={"temperature": 0.5, "max_tokens": 100, "stop": ["\n"]},
    license="MIT",
    open_weights=True,
    released=date(2025, 1, 20),
    base="base",
    quantization="Q4",
    limits=Limits(3, 60, 1000),
    price=Price(0.5, 1.5),
)
BARE = ModelSpec("bare", "openai/bare")
RICH = ProbeSet(
    "Smoke Test/2",
    "Title — “quoted”",
    "2.1",
    "CC0-1.0",
    "somebody",
    (
        Probe("a", "写一篇文章。\u2028🍵", Kind.FACTUAL, country="CN", topic="press", language="zh"),
        Probe("b", "Tea?", Kind.BENIGN, meta={"facts": [{"text": "x", "weight": 2}]}),
    ),
)


def test_json_gives_the_plan_back() -> None:
    made = plan.new(RICH, [FULL, BARE], samples=3, params={"seed": 7}, concurrency=5, name="Tea run")
    assert plan.from_json(made.to_json()) == made
    assert plan.from_json(made.to_json()).probe_set.hash == RICH.hash


def test_a_plan_keeps_the_limits_of_the_providers_that_it_asks() -> None:
    allowed = {"127.0.0.1:1": Limits(5, 60), "openai": Limits(9), "openrouter": Limits(1)}
    made = plan.new(RICH, [FULL, BARE], providers=allowed)
    assert made.providers == {"127.0.0.1:1": Limits(5, 60), "openai": Limits(9)}
    assert plan.from_json(made.to_json()) == made
    older = {name: value for name, value in json.loads(made.to_json()).items() if name != "providers"}
    assert plan.from_json(json.dumps(older)).providers == {}


def test_a_plan_names_the_variable_and_never_holds_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_KEY", "sk-secret")
    text = plan.new(RICH, [FULL]).to_json()
    assert "A_KEY" in text
    assert "sk-secret" not in text


def test_every_cell_stands_once() -> None:
    made = plan.new(probe_set(prompts(5)), [FULL, BARE], samples=3)
    wanted = Counter(
        Cell(f"p{n}", model, sample) for n in range(5) for model in ("full", "bare") for sample in range(3)
    )
    assert Counter(made.cells()) == wanted
    assert made.size == len(made.cells()) == 30


def test_the_shuffle_follows_the_seed() -> None:
    made = plan.new(probe_set(prompts(40)), [BARE])
    ordered = [Cell(f"p{n}", "bare", 0) for n in range(40)]
    assert made.cells() == made.cells() == plan.from_json(made.to_json()).cells()
    assert made.cells() != ordered
    assert sorted(made.cells()) == sorted(ordered)
    assert replace(made, seed=1).cells() != made.cells()


def test_parameters_of_the_run_override_those_of_each_model() -> None:
    made = plan.new(RICH, [FULL, BARE], params={"temperature": 0.0, "seed": 1})
    assert [dict(m.params) for m in made.models] == [
        {"temperature": 0.0, "max_tokens": 100, "stop": ["\n"], "seed": 1},
        {"temperature": 0.0, "seed": 1},
    ]
    assert dict(made.params) == {"temperature": 0.0, "seed": 1}
    assert made.models[0].hash != FULL.hash
    assert dict(FULL.params)["temperature"] == 0.5


def test_run_ids_are_fresh_and_fit_for_a_folder() -> None:
    ids = {plan.new(RICH, [BARE]).run for _ in range(5)}
    assert len(ids) == 5
    assert all(run.startswith("smoke-test-2-") and run.replace("-", "").isalnum() for run in ids)


@pytest.mark.parametrize(("name", "shown"), [("", "Tea"), ("Mine", "Mine")])
def test_a_run_is_called_as_asked_or_as_its_set(name: str, shown: str) -> None:
    assert plan.new(probe_set(["x"]), [BARE], name=name).name == shown


@pytest.mark.parametrize(
    ("models", "fields", "said"),
    [
        ([], {}, "a run needs at least one model: name it with -m"),
        ([BARE], {"samples": 0}, "samples must be from 1 to 1000, not 0"),
        ([BARE], {"samples": 1001}, "samples must be from 1 to 1000, not 1001"),
        ([BARE], {"concurrency": 0}, "concurrency must be at least 1, not 0"),
        ([BARE], {"concurrency": -3}, "concurrency must be at least 1, not -3"),
    ],
)
def test_what_cannot_be_asked(models: list[ModelSpec], fields: dict[str, Any], said: str) -> None:
    with pytest.raises(RunError) as raised:
        plan.new(RICH, models, **fields)
    assert str(raised.value) == said


def test_a_plan_of_another_format() -> None:
    raw = json.loads(plan.new(RICH, [BARE]).to_json())
    with pytest.raises(RunError, match=r"^the plan was written by another version of Parallax$"):
        plan.from_json(json.dumps({**raw, "format": 2}))


@pytest.mark.parametrize("key", ["format", "run", "created_at", "probe_set", "models"])
def test_a_plan_that_lacks_a_part(key: str) -> None:
    raw = json.loads(plan.new(RICH, [BARE]).to_json())
    del raw[key]
    with pytest.raises(RunError, match=f"^the plan cannot be read: .*{key}"):
        plan.from_json(json.dumps(raw))


@pytest.mark.parametrize("text", ["", "{", "null", "7", "[]", '"plan"', '{"format": 1, "probe_set": []}'])
def test_a_text_that_is_no_plan(text: str) -> None:
    with pytest.raises(RunError, match=r"^the plan cannot be read: "):
        plan.from_json(text)
