"""Rows → bars: how long a bar is, when it is known, where sessions and segments end."""
