"""The lines that end a run: its figures beside the constant's."""

from __future__ import annotations

import math

from tailproof.core.verdict import Figures, Verdict


def result_table(verdict: Verdict, *, name: str = "network") -> list[str]:
    """One line per forecaster; losses have six decimals, since three would hide the signal.

    ``name`` is that of what is judged.
    """
    header = f"{'Result':<24} {'Huber loss':>11} {'MAE':>9} {'rank IC':>9} {'hit rate':>9} {'base rate':>9}"
    model, constant = verdict.model, verdict.constant
    lines = [header, _row(f"  {name}", model), _row(f"  constant {verdict.constant_prediction:.6f}", constant)]
    lines += [
        f"  {name:<22} {each.loss:>11.6f} {'':>9} {_ic(each.rank_ic):>9} {each.hit_rate:>9.2%}"
        for name, each in verdict.baselines.items()
        if name != "constant"
    ]
    if verdict.rank_ic.placebos:
        best = max(verdict.rank_ic.placebos)
        lines.append(
            f"  {len(verdict.rank_ic.placebos)} placebos: rank IC up to {best:+.4f}, "
            f"p = {verdict.rank_ic.p_placebo:.3f}"
        )
    told = verdict.statistics
    lines.append(
        f"  rank IC from the next open {_ic(told.from_next_open.value)}, one bar late {_ic(told.one_bar_late.value)}; "
        f"correlation of forecast and mean return {_ic(told.mean_return_ic.value)}"
    )
    paths = told.path_rank_ics
    if paths:
        lines.append(f"  {len(paths)} backtest paths: rank IC {min(paths):+.4f} to {max(paths):+.4f}, each on its own")
    lines.append(f"  skill = 1 - loss / loss of constant = {verdict.skill_vs_constant:+.6%} on {model.rows:,} rows")
    if verdict.costs is not None:
        costs = verdict.costs
        lines.append(
            f"  would it pay: {costs.rule}; gross {costs.gross:,.2f}, net {costs.net:,.2f}, break-even cost "
            f"{costs.break_even_bp:.3f} bp a side (modelled {costs.cost_bp:.3f})"
        )
    ic = model.rank_ic
    if ic is not None and ic.groups > 1:
        lines.append(
            f"  rank IC by session (month, for daily bars): mean {ic.mean_by_group:+.4f}, t {ic.t_by_group:.2f}, "
            f"{ic.share_above_zero:.0%} of {ic.groups} above zero"
        )
    return lines


def fold_line(
    number: int,
    folds: int,
    *,
    rows: int,
    loss: float,
    constant_loss: float,
    rank_ic: float,
    seconds: float,
    rate: float,
) -> str:
    """How one fold of a walk-forward did on its test rows, and how fast its population trained."""
    return (
        f"Fold {number}/{folds}  test {rows:,} rows  loss {loss:.6f} (constant {constant_loss:.6f}, skill "
        f"{1.0 - loss / constant_loss:+.4%})  rank IC {_ic(rank_ic)}  {seconds:.1f} s, {rate:,.0f} model-steps/s"
    )


def _ic(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:+.4f}"


def _row(name: str, figures: Figures) -> str:
    shown = _ic(math.nan if figures.rank_ic is None else figures.rank_ic.pooled)
    hits = figures.hit_rate
    return (
        f"{name:<24} {figures.loss:>11.6f} {figures.mae:>9.6f} {shown:>9} {hits.hit_rate:>9.2%} {hits.base_rate:>9.2%}"
    )
