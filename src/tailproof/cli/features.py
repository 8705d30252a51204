"""``tailproof features``: the list of the features."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tailproof.cli.printing import show
from tailproof.core.counted import counted


def features(
    *names: str,
    family: str | None = None,
    feature_file: Path | None = None,
    formulas: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """List the features: family, look-back, what columns they need, formula and source; those of joined series too.

    Parameters
    ----------
    names
        Presets or features to list, such as wide, rsi_14 or nq:beta_60; by default all.
    family
        Only families whose name contains this.
    feature_file
        Python file with features of your own, listed too.
    formulas
        Print formula and source of each.
    """
    from tailproof.features.listing import listed

    chosen = listed(names, family=family, feature_file=feature_file)
    for title, group in groupby(chosen, key=lambda feature: feature.family):
        show(f"\n{title}")
        for feature in group:
            level = f"; a level: prefer {feature.stationary_twin or 'its change'}" if feature.level else ""
            show(f"  {feature.name:<28} {feature.history:<24} {feature.reads}{level}")
            if formulas:
                show(f"      {feature.formula}\n      {feature.source}; known {feature.known}")
    if not names and family is None:
        _show_joined()
    count = counted(len(chosen), "feature")
    show(f"\n{count}. Presets: {_presets()}. Train on them with: tailproof train DATA --features NAME ...")


def _show_joined() -> None:
    """What a series offers that is joined with --with NAME=FILE."""
    from tailproof.features.joined import offered

    show("\nOf a series joined with --with NAME=FILE")
    show("  NAME:FEATURE                 each of the above, on its own bars, whose columns its file has: nq:rsi_14_x5")
    for feature in offered("NAME"):
        show(f"  {feature.name:<28} {feature.formula}")
    show("  NAME:COLUMN_level            and the like, where its file has several columns of values")


def _presets() -> str:
    from tailproof.features import PRESETS

    return ", ".join(f"{name} ({len(members)})" for name, members in PRESETS.items())
