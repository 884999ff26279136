"""The models side by side on screen: a table or cards, and thresholds of one's own."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from pages._ui import evidence, urls
from pages._ui.filters import InForce
from pages._ui.text import plain, together
from parallax import figures, views
from parallax.metrics.gaps import Gaps
from parallax.views.models import AT_LEAST, COUNTED, FEW, Measure, Verdict, verdicts

TABLE, CARDS = "table", "cards"
SHAPES = {TABLE: "Table", CARDS: "Cards"}
MOST_CARDS = 24
MOST_CAUTIONS = 5
NONE = "–"

Thresholds = Mapping[Measure, float]
Record = dict[Any, Any]


class Look(NamedTuple):
    """How a measure reads: its name, its unit, how many of that a 1 is, its format, and what it is."""

    words: str
    unit: str
    times: float
    form: str
    about: str


_GAP = "how much less willing than for the other countries, on the same templates"
LOOKS = {
    Measure.WORST_GAP: Look("Worst gap", "points", 100, "+.0f", f"The largest of all countries: {_GAP}"),
    Measure.HOME_GAP: Look("Gap at home", "points", 100, "+.0f", f"At the country of its maker: {_GAP}"),
    Measure.OVER_REFUSAL: Look(
        "Over-refusal",
        "%",
        100,
        ".0f",
        "Harmless questions declined or dodged (benign and over-refusal controls)",
    ),
    Measure.UNDER_REFUSAL: Look(
        "Under-refusal", "%", 100, ".0f", "Harmful requests that were done (harmful controls)"
    ),
    Measure.BLOCKED: Look(
        "Blocked", "%", 100, ".0f", "Stopped by the host, of the critical matched probes in view"
    ),
    Measure.MISSING: Look("Missing", "%", 100, ".1f", "Errors and answers cut off, of all answers in view"),
    Measure.AGREEMENT: Look(
        "Raters agree", "κ", 1, ".2f", "Cohen's κ of its labels with people, else with a second rater"
    ),
    Measure.COST: Look(
        "Cost", "$ per 1,000", 1, ".2f", "US dollars for 1,000 answers as paid, retries included"
    ),
    Measure.LATENCY: Look("Latency", "s", 1, ".1f", "Median seconds from request to answer, cache left out"),
}
SIGNS = {Verdict.MET: "✓", Verdict.NOT_MET: "✗", Verdict.UNTOLD: "?"}
# behind the words of a verdict, in both themes
TINTS = {
    Verdict.MET: "rgba(0,114,178,.18)",
    Verdict.NOT_MET: "rgba(213,94,0,.22)",
    Verdict.UNTOLD: "rgba(138,143,152,.18)",
}


def thresholds() -> dict[Measure, float]:
    """Let the visitor set thresholds; returns those set, in the units of the table."""
    found = {}
    with st.expander("Thresholds of your own", icon=":material/tune:"):
        st.caption(
            "An empty field is no threshold. ✓ met: the whole 95 % interval is on the good side, for the"
            " worst gap that of every country. ✗ not met: the whole of it is on the other, and a worst gap is"
            " clear after correction (★). ? cannot be told: the interval straddles the threshold, fewer than"
            f" {FEW} answers, a value that is not known, gaps that the controls void or of an unfinished run."
            " Cost and latency have no interval."
        )
        with st.container(horizontal=True):
            for measure, look in LOOKS.items():
                least = measure in AT_LEAST
                label = f"{look.words}, at {'least' if least else 'most'} ({look.unit})"
                key = f"{'min' if least else 'max'}_{measure}"
                chosen = urls.number(label, key, width=210, step=_step(look), help=look.about)
                if chosen is not None:
                    found[measure] = chosen / look.times
    return found


def _step(look: Look) -> float:
    return {"points": 5.0, "κ": 0.1, "$ per 1,000": 0.1}.get(look.unit, 1.0)


def ordered(table: pd.DataFrame) -> pd.DataFrame:
    """Let the visitor choose by what the models stand, the best first; by name at first."""
    options = ["model", *map(str, LOOKS)]
    by = urls.choose("Sort by", options, "sort", _sort_words, functools.partial(st.selectbox, width=240))
    return table.sort_values(
        by, ascending=by not in AT_LEAST, na_position="last", kind="stable", ignore_index=True
    )


def _sort_words(option: str) -> str:
    return "Name" if option == "model" else LOOKS[Measure(option)].words


def draw(table: pd.DataFrame, limits: Thresholds, shape: str, in_force: InForce) -> None:
    """Draw the models as a table of which a row opens the model's gaps, or as cards."""
    if shape == CARDS:
        cards(table, limits, in_force)
        return
    told = verdicts(table, limits)
    shown = pd.DataFrame({"Model": table["model"]})
    config: dict[str, Any] = {"Model": st.column_config.TextColumn(pinned=True)}
    for measure, look in LOOKS.items():
        heading = look.words if look.unit == "points" else f"{look.words} {look.unit}"
        # a rounded 0 has no sign
        shown[heading] = (look.times * table[str(measure)]).round(int(look.form[-2])) + 0.0
        config[heading] = st.column_config.NumberColumn(format=f"%{look.form}", help=look.about)
        if measure is Measure.WORST_GAP:
            shown["where"] = [_where(row) for row in table.to_dict("records")]
        if measure in limits:
            shown[_limit(measure, limits[measure])] = told[str(measure)].map(_said)
    for heading, column in (("Licence", "license"), ("Maker", "developer")):
        shown[heading] = table[column].replace("", NONE)
    shown["Open weights"] = table["open_weights"].map({True: "yes", False: NONE})
    shown["Host"] = table["hosts"].map(_hosts)
    limited = [_limit(measure, limit) for measure, limit in limits.items()]

    def pick() -> None:
        if rows := st.session_state["models-table"].selection.rows:
            urls.leave_for("gaps.py", _gaps_link(in_force, table["model"].iloc[rows[0]]))

    st.dataframe(
        shown.style.map(_tint, subset=limited),
        hide_index=True,
        placeholder=NONE,
        column_config=config,
        on_select=pick,
        selection_mode="single-row",
        key="models-table",
    )


def _limit(measure: Measure, limit: float) -> str:
    look = LOOKS[measure]
    return f"{look.words} {'≥' if measure in AT_LEAST else '≤'} {limit * look.times:g}"


def _said(verdict: Verdict) -> str:
    return f"{SIGNS[verdict]} {verdict}"


def _tint(words: str) -> str:
    verdict = Verdict(words.partition(" ")[2])
    return f"background-color: {TINTS[verdict]}"


def _where(row: Record) -> str:
    if pd.isna(row["worst_gap"]):
        return NONE
    mark = figures.MARKS[row["worst_gap_mark"]]
    void = "controls void it" * row["void"] or "run not finished" * row["provisional"]
    parts = views.title("country", row["worst_country"]), _span(row, Measure.WORST_GAP), mark, void
    return " · ".join(filter(None, parts))


def _hosts(hosts: tuple[str, ...]) -> str:
    return (hosts[0] + (f" and {len(hosts) - 1} more" if hosts[1:] else "")) if hosts else NONE


def _span(row: Record, measure: Measure) -> str:
    low, high = (row[f"{measure}_{end}"] for end in ("low", "high"))
    if measure in COUNTED or pd.isna(low):
        return ""
    look = LOOKS[measure]
    plain_form = look._replace(form=look.form.removeprefix("+"))
    return f"{_number(plain_form, low)} to {_number(plain_form, high)}"


def _number(look: Look, value: float) -> str:
    rounded = round(look.times * value, int(look.form[-2])) + 0.0
    return f"{rounded:{look.form}}".replace("-", "−")


def cards(table: pd.DataFrame, limits: Thresholds, in_force: InForce) -> None:
    """Draw a card a model, each measure in words with its interval."""
    told = verdicts(table, limits).to_dict("records") or [{}] * len(table)
    with st.container(horizontal=True):
        for row, verdict in list(zip(table.to_dict("records"), told, strict=True))[:MOST_CARDS]:
            with st.container(border=True, width=360):
                _card(row, verdict, limits, in_force)
    if len(table) > MOST_CARDS:
        st.caption(f"The first {MOST_CARDS} of {len(table)}: the filter *Models* shows others.")


def _card(row: Record, told: Record, limits: Thresholds, in_force: InForce) -> None:
    st.subheader(plain(row["model"]))
    st.caption(plain(_made(row)))
    lines = []
    for measure, look in LOOKS.items():
        line = f"**{look.words}** {plain(_value(row, measure))}"
        if measure in limits:
            line += f"  \n{plain(_limit(measure, limits[measure]))}: **{_said(told[measure])}**"
        lines.append(line)
    st.markdown("\n\n".join(lines))
    with st.container(horizontal=True):
        link = _gaps_link(in_force, row["model"])
        st.page_link("gaps.py", label="Its gaps", icon=":material/balance:", query_params=link)
        link = evidence.answers(in_force, {"model": row["model"]})
        st.page_link("answers.py", label="Its answers", icon=":material/forum:", query_params=link)


def _made(row: Record) -> str:
    parts = [
        row["developer"],
        views.title("country", row["home"]),
        row["quantization"],
        row["license"],
        "open weights" * row["open_weights"],
        f"served by {_hosts(row['hosts'])}" * bool(row["hosts"]),
        f"asked {row['last']:%Y-%m-%d}" if not pd.isna(row["last"]) else "",
    ]
    return " · ".join(filter(None, parts))


def _value(row: Record, measure: Measure) -> str:
    look, value = LOOKS[measure], row[measure]
    if pd.isna(value):
        return f"{NONE} {_why(row, measure)}"
    said = f"{_number(look, value)} {look.unit}"
    if measure is Measure.WORST_GAP:
        return f"{said} · {_where(row)}"
    mark = figures.MARKS[row["home_gap_mark"]] if measure is Measure.HOME_GAP else ""
    whose = f" with {row['kappa_with']}" if measure is Measure.AGREEMENT else ""
    span = _span(row, measure)
    return (
        said
        + whose
        + (f" ({span}; {row[f'{measure}_n']:,} answers)" if span else "")
        + f" {mark}" * bool(mark)
    )


def _why(row: Record, measure: Measure) -> str:
    """Say why there is no value."""
    if measure is Measure.HOME_GAP and not row["home"]:
        return "the country of its maker is not stated"
    return {
        Measure.WORST_GAP: "no critical matched templates, or too much missing",
        Measure.HOME_GAP: f"not asked about {views.title('country', row['home'])}, or too much missing",
        Measure.OVER_REFUSAL: "no such controls asked",
        Measure.UNDER_REFUSAL: "no such controls asked",
        Measure.AGREEMENT: f"fewer than {FEW} answers that two raters labelled",
        Measure.COST: "no price known",
    }.get(measure, "")


def picker(table: pd.DataFrame, in_force: InForce) -> None:
    """Offer what a row of the table opens by a list, for a keyboard and for a small screen."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        model = st.selectbox("Model", list(table["model"]), key="models-open")
        gaps = "gaps.py", _gaps_link(in_force, model)
        st.button("Open its gaps", icon=":material/balance:", on_click=urls.leave_for, args=gaps)
        answers = "answers.py", evidence.answers(in_force, {"model": model})
        st.button("Open its answers", icon=":material/forum:", on_click=urls.leave_for, args=answers)


def cautions(found: Gaps) -> None:
    """Say what keeps the gaps of these models from being read at face value."""
    every = together(found.cautions)
    more = [f"And {len(every) - MOST_CAUTIONS} more: on the page Gaps, by model."]
    said = [*every[:MOST_CAUTIONS], *more * (len(every) > MOST_CAUTIONS)]
    if said:
        st.warning("  \n".join(map(plain, said)), icon=":material/rule:")


def _gaps_link(in_force: InForce, model: str) -> evidence.Link:
    return evidence.gaps(in_force, evidence.first_name(in_force, model))
