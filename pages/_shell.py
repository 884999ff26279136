"""The frame of every page: navigation, the shared filters, the progress of runs."""

from pathlib import Path

import streamlit as st

from pages._ui import filters, progress, urls

ICON = str(Path(__file__).parent / "_ui" / "icon.svg")

st.set_page_config(page_title="Parallax", page_icon=ICON, layout="wide")
st.logo(ICON, size="large")
results = [
    st.Page("overview.py", title="Overview", icon=":material/home:", default=True),
    st.Page("heatmap.py", title="Heatmap", icon=":material/grid_on:"),
    st.Page("gaps.py", title="Gaps", icon=":material/balance:"),
    st.Page("compare.py", title="Compare", icon=":material/compare_arrows:"),
    st.Page("models.py", title="Models", icon=":material/table_rows:"),
    st.Page("measures.py", title="Measures", icon=":material/straighten:"),
    st.Page("answers.py", title="Answers", icon=":material/forum:"),
    st.Page("review.py", title="Review", icon=":material/rate_review:"),
    st.Page("agreement.py", title="Agreement", icon=":material/handshake:"),
]
asking = [
    st.Page("ask.py", title="Ask", icon=":material/contact_support:"),
    st.Page("probe_sets.py", title="Probe sets", icon=":material/library_books:"),
    st.Page("runs.py", title="Runs", icon=":material/play_circle:"),
    st.Page("imports.py", title="Import", icon=":material/upload:"),
]
page = st.navigation({"Results": results, "Asking": asking}, expanded=True)
urls.leave()
st.session_state.in_force = filters.shared() if page in results else None
progress.follow()
try:
    page.run()
finally:
    # pages end early, too
    progress.drawn()
