"""What the charts take from the visitor: the theme."""

from __future__ import annotations

import streamlit as st

from parallax.figures import DARK, LIGHT, Palette


def palette() -> Palette:
    """The colours for the theme that this visitor sees."""
    return DARK if st.context.theme.type == "dark" else LIGHT
