import json
import re

import jsonschema
import numpy as np
import pytest
from tests.worlds.known_skill import ROWS, forecast_with, full_evidence, verdict_of

from tailproof.core.records import Forecast
from tailproof.core.verdict import AuditBrief, CostResult, Interval, RollingSharpe, Trials, Verdict
from tailproof.core.verdict_schema import verdict_schema
from tailproof.evaluation import LAST_RETURN, REVERSAL
from tailproof.report import result_table
from tailproof.statistics.groups import group_numbers
from tailproof.statistics.known_volatility import weights_of_known_volatility
from tailproof.statistics.ranks import standard_ranks


def valid_json(verdict: Verdict) -> dict:
    record = json.loads(json.dumps(verdict.as_json(), allow_nan=False))
    jsonschema.validate(record, verdict_schema())
    return record


def test_a_signal_that_beats_placebos_and_the_last_return_is_skill() -> None:
    verdict = verdict_of(forecast_with(0.04), full_evidence())
    assert verdict.verdict == "skill"
    assert verdict.rank_ic.low < 0.04 < verdict.rank_ic.high
    assert verdict.rank_ic.p_placebo == 0.05
    assert 0.0 < verdict.skill_vs_constant < 0.01
    assert "last return reversed" in verdict.sentence
    valid_json(verdict)


def test_noise_is_no_evidence_and_the_sentence_says_why() -> None:
    verdicts = [verdict_of(forecast_with(0.0, seed=seed), full_evidence(seed=seed)) for seed in range(5)]
    assert {verdict.verdict for verdict in verdicts} == {"no evidence"}
    for verdict in verdicts:
        assert ("nothing was found, the interval reaches zero" in verdict.sentence) == (verdict.rank_ic.low <= 0.0)
    assert sum(verdict.rank_ic.low <= 0.0 for verdict in verdicts) >= 4


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"audit": None}, "no causality audit stands beside it"),
        ({"placebo_rank_ics": ()}, "no placebo stands beside it"),
        ({"placebo_rank_ics": (0.2, *[0.0] * 18)}, r"placebos do as well \(p = 0\.1 of 19\)"),
        ({"placebo_rank_ics": (0.0,) * 5}, r"there are too few placebos \(p = 0\.167 of 5\)"),
        ({"baselines": {}}, "no baseline stands beside it"),
        ({"baselines": {LAST_RETURN: forecast_with(0.04).prediction_N}}, "not surely better than the last return"),
    ],
)
def test_each_condition_of_skill_is_necessary(changes: dict, reason: str) -> None:
    verdict = verdict_of(forecast_with(0.04), full_evidence(**changes))
    assert verdict.verdict == "no evidence"
    assert re.search(reason, verdict.sentence)
    assert verdict.sentence.count(";") == 1, "no other condition failed"
    valid_json(verdict)


def test_superior_ability_asks_both_ways() -> None:
    """Is a baseline better than the network; and is anything better than the constant?"""
    forecast = forecast_with(0.2)
    strong, noise_N = forecast.prediction_N, 0.5 + 0.01 * np.random.default_rng(5).normal(size=ROWS)
    weak = Forecast(**{**vars(forecast), "prediction_N": noise_N})
    beaten = verdict_of(weak, full_evidence(baselines={LAST_RETURN: noise_N[::-1], "ridge": strong})).statistics
    ahead = verdict_of(forecast, full_evidence(baselines={LAST_RETURN: noise_N, "ridge": noise_N[::-1]})).statistics
    assert beaten.baselines_superior_ability < 0.01, "ridge is better, though picked after seeing all"
    assert ahead.baselines_superior_ability > 0.9
    assert beaten.superior_ability < 0.01, "ridge beats the constant"
    assert ahead.superior_ability < 0.01, "the network does"
    assert verdict_of(forecast, full_evidence(baselines={})).statistics.baselines_superior_ability is None


def test_rows_that_chose_the_epoch_cannot_prove_skill() -> None:
    verdict = verdict_of(forecast_with(0.04), full_evidence(), judged_on_validation=True)
    assert verdict.verdict == "no evidence"
    assert "chosen on these same rows" in verdict.sentence


def test_a_few_sessions_give_no_interval_and_no_skill() -> None:
    verdict = verdict_of(forecast_with(0.04, session=4_000), full_evidence())
    assert verdict.verdict == "no evidence"
    assert "too few sessions" in verdict.sentence
    assert valid_json(verdict)["rank_ic"]["low"] is None


def test_a_signal_larger_than_bars_give_is_suspicious() -> None:
    assert verdict_of(forecast_with(0.3), full_evidence()).verdict == "suspicious"


def test_a_doubtful_signal_that_a_bars_delay_takes_away_is_suspicious() -> None:
    """On so many rows surely above 0.04, not surely above 0.05, and nothing is left a bar late."""
    forecast = forecast_with(0.05, rows=300_000, seed=1)
    verdict = verdict_of(forecast, full_evidence(rows=300_000))
    assert 0.04 < verdict.rank_ic.value - 2 * verdict.rank_ic.standard_error < 0.05
    assert verdict.verdict == "suspicious"
    assert "of which a bar's delay leaves" in verdict.sentence
    again_N = np.r_[0.0, forecast.predicted_return_N[:-1]]
    lasting = Forecast(**{**vars(forecast), "return_N": forecast.return_N + again_N})
    assert verdict_of(lasting, full_evidence(rows=300_000)).verdict == "skill"


def test_the_sentence_names_two_findings_and_counts_the_others() -> None:
    audit = AuditBrief(passed=False, notes=("first.", "second.", "third.", "fourth."))
    sentence = verdict_of(forecast_with(0.04), full_evidence(audit=audit)).sentence
    assert "failed (first; second; and 2 more)" in sentence


def test_a_failed_audit_is_suspicious_whatever_the_figures() -> None:
    audit = AuditBrief(passed=False, notes=("vwap changes with later bars",))
    verdict = verdict_of(forecast_with(0.04), full_evidence(audit=audit))
    assert verdict.verdict == "suspicious"
    assert "vwap changes with later bars" in verdict.sentence
    assert verdict_of(forecast_with(0.04), full_evidence(audit=AuditBrief(passed=True))).verdict == "skill"


def test_the_constant_has_no_skill_and_the_verdict_is_valid_json() -> None:
    forecast = forecast_with(0.0)
    flat = Forecast(**{**vars(forecast), "prediction_N": np.full(ROWS, 0.5)})
    verdict = verdict_of(flat, full_evidence())
    assert verdict.skill_vs_constant == 0.0
    assert "same for every row" in verdict.sentence
    record = valid_json(verdict)
    assert record["model"]["rank_ic"]["pooled"] is None
    assert record["statistics"]["calibration"]["slope"]["value"] is None


def costs_of(**changes: object) -> CostResult:
    """A rule that loses its costs."""
    return CostResult(
        **{
            "rule": "stated",
            "break_even_bp": 0.1,
            "cost_bp": 0.5,
            "gross": 10.0,
            "gross_long": 6.0,
            "gross_short": 4.0,
            "net": -40.0,
            "net_interval": Interval(value=-40.0, low=-80.0, high=0.0, standard_error=20.0),
            "net_percent": -4.0,
            "notional": 1_000.0,
            "constant": "long",
            "constant_net": 5.0,
            "above_constant": Interval(value=-45.0, low=-90.0, high=0.0, standard_error=20.0),
            "share_long": 0.6,
            "share_short": 0.4,
            "turnover_per_day": 3.0,
            "days": 100,
            "drawdown": 50.0,
            "sharpe": -1.0,
            "probabilistic_sharpe": 0.1,
            "deflated_sharpe": 0.05,
            "rolling_sharpe": RollingSharpe(days=126, lowest=-2.0, highest=0.5, latest=-1.0),
            "by_month": {"2024-01": -30.0, "2024-02": -10.0},
            **changes,
        }
    )


def test_costs_and_trials_reach_the_sentence_and_the_json() -> None:
    trials = Trials(count=3, probability_of_overfitting=None)
    verdict = verdict_of(forecast_with(0.04), full_evidence(costs=costs_of(), trials=trials))
    assert "would not pay: it breaks even at 0.100 bp a side" in verdict.sentence
    record = valid_json(verdict)
    assert record["costs"]["net"] == -40.0
    assert record["trials"]["count"] == 3


SURE = Interval(value=40.0, low=1.0, high=80.0, standard_error=20.0)
UNSURE = Interval(value=40.0, low=-1.0, high=80.0, standard_error=20.0)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"net_interval": SURE, "above_constant": SURE}, "it would pay, surely more than being long all the time:"),
        ({"net_interval": SURE, "above_constant": UNSURE}, "it would pay, but not surely more than being long all"),
        ({"net_interval": UNSURE, "above_constant": SURE}, "it would not surely pay:"),
        ({"net_interval": UNSURE, "share_long": 0.98}, "it would not surely pay, long on 98% of the bars:"),
    ],
)
def test_would_pay_is_said_only_where_it_is_sure(changes: dict, words: str) -> None:
    verdict = verdict_of(forecast_with(0.04), full_evidence(costs=costs_of(net=40.0, **changes)))
    assert words in verdict.sentence
    assert verdict.costs.pays == ("surely more" in words and "but not" not in words)


def test_a_one_sided_rule_is_named_beside_the_table_whatever_the_word() -> None:
    verdict = verdict_of(forecast_with(0.0), full_evidence(costs=costs_of(net=40.0, share_long=0.98)))
    assert verdict.verdict == "no evidence"
    (pays,) = (line.text for line in result_table(verdict) if "would it pay" in line.text)
    assert pays.endswith("; long on 98% of the bars")


def test_figures_beside_a_constant_that_differs_by_fold() -> None:
    forecast = forecast_with(0.04)
    constant_N = np.repeat([0.45, 0.55], ROWS // 2)
    verdict = verdict_of(forecast, full_evidence(fold_N=np.repeat([0, 1], ROWS // 2)), constant=constant_N)
    assert verdict.constant_prediction == pytest.approx(0.5)
    assert verdict.skill_vs_constant == pytest.approx(1 - verdict.model.loss / verdict.constant.loss)
    assert verdict.statistics.skill_vs_constant.value == pytest.approx(verdict.skill_vs_constant)
    assert len(verdict.statistics.drift) == 2
    assert verdict.statistics.skill_vs_zero.value < verdict.skill_vs_constant


def test_calibration_of_a_calibrated_forecast_is_one() -> None:
    slopes = [verdict_of(forecast_with(0.2, seed=seed)).statistics.calibration.slope.value for seed in range(5)]
    assert np.mean(slopes) == pytest.approx(1.0, abs=0.05)


def test_calibration_before_forecasts_were_shrunk_stands_beside_it() -> None:
    forecast = forecast_with(0.2)
    bold_N = 0.5 + 4.0 * (forecast.prediction_N - 0.5)
    plain, shrunk = verdict_of(forecast), verdict_of(forecast, full_evidence(unshrunk_N=bold_N))
    assert plain.statistics.calibration.slope_before is None
    after = shrunk.statistics.calibration
    assert after.slope_before == pytest.approx(after.slope.value / 4.0, rel=1e-6)
    valid_json(shrunk)


def test_bounce_is_gone_one_bar_late() -> None:
    """Closes that bounce between bid and ask: the last return reversed forecasts them, but not a bar later."""
    rng = np.random.default_rng(0)
    price_N = np.cumsum(rng.normal(size=ROWS + 2)) + rng.choice([-2.0, 2.0], ROWS + 2)
    move_N = np.diff(price_N)
    forecast = forecast_with(0.0)
    bounce = Forecast(**{**vars(forecast), "prediction_N": -move_N[:-1], "return_N": move_N[1:]})
    verdict = verdict_of(bounce)
    assert verdict.rank_ic.value > 0.3
    late = verdict.statistics.one_bar_late
    assert late.low < 0.0 < late.high


def test_daily_rows_are_grouped_by_month() -> None:
    days_N = np.array(["2024-01-30", "2024-01-31", "2024-02-01"], dtype="datetime64[ns]").astype(np.int64)
    groups = group_numbers(np.zeros(3, dtype=np.int32), days_N, daily=True)
    assert np.diff(groups).tolist() == [0, 1]


def test_the_schema_is_itself_valid_and_refuses_another_word() -> None:
    jsonschema.Draft202012Validator.check_schema(verdict_schema())
    record = verdict_of(forecast_with(0.0)).as_json() | {"verdict": "unproven"}
    with pytest.raises(jsonschema.ValidationError, match="unproven"):
        jsonschema.validate(record, verdict_schema())


def test_skill_that_a_bars_delay_takes_away_is_called_so() -> None:
    """A forecast of independent returns is worth nothing a bar later; one that lasts two bars is."""
    forecast = forecast_with(0.04)
    assert "a bar late it is not surely there" in verdict_of(forecast, full_evidence()).sentence
    again_N = np.r_[0.0, forecast.predicted_return_N[:-1]]
    lasting = Forecast(**{**vars(forecast), "return_N": forecast.return_N + again_N})
    verdict = verdict_of(lasting, full_evidence())
    assert verdict.verdict == "skill"
    assert verdict.statistics.one_bar_late.low > 0.0
    assert "a bar late" not in verdict.sentence


def skewed_forecast(seed: int) -> Forecast:
    """Returns of mean zero with skewed shocks; a forecast that knows their volatility and so their median."""
    rng = np.random.default_rng(seed)
    volatility_N = np.exp(np.repeat(rng.normal(size=ROWS // 100), 100))
    return_N = 1e-4 * volatility_N * (rng.gamma(20.0, size=ROWS) - 20.0)
    return Forecast(
        **{
            **vars(forecast_with(0.0, seed=seed)),
            "return_N": return_N,
            "target_N": np.argsort(np.argsort(return_N)) / (ROWS - 1),
            "prediction_N": 0.5 - 0.01 * np.log(volatility_N),
        }
    )


def test_a_forecast_of_the_median_alone_is_no_skill() -> None:
    """Its rank IC is real and beats all that stands beside it, but the mean of the next return is zero."""
    verdicts = [verdict_of(skewed_forecast(seed), full_evidence(seed=seed)) for seed in range(12)]
    assert sum(verdict.rank_ic.low > 0.0 and verdict.rank_ic.p_placebo <= 0.05 for verdict in verdicts) >= 10
    assert sum(verdict.verdict == "skill" for verdict in verdicts) <= 1
    assert sum("orders the returns, but earns nothing" in verdict.sentence for verdict in verdicts) >= 9


def test_the_mean_return_ic_is_the_weighted_correlation() -> None:
    forecast = forecast_with(0.04)
    sums = verdict_of(forecast, full_evidence()).statistics.mean_return_ic
    rank_N = standard_ranks(forecast.prediction_N)
    weight_N = weights_of_known_volatility(forecast.return_N, forecast.known_at_N, forecast.label_end_N)
    covariance = np.cov(rank_N, forecast.return_N, aweights=weight_N)
    assert sums.value == pytest.approx(covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]))
    assert sums.low < sums.value < sums.high


NOISE = 0.5 + 0.01 * np.random.default_rng(77).normal(size=ROWS)


def test_the_sentence_says_what_an_order_could_have_had() -> None:
    forecast = forecast_with(0.04)
    gone = Forecast(**{**vars(forecast), "open_return_N": np.random.default_rng(3).normal(size=ROWS)})
    verdict = verdict_of(gone, full_evidence())
    assert verdict.statistics.from_next_open.low < 0.0 < verdict.statistics.from_next_open.high
    assert f"{verdict.statistics.from_next_open.value:+.4f} from the next open" in verdict.sentence
    assert verdict_of(forecast).statistics.from_next_open.value == pytest.approx(verdict.rank_ic.value)


def test_the_sentence_names_a_rival_that_does_as_well_or_better() -> None:
    strong = forecast_with(0.1)
    weak_N = strong.prediction_N + 0.06 * np.random.default_rng(1).normal(size=ROWS)
    weak = Forecast(**{**vars(strong), "prediction_N": weak_N})

    def sentence(forecast: Forecast, rival_N: np.ndarray) -> str:
        rivals = {LAST_RETURN: NOISE, "ridge": rival_N}
        return verdict_of(forecast, full_evidence(baselines=rivals, expected_ic=0.5)).sentence

    assert "ridge has surely the better rank IC and loss (+0.1" in sentence(weak, strong.prediction_N)
    assert "ridge does as well" in sentence(strong, strong.prediction_N)
    assert "ridge" not in sentence(strong, NOISE)
    assert "its loss is not below the constant's" in sentence(weak, strong.prediction_N)
    assert "constant's" not in sentence(strong, NOISE)


def test_the_sentence_names_a_stack_only_where_it_is_surely_better() -> None:
    strong = forecast_with(0.1)
    weak_N = strong.prediction_N + 0.06 * np.random.default_rng(1).normal(size=ROWS)
    weak = Forecast(**{**vars(strong), "prediction_N": weak_N})

    def sentence(forecast: Forecast) -> str:
        beside = {LAST_RETURN: NOISE, "stack": strong.prediction_N}
        return verdict_of(forecast, full_evidence(baselines=beside, expected_ic=0.5)).sentence

    assert "stack has surely the better rank IC and loss (+0.1" in sentence(weak)
    assert "stack" not in sentence(strong)


def test_the_last_return_reversed_is_the_better_of_the_fitted_line_and_the_plain_sign() -> None:
    forecast = forecast_with(0.04)
    verdict = verdict_of(forecast, full_evidence(baselines={LAST_RETURN: NOISE, REVERSAL: forecast.prediction_N}))
    assert verdict.verdict == "no evidence"
    assert "a known effect and no more" in verdict.sentence


def test_a_last_return_that_knows_nothing_surely_is_no_known_effect() -> None:
    forecast = forecast_with(0.04, rows=5_000)
    lucky_N = 0.5 + 0.01 * (np.random.default_rng(5).normal(size=5_000) + 120.0 * forecast.return_N)
    verdict = verdict_of(forecast, full_evidence(rows=5_000, baselines={LAST_RETURN: lucky_N}))
    assert verdict.rank_ic.low > 0.0
    assert 0.0 < verdict.baselines[LAST_RETURN].rank_ic < 2.0 * verdict.rank_ic.standard_error
    assert "it is not surely better than the last return reversed" in verdict.sentence
    assert "a known effect" not in verdict.sentence


def test_an_interval_below_zero_is_called_so() -> None:
    forecast = forecast_with(0.06)
    wrong = Forecast(**{**vars(forecast), "prediction_N": 1.0 - forecast.prediction_N})
    assert "the interval lies wholly below zero" in verdict_of(wrong, full_evidence()).sentence


def test_the_sentence_says_how_many_rows_would_do() -> None:
    verdicts = [verdict_of(forecast_with(0.01, seed=seed), full_evidence(seed=seed)) for seed in range(4)]
    sentences = [verdict.sentence for verdict in verdicts if verdict.rank_ic.low < 0.0 < verdict.rank_ic.value]
    assert sentences
    assert all("an IC of this size takes" in sentence for sentence in sentences)


def test_an_ic_that_was_declared_before_is_not_suspicious_for_its_size() -> None:
    forecast = forecast_with(0.12)
    verdicts = {expected: verdict_of(forecast, full_evidence(expected_ic=expected)) for expected in (None, 0.05, 0.12)}
    assert [verdict.verdict for verdict in verdicts.values()] == ["suspicious", "suspicious", "skill"]
    assert "the setting expect-ic" in verdicts[None].sentence
