"""The filters that pages share. They sit in the shell, and the URL carries them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from pages._ui import data, recorded, served, urls
from parallax import views
from parallax.routes import Served
from parallax.store import DEFAULT_SET, Selection


@dataclass(frozen=True)
class InForce:
    """What the filters mean now; `runs` says which run stands for each model.

    `served` is by which routes the models in view were served, whatever else is filtered; `by` is what
    counts as one model, `model` or `route`.
    """

    set_hash: str
    set_title: str
    runs: tuple[views.RunInView, ...]
    selection: Selection
    served: tuple[Served, ...]
    by: str

    @property
    def shown(self) -> tuple[views.RunInView, ...]:
        """The runs of the models that the filters let through."""
        return tuple(run for run in self.runs if (run.run, run.model) in (self.selection.pairs or ()))

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Every model of the runs in view as (run, model), whatever is filtered."""
        return tuple((run.run, run.model) for run in self.runs)

    @property
    def link(self) -> dict[str, list[str]]:
        """The parameters that pin a link to the set version and the runs in view, by their ids."""
        return {"set": [short(self.set_hash)], "run": sorted({run.run for run in self.runs})}

    def permalink(self, **also: list[str]) -> str:
        """Return the address of what is on screen, pinned to the runs that it shows."""
        return urls.permalink(**self.link, **also)


def short(set_hash: str) -> str:
    """Return how a set version stands in a URL."""
    return set_hash[:12]


def shared() -> InForce | None:
    """Draw the shared filters in the sidebar, and return what they mean; None for an empty store."""
    sets = data.sets()
    if not sets:
        return None
    by_id = {short(choice.set_hash): choice for choice in sets}
    with st.sidebar:
        version = urls.choose("Probe set", list(by_id), "set", lambda s: by_id[s].title, st.selectbox)
        chosen = by_id[version]
        titles = dict(data.runs_of(chosen.set_hash))
        runs = urls.choose_several("Runs", list(titles), "run", titles.__getitem__, "Newest of each model")
        in_view = data.in_view(chosen.set_hash, tuple(runs))
        models = _several("Models", "model", [r.model for r in in_view])
        countries = _several("Countries", "country", data.values(chosen.set_hash, "country"))
        topics = _several("Topics", "topic", data.values(chosen.set_hash, "topic"))
        languages = _several("Languages", "language", data.values(chosen.set_hash, "language"))
        found = data.served(views.selection_of(in_view, models=models))
        by, routes = served.choose(found)
        label_set = _label_set(tuple(sorted({run.run for run in in_view})))
    selection = views.selection_of(
        in_view,
        models=models,
        countries=countries,
        topics=topics,
        languages=languages,
        served=routes,
        label_set=label_set,
    )
    return InForce(chosen.set_hash, chosen.title, in_view, selection, found, by)


def needed() -> InForce:
    """Return what the filters mean, and say where that is recorded; end the page on an empty store."""
    in_force: InForce | None = st.session_state.in_force
    if in_force is None:
        st.info("The store is empty. Start a run, and this fills while answers come in.")
        recorded.ways_in()
        st.stop()
    recorded.label(in_force.shown)
    return in_force


def _label_set(runs: tuple[str, ...]) -> str:
    """Offer whose labels every page takes, where more than the rules labelled; '' are the rules."""
    known = {one.rater: one.labelled for one in data.label_sets(runs)}
    if len(known) < 2:
        return ""
    chosen = urls.choose("Labels by", list(known), "labels", lambda r: f"{r} ({known[r]:,})", st.selectbox)
    return "" if chosen == DEFAULT_SET else chosen


def _several(label: str, axis: str, options: Sequence[str]) -> list[str]:
    """Offer an axis to filter by, where there is something to choose."""
    if len(options) < 2:
        return []
    return urls.choose_several(label, options, axis, lambda value: views.title(axis, value), "All")
