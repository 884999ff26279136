"""What a button does, and what is said where it is refused."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages._ui.text import plain
from parallax.errors import ParallaxError


def attempt(action: Callable[[], object]) -> bool:
    """Do something that may be refused; show the refusal as one line. True where it was done."""
    try:
        action()
    except ParallaxError as error:
        st.error(plain(str(error)))
        return False
    return True
