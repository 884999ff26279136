"""What can be taken from a page: tables of what is in view, a permalink, a text to cite it by."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import streamlit as st

from pages._ui import data
from pages._ui.filters import InForce
from parallax import exports, reports, tickets, views
from parallax.exports import Export, Kind
from parallax.store import Selection

FORMATS = {
    "CSV": (".csv", False),
    "CSV for Excel": (".csv", True),
    "Parquet": (".parquet", False),
    "JSONL": (".jsonl", False),
}
LONG, WIDE, RATES, GAPS = "Answers, one a row", "Models side by side", "Rates", "Gaps"


def button(in_force: InForce, selection: Selection, by: tuple[str, ...] = ()) -> None:
    """Offer the answers in view, and what is measured of them, as files that the server streams.

    `by` are the axes of the page's rates, over its critical matched probes.
    """
    rated = views.critical(selection)
    every = replace(
        selection, pairs=in_force.pairs, models=tuple(model for _, model in selection.pairs or ())
    )
    tables = {LONG: Export(selection=selection), WIDE: Export(Kind.WIDE, selection)}
    if by:
        tables[RATES] = Export(Kind.RATES, rated, by)
        tables[GAPS] = Export(Kind.GAPS, every)
    with st.popover("Download", icon=":material/download:"):
        chosen = tables[st.selectbox("What", list(tables), key="download_what")]
        formats = list(FORMATS)
        picked = st.segmented_control("Format", formats, default=formats[0], required=True, key="download_as")
        ending, excel = FORMATS[picked]
        link = tickets.issue(replace(chosen, ending=ending, excel=excel))
        st.link_button("Download", link, icon=":material/download:", type="primary")
        st.link_button(
            "Its provenance (JSON)", f"{link}.json", icon=":material/description:", type="tertiary"
        )
        st.caption("With the filters in force. The links hold for an hour.")


def share(in_force: InForce, link: str) -> None:
    """Offer a permalink of what is on screen, and a text to cite it by."""
    today = datetime.now(UTC).date()
    with st.popover("Permalink · cite", icon=":material/link:"):
        st.code(link, language=None, wrap_lines=True)
        st.caption("Cite this")
        label_set = in_force.selection.label_set
        cited = exports.in_view(in_force.set_title, in_force.set_hash, in_force.shown, label_set)
        st.code(exports.cite(cited, link, today), language=None, wrap_lines=True)


def report(in_force: InForce) -> None:
    """Offer the report of the runs in view as one HTML file, made when it is pressed."""
    runs = sorted({run for run, _ in in_force.pairs})
    label_set = in_force.selection.label_set

    def made() -> bytes:
        return reports.html(
            lambda export, out: exports.write(data.store(), export, out), runs, label_set
        ).encode()

    st.download_button(
        "Report",
        made,
        file_name="parallax-report.html",
        mime="text/html",
        icon=":material/summarize:",
        help="All models and countries of the runs in view, as one HTML file for print",
        on_click="ignore",
    )
