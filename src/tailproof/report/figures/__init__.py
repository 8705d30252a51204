"""Figures as data: what each shows and how to read it."""
