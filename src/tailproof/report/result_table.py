"""The lines that end a run: its figures beside the constant's."""

from __future__ import annotations

import math

from tailproof.core.counted import counted
from tailproof.core.events import LogLine, details, texts
from tailproof.core.verdict import Figures, Verdict
from tailproof.report.money import money_form


def result_table(verdict: Verdict, *, name: str = "network") -> list[LogLine]:
    """One line per forecaster; losses have six decimals, since three would hide the signal.

    ``name`` is that of what is judged.
    """
    model, constant = verdict.model, verdict.constant
    rows = [
        _row(name, model.loss, model.mae, _pooled(model), model.hit_rate.hit_rate),
        _row(
            f"constant {verdict.constant_prediction:.6f}",
            constant.loss,
            constant.mae,
            _pooled(constant),
            constant.hit_rate.hit_rate,
        ),
        *(
            _row(other, each.loss, None, each.rank_ic, each.hit_rate)
            for other, each in verdict.baselines.items()
            if other != "constant"
        ),
    ]
    head = f"{'Result':<20}{'Huber loss':>11}{'MAE':>10}{'rank IC':>9}{'hit rate':>9}"
    return [LogLine(text=head, role="heading"), *texts([*rows, *_beside_the_table(verdict)]), *_by_session(model)]


def _beside_the_table(verdict: Verdict) -> list[str]:
    evidence, statistics = verdict.rank_ic, verdict.statistics
    paths, rows = statistics.path_rank_ics, verdict.model.rows
    lines = []
    if evidence.placebos:
        best, p_value = max(evidence.placebos), evidence.p_placebo
        lines.append(f"  {counted(len(evidence.placebos), 'placebo')}: rank IC up to {best:+.4f}, p = {p_value:.3f}")
    lines.append(
        f"  rank IC from the next open {_ic(statistics.from_next_open.value)}, one bar late "
        f"{_ic(statistics.one_bar_late.value)}; correlation of forecast and mean return "
        f"{_ic(statistics.mean_return_ic.value)}"
    )
    if paths:
        lines.append(f"  {len(paths)} backtest paths: rank IC {min(paths):+.4f} to {max(paths):+.4f}, each on its own")
    lines.append(
        f"  skill = 1 - loss / loss of constant = {verdict.skill_vs_constant:+.6%} on {counted(rows, 'row')}; "
        f"base rate of the hits {verdict.model.hit_rate.base_rate:.2%}"
    )
    if (costs := verdict.costs) is not None:
        one_sided = f"; {costs.one_sided}" if costs.one_sided else ""
        money = money_form(costs.notional)
        lines.append(
            f"  would it pay: {costs.rule}; gross {costs.gross:{money}}, net {costs.net:{money}}, break-even cost "
            f"{costs.break_even_bp:.3f} bp a side (modelled {costs.cost_bp:.3f}){one_sided}"
        )
    return lines


def _by_session(model: Figures) -> list[LogLine]:
    ic = model.rank_ic
    if ic is None or ic.groups <= 1:
        return []
    return details(
        [
            f"  rank IC by session (month, for daily bars): mean {ic.mean_by_group:+.4f}, t {ic.t_by_group:.2f}, "
            f"{ic.share_above_zero:.0%} of {ic.groups} above zero"
        ]
    )


def fold_lines(
    number: int,
    folds: int,
    *,
    rows: int,
    loss: float,
    constant_loss: float,
    rank_ic: float,
    seconds: float,
    rate: float,
    shown: bool,
) -> list[LogLine]:
    """How one fold of a walk-forward did on its test rows, and in detail how fast its population trained."""
    line = (
        f"Fold {number}/{folds}  {counted(rows, 'row')}  loss {loss:.6f} (constant {constant_loss:.6f})  "
        f"rank IC {_ic(rank_ic)}  {seconds:.1f} s"
    )
    in_detail = f"  skill {1.0 - loss / constant_loss:+.4%} on its test rows, trained at {rate:,.0f} model-steps/s"
    return [LogLine(text=line, role="text" if shown else "detail"), *details([in_detail])]


def _ic(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:+.4f}"


def _pooled(figures: Figures) -> float:
    return math.nan if figures.rank_ic is None else figures.rank_ic.pooled


def _row(name: str, loss: float, mae: float | None, rank_ic: float, hit_rate: float) -> str:
    error = "" if mae is None else f"{mae:.6f}"
    return f"  {name:<18}{loss:>11.6f}{error:>10}{_ic(rank_ic):>9}{hit_rate:>9.2%}"
