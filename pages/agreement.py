import streamlit as st

from pages._ui import agreement, data, downloads, filters, urls

st.title("Agreement")
in_force = filters.needed()
found = data.labelled(in_force.selection)
raters = agreement.raters(found)
if len(raters) < 2:
    st.info(
        "So far one rater alone has labelled what is in view. Review some answers, or let a judge:"
        " `python -m parallax judge RUN -m MODEL`."
    )
    st.stop()

axis = urls.choose("By", list(agreement.AXES), "by", agreement.AXES.__getitem__, urls.one_of)
agreement.pairs(found, axis)
st.subheader("Where two raters differ")
first = urls.choose("Rows", list(raters), "first", str, st.selectbox)
second = urls.choose("Columns", [r for r in raters if r != first], "second", str, st.selectbox)
picked = agreement.transitions(found, first, second)
agreement.disagreeing(found, first, second, picked)
st.subheader("What the share would be without the rater's errors")
agreement.prevalences(found, in_force.selection, raters)
downloads.share(in_force, in_force.permalink())
