import streamlit as st

from pages._ui import agreement, data, filters, labelling, urls
from pages._ui.text import plain

st.title("Agreement")
in_force = filters.needed()
labelling.draw(in_force)
found = data.labelled(in_force.selection)
raters = agreement.raters(found)
if len(raters) < 2:
    st.info(
        "So far one rater alone has labelled what is in view. Review some answers, or let a model judge them:"
        " *More labels* above."
    )
    st.stop()

if cautions := data.uneven_review(in_force.selection):
    st.warning("  \n".join(map(plain, cautions)))
axis = urls.choose("By", list(agreement.AXES), "by", agreement.AXES.__getitem__, urls.one_of)
agreement.pairs(found, axis)
st.subheader("Where two raters differ")
first = urls.choose("Rows", list(raters), "first", str, st.selectbox)
second = urls.choose("Columns", [r for r in raters if r != first], "second", str, st.selectbox)
picked = agreement.transitions(found, first, second)
agreement.disagreeing(found, first, second, picked)
st.subheader("Does a rater err alike for every country?")
agreement.errors_by_country(found, raters)
st.subheader("What the share would be without the rater's errors")
agreement.prevalences(found, in_force.selection, raters)
