import functools

import streamlit as st

from pages._ui import data, downloads, filters, models, progress, served, urls
from parallax.metrics.gaps import Slice
from parallax.views import models as view

st.title("Models")
in_force = filters.needed()
progress.notes(in_force)
served.caution(in_force.selection, in_force.served, in_force.by)

found = data.gaps(in_force.pairs, in_force.selection.label_set, str(Slice.ALL))
table = view.table(data.measured(in_force.selection), found.table, in_force.selection.countries)
limits = models.thresholds()
with st.container(horizontal=True, vertical_alignment="bottom"):
    shape = urls.choose("View", list(models.SHAPES), "models_view", models.SHAPES.__getitem__, urls.one_of)
    table = models.ordered(table)
models.draw(table, limits, shape, in_force)
st.caption(
    f"Gaps are in points: less willing than for the other countries. ★ clear after correction (Holm) for"
    f" {found.family} cells, • worth a look. There is no total score: what matters is yours to say. Blocks,"
    " missing answers and agreement are of what is in view; controls, cost and latency of the whole run, and"
    " controls of another where this one asked none."
)
if shape == models.TABLE:
    models.picker(table, in_force)
models.cautions(found)
with st.container(horizontal=True):
    st.download_button(
        "CSV of this table",
        functools.partial(view.csv, table, limits),
        "models.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
    downloads.share(in_force, in_force.permalink())
