"""The runs one under the other: how far each model is, and what can be done with a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from pages._ui import data, recorded, start
from pages._ui.actions import attempt
from pages._ui.filters import short
from pages._ui.progress import at_pace, state, words
from pages._ui.text import plain
from parallax import jobs, models, plan, strays
from parallax.errors import ParallaxError
from parallax.spool import RunFolder
from parallax.store import forget
from parallax.tally import ModelProgress, dollars, duration


class Button(NamedTuple):
    """What a run can be told: the label, its icon, and what it does."""

    label: str
    icon: str
    action: Callable[[], object]


def draw() -> None:
    """List every run with its progress and what can be done with it, as it is now."""
    st.fragment(_rows, run_every=at_pace())()


def _rows() -> None:
    runs = data.runs()
    for line in strays.lines(data.settings().spool):
        st.warning(plain(line))
    if not runs:
        st.info("No run yet. Choose a probe set and models above.")
    recorded.removal(runs)
    for run in runs:
        with st.container(border=True):
            _row(run)


def _row(run: jobs.RunStatus) -> None:
    st.markdown(f"**{run.run}** · {state(run)}")
    st.text(f"{run.name} · {', '.join(run.models)} · {run.created_at:%Y-%m-%d %H:%M} UTC")
    st.progress(run.done / run.total, text=plain(words(run)))
    if run.is_active or any(one.errors or one.fault or one.done < one.total for one in run.by_model.values()):
        _models(run)
    for line in filter(None, (run.message, run.trouble)):
        st.warning(plain(line))
    if run.note:
        st.info(plain(run.note))
    with st.container(horizontal=True, vertical_alignment="center"):
        for button in _buttons(run):
            pressed = st.button(button.label, key=f"{button.label}-{run.run}", icon=button.icon)
            if pressed and attempt(button.action):
                st.rerun()
        link = {"set": short(run.set_hash), "run": run.run}
        st.page_link("heatmap.py", label="Heatmap", icon=":material/grid_on:", query_params=link)
        st.page_link("answers.py", label="Answers", icon=":material/forum:", query_params=link)
    if run.is_extendable:
        _addition(run)


def _buttons(run: jobs.RunStatus) -> list[Button]:
    settings = data.settings()
    if run.is_active:
        pause = Button("Pause", ":material/pause:", lambda: jobs.stop(settings, run.run, "pause"))
        cancel = Button("Cancel", ":material/stop:", lambda: jobs.stop(settings, run.run))
        return [] if run.stopping else [pause, cancel]
    resume = Button("Resume", ":material/play_arrow:", lambda: jobs.resume(settings, run.run))
    retry = Button(
        "Retry errors", ":material/replay:", lambda: jobs.resume(settings, run.run, errors_only=True)
    )
    if run.imported:
        return [
            Button("Remove", ":material/delete:", lambda: forget(data.store(), settings.spool, [run.run]))
        ]
    is_open = run.is_resumable and run.done < run.total
    return [resume] * is_open + [retry] * run.has_errors_to_retry


def _models(run: jobs.RunStatus) -> None:
    """Draw the models of a run as a quiet table; columns that say nothing are left out."""
    rows = {plain(model): _cells(one, active=run.is_active) for model, one in run.by_model.items()}
    said = [name for name in next(iter(rows.values())) if any(row[name] for row in rows.values())]
    st.table(
        [{"model": model, **{name: row[name] for name in said}} for model, row in rows.items()],
        border="horizontal",
        hide_index=True,
        width="content",
    )


def _cells(one: ModelProgress, *, active: bool) -> dict[str, str]:
    left = one.seconds_left
    pace = [f"{one.calls_per_second:.1f}/s", f"{duration(left)} left" if left else ""]
    errors = f"{one.errors:,} error{'s' * (one.errors != 1)}" if one.errors else ""
    # few columns, whose cells may break: more of them do not fit on a phone
    return {
        "answered": ", ".join(filter(None, (f"{one.done:,}/{one.total:,}", errors))),
        "pace": ", ".join(filter(None, pace)) if active and one.calls_per_second else "",
        "cost": plain(dollars(one.cost_usd)),
    }


def _addition(run: jobs.RunStatus) -> None:
    """Offer more models and samples for a run; its plan is read only once somebody wants that."""
    offer = st.expander("Add to this run", key=f"add-{run.run}", on_change="rerun", type="compact")
    if not offer.open:
        return
    with offer:
        try:
            planned = RunFolder(data.settings().spool, run.run).plan()
            known = models.load(data.settings().models_file)
        except ParallaxError as error:
            st.error(plain(str(error)))
            return
        _form(planned, {name: spec for name, spec in known.items() if name not in run.models})


def _form(planned: plan.Plan, others: dict[str, models.ModelSpec]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.multiselect(
            "More models", others, placeholder="Choose some", key=f"add-models-{planned.run}"
        )
        samples = start.choose_samples(f"add-{planned.run}", planned.samples)
    added = [others[name] for name in chosen]
    try:
        longer = plan.extended(planned, added, samples)
    except ParallaxError as error:
        st.error(plain(str(error)))
        return
    for line in jobs.added_costs(planned, longer):
        st.caption(plain(line))
    calls = longer.size - planned.size
    label = f"Add and ask: {calls:,} call{'s' * (calls != 1)}" if calls else "Add and ask"
    pressed = st.button(label, key=f"add-start-{planned.run}", disabled=not calls, icon=":material/add:")
    if pressed and attempt(lambda: _extend(planned.run, added, samples)):
        st.rerun()


def _extend(run: str, added: list[models.ModelSpec], samples: int) -> None:
    jobs.extend(data.settings(), run, added, samples)
    jobs.resume(data.settings(), run)
