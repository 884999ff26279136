"""Answers that were not asked for here: the recorded study and imports, offered, labelled, taken away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import streamlit as st

from pages._ui import data, fetching
from pages._ui.actions import attempt
from pages._ui.text import plain
from parallax import samples
from parallax.jobs import RunStatus
from parallax.samples import Shipped
from parallax.views import RunInView


class Asked(NamedTuple):
    """A model that was asked, when and how."""

    model: str
    at: datetime
    params: Mapping[str, Any]
    samples: int


def ways_in() -> None:
    """Offer what fills an empty store: a run of one's own, the recorded study, a public one, an import."""
    if any(run.recorded and not run.imported for run in data.runs()):
        st.info("The recorded study is being read in; this page follows.", icon=":material/hourglass_top:")
        return
    shipped = samples.available(data.settings())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link("runs.py", label="Start a run", icon=":material/play_circle:")
        wanted = shipped and st.button("Show the recorded study", icon=":material/history:")
        fetching.button()
        st.page_link("imports.py", label="Import answers", icon=":material/upload:")
    if shipped:
        st.caption(plain(_offer(shipped)))
    fetching.about()
    if wanted and attempt(lambda: samples.add(data.settings())):
        st.rerun()


def _offer(shipped: Sequence[Shipped]) -> str:
    plans = [one.plan for one in shipped]
    asked = [Asked(m.id, plan.created_at, m.params, plan.samples) for plan in plans for m in plan.models]
    titles = _listed(f"“{plan.probe_set.title}”" for plan in plans)
    return (
        f"The recorded study: {'; '.join(_how(asked))}. {sum(plan.size for plan in plans):,} answers to"
        f" {titles}. Nothing is asked anew; one click removes it."
    )


def label(shown: Iterable[RunInView]) -> None:
    """Say which of the answers in view were not asked for here, of which models, when and how."""
    given = [run for run in shown if run.recorded]
    found = [Asked(r.model, r.created_at, r.params, r.samples) for r in given if not r.imported]
    if found:
        said = f"Recorded study: {'; '.join(_how(found))}; nothing is asked anew."
        st.info(plain(said), icon=":material/history:")
    if imported := [run for run in given if run.imported]:
        st.info(plain(_came_from(imported)), icon=":material/upload:")


def _came_from(imported: Sequence[RunInView]) -> str:
    runs = {f"{run.run} ({run.imported}, answers to {run.created_at:%Y-%m-%d})" for run in imported}
    count = len({run.model for run in imported})
    return f"Imported, not asked for here: {count} model{'s' * (count != 1)} of {_listed(sorted(runs))}."


def removal(shown: Iterable[RunInView | RunStatus]) -> None:
    """Offer to take the recorded study away, where any of the runs shown is of it."""
    if not any(run.recorded and not run.imported for run in shown):
        return
    gone = st.button("Remove the recorded study", icon=":material/delete:")
    if gone and attempt(lambda: samples.remove(data.settings(), data.store())):
        st.rerun()


def _how(asked: Iterable[Asked]) -> list[str]:
    """Say when and how the models were asked; those that were asked alike, in one breath."""
    alike: dict[str, dict[str, None]] = {}
    for one in asked:
        settings = [
            f"on {one.at:%Y-%m-%d}",
            f"temperature {one.params['temperature']:g}" if "temperature" in one.params else "",
            f"at most {one.params['max_tokens']} tokens" if "max_tokens" in one.params else "",
            f"{one.samples} sample{'s' * (one.samples != 1)}",
        ]
        alike.setdefault(", ".join(filter(None, settings)), {})[one.model] = None
    return [f"{_listed(models)} answered {how}" for how, models in alike.items()]


def _listed(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
