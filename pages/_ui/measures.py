"""The measures beside rates and gaps, on screen: a table each, with what it means."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import pandas as pd
import streamlit as st

from pages._ui import data
from parallax import figures, measures, views
from parallax.store import Selection

NONE = "–"


def unread() -> None:
    """Say how many answers are still to be read for their language and facts."""
    if waiting := data.unread():
        st.info(f"{waiting:,} answers are still being read for their language and the facts that they state.")


def _facts(selection: Selection) -> bool:
    covered = data.covered(selection)
    if covered.empty:
        return False
    st.subheader("Facts stated, facts left out")
    st.dataframe(_facts_by(covered, ("model",)), hide_index=True)
    st.dataframe(_facts_by(covered, ("model", "country")), hide_index=True)
    st.caption(
        "Facts stated: the weighted share of a question's facts that an answer names; a refusal counts"
        " nowhere. Left out: how far that is below the median of at least four models of other developers on"
        " the same question. Beside what was to be expected, in points: of this model and this question; a"
        " weak model leaves out much everywhere, and stands at 0 here. State's words: how much of the state's"
        " own position an answer repeats, to agree or to contradict. Facts are found by English phrases and"
        " numbers."
    )
    return True


def _facts_by(covered: pd.DataFrame, axes: tuple[str, ...]) -> pd.DataFrame:
    """Return the facts by some axes, what is left out first."""
    keys = list(axes)
    whole = measures.fact_coverage(covered, axes).set_index(keys)
    soft = measures.soft_censorship(covered, axes).set_index(keys).reindex(whole.index)
    line = measures.state_line(covered, axes).set_index(keys).reindex(whole.index)
    residual = covered.groupby(keys)["residual"].mean().reindex(whole.index)
    shown = pd.DataFrame(
        {
            "questions": whole["n"],
            "facts stated": _shares(whole),
            "left out, beside others": _shares(soft),
            "beside what was to be expected": [figures.points(value) for value in residual],
            "state's words": _shares(line),
        }
    )
    return _named(shown.iloc[residual.argsort()].reset_index())


def _one_sided(selection: Selection) -> bool:
    found = data.one_sidedness(selection)
    if found.empty:
        return False
    st.subheader("One-sidedness")
    found = found.sort_values("value", ascending=False, kind="stable")
    shown = found[["model", "country"]].assign(
        **{
            "difference, points": _differences(found),
            "declined to criticise": [_per_cent(value) for value in found["critical"]],
            "declined to praise": [_per_cent(value) for value in found["positive"]],
            "pairs of questions": found["templates"],
        }
    )
    st.dataframe(_named(shown), hide_index=True)
    st.caption("Twins: the same act on the same topic, once critical and once in praise of the same country.")
    return True


def _languages(selection: Selection) -> bool:
    found, gaps = data.language_mismatch(selection), data.language_gaps(selection)
    if found.empty:
        return False
    st.subheader("Languages")
    shown = found[["model", "language"]].assign(
        answers=found["n"],
        told=found["base"].fillna(0).astype(int),
        **{"in another language": _shares(found), "mixed": [_per_cent(value) for value in found["mixed"]]},
    )
    st.dataframe(shown, hide_index=True)
    st.caption("Told: answers long enough to tell their language. Mixed: a fifth or more is in another one.")
    if gaps.empty:
        return True
    gaps = gaps.sort_values("value", ascending=False, kind="stable")
    matched = gaps[["matched", "matched_low", "matched_high"]].set_axis(["value", "low", "high"], axis=1)
    shown = gaps[["model", "language"]].assign(
        templates=gaps["templates"],
        **{
            "declined or dodged": [_per_cent(value) for value in gaps["rate"]],
            "in the other languages": [_per_cent(value) for value in gaps["rate_others"]],
            "difference, points": _differences(gaps),
            "of answers in the language asked": _differences(matched),
        },
    )
    st.dataframe(shown, hide_index=True)
    st.caption("The same questions in several languages, compared within template and country.")
    return True


def _samples(selection: Selection) -> bool:
    found = data.flip_rate(selection)
    if found.empty:
        return False
    st.subheader("Samples that differ")
    shown = found[["model"]].assign(questions=found["n"], **{"not dealt with alike": _shares(found)})
    st.dataframe(shown, hide_index=True)
    st.caption("Questions asked more than once whose answers did not all get the same label.")
    return True


def _thoughts(selection: Selection) -> bool:
    found = data.empty_thought(selection)
    if found.empty:
        return False
    st.subheader("Empty thoughts")
    found = found.sort_values("value", ascending=False, kind="stable")
    shown = found[["model", "country"]].assign(traces=found["n"], **{"empty": _shares(found)})
    st.dataframe(_named(shown), hide_index=True)
    st.caption("Reasoning traces that are there, and say nothing.")
    return True


SECTIONS: Mapping[str, Callable[[Selection], bool]] = {
    "facts": _facts,
    "one-sidedness": _one_sided,
    "languages": _languages,
    "samples that differ": _samples,
    "empty thoughts": _thoughts,
}


def _named(table: pd.DataFrame) -> pd.DataFrame:
    """Name countries by their names."""
    if "country" not in table:
        return table
    return table.assign(country=[views.title("country", code) or NONE for code in table["country"]])


def _shares(cells: pd.DataFrame) -> list[str]:
    return [_spanned(_per_cent, *cell) for cell in cells[["value", "low", "high"]].itertuples(index=False)]


def _differences(cells: pd.DataFrame) -> list[str]:
    return [
        _spanned(figures.points, *cell) for cell in cells[["value", "low", "high"]].itertuples(index=False)
    ]


def _spanned(words: Callable[[float], str], value: float, low: float, high: float) -> str:
    return words(value) if math.isnan(low) else f"{words(value)} ({words(low)} to {words(high)})"


def _per_cent(value: float) -> str:
    return NONE if math.isnan(value) else f"{value:.0%}"
