import streamlit as st

from pages._ui import data, downloads, filters, gaps, opposed, progress, served, urls
from parallax.views import gaps as view

st.title("Gaps")
in_force = filters.needed()
progress.notes(in_force)
served.caution(in_force.selection, in_force.served, in_force.by)

shape = urls.choose("View", list(gaps.VIEWS), "gaps_view", gaps.VIEWS.__getitem__, urls.one_of)
if shape == gaps.PAIRS:
    opposed.opposed(in_force)
else:
    with st.container(horizontal=True):
        part = gaps.part(in_force)
        found = data.gaps(in_force.pairs, in_force.selection.label_set, part.slice, in_force.by)
        fixed = gaps.fixed(found, in_force, shape, part)
    shown = view.forest(found, shape, fixed, gaps.only(in_force, shape))
    if shown.rows.empty:
        st.info(gaps.NOTHING)
        st.stop()
    st.markdown(gaps.verdict(shown))
    gaps.forest(shown, in_force, fixed)
    gaps.cautions(found, shown)
    gaps.picker(shown, in_force, fixed)
    with st.expander("All numbers as a table"):
        st.dataframe(gaps.numbers(shown), hide_index=True)
    gaps.settle(view.plan(shown, found.table["country"].nunique()))
with st.container(horizontal=True):
    downloads.button(in_force, in_force.selection, ("model", "country"))
    downloads.share(in_force, in_force.permalink())
