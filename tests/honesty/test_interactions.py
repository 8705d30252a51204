"""Interactions are learned: what two features say only together, and what one says by its size alone.

Forecasts are judged by their correlation with the driver that made the returns: times the planted IC it is the IC to be
expected of them, without the noise of the returns. LightGBM has the same rows, features and targets.
"""

import numpy as np
import pytest
from benchmarks.quality.contestants import NETWORK, contestants
from benchmarks.quality.worlds import make_world
from scipy.signal import lfilter
from scipy.stats import binomtest, rankdata

from tailproof.arrays.ranges import as_slice
from tailproof.core.records import Fold
from tailproof.evaluation import spearman
from tailproof.models.fit_interactions import fit_interactions
from tailproof.runs.fold_set_up import fold_set_up
from tailproof.settings.train_settings import TrainSettings

FOLD = Fold(train=range(40_000), validation=range(40_000, 48_000), test=range(48_000, 68_000), purged=0)
SETTINGS = TrainSettings(placebos=0)
NULL_ROWS = 4_000


def learned(kind: str, seed: int, *, names: tuple[str, ...]) -> dict[str, float]:
    """Correlation of forecasts with the driver of a world of IC 0.05, by forecaster."""
    world = make_world(kind, rows=FOLD.test.stop, ic=0.05, seed=seed)
    training = fold_set_up(world.design, SETTINGS)(FOLD)
    driver_N, fields = world.driver_N[as_slice(FOLD.test)], contestants(names)
    return {name: float(np.corrcoef(fields[name](training, 1), driver_N)[0, 1]) for name in names}


@pytest.mark.parametrize("kind", ["xor", "abs"])
def test_an_interaction_that_no_line_sees_is_learned(kind: str) -> None:
    scores = learned(kind, 5, names=(NETWORK, "ridge"))
    assert scores[NETWORK] > 0.5
    assert abs(scores["ridge"]) < 0.05


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["xor", "abs"])
def test_interactions_are_found_better_than_lightgbm_finds_them(kind: str) -> None:
    """Over 40 worlds, surely: by two standard errors of the mean."""
    pytest.importorskip("lightgbm")
    sets = [learned(kind, seed, names=(NETWORK, "LightGBM")) for seed in range(40)]
    surplus = np.array([each[NETWORK] - each["LightGBM"] for each in sets])
    assert surplus.mean() > 2.0 * surplus.std(ddof=1) / np.sqrt(len(sets))


@pytest.mark.slow
def test_pairs_that_are_looked_for_where_nothing_is_give_fair_p_values() -> None:
    """Interactions alone forecast the real targets and 19 shifts of them, as a run's placebos do.

    Volatility clusters and some inputs know it. The figure is printed for docs/math/interactions.md.
    """
    p_values, terms = [], 0
    for seed in range(400):
        p_value, kept = p_of_nothing(seed)
        p_values.append(p_value)
        terms += kept > 0
    share = float(np.mean(np.array(p_values) <= 0.05))
    print(f"p of 0.05 or less in {share:.1%} of {len(p_values)} worlds; {terms} targets keep a term")
    assert binomtest(round(share * len(p_values)), len(p_values), 0.05).pvalue > 0.01


@pytest.mark.slow
@pytest.mark.parametrize(("rows", "most"), [(600, 3.0), (10_000, 1.0)])
def test_labels_that_overlap_beyond_a_stretch_make_few_terms_of_noise(rows: int, most: float) -> None:
    """Labels over 60 bars and features that last as long; the figures are printed for docs/math/interactions.md."""
    terms, shares = [], []
    for seed in range(20):
        rng = np.random.default_rng([seed, rows, 60])
        x_NF = lfilter([np.sqrt(1.0 - 0.95**2)], [1.0, -0.95], rng.standard_normal((rows + 200, 11)), axis=0)[200:]
        x_NF = (5.0 * np.tanh(x_NF / 5.0)).astype(np.float32)
        label_N = np.convolve(rng.standard_t(4, rows + 59), np.ones(60), "valid")
        target_N = rankdata(label_N) / rows
        (each,) = fit_interactions(x_NF, target_N[:, np.newaxis])
        terms.append(len(each))
        shares.append(float(each.apply(x_NF).std() / target_N.std()))
    print(f"{rows:,} rows: {np.mean(terms):.2f} terms, {np.mean(shares):.1%} of the target's standard deviation")
    assert np.mean(terms) < most


def p_of_nothing(seed: int) -> tuple[float, int]:
    """The placebos' p-value of interactions in a world without any, and how many terms the real target keeps."""
    rng = np.random.default_rng([seed, 400])
    volatility_N = np.exp(0.3 * np.cumsum(rng.standard_normal(NULL_ROWS)) / np.sqrt(NULL_ROWS))
    x_NF = np.tanh(rng.standard_normal((NULL_ROWS, 9)) * np.where(np.arange(9) < 3, volatility_N[:, None], 1.0)) * 3.0
    return_N = volatility_N * rng.standard_normal(NULL_ROWS)
    shifts = [0, *(NULL_ROWS * place // 20 for place in range(1, 20))]
    return_NT = np.stack([np.roll(return_N, shift) for shift in shifts], axis=1)
    rank_NT = rankdata(return_NT, axis=0) / NULL_ROWS
    train, later = slice(0, NULL_ROWS // 2), slice(NULL_ROWS // 2, None)
    every = fit_interactions(x_NF[train].astype(np.float32), rank_NT[train])
    forecast_TN = [terms.apply(x_NF[later].astype(np.float32)) for terms in every]
    ic_T = [spearman(forecast_N, return_NT[later, target]) for target, forecast_N in enumerate(forecast_TN)]
    real, *placebos = np.nan_to_num(ic_T)  # without a term a forecast never varies
    ties = rng.random(20)  # most have no term, and stand at 0 together: chance orders them
    better = sum((ic, tie) >= (real, ties[0]) for ic, tie in zip(placebos, ties[1:], strict=True))
    return (1 + better) / 20, len(every[0])
