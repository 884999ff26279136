"""Starting a run: the same form wherever a probe set is at hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from pages._ui import data
from pages._ui.actions import attempt
from pages._ui.text import plain
from parallax import costs, jobs, models, plan
from parallax.errors import ParallaxError
from parallax.records import ProbeSet


def choose_models(key: str, first: Sequence[str] = ()) -> list[str]:
    """Offer the models, chosen are `first`, else those of the newest run, else those that need no key.

    Where their file is wrong, say so; none is chosen then.
    """
    try:
        known = models.load(data.settings().models_file)
    except ParallaxError as error:
        st.error(plain(str(error)))
        return []
    last = first or next((run.models for run in data.runs()), ())
    default = [m for m in last if m in known]
    if not first:
        default = default or [m for m, spec in known.items() if not spec.api_key_env]
    return st.multiselect("Models", known, default, placeholder="Choose one or more", key=f"models-{key}")


def choose_samples(key: str, least: int = 1) -> int:
    """Offer how often each question is asked, at first and at least so often."""
    return int(st.number_input("Samples of each answer", least, max(100, least), key=f"samples-{key}"))


def choose_fresh(key: str) -> bool:
    """Offer to ask anew what was answered before."""
    return st.checkbox(
        "Ask everything anew",
        key=f"fresh-{key}",
        help="Else what the very same model was asked before comes from the response cache, at no cost.",
    )


def choose_max_cost(key: str) -> float | None:
    """Offer a limit on what the run may cost; None is no limit."""
    return st.number_input(
        "Stop before it costs more than (US dollars)",
        min_value=0.01,
        value=None,
        placeholder="No limit",
        key=f"max-cost-{key}",
    )


def form(probe_set: ProbeSet, key: str) -> str:
    """Draw the form that starts a run of a set; returns the id of the run that it just started, or ''."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = choose_models(key)
        samples = choose_samples(key)
        max_cost_usd = choose_max_cost(key)
        fresh = choose_fresh(key)
    calls = len(probe_set.probes) * len(chosen) * samples
    counted = [(len(probe_set.probes), "probe"), (len(chosen), "model"), (samples, "sample")]
    if calls:
        st.caption(plain(costs_of(probe_set, chosen, samples)))
    words = " × ".join(f"{n} {what}{'s' * (n != 1)}" for n, what in counted)
    if not st.button(
        f"Start a run: {words} = {calls} call{'s' * (calls != 1)}",
        type="primary",
        disabled=not calls,
        icon=":material/play_arrow:",
        key=f"start-{key}",
    ):
        return ""
    return run(probe_set, chosen, samples, fresh=fresh, max_cost_usd=max_cost_usd)


def costs_of(
    probe_set: ProbeSet, chosen: list[str], samples: int, params: Mapping[str, Any] | None = None
) -> str:
    """Return in a line what a run comes to; `params` override those of every model."""
    return _costs(data.settings().models_file, probe_set.hash, probe_set, chosen, samples, dict(params or {}))


@st.cache_data(max_entries=64, show_spinner=False)
def _costs(
    models_file: Path,
    set_hash: str,
    _probe_set: ProbeSet,
    chosen: list[str],
    samples: int,
    params: dict[str, Any],
) -> str:
    """The set is known by its hash."""
    picked = models.pick(models.load(models_file), chosen)
    specs = [dataclasses.replace(spec, params={**spec.params, **params}) for spec in picked]
    return costs.estimate(_probe_set, specs, samples).sentence


def run(
    probe_set: ProbeSet,
    chosen: list[str],
    samples: int,
    name: str = "",
    *,
    fresh: bool = False,
    max_cost_usd: float | None = None,
    params: Mapping[str, Any] | None = None,
) -> str:
    """Start a run; returns its id, or '' where it was refused, which is then said."""
    started: list[str] = []

    def begin() -> None:
        file = data.settings().models_file
        made = plan.new(
            probe_set,
            models.pick(models.load(file), chosen),
            samples=samples,
            params=params,
            name=name,
            fresh=fresh,
            providers=models.providers(file),
            max_cost_usd=max_cost_usd,
        )
        started.append(jobs.start(data.settings(), made))

    return started[0] if attempt(begin) else ""
