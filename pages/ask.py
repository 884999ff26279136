import streamlit as st

from pages._ui import ask, start

st.title("Ask")
st.markdown("One question about several countries, to several models. The answers are kept like any others.")

asked = ask.form()
if asked and (run := start.run(*asked[:3], asked.probe_set.title, fresh=asked.fresh)):
    st.query_params["asked"] = run
    st.rerun()

if run := st.query_params.get("asked"):
    ask.answers(run)
