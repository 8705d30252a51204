"""The last digits of figures depend on no number of threads of the BLAS."""

import os
import subprocess
import sys

import numpy as np
import pytest

from tailproof.arrays.products import _controller, dot, one_blas_thread

EVALUATED = """
import hashlib
import numpy as np
from tailproof.evaluation.baselines.last_return import last_return_forecast
from tailproof.evaluation.baselines.ridge import fit_ridge
from tailproof.evaluation.diebold_mariano import diebold_mariano
from tailproof.selection.greedy import _take_out
from tailproof.selection.redundancy import rank_correlation, variance_inflation
from tailproof.selection.univariate import t_and_bound
from tailproof.statistics.block_length import automatic_block_length
from tailproof.statistics.bootstrap import resampled_sums
from tailproof.statistics.calibration import slope_of
from tailproof.statistics.newey_west import t_of_mean

random = np.random.default_rng(0)
x_NF, y_N = random.standard_normal((30_000, 8)), random.standard_normal(30_000)
ridge = fit_ridge(x_NF, y_N, later_x_NF=x_NF[:9000], later_target_N=y_N[:9000])
test = diebold_mariano(x_NF[:, 0] ** 2, y_N**2, horizon=4)
sum_GC = random.standard_normal((300, 60))
correlation_FF = rank_correlation(x_NF.astype(np.float32))
taken_NF, taken_N = x_NF.astype(np.float32), y_N.astype(np.float32)
_take_out(taken_NF, taken_N, 0)
figures = {
    "newey_west": t_of_mean(y_N),
    "diebold_mariano": [test.statistic, test.p_value],
    "block_length": automatic_block_length(y_N),
    "last_return": last_return_forecast(x_NF[:, 0], y_N, x_NF[:9000, 1]),
    "ridge": [*ridge.coefficient_F, ridge.level],
    "ridge_forecast": ridge.forecast(x_NF),
    "bootstrap": resampled_sums(sum_GC, replications=20, mean_block=3.0, rng=random),
    "correlation": correlation_FF,
    "inflation": variance_inflation(correlation_FF),
    "greedy": taken_N,
    "slope": slope_of(x_NF[:, 0].copy(), y_N),
    "bound": [*t_and_bound(sum_GC, random=random)[0]],
}
for name, figure in figures.items():
    print(name, hashlib.sha256(np.asarray(figure).tobytes()).hexdigest())
"""


def test_no_figure_depends_on_the_number_of_threads() -> None:
    children = [
        subprocess.Popen(
            [sys.executable, "-c", EVALUATED],
            env=os.environ | {"OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads},
            stdout=subprocess.PIPE,
            text=True,
        )
        for threads in ("1", "8")
    ]
    one, eight = (child.communicate(timeout=120)[0].splitlines() for child in children)
    assert len(one) == 12
    assert one == eight


def test_a_product_is_that_of_exact_arithmetic() -> None:
    first_N = np.arange(1.0, 1001.0)
    assert dot(first_N, first_N) == 1000 * 1001 * 2001 / 6


def _threads() -> list[int]:
    """Those of the BLAS that the products use: scipy brings another, when a test before has loaded it."""
    return [pool["num_threads"] for pool in _controller().info() if pool["user_api"] == "blas"]


def _fail_on_one_thread() -> None:
    with one_blas_thread(), one_blas_thread():
        assert set(_threads()) <= {1}
        raise LookupError


def test_the_limit_is_lifted_after_an_error() -> None:
    before = _threads()
    with pytest.raises(LookupError):
        _fail_on_one_thread()
    assert _threads() == before


def test_the_limit_holds_until_the_last_thread_lets_go() -> None:
    before, outlasts = _threads(), one_blas_thread()
    with one_blas_thread():
        outlasts.__enter__()  # as another thread would, which ends later
    assert set(_threads()) <= {1}
    outlasts.__exit__(None, None, None)
    assert _threads() == before
