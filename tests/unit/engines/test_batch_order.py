from __future__ import annotations

import dataclasses
import datetime

import numpy as np
import pytest
from tests.support.lanes_jobs import make_job, make_members

from tailproof import _lanes
from tailproof.core.errors import ConfigError
from tailproof.core.randomness import generator
from tailproof.engines.batch_order import epoch_order, window_for, windowed_order
from tailproof.engines.lanes import LanesEngine, Population
from tailproof.engines.torch import TorchEngine


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 64, 65, 66, 129, 1023, 1024, 1025, 70_000])
def test_the_native_shuffle_is_that_of_numpy(rows: int) -> None:
    for seed in range(3):
        numpys, native = (np.random.default_rng(seed) for _ in range(2))
        order_N = np.arange(rows, dtype=np.int32)
        _lanes.shuffle(order_N, native.bit_generator.capsule)
        np.testing.assert_array_equal(order_N, numpys.permutation(rows))
        assert native.bit_generator.state == numpys.bit_generator.state


def test_only_the_capsule_of_a_bit_generator_shuffles() -> None:
    with pytest.raises(ValueError, match="numpy bit generator"):
        _lanes.shuffle(np.arange(3, dtype=np.int32), datetime.datetime_CAPI)


def test_orders_are_those_of_numpy() -> None:
    rows = range(10, 5010)
    expected_N = rows.start + generator(3, "batch order", 2).permutation(len(rows))
    np.testing.assert_array_equal(epoch_order(rows, seed=3, epoch=2), expected_N)
    rng = generator(3, "windowed order", 2)
    cuts = range(int(rng.integers(700)), len(rows), 700)
    windows = np.split(np.arange(rows.start, rows.stop), cuts)
    expected_N = np.concatenate([rng.permutation(windows[index]) for index in rng.permutation(len(windows))])
    np.testing.assert_array_equal(windowed_order(rows, seed=3, epoch=2, window=700), expected_N)


@pytest.mark.parametrize("window", [1, 7, 100, 1000])
def test_every_row_once(window: int) -> None:
    order_N = windowed_order(range(10, 210), seed=1, epoch=2, window=window)
    assert order_N.dtype == np.int32
    np.testing.assert_array_equal(np.sort(order_N), np.arange(10, 210))


def test_one_window_after_another() -> None:
    order_N = windowed_order(range(1000), seed=1, epoch=1, window=50)
    spans = [np.ptp(order_N[start : start + 25]) for start in range(0, 1000, 25)]
    assert np.median(spans) < 50


def test_epochs_differ_and_can_be_made_again() -> None:
    first, again = (windowed_order(range(500), seed=3, epoch=1, window=64) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert (first != windowed_order(range(500), seed=3, epoch=2, window=64)).any()


def test_an_empty_window_is_refused() -> None:
    with pytest.raises(ConfigError, match="at least one row, got 0"):
        windowed_order(range(5), seed=0, epoch=1, window=0)


def test_a_population_learns_in_windows() -> None:
    population = Population(dataclasses.replace(make_job(rows=2000), window=300))
    before = population.train_steps(10).loss_sum_SM[0]
    while population.epoch == 1:
        last = population.train_steps(7)
    assert (last.loss_sum_SM[-1] / last.applied_SM[-1] < before / 7).all()


def test_both_engines_take_the_window_of_the_job() -> None:
    job = make_job(rows=640, members=make_members(1, dropout_rate=0.0), epochs=1)
    windowed = dataclasses.replace(job, window=64)
    fits = [
        engine.fit(each, on_event=lambda event: None).final_parameters
        for engine in (LanesEngine(threads=1), TorchEngine(device="cpu"))
        for each in (job, windowed)
    ]
    for name in fits[0]:
        np.testing.assert_allclose(fits[0][name], fits[2][name], atol=1e-4)
        np.testing.assert_allclose(fits[1][name], fits[3][name], atol=1e-4)
    assert any((fits[0][name] != fits[1][name]).any() for name in fits[0])


def test_a_window_is_taken_only_where_the_features_are_large() -> None:
    assert window_for(2**29, 4) is None
    assert window_for(2**29 + 1, 4) == 2**26
