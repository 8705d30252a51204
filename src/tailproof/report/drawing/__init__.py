"""Figures drawn: as SVG for pages, as plotly figures for notebooks."""
