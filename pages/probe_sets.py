import streamlit as st

from pages._ui import sets, start, upload, urls

VIEWS = {"browse": "Browse", "coverage": "Coverage", "upload": "Upload"}

st.title("Probe sets")
view = urls.choose("View", list(VIEWS), "sets_view", VIEWS.__getitem__, urls.one_of)
shelf = sets.at_hand()

if view == "upload":
    st.markdown(
        "Your own questions as CSV, JSONL or YAML. Nothing leaves this machine before you start a run."
    )
    upload.starters()
    reading = upload.read()
    if reading:
        upload.show(reading)
        saved = reading.probe_set and upload.save(shelf, reading.probe_set)
        if reading.probe_set and saved and start.form(reading.probe_set, "upload"):
            st.switch_page("runs.py")
    st.stop()

entry = sets.choose(shelf, "browse")
found = sets.fetch(entry.set_hash)
sets.about(entry, found)
if view == "coverage":
    sets.coverage_of(found)
    st.stop()

if start.form(found, "browse"):
    st.switch_page("runs.py")
probe = sets.table(sets.filtered(found), f"probes-{entry.set_hash[:12]}")
if probe is None:
    st.caption("Pick a row to see its facts and sources, and its template in every country.")
else:
    sets.detail(found, probe)
