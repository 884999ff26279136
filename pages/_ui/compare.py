"""Two sides on screen: what changed between them, and both answers with the differing words marked."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from pages._ui import answers, data, urls
from pages._ui.filters import InForce
from pages._ui.text import plain, reworded
from parallax import figures, views
from parallax.figures import LABELS
from parallax.metrics.paired import Paired, Verdict
from parallax.store import Selection
from parallax.views import compare, wording
from parallax.views.compare import Change, Side

ASKED = {"critical": "Critical matched", "all": "All"}
CHANGES = {
    Change.LOST: "Newly declined or dodged",
    Change.GAINED: "Newly answered",
    Change.OTHER: "Other changes of label",
    Change.SAME: "Unchanged",
    Change.BLOCKED: "Newly blocked by the host",
    Change.UNBLOCKED: "No longer blocked",
}
VERDICTS = {
    Verdict.DIFFERENT: "They differ by more than chance",
    Verdict.NO_CHANGE: "No change: within ±5 points",
    Verdict.UNCLEAR: "Whether they differ cannot be told from these answers",
}


class Sides(NamedTuple):
    """What is compared: two sides, their short names, and the answers that the filters leave of each."""

    first: Side
    second: Side
    names: tuple[str, str]
    selections: tuple[Selection, Selection]


def sides(in_force: InForce, known: Sequence[Side]) -> Sides:
    """Let the visitor choose two sides and which probes; the URL carries the choice."""
    by_key = {side.key: side for side in known}
    with st.container(horizontal=True):
        first = urls.choose("First", list(by_key), "first_side", lambda k: by_key[k].title, st.selectbox)
        others = [key for key in by_key if key != first]
        second = urls.choose("Second", others, "second_side", lambda k: by_key[k].title, st.selectbox)
        asked = urls.choose("Probes", list(ASKED), "asked", ASKED.__getitem__, urls.one_of)
    given = in_force.selection if asked == "all" else views.critical(in_force.selection)
    both = by_key[first], by_key[second]
    return Sides(*both, _names(*both), (compare.of_side(given, both[0]), compare.of_side(given, both[1])))


def _names(first: Side, second: Side) -> tuple[str, str]:
    """Return short names that tell two sides apart."""
    if first.model == second.model:
        return first.run, second.run
    return first.model, second.model


def answered(found: Sides) -> Selection:
    """Return all answers of both sides, to name the routes and to export them."""
    pairs = tuple(pair for one in found.selections for pair in one.pairs or ())
    return dataclasses.replace(found.selections[0], pairs=pairs)


def both_in_force(in_force: InForce, found: Sides) -> InForce:
    """Return what is in force with both sides, and nothing else, in view: what is exported and cited."""
    runs = tuple(
        run
        for side in (found.first, found.second)
        for run in data.in_view(side.set_hash, (side.run,))
        if run.model == side.model
    )
    return dataclasses.replace(in_force, runs=runs, selection=answered(found))


def permalink(in_force: InForce, found: Sides) -> str:
    """Return the address of the comparison, with both sides by their ids."""
    return in_force.permalink(first_side=[found.first.key], second_side=[found.second.key])


def differences(found: Sides) -> None:
    """Say what makes two sides two, and which of them is not finished."""
    for side in {side.run: side for side in (found.first, found.second)}.values():
        if not side.is_finished:
            st.info(f"Run {plain(side.run)} is not finished: {side.done} of {side.cells} cells are in.")
    unlike = data.differences(found.first, found.second)
    if not unlike:
        st.caption("The same model with the same settings, in two runs.")
        return
    with st.expander(plain(f"The sides differ in: {', '.join(one.setting for one in unlike)}")):
        for one in unlike:
            st.markdown(f"**{plain(one.setting.capitalize())}**")
            for column, name, value in zip(st.columns(2), found.names, one[1:], strict=True):
                with column:
                    st.caption(plain(name))
                    st.text(value or "(none)")


def verdict(result: Paired, names: tuple[str, str]) -> None:
    """Say whether two sides differ, by how much, and on how many probes."""
    first, second = names
    change = result.difference
    span = f"{figures.points(change.low)} to {figures.points(change.high)}"
    with st.container(horizontal=True, gap="medium"):
        st.metric("Probes answered by both", f"{result.n:,}", width="content")
        st.metric(CHANGES[Change.LOST], result.lost, width="content")
        st.metric(CHANGES[Change.GAINED], result.gained, width="content")
        st.metric("Difference, points", figures.points(change.value), width="content")
    said = (
        f"{second} declined or dodged {result.second:.0%}, {first} {result.first:.0%}:"
        f" {figures.points(change.value)} points ({span}). p {result.p:.2g} ({result.test})."
    )
    st.markdown(f"**{plain(VERDICTS[result.verdict])}.** {plain(said)}")
    left_out = {
        f"{result.blocked} newly blocked by the host": result.blocked,
        f"{result.unblocked} no longer blocked": result.unblocked,
        f"{result.silent} without an answer by the model on one side": result.silent,
        f"{result.reworded} worded otherwise on the other side": result.reworded,
    }
    if any(left_out.values()):
        st.caption(f"Not compared: {', '.join(words for words, number in left_out.items() if number)}.")


def tables(result: Paired, names: tuple[str, str]) -> None:
    """Count the probes by both labels, and by country."""
    left, right = st.columns([1, 2], gap="large")
    with left:
        st.subheader("Labels")
        words = {label: LABELS[label].words for label in result.labels}
        counts = result.labels.rename(index=words, columns=words).rename_axis("")
        st.dataframe(counts, width="content")
        st.caption(plain(f"Rows: {names[0]}. Columns: {names[1]}. Probes, by the label of most samples."))
    countries = compare.by_country(result)
    if countries.empty:
        return
    with right:
        st.subheader("By country")
        st.dataframe(
            pd.DataFrame(
                {
                    "country": countries["name"],
                    "probes": countries["probes"],
                    names[0]: countries["first"].map("{:.0%}".format),
                    names[1]: countries["second"].map("{:.0%}".format),
                    "points": [figures.points(one) for one in countries["difference"]],
                    "lost": countries["lost"],
                    "gained": countries["gained"],
                }
            ),
            hide_index=True,
            column_config={
                "lost": st.column_config.NumberColumn(help=CHANGES[Change.LOST]),
                "gained": st.column_config.NumberColumn(help=CHANGES[Change.GAINED]),
            },
        )
        st.caption("Lost: newly declined or dodged. Gained: newly answered. Nothing is tested here.")


def changes(result: Paired, found: Sides) -> None:
    """List the probes by what became of them, and show both answers to one of them."""
    probes = compare.changes(result)
    counted = probes["change"].value_counts()
    kinds = [str(kind) for kind in Change if counted.get(kind, 0)]
    kind = urls.choose("Changes", kinds, "change", lambda k: _counted(k, counted), urls.one_of)
    shown = probes[probes["change"] == kind]
    rows = {row.probe: row for row in shown.itertuples()}
    _grid(shown, found.names)
    probe = urls.choose(
        "Probe", list(rows), "compared", lambda key: answers.question(rows[key]), st.selectbox
    )
    st.text(rows[probe].prompt)
    _both(found, rows[probe])


def _counted(kind: str, counted: pd.Series) -> str:
    return f"{CHANGES[Change(kind)]} ({counted[kind]})"


def _grid(shown: pd.DataFrame, names: tuple[str, str]) -> None:
    """List probes with both labels; a row that is picked becomes the one shown."""

    def pick() -> None:
        if picked := st.session_state["changes"].selection.rows:
            st.session_state["compared"] = shown["probe"].iloc[picked[0]]

    st.dataframe(
        pd.DataFrame(
            {
                "country": [views.title("country", code) for code in shown["country"]],
                "question": shown["prompt"],
                names[0]: shown["first"].map(_words),
                names[1]: shown["second"].map(_words),
            }
        ),
        hide_index=True,
        height=min(answers.GRID_PX, 38 + 35 * len(shown)),
        column_config={"country": st.column_config.TextColumn(width="small")},
        on_select=pick,
        selection_mode="single-row",
        key="changes",
    )


def _words(said: str) -> str:
    """Put labels such as `refusal 2, complete 1` into the words of the pages."""
    parts = (part.partition(" ") for part in said.split(", "))
    return ", ".join(" ".join(filter(None, (LABELS[label].words, number))) for label, _, number in parts)


def _both(found: Sides, row: Any) -> None:
    """Show what either side answered to a probe, side by side, with the words marked that differ."""
    sides = [dataclasses.replace(one.unfiltered(), probes=(row.probe,)) for one in found.selections]
    sample = answers.sample(max(found.first.samples, found.second.samples))
    both = [next(data.answers(one, sample).itertuples(), None) for one in sides]
    texts = [answers.body(answer) if answer else "" for answer in both]
    marking = all(both) and st.toggle("Mark the words that differ", True, key="mark_words")
    pieces = wording.compared(*texts) if marking else None
    if marking and pieces is None:
        st.caption("Too unlike, or too long, to be compared word by word.")
    html = [reworded(pieces.first, "del"), reworded(pieces.second, "ins")] if pieces else [None, None]
    for column, name, answer, shown in zip(st.columns(2), found.names, both, html, strict=True):
        with column, st.container(border=True):
            st.markdown(f"**{plain(name)}**")
            _card(answer, shown)


def _card(answer: Any, html: str | None) -> None:
    if answer is None:
        st.caption("No such sample on this side.")
        return
    st.caption(plain(answers.origin(answer)))
    answers.badge(answer)
    if html is None:
        st.text(answers.body(answer))
    else:
        st.html(html)
    with st.expander("How it came"):
        st.text(answers.provenance(answer))
