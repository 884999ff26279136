import streamlit as st

from pages._ui import cells, charts, confirmed, data, downloads, progress, recorded, served
from parallax import figures

in_force = st.session_state.in_force
st.title("What do these models decline to say?")

if in_force is None:
    st.markdown(
        "Parallax sends the same probes to several language models, keeps every answer, and shows where one"
        " goes quiet and the others do not. Nothing has been asked yet."
    )
    recorded.ways_in()
    st.stop()

recorded.label(in_force.shown)
recorded.removal(in_force.shown)
seen = data.overview(in_force.selection, in_force.by)
progress.notes(in_force)
served.caution(in_force.selection, in_force.served, in_force.by)
with st.container(horizontal=True, gap="medium"):
    st.metric("Answers", f"{seen.answers:,}", width="content")
    st.metric("Models", seen.models, width="content")
    st.metric("Probes", f"{seen.probes:,}", width="content")
if not len(seen.by_model):
    st.info("No answer to a critical matched probe is in yet; this fills while answers come in.")
    st.stop()

confirmed.draw(confirmed.found(in_force), in_force)

st.subheader("Declined or dodged, on the critical prompts that differ only in their country")
st.plotly_chart(
    figures.rate_bars(seen.by_model, charts.palette()), config={"displayModeBar": False}, key="bars"
)
st.subheader("By country")
cells.heatmap(seen.by_country, in_force, key="overview-heatmap")
st.caption("Plain shares; a difference between two cells may be chance. A click on a cell opens its answers.")
cells.cautions(seen.by_country)
with st.container(horizontal=True):
    st.page_link("heatmap.py", label="All cells, with counts and intervals", icon=":material/grid_on:")
    st.page_link("models.py", label="The models side by side", icon=":material/table_rows:")
with st.container(horizontal=True):
    downloads.button(in_force, in_force.selection, ("country", in_force.by))
    downloads.report(in_force)
    downloads.share(in_force, in_force.permalink())

st.subheader("Latest runs")
progress.latest()
