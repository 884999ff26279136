"""What the answers in view confirm, on screen, each finding with the way to its evidence."""

from __future__ import annotations

import streamlit as st

from pages._ui import cells, data, evidence
from pages._ui.filters import InForce
from pages._ui.text import plain
from parallax import views
from parallax.metrics.gaps import Slice
from parallax.views.findings import Finding, Findings, findings


def found(in_force: InForce) -> Findings:
    """Return what is confirmed of the models and countries in view."""
    pairs, selection = in_force.pairs, in_force.selection
    table = data.gaps(pairs, selection.label_set, str(Slice.ALL), in_force.by)
    entries = {entry.model: entry for entry in data.entries(pairs)}
    return findings(table, entries, cells.names(in_force), selection.countries)


def draw(found: Findings, in_force: InForce) -> None:
    """Draw the findings; where there is none, say so and what would settle it."""
    st.subheader("What these answers confirm")
    for place, finding in enumerate(found.shown):
        with st.container(border=True):
            _finding(finding, in_force, place)
    if found.more:
        st.caption(f"And {found.more} more: on the page Gaps, by model.")
    if not found.shown:
        st.info(
            "No model in view is confirmed to be less willing on one country than on the others. "
            + plain(found.open),
            icon=":material/balance:",
        )
        st.page_link(
            "gaps.py", label="The gaps so far", icon=":material/balance:", query_params=in_force.link
        )
    if found.withheld:
        st.caption("  \n".join(map(plain, found.withheld)))
    if found.shown and (in_force.selection.topics or in_force.selection.languages):
        st.caption("Over all topics and languages, whatever is filtered.")


def _finding(finding: Finding, in_force: InForce, place: int) -> None:
    st.markdown(f"**{plain(finding.sentence)}**")
    st.caption("  \n".join(map(plain, [finding.basis, *finding.cautions])))
    cell = {in_force.by: finding.name, "country": finding.country}
    country = plain(views.title("country", finding.country))
    with st.container(horizontal=True, key=f"finding-{place}"):
        st.page_link(
            "gaps.py",
            label="Beside its other countries",
            icon=":material/balance:",
            query_params=evidence.gaps(in_force, finding.name),
        )
        st.page_link(
            "answers.py",
            label=f"Its answers on {country}",
            icon=":material/forum:",
            query_params=evidence.answers(in_force, cell),
        )
