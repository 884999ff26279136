"""Cached ways to the engine's views. Every cache is keyed by the store's revision."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from parallax import agreement, config, jobs, measures, passes, routes, views
from parallax.measures import opposed
from parallax.metrics import remarks
from parallax.metrics.paired import paired as pair_up
from parallax.store import Store, labels, open_store, readings
from parallax.views import compare as compare_view
from parallax.views import gaps as gaps_view
from parallax.views import grid
from parallax.views import models as models_view

ENTRIES = 64


def settings() -> config.Settings:
    """The settings of this process."""
    return config.load()


def store() -> Store:
    """The store of this process, opened the first time."""
    return open_store(settings().store)


def runs() -> list[jobs.RunStatus]:
    """Every run of the spool, newest first; never cached, it is how far they are now."""
    return jobs.runs(settings())


def _cached(view: Callable[..., Any]) -> Callable[..., Any]:
    # the cache tells functions apart by name and source: `wraps` lends it the view's
    @st.cache_data(max_entries=ENTRIES, show_spinner=False)
    @functools.wraps(view)
    def load(path: Path, revision: int, *args: Any, **named: Any) -> Any:
        return view(open_store(path), *args, **named)

    def latest(*args: Any, **named: Any) -> Any:
        return load(store().path, store().revision, *args, **named)

    return latest


sets = _cached(views.sets)
runs_of = _cached(views.runs_of)
in_view = _cached(views.in_view)
values = _cached(views.values)
heatmaps = _cached(grid.heatmaps)
margins = _cached(grid.margins)
gaps = _cached(gaps_view.gaps_of)
overview = _cached(views.overview)
probes = _cached(views.probes)
answers = _cached(views.answers)
questions = _cached(views.questions)
twins = _cached(views.twins)
hits = _cached(views.hits)
read = _cached(views.read)
came = _cached(views.came)
said = _cached(views.said)
benign = _cached(views.benign)
labelled = _cached(agreement.labelled)
shares = _cached(agreement.shares)
served = _cached(routes.served)
label_sets = _cached(labels.sets)
raters = _cached(labels.raters)
unread = _cached(readings.unread)
covered = _cached(measures.by_probe)
one_sidedness = _cached(measures.one_sidedness)
language_mismatch = _cached(measures.language_mismatch)
language_gaps = _cached(measures.language_gaps)
flip_rate = _cached(measures.flip_rate)
empty_thought = _cached(measures.empty_thought)
uneven_review = _cached(remarks.uneven_review)
judge_costs = _cached(passes.estimate)
gaps = _cached(gaps_view.gaps_of)
entries = _cached(models_view.entries)
measured = _cached(models_view.measured)
sides = _cached(compare_view.sides)
differences = _cached(compare_view.differences)
paired = _cached(pair_up)
opposed_pairs = _cached(opposed.opposed_pairs)
