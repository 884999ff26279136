import streamlit as st

from pages._ui import filters, review

st.title("Review")
in_force = filters.needed()
st.caption(
    "Label answers without knowing whose they are. Answers that chance drew come first: only they measure"
    " the raters. After them come those on which raters disagree or doubt most."
)
name = review.name()
review.sample(in_force.selection)
if not name:
    st.info("Enter your name to begin. It stands beside each of your labels.")
    st.stop()
review.last(name)
review.next_one(in_force.selection, name)
