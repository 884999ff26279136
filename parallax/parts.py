"""A run in parts: which cells and which of a model's limits each process of a worker has."""

from __future__ import annotations

import dataclasses
import os
import zlib
from dataclasses import dataclass
from functools import lru_cache

from parallax.limits import shared
from parallax.plan import Plan
from parallax.records import Cell, Limits, ModelSpec

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

    def owns(self, cell: Cell, model: ModelSpec) -> bool:
        """Tell whether a cell is this part's; each cell is exactly one part's, whatever was done before."""
        among = _sharers(model.limits, self.count)
        return zlib.crc32("\0".join(map(str, cell)).encode()) % among == self.index

    def of(self, plan: Plan) -> Plan:
        """Return the plan with this part's share of each model's limits; all parts add up to the whole."""
        models = tuple(
            dataclasses.replace(model, limits=shared(model.limits, self.count, self.index))
            for model in with_limits(plan).models
        )
        return dataclasses.replace(plan, models=models)


@lru_cache
def _sharers(limits: Limits, count: int) -> int:
    """Return how many of so many parts may ask a model at all."""
    return sum(shared(limits, count, index).concurrency > 0 for index in range(count))


WHOLE = Part(0, 1)


def with_limits(plan: Plan) -> Plan:
    """Return a plan whose own concurrency, where it has one, stands in the limits of its models."""
    if plan.concurrency is None:
        return plan
    models = tuple(
        dataclasses.replace(m, limits=dataclasses.replace(m.limits, concurrency=plan.concurrency))
        for m in plan.models
    )
    return dataclasses.replace(plan, models=models, concurrency=None)


def how_many(plan: Plan, pending: int) -> int:
    """Return the number of processes for so many cells: as the plan says, else one for each core.

    There are never more than calls at once are allowed to the widest model, nor, unless the plan says
    so, more than cells are worth.
    """
    widest = max((model.limits.concurrency for model in with_limits(plan).models), default=1)
    wanted = plan.workers or min(os.cpu_count() or 1, pending // CELLS_EACH)
    return max(1, min(wanted, widest, pending))
