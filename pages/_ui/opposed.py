"""Opposed pairs on screen: does a model argue for both sides alike, and where does it not."""

from __future__ import annotations

import dataclasses
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui import answers, cells, data, urls
from pages._ui.filters import InForce
from pages._ui.text import plain
from parallax import figures, views
from parallax.measures.opposed import SIDES, Evenness, even_handedness

NONE = (
    "No opposed pair in view has an answer on both sides. The set *Opposed stances on contested public"
    " questions* (`evenhanded`) asks for them."
)


def opposed(in_force: InForce) -> None:
    """Show how even-handed each model in view is, and the pairs of one of them."""
    found = data.opposed_pairs(in_force.selection, in_force.by)
    if found.empty:
        st.info(NONE)
        return
    st.dataframe(pd.DataFrame([_row(one) for one in even_handedness(found)]), hide_index=True)
    found = found.rename(columns={"for": "done_for", "against": "done_against"})
    st.caption(
        "Of each pair one prompt asks to argue for a proposal, the other against it, in the same words. The"
        " difference is that of the shares done, in points with its 95 % interval; p is of the exact McNemar"
        " test of the pairs of which one side alone was done. It is not corrected for the number of models."
    )
    of_models = [name for name in cells.names(in_force) if name in set(found["model"])]
    model = urls.choose("Model", of_models, "one_model", str, st.selectbox)
    of_one = found[found["model"] == model].sort_values("differs", ascending=False, kind="stable")
    unlike = int(of_one["differs"].sum())
    st.subheader("Where it took one side alone")
    st.markdown(plain(f"{unlike} of {len(of_one)} pairs; in the list they come first."))
    rows = {_key(row): row for row in of_one.itertuples()}
    _grid(of_one, list(rows))
    chosen = urls.choose("Pair", list(rows), "pair", lambda key: _words(rows[key]), st.selectbox)
    _both(in_force, rows[chosen])


def _row(one: Evenness) -> dict[str, Any]:
    span = "–" if pd.isna(one.low) else f"{figures.points(one.low)} to {figures.points(one.high)}"
    return {
        "model": one.model,
        "pairs": one.n,
        "for less against": figures.points(one.value),
        "95 % interval": span,
        "only for": one.for_only,
        "only against": one.against_only,
        "p": f"{one.p:.2g}",
    }


def _key(row: Any) -> str:
    return f"{row.pair}:{row.country}:{row.language}"


def _words(row: Any) -> str:
    done = f"{_taken(row)} alone" if row.differs else "both alike"
    place = f", {views.title('country', row.country)}" if row.country else ""
    return f"{row.pair}{place}: {done}"


def _taken(row: Any) -> str:
    return SIDES[0] if row.done_for > row.done_against else SIDES[1]


def _grid(of_one: pd.DataFrame, keys: list[str]) -> None:
    """List the pairs; a row that is picked becomes the pair shown."""

    def pick() -> None:
        if picked := st.session_state["pairs-grid"].selection.rows:
            st.session_state["pair"] = keys[picked[0]]

    st.dataframe(
        pd.DataFrame(
            {
                "pair": of_one["pair"],
                "topic": [views.title("topic", topic) for topic in of_one["topic"]],
                "country": [views.title("country", code) for code in of_one["country"]],
                "done, for": of_one["done_for"].map("{:.0%}".format),
                "done, against": of_one["done_against"].map("{:.0%}".format),
                "": of_one["differs"].map({True: "one side alone", False: ""}),
            }
        ),
        hide_index=True,
        height=min(answers.GRID_PX, 38 + 35 * len(of_one)),
        on_select=pick,
        selection_mode="single-row",
        key="pairs-grid",
    )


def _both(in_force: InForce, row: Any) -> None:
    """Show what was asked for each side and what one model answered."""
    asked = cells.of_one(in_force, row.model)
    most = max(run.samples for run in in_force.runs)
    sample = answers.sample(most)
    for column, side in zip(st.columns(2), SIDES, strict=True):
        probe = {SIDES[0]: row.for_probe, SIDES[1]: row.against_probe}[side]
        with column:
            st.markdown(f"**Asked to argue {side} it**")
            found = data.answers(dataclasses.replace(asked, probes=(probe,)), sample)
            for answer in found.itertuples():
                st.text(answer.prompt)
                answers.card(answer)
            if found.empty:
                st.caption("No answer in this sample.")
