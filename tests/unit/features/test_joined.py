"""Features of joined series: each equals a plain twin, and is named, chosen and left out as its user expects."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import numpy as np
import polars as pl
import pytest
from tests.reference.twins.catalogue import twin_values
from tests.reference.twins.columns import columns_of
from tests.reference.twins.relations import RELATIONS, as_known_then
from tests.support.bars import bars_of, random_bar_frame

import tailproof
from tailproof import ConfigError
from tailproof.core.records import Bars
from tailproof.features import compute, select_features
from tailproof.features.joined import joined_names
from tailproof.features.relations import relations

FRAME = random_bar_frame(700, breaks=(250, 500)).drop("vix_close")
BOUND = 1e-6
"""Share of a feature's spread, as for the catalogue."""


def nq_frame() -> pl.DataFrame:
    """Bars of another instrument: other prices, minutes without a bar, a pause of its own."""
    frame = random_bar_frame(700, seed=5, breaks=(250, 500)).drop("vix_close")
    row = pl.int_range(pl.len())
    return frame.filter((row % 11 != 3) & ~row.is_between(400, 420))


def cpi_frame() -> pl.DataFrame:
    """Twenty periods published half an hour apart, a third of them revised later."""
    random = np.random.default_rng(3)
    start = FRAME["time"][0]
    periods = [start - timedelta(days=30 * (20 - at)) for at in range(20)]
    first = [start + timedelta(minutes=30 * at + 5) for at in range(20)]
    revised = [(periods[at], first[at] + timedelta(minutes=70), random.normal()) for at in range(0, 20, 3)]
    rows = [*zip(periods, first, random.normal(size=20), strict=True), *revised]
    return pl.DataFrame(rows, schema=["date", "released", "cpi"], orient="row")


@cache
def joined() -> Bars:
    return tailproof.merge(bars_of(FRAME), with_={"nq": nq_frame(), "cpi": cpi_frame()})


def same(values: pl.Series, expected_N: np.ndarray, *, most: int) -> None:
    found_N = values.cast(pl.Float64).fill_null(np.nan).to_numpy()
    known_N = np.isfinite(expected_N)
    assert known_N.sum() > most
    np.testing.assert_array_equal(np.isfinite(found_N), known_N)
    assert np.abs(found_N - expected_N)[known_N].max() <= BOUND * expected_N[known_N].std()


@pytest.mark.parametrize("name", relations("nq", "nq_close"))
def test_a_relation_is_what_its_twin_says(name: str) -> None:
    frame, (key, _, bars) = joined().frame, name.rpartition("_")
    values = compute(joined(), select_features(joined(), [f"nq:{name}"]).features)[f"nq:{name}"]
    parts = [
        RELATIONS[key](*(rows[column].fill_null(np.nan).to_numpy() for column in ("close", "nq_close")), int(bars))
        for rows in frame.partition_by("segment", maintain_order=True)
    ]
    same(values, np.concatenate(parts), most=300)


@pytest.mark.parametrize("name", ["close_change_pct", "rsi_14_x5", "realised_20", "volume_ratio_20", "session_return"])
def test_a_feature_of_the_catalogue_on_other_bars_is_that_of_these_bars_alone(name: str) -> None:
    bars = joined()
    rows = bars.series["nq"].rows
    own_N = twin_values(name, columns_of(rows))
    known_K, at_N = (frame["known_at"].cast(pl.Int64).to_numpy() for frame in (rows.frame, bars.frame))
    in_force = [np.flatnonzero(known_K <= at) for at in at_N]
    expected_N = np.array([own_N[rows_K[-1]] if len(rows_K) else np.nan for rows_K in in_force])
    values = compute(bars, select_features(bars, [f"nq:{name}"]).features)[f"nq:{name}"]
    same(values, expected_N, most=400)


@pytest.mark.parametrize(("name", "at"), [("level", 0), ("change", 1), ("surprise", 2), ("age", 3)])
def test_a_published_value_is_what_was_known_then(name: str, at: int) -> None:
    raw = cpi_frame()
    period_K, known_K = (raw[column].dt.cast_time_unit("ns").cast(pl.Int64).to_numpy() for column in raw.columns[:2])
    value_K = raw["cpi"].to_numpy()
    moments = joined().frame["known_at"].cast(pl.Int64).to_list()
    expected_N = np.array([as_known_then(period_K, known_K, value_K, moment)[at] for moment in moments])
    expected_N = np.log(expected_N + 1.0) if name == "age" else expected_N
    values = compute(joined(), select_features(joined(), [f"cpi:{name}"]).features)[f"cpi:{name}"]
    same(values, expected_N, most=500)


def test_default_takes_a_short_list_of_each_series() -> None:
    selection = select_features(joined(), ["default"])
    own = [feature.name for feature in selection.features if ":" in feature.name]
    assert (
        own
        == [
            *("nq:close_change_pct", "nq:price_mom_5d", "nq:volatility_20", "nq:relative_strength_20"),
            *("cpi:change", "cpi:surprise"),
        ][: len(own)]
    )
    assert any("'cpi:surprise' left out: it is known at only" in note for note in selection.notes)


def test_patterns_and_names_are_found_and_what_nothing_reads_is_said() -> None:
    bars = joined()
    every = select_features(bars, ["nq:*"])
    assert {feature.name for feature in every.features} == set(joined_names(bars.series["nq"]))
    assert len(every.features) > 150
    assert any(note.startswith("cpi: joined, but no feature reads it.") for note in every.notes)
    assert not any(note.startswith("nq: joined") for note in every.notes)
    assert [one.name for one in select_features(bars, ["*:relative_strength_2?", "realised_*"]).features] == [
        "nq:relative_strength_20",
        *(f"realised_{bars}" for bars in (5, 10, 20, 60)),
        *(f"realised_{text}" for text in ("20_x5", "5_x15", "5_x1s")),
    ]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nq:rsi_41", r"Did you mean 'nq:rsi_14'"),
        ("zn:*", r"no feature is named like 'zn:\*'\. Joined series: nq, cpi"),
        ("nq:vix_log", "features must be presets"),
        ("nq:day_sin_1", "features must be presets"),
        ("cpi:rsi_14", "features must be presets"),
    ],
)
def test_what_there_is_not_is_refused_with_a_way_out(name: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        select_features(joined(), [name])
