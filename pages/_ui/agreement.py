"""How far raters agree, on screen: pairs with their badge, the transitions, the corrected share."""

from __future__ import annotations

import math

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from pages._ui import charts, data, urls
from pages._ui.cells import CONFIG
from pages._ui.text import plain
from parallax import agreement, figures, measures, views
from parallax.agreement import HUMANS, raters
from parallax.figures import LABELS
from parallax.records import JUDGED
from parallax.stats.agreement import Estimate
from parallax.store import Selection

__all__ = ["AXES", "disagreeing", "errors_by_country", "pairs", "prevalences", "raters", "transitions"]

AXES = {
    "": "All",
    "language": "Language",
    "country": "Country",
    "model": "Model",
    "developer": "Developer",
    "family": "Made from",
}
BADGES = {"red": "under .6", "amber": "under .8", "green": ".8 or more", "": "too few"}
MOST_SHOWN = 20

Picked = tuple[str, str] | None


def pairs(found: pd.DataFrame, axis: str) -> None:
    """List how each two raters agree, for each value of an axis or in all."""
    rows = [
        {
            **({AXES[axis]: views.title(axis, pair.group)} if axis else {}),
            "raters": f"{pair.first} · {pair.second}",
            "answers": pair.n,
            "κ, three labels": _words(pair.kappa, pair.n),
            "κ, complete or not": _words(pair.kappa_two_way, pair.n),
            "α, ordered": _words(pair.alpha, pair.n),
            "reliability": BADGES[pair.badge],
        }
        for pair in agreement.pairs(found, axis)
    ]
    shown = pd.DataFrame(rows).style.map(_colour, subset=["reliability"]) if rows else pd.DataFrame()
    st.dataframe(shown, hide_index=True)
    st.caption(
        "κ is Cohen's, α Krippendorff's, with 95 % intervals. Under .6 labels carry no finding, under .8"
        f" with caution; under {agreement.FEW} answers nothing is said."
    )


def _colour(words: str) -> str:
    tones = {BADGES["red"]: "#d55e00", BADGES["amber"]: "#e69f00", BADGES["green"]: "#009e73"}
    return f"background-color: {tones[words]}; color: #111111" if words in tones else ""


def _words(found: Estimate, n: int) -> str:
    if n < agreement.FEW or math.isnan(found.value):
        return "–"
    span = "" if math.isnan(found.low) else f" ({found.low:.2f} to {found.high:.2f})"
    return f"{found.value:.2f}{span}"


def transitions(found: pd.DataFrame, first: str, second: str) -> Picked:
    """Draw how often two raters gave each pair of labels; returns the pair that was clicked or chosen."""
    counts = agreement.crossed(found, first, second)
    names = [LABELS[value].words for value in JUDGED]
    colours = charts.palette()
    figure = go.Figure(
        go.Heatmap(
            x=names, y=names, z=counts, colorscale=list(colours.scale), showscale=False, hoverinfo="skip"
        )
    )
    cells = [(row, column) for row in range(len(names)) for column in range(len(names))]
    most = max(counts.max(), 1)
    figure.add_trace(
        figures.clickable(
            44,
            x=[names[column] for _, column in cells],
            y=[names[row] for row, _ in cells],
            text=[f"{counts[cell]:.0f}" for cell in cells],
            textfont={
                "size": 14,
                "color": [colours.paper if counts[cell] > 0.55 * most else colours.ink for cell in cells],
            },
            customdata=[(JUDGED[row], JUDGED[column]) for row, column in cells],
            hovertemplate=f"{first}: %{{y}}<br>{second}: %{{x}}<br>%{{text}} answers<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed", title=first, fixedrange=True)
    figure.update_xaxes(side="top", title=second, fixedrange=True)
    figure.update_layout(
        height=280, margin={"l": 8, "r": 8, "t": 60, "b": 8}, dragmode=False, clickmode="event+select"
    )
    drawn = st.plotly_chart(
        figure,
        on_select="rerun",
        selection_mode="points",
        config=CONFIG,
        key="transitions",
        alt=f"How often {first} and {second} gave each pair of labels; the list below opens the answers",
    )
    points = drawn.selection.points
    return (points[0]["customdata"][0], points[0]["customdata"][1]) if points else None


def disagreeing(found: pd.DataFrame, first: str, second: str, picked: Picked) -> None:
    """List the answers on which two raters differ, or those of one pair of labels, and open one of them."""
    both = found.dropna(subset=[first, second])
    wanted = both[both[first] != both[second]]
    if picked:
        wanted = both[(both[first] == picked[0]) & (both[second] == picked[1])]
        st.caption(plain(f"{first}: {LABELS[picked[0]].words}, {second}: {LABELS[picked[1]].words}"))
    if wanted.empty:
        st.info("On none of the answers in view.")
        return
    st.caption(f"{len(wanted)} answers" + (f", the first {MOST_SHOWN}" if len(wanted) > MOST_SHOWN else ""))
    for index, row in wanted.head(MOST_SHOWN).iterrows():
        pair = " · ".join(LABELS[both.at[index, rater]].words for rater in (first, second))
        with st.expander(plain(f"{row['probe']}, {row['model']}: {pair}")):
            _open(row)


def _open(row: pd.Series) -> None:
    selection = Selection(pairs=((row["run"], row["model"]),), probes=(row["probe"],))
    for answer in data.answers(selection, int(row["sample"])).itertuples():
        st.markdown("**The request**")
        st.text(answer.prompt)
        st.markdown("**The answer**")
        st.text(answer.response)


def prevalences(found: pd.DataFrame, selection: Selection, names: tuple[str, ...]) -> None:
    """Show each rater's share of answers that are not complete, raw and corrected."""
    rows = [
        {
            "rater": one.rater,
            "declined or dodged, raw": _share(one.raw),
            "sensitivity": _share(one.measured.sensitivity),
            "specificity": _share(one.measured.specificity),
            "corrected": one.corrected.why or _share(Estimate(*one.corrected[:3], 0)),
        }
        for one in agreement.prevalences(found, data.shares(selection, names))
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True)
    st.caption(
        "Corrected after Rogan and Gladen by the answers that chance drew and people labelled (page Review),"
        " each weighted by how many it stands for."
    )


def _share(found: Estimate) -> str:
    if math.isnan(found.value):
        return "–"
    return f"{found.value:.0%} ({found.low:.0%} to {found.high:.0%})"


def errors_by_country(found: pd.DataFrame, names: tuple[str, ...]) -> None:
    """Say whether a rater errs alike for every country; where it does not, a gap may be the rater's."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        rater = urls.choose("Rater", [name for name in names if name != HUMANS], "tested", str, st.selectbox)
        truth = urls.choose(
            "Held against", [name for name in names if name != rater], "truth", str, st.selectbox
        )
    errors = measures.rater_errors(found, rater, truth)
    st.markdown(plain(errors.words))
    if not errors.groups:
        return
    rows = [
        {
            "country": one.group,
            "answers": one.n,
            f"not complete, {rater}": f"{one.said:.0%}",
            f"not complete, {truth}": f"{one.truth:.0%}",
            "moved by, points": figures.points(one.shift),
            "sensitivity": _share(one.measured.sensitivity),
            "specificity": _share(one.measured.specificity),
        }
        for one in sorted(errors.groups, key=lambda one: -one.shift)
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True)
    tests = [("misses", errors.misses), ("false alarms", errors.alarms)]
    told = "; ".join(f"{what}: p {test.p:.3f}" for what, test in tests if not math.isnan(test.p))
    which = "the answers that chance drew and people labelled" if truth == HUMANS else "what both labelled"
    st.caption(
        plain(
            f"Over {which}. A miss is an answer that {rater} alone calls complete, a false alarm one that"
            f" {truth} alone does. As frequent for every country? {told or 'Too few countries to test.'}"
        )
    )
