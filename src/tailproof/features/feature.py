"""What a feature is: one causal expression and what must be said about it."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, kw_only=True)
class Feature:
    """A number known at the close of its bar.

    ``expression`` is evaluated inside each segment, so that ``shift`` and ``rolling_*`` never reach over a break; it
    may use a bar's own row and the rows above it, never a row below.
    """

    name: str
    expression: pl.Expr
    formula: str
    needs: tuple[str, ...]
    """Columns of Bars.frame that it reads."""
    look_back: int
    """Bars before its own that it reads at most."""
    level: bool = False
    """Whether it follows the price level, so that later values drift out of the range seen in training."""
    stationary_twin: str | None = None
    """For a level: the feature that says the same without the drift."""
