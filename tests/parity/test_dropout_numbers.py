"""The counter-based numbers behind dropout: uniform, independent, and those that the kernels really use."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from tests.support.lanes_jobs import SUPPORTED, make_job, make_members

from tailproof.engines.lanes import Population
from tailproof.engines.lanes.plain_twin import dropout_factors, random_numbers
from tailproof.models.spec import Dropout, Linear, NetSpec

UNITS, ROWS, STEPS, RATE = 64, 256, 60, 0.1


@pytest.fixture(scope="module")
def dropped() -> np.ndarray:
    """What two members drop over many steps: bool, (member, step, row, unit)."""
    return np.array(
        [
            [dropout_factors(member, step=step, rows=ROWS)(UNITS) == 0.0 for step in range(STEPS)]
            for member in make_members(2, dropout_rate=RATE)
        ]
    )


def assert_correlation_of_chance(a: np.ndarray, b: np.ndarray) -> None:
    correlation = np.corrcoef(a.ravel(), b.ravel())[0, 1]
    assert abs(correlation) < 4.0 / np.sqrt(a.size)


def test_the_share_dropped_is_the_rate(dropped: np.ndarray) -> None:
    assert dropped.mean() == pytest.approx(RATE, abs=4.0 * np.sqrt(RATE * (1 - RATE) / dropped.size))


@pytest.mark.parametrize("axis", [1, 2, 3])
def test_every_step_row_and_unit_drops_equally_often(dropped: np.ndarray, axis: int) -> None:
    others = tuple(other for other in range(4) if other != axis)
    count = dropped.sum(axis=others)
    draws = dropped.size / dropped.shape[axis]
    chi_square = ((count - RATE * draws) ** 2 / (RATE * (1 - RATE) * draws)).sum()
    assert 1e-4 < stats.chi2.sf(chi_square, df=dropped.shape[axis]) < 1 - 1e-4


@pytest.mark.parametrize("lag", [1, 2, 3, 7])
@pytest.mark.parametrize("axis", [1, 2, 3])
def test_neighbours_are_independent(dropped: np.ndarray, axis: int, lag: int) -> None:
    moved = np.moveaxis(dropped, axis, 0)
    assert_correlation_of_chance(moved[lag:], moved[:-lag])


def test_members_are_independent(dropped: np.ndarray) -> None:
    assert_correlation_of_chance(dropped[0], dropped[1])


def test_layers_of_one_net_are_independent() -> None:
    masks = []
    for step in range(STEPS):
        stay_of = dropout_factors(make_members(1, dropout_rate=RATE)[0], step=step, rows=ROWS)
        masks.append([stay_of(UNITS), stay_of(UNITS)])
    first, second = np.moveaxis(np.array(masks), 1, 0)
    assert_correlation_of_chance(first, second)


@pytest.mark.parametrize("key", [0, 1, 1 << 32, 0xDEADBEEF12345678])
def test_numbers_are_uniform(key: int) -> None:
    number = random_numbers(key, np.arange(64, dtype=np.uint32)[None, :], np.arange(4096, dtype=np.uint32)[:, None])
    counts = np.bincount(number.ravel() >> 6, minlength=1024)
    assert 1e-4 < stats.chisquare(counts).pvalue < 1 - 1e-4


@pytest.mark.parametrize("instruction_set", SUPPORTED)
@pytest.mark.parametrize("rate", [0.0, 1e-6, 0.1, 0.5, 0.999])
def test_the_kernels_drop_what_the_twin_drops(
    monkeypatch: pytest.MonkeyPatch, rate: float, instruction_set: str
) -> None:
    """Inputs of 1 under dropout into a Linear of one output: the gradient of its weights counts who stayed."""
    monkeypatch.setenv("TAILPROOF_ISA", instruction_set)
    spec = NetSpec(inputs=40, layers=(Dropout(rate=0.1), Linear(inputs=40, outputs=1)))
    job = make_job(spec=spec, members=make_members(9, dropout_rate=rate), rows=21)
    job.x_NF[...] = 1.0
    job.y_NT[...] = -100.0  # far away: Huber's slope is delta for every row
    population = Population(job)
    for step in (0, 1, 999_999_999_999):
        _, gradient = population.batch_gradient(np.arange(21, dtype=np.int32), step=step)
        for member in (0, 8):
            factor_NU = dropout_factors(job.members[member], step=step, rows=21)(40)
            expected_U = 0.1 * factor_NU.sum(axis=0) / 21
            np.testing.assert_allclose(gradient["1.weight"][member, 0], expected_U, rtol=1e-5)
