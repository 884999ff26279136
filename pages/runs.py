import streamlit as st

from pages._ui import run_list, sets, start

st.title("Runs")
st.subheader("Start a run")
entry = sets.choose(sets.at_hand(), "start")
if start.form(sets.fetch(entry.set_hash), "runs"):
    st.rerun()

st.subheader("All runs")
run_list.draw()
