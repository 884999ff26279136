import streamlit as st

from pages._ui import progress, sets, start

st.title("Runs")
st.subheader("Start a run")
entry = sets.choose(sets.at_hand(), "start")
if start.form(sets.fetch(entry.set_hash), "runs"):
    st.rerun()

st.subheader("All runs")
progress.run_list()
