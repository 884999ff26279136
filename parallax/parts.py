"""A run in parts: which cells and which of a model's limits each process of a worker has."""

from __future__ import annotations

import dataclasses
import os
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from parallax.budget import worst_case_usd
from parallax.limits import askers, shared
from parallax.plan import Plan
from parallax.records import Cell, Limits

# importing litellm costs a process seconds of CPU: fewer cells than that are not worth one more
CELLS_EACH = 100


@dataclass(frozen=True, slots=True)
class Part:
    """The `index`-th (from 0) of `count` processes that work on one run."""

    index: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Part:
        """Return the part that `1/4` names. Raises `ValueError` for anything else."""
        index, count = map(int, text.split("/"))
        if not 0 <= index < count:
            raise ValueError(f"{text} is no part of a run")
        return cls(index, count)

    def owns(self, cell: Cell, among: int) -> bool:
        """Tell whether a cell is this part's, where the first `among` parts ask its model (`sharers`).

        Each cell is exactly one part's, whatever was done before.
        """
        return _owner(cell, among) == self.index

    def of(self, plan: Plan) -> Plan:
        """Return the plan with this part's share of all limits; the parts add up to the whole."""
        among = sharers(plan, self.count)
        models = tuple(
            dataclasses.replace(model, limits=self._share(model.limits, among[model.id]))
            for model in with_limits(plan).models
        )
        providers = {
            host: self._share(limits, max(among[model.id] for model in models if model.provider == host))
            for host, limits in plan.providers.items()
        }
        return dataclasses.replace(plan, models=models, providers=providers)

    def _share(self, limits: Limits, among: int) -> Limits:
        return shared(limits, among, self.index) if self.index < among else Limits(0, 0, 0)


WHOLE = Part(0, 1)


def _owner(cell: Cell, among: int) -> int:
    return zlib.crc32("\0".join(map(str, cell)).encode()) % among


def sharers(plan: Plan, count: int) -> dict[str, int]:
    """Return for each model how many of so many parts ask it: the first ones.

    Those for which its limits and its provider's both have a share.
    """
    hosts = {host: askers(limits, count) for host, limits in plan.providers.items()}
    return {
        model.id: min(askers(model.limits, count), hosts.get(model.provider, count))
        for model in with_limits(plan).models
    }


def budgets(plan: Plan, spent_usd: float, pending: Iterable[Cell], count: int) -> list[float | None]:
    """Return what each of so many parts may spend: together what is left of the plan's budget.

    They are shared out by the most that each part's open cells can cost. What one part leaves over, another
    cannot have: parts know nothing of each other, so a kill of one leaves no money held back.
    """
    if plan.max_cost_usd is None:
        return [None] * count
    models = {model.id: model for model in plan.models}
    prompts = {probe.id: probe.prompt for probe in plan.probe_set.probes}
    among = sharers(plan, count)
    most = [0.0] * count
    for cell in pending:
        cost = worst_case_usd(models[cell.model], prompts[cell.probe]) or 0.0
        most[_owner(cell, among[cell.model])] += cost
    left, total = max(0.0, plan.max_cost_usd - spent_usd), sum(most)
    return [left * share / total if total else left / count for share in most]


def with_limits(plan: Plan) -> Plan:
    """Return a plan whose own concurrency, where it has one, stands in the limits of its models."""
    if plan.concurrency is None:
        return plan
    models = tuple(
        dataclasses.replace(m, limits=dataclasses.replace(m.limits, concurrency=plan.concurrency))
        for m in plan.models
    )
    return dataclasses.replace(plan, models=models, concurrency=None)


def how_many(plan: Plan, pending: int, spent_usd: float = 0.0) -> int:
    """Return the number of processes for so many cells: as the plan says, else one for each core.

    There are never more than have a share in some model's limits, nor more than what is left of the budget
    pays the dearest call of each, nor, unless the plan says so, more than cells are worth.
    """
    wanted = max(1, min(plan.workers or min(os.cpu_count() or 1, pending // CELLS_EACH), pending))
    if plan.max_cost_usd is not None:
        prompts = [probe.prompt for probe in plan.probe_set.probes]
        dearest = max(worst_case_usd(model, prompt) or 0.0 for model in plan.models for prompt in prompts)
        left = max(0.0, plan.max_cost_usd - spent_usd)
        wanted = max(1, min(wanted, int(left / dearest))) if dearest else wanted
    return max(sharers(plan, wanted).values())
