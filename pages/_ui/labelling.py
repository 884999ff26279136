"""More labels for what is in view: a model that judges, somebody's table; and the labels as a table."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import streamlit as st

from pages._ui import data, urls
from pages._ui.actions import attempt
from pages._ui.filters import InForce
from pages._ui.text import plain
from parallax import exports, labelsets, models, passes, tickets
from parallax.errors import ParallaxError, RowError
from parallax.exports import Export, Kind
from parallax.passes import Pass
from parallax.records import RunState
from parallax.store import Selection
from parallax.tally import dollars

POLL_S, IDLE_S = 2.0, 30.0
JUDGE, TAKE_IN, HAND_OUT = "Let a model judge", "Take labels in", "Download labels"
EVERYBODY = "everybody but the rules"


def draw(in_force: InForce) -> None:
    """Offer more labels, closed until somebody wants them; judges at work are in sight anyway."""
    runs = tuple(sorted({run.run for run in in_force.shown}))
    offer = st.expander("More labels", icon=":material/add:", key="more_labels", on_change="rerun")
    if offer.open:
        with offer:
            ways: dict[str, Callable[[], None]] = {
                JUDGE: lambda: _judge(in_force, runs),
                TAKE_IN: _take_in,
                HAND_OUT: lambda: _hand_out(in_force, runs),
            }
            ways[urls.one_of("More labels", list(ways), label_visibility="collapsed", default=JUDGE)]()
    _progress(runs)


def _judge(in_force: InForce, runs: tuple[str, ...]) -> None:
    """Offer to let a model label a run's answers, and say before what that comes to."""
    st.caption(
        "The judge sees a request and an answer, never whose it is. What it says stands beside the rules."
    )
    try:
        known = models.load(data.settings().models_file)
    except ParallaxError as error:
        st.error(plain(str(error)))
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        run = st.selectbox("Run", runs, key="judged_run")
        model = st.selectbox("Judge", list(known), key="judge_model")
        limit = st.number_input(
            "Stop before it costs more than (US dollars)",
            0.01,
            value=None,
            placeholder="No limit",
            key="judge_limit",
        )
    if (run, model) in in_force.pairs:
        st.warning(plain(f"{model} would judge its own answers, too: another model is the better judge."))
    try:
        with st.spinner("Working out what it comes to"):
            st.caption(plain(data.judge_costs(data.settings().models_file, run, model)))
    except ParallaxError as error:
        st.info(plain(str(error)))
        return
    if st.button("Start judging", icon=":material/gavel:", type="primary") and attempt(
        lambda: passes.start(data.settings(), run, model, limit)
    ):
        st.rerun()


def _progress(runs: tuple[str, ...]) -> None:
    """Show how far the judges are, and what became of those that broke off."""
    active = any(one.is_active for one in passes.passes(data.settings(), runs))

    @st.fragment(run_every=POLL_S if active else IDLE_S)
    def look() -> None:
        found = passes.passes(data.settings(), runs)
        for one in found:
            _row(one)
        if any(one.is_active for one in found) != active:
            st.rerun()

    look()


def _row(one: Pass) -> None:
    about = f"{one.model} on {one.run}"
    if one.is_active:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(one.done / one.asked if one.asked else 0.0, text=plain(f"{about}: {_words(one)}"))
            if st.button("Stop", key=f"stop-{one.run}-{one.model}", icon=":material/stop:"):
                attempt(lambda: passes.stop(data.settings(), one.run, one.model))
    elif one.message or one.state is not RunState.FINISHED:
        st.warning(plain(f"{about}: {one.state}, {_words(one)}. {one.message}"))
    elif errors := one.labels.get("error", 0):
        st.caption(plain(f"{about}: {_words(one)}, {errors:,} of them errors of the judge"))


def _words(one: Pass) -> str:
    if not one.asked:
        return "starting" if one.is_active else "nothing labelled"
    cost = dollars(one.cost_usd)
    return ", ".join(filter(None, (f"{one.done:,} of {one.asked:,} labelled", cost)))


def _take_in() -> None:
    """Take a table of somebody's labels, all of it or nothing."""
    st.caption(
        "A CSV with the column label, and run, probe and model, or answer_hash, or prompt and response; where"
        " known sample, rater, reason, confidence, labelled_at, note."
    )
    file = st.file_uploader("Labels: CSV, at most 20 MB", type=["csv", "tsv", "txt"], key="labels_file")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        rater = st.text_input("Whose they are, where a row does not say", max_chars=60, key="labels_rater")
        skip = st.checkbox("Leave out rows whose answer is not here", key="labels_skip")
    if st.button("Take in", icon=":material/upload:", type="primary", disabled=file is None) and file:
        try:
            found = _put(file.name, file.getvalue(), rater.strip(), skip_unknown=skip)
        except RowError as error:
            st.error("Nothing was taken in.")
            st.text(str(error))
        else:
            st.success(plain(f"{found.sentence}. They show in a moment."))


def _put(name: str, raw: bytes, rater: str, *, skip_unknown: bool) -> labelsets.TakenIn:
    sheet = labelsets.read(raw, rater)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.parquet"
        wanted = Export(selection=Selection(runs=sheet.runs or ()), ending=".parquet")
        exports.write(data.store(), wanted, path)
        answers = labelsets.known(path)
        return labelsets.put(data.settings().spool, name, sheet, answers, skip_unknown=skip_unknown)


def _hand_out(in_force: InForce, runs: tuple[str, ...]) -> None:
    """Offer the labels of what is in view as a table."""
    known = data.raters(runs)
    if not known:
        st.info("So far the rules alone have labelled what is in view.")
        return
    whose = st.selectbox("Whose", [EVERYBODY, *known], key="labels_of")
    chosen = () if whose == EVERYBODY else (whose,)
    selection = replace(in_force.selection, raters=chosen, label_set="")
    link = tickets.issue(Export(Kind.LABELS, selection))
    st.link_button("Download", link, icon=":material/download:", type="primary")
    st.caption("What each of them last said of each answer in view. The link holds for an hour.")
