"""A plan: which cells a run has, and in which order they are asked."""

from __future__ import annotations

import dataclasses
import json
import math
import random
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from parallax import budget
from parallax.errors import RunError
from parallax.records import Cell, Kind, Limits, ModelSpec, Price, Probe, ProbeSet

FORMAT = 1
MOST_WORKERS = 64


@dataclass(frozen=True, slots=True)
class Plan:
    """One run as it was asked for: it holds all that a worker needs, and no key.

    `providers` is what the providers of its models allow all their models together, where they say so.
    `fresh` means that no answer is taken from the response cache. `max_cost_usd` is never passed, None is
    no limit.

    `recorded` says that its answers came from elsewhere, and nothing is asked for it here: they were shipped
    with Parallax, or imported, from the format that `imported` names; `content` is then the hash of what was
    imported. `held` is how many of its cells a recorded run has, where it does not have all of them.
    """

    run: str
    name: str
    created_at: datetime
    probe_set: ProbeSet
    models: tuple[ModelSpec, ...]
    samples: int = 1
    params: Mapping[str, Any] = field(default_factory=dict)
    concurrency: int | None = None
    seed: int = 0
    recorded: bool = False
    workers: int | None = None
    fresh: bool = False
    providers: Mapping[str, Limits] = field(default_factory=dict)
    max_cost_usd: float | None = None
    imported: str = ""
    content: str = ""
    held: int | None = None

    @property
    def size(self) -> int:
        """The number of cells: probes × models × samples, or as many of them as were recorded."""
        return self.cells_each * len(self.models) if self.held is None else self.held

    @property
    def cells_each(self) -> int:
        """The number of cells of each model."""
        return len(self.probe_set.probes) * self.samples

    def cells(self) -> list[Cell]:
        """Return every cell once, in a seeded shuffle.

        The shuffle spreads countries over time, so that a host's bad hour does not fall on one of them.
        """
        cells = [
            Cell(probe.id, model.id, sample)
            for probe in self.probe_set.probes
            for model in self.models
            for sample in range(self.samples)
        ]
        random.Random(self.seed).shuffle(cells)  # noqa: S311 - an order, not a secret
        return cells

    def to_json(self) -> str:
        """Return the plan as JSON text that `from_json` reads back unchanged."""
        return json.dumps({"format": FORMAT, **dataclasses.asdict(self)}, default=str, ensure_ascii=False)


def new(
    probe_set: ProbeSet,
    models: Sequence[ModelSpec],
    *,
    samples: int = 1,
    params: Mapping[str, Any] | None = None,
    concurrency: int | None = None,
    workers: int | None = None,
    fresh: bool = False,
    name: str = "",
    providers: Mapping[str, Limits] | None = None,
    max_cost_usd: float | None = None,
) -> Plan:
    """Return a plan with a fresh run id made of the set's id, the UTC time and four random letters.

    `params` override the parameters of every model in the run. Of `providers` it keeps those that these
    models are asked through. Raises `RunError` where there is
    nothing to ask or a number is out of range.
    """
    if not models:
        raise RunError("a run needs at least one model: name it with -m")
    _check_samples(samples)
    if concurrency is not None and concurrency < 1:
        raise RunError(f"concurrency must be at least 1, not {concurrency}")
    if workers is not None and not 1 <= workers <= MOST_WORKERS:
        raise RunError(f"workers must be from 1 to {MOST_WORKERS}, not {workers}")
    if (longest := (params or {}).get("max_tokens", 1)) < 1:
        raise RunError(f"max-tokens must be at least 1, not {longest}")
    if not 0 <= (warmth := (params or {}).get("temperature", 0)) <= 2:
        raise RunError(f"temperature must be from 0 to 2, not {warmth}")
    now = datetime.now(UTC)
    specs = _with_params(models, params or {})
    slug = re.sub(r"[^a-z0-9]+", "-", probe_set.id.lower()).strip("-")[:40].strip("-")
    run = f"{slug}-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    made = Plan(
        run,
        name or probe_set.title,
        now,
        probe_set,
        specs,
        samples,
        dict(params or {}),
        concurrency,
        workers=workers,
        fresh=fresh,
        providers=_of(specs, providers or {}),
    )
    return made if max_cost_usd is None else with_max_cost(made, max_cost_usd)


def with_max_cost(plan: Plan, usd: float) -> Plan:
    """Return a plan that stops before it has cost more than so many US dollars.

    Raises `RunError` where that cannot be kept: a model's price or the length of its answers is unknown.
    """
    if not 0 < usd < math.inf:
        raise RunError(f"max-cost must be a number of US dollars above 0, not {usd:g}")
    budget.require_bounded(plan.models)
    return dataclasses.replace(plan, max_cost_usd=usd)


def extended(
    plan: Plan,
    models: Sequence[ModelSpec] = (),
    samples: int | None = None,
    providers: Mapping[str, Limits] | None = None,
) -> Plan:
    """Return a plan with more models or samples under the same run id, parameters and limit on the cost.

    Models that it has already are left out; where nothing is new, it is the plan itself. `providers` are the
    limits of those that state some. Raises `RunError` for a recorded run, for fewer samples than there are,
    for a model whose entry has changed since, and where a limit on the cost cannot be kept.
    """
    wanted = plan.samples if samples is None else samples
    _check_samples(wanted)
    if plan.recorded:
        raise RunError(f"run {plan.run} is recorded: its answers came from elsewhere, nothing is asked anew")
    if wanted < plan.samples:
        raise RunError(f"run {plan.run} has {plan.samples} samples already; {wanted} would be fewer")
    known = {model.id: model for model in plan.models}
    added = {model.id: model for model in _with_params(models, plan.params)}
    for name in known.keys() & added.keys():
        if known[name].hash != added.pop(name).hash:
            raise RunError(
                f"the entry of model '{name}' has changed since run {plan.run}; give the new one its own id"
            )
    if not added and wanted == plan.samples:
        return plan
    longer = dataclasses.replace(
        plan,
        models=(*plan.models, *added.values()),
        samples=wanted,
        providers={**_of(added.values(), providers or {}), **plan.providers},
    )
    return longer if plan.max_cost_usd is None else with_max_cost(longer, plan.max_cost_usd)


def _of(models: Iterable[ModelSpec], providers: Mapping[str, Limits]) -> dict[str, Limits]:
    """Return the limits of the providers that the models are asked through."""
    return {m.provider: providers[m.provider] for m in models if m.provider in providers}


def _check_samples(samples: int) -> None:
    if not 1 <= samples <= 1000:
        raise RunError(f"samples must be from 1 to 1000, not {samples}")


def _with_params(models: Sequence[ModelSpec], params: Mapping[str, Any]) -> tuple[ModelSpec, ...]:
    return tuple(dataclasses.replace(m, params={**m.params, **params}) for m in models)


def from_json(text: str) -> Plan:
    """Read what `Plan.to_json` wrote. Raises `RunError` where the text is no plan of this format."""
    try:
        raw = json.loads(text)
        if raw.pop("format") != FORMAT:
            raise RunError("the plan was written by another version of Parallax")
        probes = tuple(Probe(**{**p, "kind": Kind(p["kind"])}) for p in raw["probe_set"].pop("probes"))
        raw["probe_set"] = ProbeSet(**raw["probe_set"], probes=probes)
        raw["models"] = tuple(_spec(m) for m in raw["models"])
        # a plan of before there were limits of providers has none
        raw["providers"] = {host: Limits(**of) for host, of in raw.get("providers", {}).items()}
        raw["created_at"] = datetime.fromisoformat(raw["created_at"])
        return Plan(**raw)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunError(f"the plan cannot be read: {error}") from None


def _spec(raw: dict[str, Any]) -> ModelSpec:
    released = date.fromisoformat(raw["released"]) if raw["released"] else None
    price = Price(**raw["price"]) if raw["price"] else None
    return ModelSpec(**{**raw, "released": released, "price": price, "limits": Limits(**raw["limits"])})
