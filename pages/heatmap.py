import streamlit as st

from pages._ui import cells, data, downloads, filters, progress, served, urls
from parallax import figures
from parallax.metrics import Rate

VIEWS = {
    "country-model": ("country", "model", "Country × model"),
    "topic-model": ("topic", "model", "Topic × model"),
    "topic-country": ("topic", "country", "Topic × country, one model"),
}
RATES = {str(rate): title for rate, title in figures.RATE_TITLES.items()}

st.title("Heatmap")
in_force = filters.needed()

progress.notes(in_force)
served.caution(in_force.selection, in_force.served, in_force.by)
with st.container(horizontal=True):
    view = urls.choose("Axes", list(VIEWS), "view", lambda v: VIEWS[v][2], urls.one_of)
    rate = urls.choose("Value", list(RATES), "rate", RATES.__getitem__, urls.one_of)
rows, columns, _ = VIEWS[view]
selection, fixed = in_force.selection, {}
if view == "topic-country":
    model = urls.choose("Model", cells.names(in_force), "one_model", str, st.selectbox)
    selection, fixed = cells.of_one(in_force, model), {in_force.by: model}

shown = data.heatmap(selection, rows, columns, Rate(rate), in_force.by)
if not shown.rows:
    st.info("No critical matched probe is in view: loosen the filters, or wait for the first answers.")
    st.stop()
cells.heatmap(shown, in_force, "heatmap", fixed)
st.caption(
    "Each cell: the mean over templates of the share of answers, critical matched probes only. Pale: fewer"
    " than 8 effective answers or an interval wider than ±25 points. Grey: over 10 % missing, or"
    " nothing to rate."
)
cells.cautions(shown)
cells.picker(shown, in_force, fixed)
with st.expander("The numbers as a table"):
    st.dataframe(cells.numbers(shown), hide_index=True)
with st.container(horizontal=True):
    downloads.button(in_force, selection, (shown.row_axis, shown.column_axis))
    downloads.share(in_force, in_force.permalink())
