"""The definition of a feature: one causal expression and the facts that must be declared about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import polars as pl

from tailproof.core.errors import ConfigError
from tailproof.core.printable import printable

Expression = pl.Expr | Callable[[pl.DataFrame], pl.Expr]
"""An expression, or a function from the frame of the bars to one (which may then depend on what is in the frame)."""
Times = int | Literal["session"]
KNOWN_AT_CLOSE = "when its bar is complete"


@dataclass(frozen=True, kw_only=True)
class Feature:
    """A number known at the close of its bar.

    ``expression`` is evaluated inside each segment, so that ``shift`` and ``rolling_*`` never reach over a break; it
    may use a bar's own row and the rows above it, never a row below. A feature that says in ``crosses`` what it carries
    over breaks has its own ``.over(...)`` instead.
    """

    name: str
    expression: Expression
    formula: str
    needs: tuple[str, ...]
    """Columns of Bars.frame that it reads."""
    look_back: int | None
    """Bars before its own that it reads at most; None where nobody has said, which the audit then measures.

    A recursive average reads everything: it declares the bars after which what came before weighs less than 1e-6.
    """
    level: bool = False
    """Whether it follows the price level, so that later values drift out of the training range."""
    stationary_twin: str | None = None
    """For a level: the feature that holds the same information without the drift."""
    family: str = "your own"
    source: str = "your own"
    """Who defined it: a publication, or the library whose name it bears."""
    known: str = KNOWN_AT_CLOSE
    look_back_sessions: int = 0
    """Whole sessions that it reads at most, its own included; 0 where ``look_back`` says all."""
    crosses: str | None = None
    """The values carried over breaks, for a feature that does so: each was itself taken inside one session."""
    every_row: bool = False
    """Whether the expression surely gives one value per row, never one per segment; it is then put together faster."""
    times: Times = 1
    """The length, in bars or as a session, of the completed bars that it is computed on."""
    series: str | None = None
    """The joined series on whose own rows it is computed; None for the bars. A bar sees the row that is in force."""

    def __post_init__(self) -> None:
        """Refuse a record that contradicts itself, and a name that would reach screens and reports disguised."""
        if not self.name.strip() or printable(self.name, allowed="") != self.name:
            raise ConfigError(
                "the name of a feature must hold characters that can be seen, no line ends and no marks of direction, "
                f"got '{printable(self.name, allowed='')}'. Give it another name."
            )
        if self.look_back is not None and self.look_back < 0:
            raise ConfigError(f"feature '{self.name}': look_back must be at least 0, got {self.look_back}.")
        if self.look_back_sessions < 0:
            raise ConfigError(
                f"feature '{self.name}': look_back_sessions must be at least 0, got {self.look_back_sessions}."
            )

    def on(self, frame: pl.DataFrame) -> pl.Expr:
        """The expression for these bars, kept inside segments unless it crosses them, under the feature's name."""
        expression = self.expression if isinstance(self.expression, pl.Expr) else self.expression(frame)
        if self.crosses is None:
            expression = over_segment(expression, end_to_end=self.every_row)
        return expression.alias(self.name)

    @property
    def reads(self) -> str:
        """The columns it needs, in words; those of a function are found when it meets bars.

        >>> Feature(name="a", expression=lambda frame: pl.col("close"), formula="", needs=(), look_back=None).reads
        'found on the bars'
        """
        unmet = not self.needs and not isinstance(self.expression, pl.Expr)
        return "found on the bars" if unmet else ", ".join(self.needs) or "the time"

    @property
    def history(self) -> str:
        """The look-back in words.

        >>> Feature(name="a", expression=pl.col("close"), formula="", needs=("close",), look_back=3).history
        '3 bars'
        """
        parts = []
        if self.look_back is None:
            parts.append("not declared")
        elif self.look_back or not self.look_back_sessions:
            parts.append("1 bar" if self.look_back == 1 else f"{self.look_back:,} bars")
        if self.look_back_sessions:
            parts.append("its session" if self.look_back_sessions == 1 else f"{self.look_back_sessions} sessions")
        return ", ".join(parts)


def over_segment(expression: pl.Expr, *, end_to_end: bool) -> pl.Expr:
    """The expression inside each segment: its values laid end to end, or (three times as slow) each put in its row.

    Only the second spreads one value over all rows of a segment, as a user's expression may want.
    """
    return expression.over("segment", mapping_strategy="explode" if end_to_end else "group_to_rows")
