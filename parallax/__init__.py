"""Parallax: the same probes to several language models, refusals and censorship side by side."""

__version__ = "0.1.0"
