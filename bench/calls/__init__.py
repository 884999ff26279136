"""Whole processes that make the same calls to one loopback endpoint: Parallax, bare litellm, its peers."""
