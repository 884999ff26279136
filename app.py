"""The dashboard: `streamlit run app.py`."""

import streamlit as st

from parallax import web

app = st.App(
    "pages/_shell.py",
    lifespan=web.lifespan(st.get_option),
    routes=web.ROUTES,
    middleware=web.MIDDLEWARE,
)
