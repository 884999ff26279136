"""How far runs are, and what can be done with them."""

from __future__ import annotations

import streamlit as st

from pages._ui import data, recorded
from pages._ui.actions import attempt
from pages._ui.filters import InForce, short
from pages._ui.text import plain
from parallax import jobs, web

POLL_S = 2.0


def follow() -> None:
    """Show the progress of active runs, and run the page again when there is more to see."""
    seen = data.store().revision
    pace = _pace()

    @st.fragment(run_every=pace)
    def look() -> None:
        runs = [run for run in data.runs() if run.is_recent]
        for run in runs:
            if run.is_active:
                st.progress(run.done / run.total, text=f"{plain(run.name)}: {words(run)}")
        if data.store().revision != seen or (pace and not runs):
            st.rerun()

    look()
    if fault := web.fault():
        st.error(f"New answers do not reach the store: {plain(fault)}")


def words(run: jobs.RunStatus) -> str:
    """Say how far a run is, in a line."""
    counts = f"{run.done} of {run.total} answered"
    errors = f", {run.errors} ended in an error" if run.errors else ""
    if not run.is_active:
        return f"{counts}{errors}"
    if not run.seconds_left:
        return f"{counts}, starting"
    left = f"{run.seconds_left / 60:.0f} min" if run.seconds_left >= 90 else f"{run.seconds_left:.0f} s"
    return f"{counts}{errors}, {run.calls_per_second:.1f} a second, {left} left"


def notes(in_force: InForce) -> None:
    """Say which runs are in view, and which of them are not finished."""
    for run, (done, cells) in {r.run: (r.done, r.cells) for r in in_force.runs}.items():
        if done < cells:
            st.info(f"Run {run} is not finished: {done} of {cells} cells are in, the rest may change this.")
    names = sorted({f"{run.run} ({run.created_at:%Y-%m-%d})" for run in in_force.runs})
    st.caption(f"{plain(in_force.set_title)} · runs in view: {', '.join(names)}")


def latest(most: int = 5) -> None:
    """List the newest runs in a few words each."""
    shown = [
        {
            "run": run.run,
            "name": run.name,
            "models": ", ".join(run.models),
            "state": f"{_state(run)}: {words(run)}",
            "started (UTC)": f"{run.created_at:%Y-%m-%d %H:%M}",
        }
        for run in data.runs()[:most]
    ]
    st.dataframe(shown, hide_index=True)


def run_list() -> None:
    """List every run with its progress and what can be done with it, as it is now."""
    st.fragment(_rows, run_every=_pace())()


def _pace() -> float | None:
    """Return how often to look, in seconds; None while no run moves."""
    return POLL_S if any(run.is_recent for run in data.runs()) else None


def _rows() -> None:
    runs = data.runs()
    if not runs:
        st.info("No run yet. Choose a probe set and models above.")
    recorded.removal(run.recorded for run in runs)
    for run in runs:
        with st.container(border=True):
            _row(run)


def _state(run: jobs.RunStatus) -> str:
    return "recorded" if run.recorded else run.state


def _row(run: jobs.RunStatus) -> None:
    st.markdown(f"**{run.run}** · {_state(run)}")
    st.text(f"{run.name} · {', '.join(run.models)} · {run.created_at:%Y-%m-%d %H:%M} UTC")
    st.progress(run.done / run.total, text=words(run))
    if run.message:
        st.warning(plain(run.message))
    if run.note:
        st.info(plain(run.note))
    settings = data.settings()
    with st.container(horizontal=True):
        if run.is_active and st.button("Cancel", key=f"cancel-{run.run}", icon=":material/stop:"):
            attempt(lambda: jobs.stop(settings, run.run))
        resume = run.is_resumable and st.button("Resume", key=f"resume-{run.run}", icon=":material/replay:")
        if resume and attempt(lambda: jobs.resume(settings, run.run)):
            st.rerun()
        link = {"set": short(run.set_hash), "run": run.run}
        st.page_link("heatmap.py", label="Heatmap", icon=":material/grid_on:", query_params=link)
        st.page_link("answers.py", label="Answers", icon=":material/forum:", query_params=link)
