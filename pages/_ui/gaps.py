"""Gaps on screen: the forest plot with the plain rates beside, what settles them, and opposed pairs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from pages._ui import cells, charts, data, urls
from pages._ui.filters import InForce
from pages._ui.text import plain
from parallax import figures, views
from parallax.metrics.gaps import Gaps
from parallax.views.gaps import ALL, Forest, Plan, values

PAIRS = "pairs"
VIEWS = {
    "country": "One model, all countries",
    "model": "One country, all models",
    PAIRS: "Opposed pairs",
}
NOTHING = (
    "There is no gap to show: it needs critical matched probes with an answer for two countries, and filters"
    " that leave some. Opposed pairs have a view of their own."
)
MOST_CAUTIONS = 5
NAME_PX = 118
COLUMN_PX = 54
WIDE_PX = 70

Fixed = Mapping[str, str]


class Part(NamedTuple):
    """The templates that gaps are over: all, those of one topic, or those in one language."""

    slice: str
    value: str

    @property
    def fixed(self) -> dict[str, str]:
        """The column that holds the part, with its value; nothing for all templates."""
        return {} if self.slice == ALL else {self.slice: self.value}


def part(in_force: InForce) -> Part:
    """Let the visitor choose the templates that gaps are over."""
    options = [ALL]
    for axis in ("topic", "language"):
        known = data.values(in_force.set_hash, axis)
        options += [f"{axis}:{value}" for value in known] if len(known) > 1 else []
    chosen = urls.choose("Templates", options, "gaps_over", _part_words, st.selectbox)
    if in_force.selection.topics or in_force.selection.languages:
        st.caption("The filters *Topics* and *Languages* don't narrow a gap; choose its templates here.")
    return Part(*chosen.partition(":")[::2])


def _part_words(option: str) -> str:
    axis, _, value = option.partition(":")
    return "All templates" if axis == ALL else f"{axis.capitalize()}: {views.title(axis, value)}"


def fixed(found: Gaps, in_force: InForce, shape: str, part: Part) -> Fixed:
    """Let the visitor choose the one model, or the one country; returns what all rows have in common."""
    other = "model" if shape == "country" else "country"
    wanted = only(in_force, other)
    options = [value for value in values(found, other) if not wanted or value in wanted]
    if not options:
        return {other: ""}
    words = {"model": str, "country": lambda code: views.title("country", code)}[other]
    chosen = urls.choose(other.capitalize(), options, f"one_{other}", words, st.selectbox)
    return {other: chosen, **part.fixed}


def only(in_force: InForce, axis: str) -> tuple[str, ...]:
    """Return the rows that the shared filters leave; none means all."""
    if axis == "country":
        return in_force.selection.countries
    return tuple(cells.names(in_force))


def verdict(shown: Forest) -> str:
    """Say in words, as Markdown, which gaps are clear and which are worth a look."""
    rows, corrected = shown.rows, f"after correction for {shown.family} cell{'s' * (shown.family != 1)}"
    clear, look = (_listed(rows[rows["mark"] == mark]) for mark in ("star", "dot"))
    if shown.axis == "model":
        place = views.title("country", rows["country"].iloc[0])
        said = f"Less willing on {place} than on the other countries: {clear}"
    else:
        said = f"{rows['model'].iloc[0]} is less willing on {clear} than on the other countries"
    said = f"{said}. Clear {corrected}." if clear else f"No gap here is clear {corrected}."
    worth = f"Worth a look: {look}." if look else ""
    void = "The controls void what these gaps would say." if shown.void else ""
    return " ".join(filter(None, [f"**{plain(said)}**", plain(worth), plain(void)]))


def _listed(rows: pd.DataFrame) -> str:
    return ", ".join(
        f"{row.name} ({figures.points(row.gap)} points{', special to this model' if row.special else ''})"
        for row in rows.itertuples(index=False)
    )


def forest(shown: Forest, in_force: InForce, fixed: Fixed) -> None:
    """Draw the gaps with their plain rates beside; a click on a row of either opens its answers."""

    def picked_point() -> None:
        if points := st.session_state["forest"].selection.points:
            open_row(in_force, shown.axis, points[0]["customdata"][0], fixed)

    def picked_cell() -> None:
        if chosen := st.session_state["forest-rates"].selection.cells:
            open_row(in_force, shown.axis, shown.rows["key"].iloc[chosen[0][0]], fixed)

    plot, rates = st.columns([4, 5], gap="small")
    with plot:
        st.plotly_chart(
            figures.forest(shown, charts.palette()),
            on_select=picked_point,
            selection_mode="points",
            config=cells.CONFIG,
            key="forest",
            alt="Gaps in points with their 95 % intervals, the largest first: see the table",
        )
    with rates:
        st.dataframe(
            _beside(shown),
            hide_index=True,
            height=figures.HEAD_PX + figures.ROW_PX * len(shown.rows) + 2,
            column_config=_CONFIG,
            placeholder="",
            alt="The plain rates behind each gap, in the order of the plot",
            on_select=picked_cell,
            selection_mode="single-cell",
            key="forest-rates",
        )
    st.caption(_legend(shown))


def _legend(shown: Forest) -> str:
    """Say what the marks mean, those that are there."""
    states = set(shown.rows["state"])
    parts = [
        "A gap is the mean over templates of the share declined or dodged, less that of the other countries"
        " on the same templates, in points with its 95 % interval.",
        "★ clear after correction (Holm), • worth a look (Benjamini–Hochberg), for a family of"
        f" {shown.family}: all models × countries of these runs, whatever is filtered. They test “less"
        " willing” only: a gap under 0 gets no mark. The interval is two-sided and may reach over 0 beside a"
        " star.",
        "Pale: few effective answers or a wide interval." if "dim" in states else "",
        "Hollow: over 10 % missing, not tested." if "grey" in states else "",
        "Violet: the gap with what the host blocked counted as declined, where that is over 10 %."
        if shown.has("gap_system")
        else "",
        "Void: the model declines its controls." if shown.rows["void"].any() else "",
        "A click on a row opens its answers.",
    ]
    return " ".join(filter(None, parts))


def open_row(in_force: InForce, axis: str, key: str, fixed: Fixed) -> None:
    """Open the answers behind one gap."""
    cell = {axis: key, **fixed}
    language = cell.pop("language", "")
    cell = {in_force.by if name == "model" else name: value for name, value in cell.items()}
    cells.open_answers(in_force, cell, **({"language": [language]} if language else {}))


def picker(shown: Forest, in_force: InForce, fixed: Fixed) -> None:
    """Offer the same by a list, for a keyboard and for a small screen."""
    names = dict(zip(shown.rows["key"], shown.rows["name"], strict=True))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = st.selectbox(shown.axis.capitalize(), list(names), format_func=names.__getitem__, key="row")
        at = in_force, shown.axis, key, fixed
        st.button("Open answers", icon=":material/forum:", on_click=open_row, args=at)


def cautions(found: Gaps, shown: Forest) -> None:
    """Say what keeps the gaps from being read at face value; of other models only on demand."""
    others = set(found.table["model"]) - set(shown.rows["model"])
    starts = tuple(name + after for name in others for after in (":", " "))
    said = [one for one in found.cautions if not one.startswith(starts)]
    if said:
        st.warning("  \n".join(map(plain, said[:MOST_CAUTIONS])), icon=":material/rule:")
    if rest := [*said[MOST_CAUTIONS:], *(one for one in found.cautions if one.startswith(starts))]:
        with st.expander(f"{len(rest)} more caution{'s' * (len(rest) != 1)}"):
            st.markdown("  \n".join(map(plain, rest)))


def _number(heading: str, format: str, help: str, width: int = COLUMN_PX) -> Any:
    return st.column_config.NumberColumn(heading, format=format, help=help, width=width)


def _percent(heading: str, help: str) -> Any:
    return _number(heading, "%.0f %%", help)


_CONFIG = {
    "name": st.column_config.TextColumn("", width=NAME_PX, pinned=True),
    "rate": _percent("here", "Declined or dodged, of the answers on this country"),
    "rate_others": _percent("others", "The same for the other countries, on the same templates"),
    "p_holm": _number("p", "%.2g", "One-sided, exact, after correction (Holm)", WIDE_PX),
    "gap_system": _number("blocks", "%+.0f", "The gap with what the host blocked as declined; if over 10 %"),
    "panel_gap": _number("adjusted", "%+.0f", "Less the median gap of four or more other models", WIDE_PX),
    "robust_gap": _number("robust", "%+.0f", "Against the median of the other countries' rates"),
    "p_left": _number("p rest", "%.2g", "With the clearest countries left out of the others; not corrected"),
    "n": _number("n", "%d", "Answers on this country that are complete, dodged or refused"),
    "templates": _number("T", "%d", "Templates on which this country and another have such answers"),
}
_PER_CENT = ("rate", "rate_others", "robust_gap", "panel_gap", "gap_system")
_WHERE_APPLIES = ("panel_gap", "gap_system", "p_left")


def _beside(shown: Forest) -> pd.DataFrame:
    columns = [name for name in _CONFIG if name not in _WHERE_APPLIES or shown.has(name)]
    table = shown.rows[columns].copy()
    for name in set(_PER_CENT) & set(columns):
        # adding 0 takes the sign off a −0
        table[name] = (100 * table[name]).round() + 0.0
    return table


def numbers(shown: Forest) -> pd.DataFrame:
    """Return the gaps as a table for those who would rather read."""
    rows = shown.rows
    return pd.DataFrame(
        {
            shown.axis: rows["name"],
            "": [figures.MARKS[mark] for mark in rows["mark"]],
            "gap": [figures.points(gap) for gap in rows["gap"]],
            "95 % interval": _spans(rows, "ci_low", "ci_high"),
            "declined or dodged": rows["rate"].map("{:.0%}".format),
            "for the others": rows["rate_others"].map("{:.0%}".format),
            "templates": rows["templates"],
            "answers": rows["n"],
            "p": rows["p"].map("{:.2g}".format),
            "p, corrected": rows["p_holm"].map("{:.2g}".format),
            "p, second pass": rows["p_rest"].map("{:.2g}".format),
            "robust gap": [figures.points(gap) for gap in rows["robust_gap"]],
            "panel-adjusted": [figures.points(gap) for gap in rows["panel_gap"]],
            "its interval": _spans(rows, "panel_low", "panel_high"),
            "gap with blocks": [figures.points(gap) for gap in rows["gap_system"]],
            "blocked": rows["block_share"].map("{:.0%}".format),
            "missing": rows["missing"].map("{:.0%}".format),
        }
    )


def _spans(rows: pd.DataFrame, low: str, high: str) -> list[str]:
    both = zip(rows[low], rows[high], strict=True)
    return ["–" if pd.isna(a) else f"{figures.points(a)} to {figures.points(b)}" for a, b in both]


def settle(found: Plan | None) -> None:
    """Say how many templates and samples would settle what is open."""
    if found is None:
        return
    st.subheader("How many templates and samples would settle it")
    now = found.now
    star = "templates are" if found.least != 1 else "template is"
    st.markdown(
        plain(
            f"With {found.countries} countries and a family of {found.family}, at least {found.least} {star}"
            f" needed before any result can be starred; here are {now.templates}, with {now.samples}"
            f" sample{'s' * (now.samples != 1)} each."
        )
    )
    st.markdown(plain(_open_words(found)))
    by_samples = {
        f"{samples} sample{'s' * (samples != 1)}": {
            s.templates: "none" if s.gap is None else f"{100 * s.gap:.0f} points"
            for s in found.shapes
            if s.samples == samples
        }
        for samples in dict.fromkeys(shape.samples for shape in found.shapes)
    }
    st.dataframe(pd.DataFrame(by_samples).rename_axis("templates"), width="content")
    st.caption(
        f"The smallest gap that four of five studies of that shape would confirm, by simulation, other"
        f" countries at {found.base:.0%}, corrected for {found.family} cells. Samples of one prompt"
        " resemble each other: templates help more."
    )


def _open_words(found: Plan) -> str:
    if found.open_gap is None:
        return "No gap above 0 is left open here."
    said = (
        f"The largest gap here that is not clear, {found.open} with {figures.points(found.open_gap)} points,"
    )
    if not found.enough:
        return f"{said} is too small for any of these shapes."
    shapes = " or ".join(f"{s.templates} templates × {s.samples}" for s in found.enough)
    return f"{said} would be confirmed, were it real, by about {shapes}."
