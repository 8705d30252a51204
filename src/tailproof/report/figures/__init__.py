"""Figures as data: the content of each and how to read it."""
