import streamlit as st

from pages._ui import imports

st.title("Import")
st.markdown(
    "Answers that somebody recorded already: a table with a row an answer (CSV, JSON lines, Parquet), an"
    " export of Parallax, or the SpeechMap study. Nothing is sent anywhere, and no model is asked."
)
imports.last()
given = imports.files()
if not given:
    st.stop()

format = imports.choose_format(given)
mapping = imports.choose_columns(format, given)
found = imports.look(format, given, mapping)
if found:
    imports.show(found)
    imports.start(format, given, mapping, found)
