import streamlit as st

from pages._ui import filters, measures

st.title("Measures")
in_force = filters.needed()
st.caption("What stands beside rates and gaps. Shares are means over questions, with 95 % intervals.")
measures.unread()
empty = [title for title, draw in measures.SECTIONS.items() if not draw(in_force.selection)]
if empty:
    st.info(f"Nothing to measure with this probe set and these filters: {', '.join(empty)}.")
