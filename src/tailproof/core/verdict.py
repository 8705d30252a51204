"""The worth of a run: figures with intervals, each beside the baselines', and one sentence."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

VerdictWord = Literal["skill", "no evidence", "suspicious"]
MIN_DAYS_FOR_SHARPE = 60
"""A Sharpe ratio of fewer trading days has a standard error above 2 a year and says nothing."""


ROLLING_DAYS = 126
"""Half a year of trading days: the stretch of a rolling Sharpe ratio."""


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A figure with its 95 % interval; the bounds are NaN where the data cannot give one (fewer than 10 groups)."""

    value: float
    low: float
    high: float
    standard_error: float


@dataclass(frozen=True, kw_only=True)
class Test:
    """A test statistic and its p-value (two-sided unless the test says otherwise)."""

    __test__ = False  # not a test case, whatever pytest makes of the name

    statistic: float
    p_value: float


@dataclass(frozen=True, kw_only=True)
class RankIC:
    """Pooled over all rows, and by group of rows (trading sessions, or months of daily bars)."""

    pooled: float
    """NaN where the forecast or the return does not vary."""
    standard_error: float
    """Standard error, pooled: from the spread over groups if there are at least 10, else 1 / sqrt(rows - 1)."""
    mean_by_group: float
    t_by_group: float
    """Mean over its standard error, which allows for autocorrelation (Newey-West)."""
    ratio: float
    """ICIR: mean over standard deviation of the groups' ICs."""
    groups: int
    share_above_zero: float


@dataclass(frozen=True, kw_only=True)
class HitRate:
    """Share over the rows whose return is not exactly zero."""

    hit_rate: float
    base_rate: float
    """Share of the more frequent direction: what always saying that direction would have hit."""
    rows: int


@dataclass(frozen=True, kw_only=True)
class Figures:
    """How a forecast did on some rows; losses are means over the rows."""

    rows: int
    loss: float
    mae: float
    rank_ic: RankIC | None
    """None for a constant, whose ranks are all equal."""
    hit_rate: HitRate


@dataclass(frozen=True, kw_only=True)
class RankICEvidence:
    """The rank IC that the verdict rests on, with its interval and its place among the placebos."""

    value: float
    low: float
    high: float
    standard_error: float
    p_placebo: float | None
    """(1 + placebos at least as good) / (placebos + 1); None without placebos."""
    placebos: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class BaselineResult:
    """A simple forecaster on the same folds, and how much better the network did on the same rows."""

    loss: float
    rank_ic: float
    """NaN for a forecast that never varies."""
    hit_rate: float
    rank_ic_difference: Interval
    """Network less baseline, from the same resampled groups."""
    skill: Interval
    """1 - loss of the network / loss of the baseline."""
    diebold_mariano: Test
    """Above zero where the baseline's loss is higher; two-sided."""


@dataclass(frozen=True, kw_only=True)
class WithoutUnaudited:
    """The same folds trained without the features that cannot be audited."""

    skill: bool
    """Whether the verdict would be skill on the other features alone."""
    rank_ic: Interval
    """NaN where no other feature is left."""


@dataclass(frozen=True, kw_only=True)
class AuditBrief:
    """Findings of the causality audit of bars, features, labels and fitted statistics."""

    passed: bool
    notes: tuple[str, ...] = ()
    """The tests made; where they failed, one sentence for each finding."""
    unaudited: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Features that read columns from the file, and these columns: nobody can say what they knew, and when."""
    without_unaudited: WithoutUnaudited | None = None
    """The result without these features; None where there are none, or there is no skill to doubt."""


@dataclass(frozen=True, kw_only=True)
class RollingSharpe:
    """The annualised Sharpe ratio of every stretch of so many trading days."""

    days: int
    lowest: float
    highest: float
    latest: float


@dataclass(frozen=True, kw_only=True)
class CostResult:
    """Would it pay, under a stated rule."""

    rule: str
    break_even_bp: float
    """Cost per side, in basis points of the traded value, at which the net result is zero."""
    cost_bp: float
    """Modelled cost per side, in basis points of the traded value, on average."""
    gross: float
    """Sum of profit and loss before costs, in money."""
    gross_long: float
    """The part of it that long positions earned."""
    gross_short: float
    net: float
    net_interval: Interval
    """``net`` with its interval, whole trading days resampled."""
    net_percent: float
    """``net`` in percent of ``notional``."""
    notional: float
    """Mean value of one contract, in money."""
    constant: Literal["long", "short"]
    """The net result of always being long or always short, whichever earned more, at the same costs."""
    constant_net: float
    above_constant: Interval
    """``net`` less ``constant_net``, from the same resampled days."""
    share_long: float
    """Share of the bars with a long position."""
    share_short: float
    turnover_per_day: float
    """Contracts traded, both sides counted."""
    days: int
    """Trading days (rows, of bars longer than a day)."""
    drawdown: float
    """Largest fall of the running net result from its highest point, bar by bar, in money."""
    sharpe: float
    """Annualised, of the days' net results; NaN for fewer than ``MIN_DAYS_FOR_SHARPE``."""
    probabilistic_sharpe: float
    """Probability that the true Sharpe ratio is above zero."""
    deflated_sharpe: float
    """Probability that it is above what the best of all trials without skill would have shown."""
    rolling_sharpe: RollingSharpe | None
    """None for fewer trading days than one such stretch."""
    by_month: Mapping[str, float]
    """Net result of each calendar month (UTC) in which a trading day ended, in money."""

    @property
    def pays(self) -> bool:
        """Whether the net result is surely above zero, and surely above that of the constant position."""
        return self.net_interval.low > 0.0 and self.above_constant.low > 0.0

    @property
    def one_sided(self) -> str:
        """What a rule with one position on at least 95 % of the bars is, as "long on 98% of the bars"; else empty."""
        share, side = max((self.share_long, "long"), (self.share_short, "short"))
        return f"{side} on {share:.0%} of the bars" if share >= 0.95 else ""


@dataclass(frozen=True, kw_only=True)
class Trials:
    """The number of earlier attempts, according to the ledger of the project folder."""

    count: int
    """Distinct configurations on this data, this one included."""
    probability_of_overfitting: float | None
    """None where fewer than two trials share enough days."""
    left_out: int = 0
    """Trials that share fewer than half of the days with this one, and are no part of that probability."""


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Regression of the target on the forecast (Mincer and Zarnowitz 1969): slope 1 is calibrated."""

    slope: Interval
    intercept: float
    slope_before: float | None
    """The slope of the forecasts before they were drawn toward the constant (``--shrink``); None where none was."""
    deciles: tuple[CalibrationDecile, ...]


@dataclass(frozen=True, kw_only=True)
class CalibrationDecile:
    """A tenth of the rows by rising forecast."""

    rows: int
    prediction: float
    target: float
    mean_return: float
    share_up: float
    """Hit rate among the rows whose return is not zero."""
    target_low: float
    """95 % interval of ``target``, then of ``mean_return``; NaN for too few sessions."""
    target_high: float
    return_low: float
    return_high: float


@dataclass(frozen=True, kw_only=True)
class Slice:
    """The part of the pooled rank IC that some of the rows earn: their mean rank product."""

    name: str
    rows: int
    rank_ic: float
    standard_error: float
    low: float
    """95 % interval; NaN for too few sessions."""
    high: float


@dataclass(frozen=True, kw_only=True)
class HorizonIC:
    """Rank IC of the same forecasts with the return over so many bars."""

    bars: int
    rows: int
    """Rows whose segment reaches so far."""
    rank_ic: Interval


@dataclass(frozen=True, kw_only=True)
class DriftSlice:
    """The predictions of one fold beside those of the first."""

    name: str
    rows: int
    mean: float
    spread: float
    stability_index: float
    """Population stability index against the first fold: below 0.1 is still, above 0.25 is a shift."""


@dataclass(frozen=True, kw_only=True)
class BoldestForecasts:
    """The hundredth of the rows whose forecasts are farthest from their median: how often they were right."""

    rows: int
    """How many of those rows have a return that is not zero."""
    sessions: int
    hit_rate: float
    standard_error: float
    one_bar_late: float
    """Hit rate of the same forecasts with the returns of one bar later."""
    one_bar_late_standard_error: float
    last_return: float
    """Hit rate of the last return reversed on the same rows; NaN where no such baseline stands beside the forecast."""


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """Everything else that was computed from the same forecasts."""

    groups: int
    block_length: float
    """Mean length, in groups, of the blocks that were resampled."""
    replications: int
    skill_vs_constant: Interval
    skill_vs_zero: Interval
    squared_skill_vs_constant: Interval
    squared_skill_vs_zero: Interval
    mean_return_ic: Interval
    """Correlation of the forecast's rank with the return itself, rows weighted by what volatility was known to be: zero
    where only the order of returns, and not their mean, moves with the forecast."""
    hit_rate_excess: Interval
    """Hit rate less what forecasts without skill, but as often up and down, would hit."""
    pesaran_timmermann: Test
    """One-sided: large where directions are forecast better than by chance."""
    baselines_superior_ability: float | None
    """Hansen's SPA with the network as benchmark: p of "no baseline has a lower expected loss than the network". Small
    where a baseline is better, though picked after seeing them all. None without baselines."""
    superior_ability: float | None
    """The same with the constant as benchmark: p of "neither the network nor a baseline beats the constant"."""
    from_next_open: Interval
    """Rank IC with the returns from the next bar's open, the first price that an order can have."""
    one_bar_late: Interval
    """Rank IC of the same forecasts with the returns of one bar later."""
    by_horizon: tuple[HorizonIC, ...]
    """Empty where the bars did not stand beside the forecasts."""
    forecast_autocorrelation: float
    """Rank correlation of each forecast with that of the next bar."""
    boldest: BoldestForecasts
    calibration: Calibration
    member_rank_ics: tuple[float, ...]
    """Each network of the population on its own."""
    path_rank_ics: tuple[float, ...]
    """Each backtest path of a combinatorial split on its own; empty for other splits."""
    by_fold: tuple[Slice, ...]
    """Each stretch of time that was tested at once, named by its number."""
    by_month: tuple[Slice, ...]
    by_hour: tuple[Slice, ...]
    """Hour of the day, UTC, at which the row is known."""
    by_volatility: tuple[Slice, ...]
    """Thirds of the groups, by mean absolute return."""
    drift: tuple[DriftSlice, ...]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The worth of the run: ``skill``, ``no evidence`` or ``suspicious``, and the reason in one sentence.

    ``as_json`` follows the schema in ``core/verdict.schema.json``.
    """

    verdict: VerdictWord
    sentence: str
    rank_ic: RankICEvidence
    skill_vs_constant: float
    """1 - loss / loss of the constant fitted on the training rows."""
    baselines: Mapping[str, BaselineResult]
    minimum_detectable_ic: float
    """The smallest true IC that this many rows would find in four cases of five."""
    costs: CostResult | None
    audit: AuditBrief | None
    """None where it was switched off; there is no skill then."""
    trials: Trials | None
    model: Figures
    constant: Figures
    constant_prediction: float
    """Mean over the folds."""
    judged_on_validation: bool
    statistics: Statistics
    notes: tuple[str, ...] = field(default=())

    def __repr__(self) -> str:
        return f"Verdict({self.sentence!r})"

    def brief(self) -> dict[str, Any]:
        """The figures that the ledger keeps of a run."""
        return {
            "verdict": self.verdict,
            "sentence": self.sentence,
            "rank_ic": _without_nan(self.rank_ic.value),
            "skill_vs_constant": _without_nan(self.skill_vs_constant),
            "rows": self.model.rows,
        }

    def as_json(self) -> dict[str, Any]:
        """The verdict as plain types; NaN becomes None, which JSON can hold."""
        plain: dict[str, Any] = _without_nan(asdict(self))
        return plain


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
