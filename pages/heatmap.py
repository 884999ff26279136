import streamlit as st

from pages._ui import axes, cells, downloads, filters, progress, served

st.title("Heatmap")
in_force = filters.needed()

progress.notes(in_force)
served.caution(in_force.selection, in_force.served, in_force.by)
asked = axes.asked(in_force)
panels = axes.found(asked, in_force)
shown = next(iter(panels.values()), None)
if shown is None or not shown.rows:
    st.info("No critical matched probe is in view: loosen the filters, or wait for the first answers.")
    st.stop()

axes.drawn(asked, panels, in_force)
cells.cautions(shown)
axes.picker(asked, panels, in_force)
with st.expander("The numbers as a table"):
    st.dataframe(cells.numbers(panels), hide_index=True)
with st.container(horizontal=True, vertical_alignment="bottom"):
    axes.picture()
    downloads.button(in_force, axes.within(asked, in_force), (shown.row_axis, shown.column_axis))
    downloads.share(in_force, in_force.permalink())
