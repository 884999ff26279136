"""Parallax: the same probes to several language models, refusals and censorship side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from parallax.api import ParallaxError, Study, open

__version__ = "0.1.0"
__all__ = ["ParallaxError", "Study", "open"]


def __getattr__(name: str) -> Any:
    """Import what docs/python.md names when somebody asks for it: no part of ours needs it."""
    if name not in __all__:
        raise AttributeError(f"module 'parallax' has no attribute '{name}'")
    from parallax import api

    return getattr(api, name)
