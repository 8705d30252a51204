"""Features, target and splits from Python go through the audit and the purge that ours go through."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import TimeSeriesSplit
from tests.support.bars import bars_of, random_bar_frame

import tailproof
from tailproof.core.errors import ConfigError, DataError, LeakError, RunFolderError
from tailproof.features import Feature
from tailproof.report import SILENT

FRAME = random_bar_frame(900, breaks=tuple(range(60, 900, 60)))
BARS = bars_of(FRAME)
SMALL: dict[str, Any] = {"placebos": 1, "baselines": False, "reporter": SILENT}


def jump(frame: pl.DataFrame) -> pl.Expr:
    """Close over open."""
    return pl.col("close") / pl.col("open") - 1.0


def move(frame: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """The return over three bars of the segment, with the time at which it is known."""
    labels = frame.select(
        value=(pl.col("close").shift(-3) / pl.col("close") - 1.0).over("segment"),
        end=pl.col("known_at").shift(-3).over("segment"),
    )
    return labels["value"], labels["end"]


def judged(out: Path, **options: Any) -> Any:
    return tailproof.judge(FRAME, model=Ridge(), out=out, **{**SMALL, **options})


def test_a_run_on_ones_own_features_target_and_splits(tmp_path: Path) -> None:
    features = [
        jump,
        "close_change_pct",
        Feature(
            name="spread",
            expression=pl.col("high") / pl.col("low") - 1.0,
            formula="h/l - 1",
            needs=("high", "low"),
            look_back=0,
        ),
    ]
    run = tailproof.train(
        FRAME,
        features=features,
        target=move,
        splitter=TimeSeriesSplit(2),
        out=tmp_path / "run",
        members=1,
        epochs=1,
        engine="lanes",
        **SMALL,
    )
    assert json.loads((run.folder / "feature_statistics.json").read_text())["names"] == [
        "jump",
        "close_change_pct",
        "spread",
    ]
    expected = BARS.frame.select("known_at", value=move(BARS.frame)[0])
    both = run.forecasts.join(expected, on="known_at")
    np.testing.assert_array_equal(both["forward_return"], both["value"])
    assert run.forecasts["fold"].n_unique() == 2
    config = json.loads((run.folder / "training_config.json").read_text())
    assert config["settings"]["horizon"] == 3
    assert {"own target", "own splitter", "own feature jump", "own feature spread"} <= set(config)
    assert run.verdict.audit is not None
    assert run.verdict.audit.passed
    with pytest.raises(RunFolderError, match=r"features that were given in Python \(jump, spread\)"):
        run.predict(FRAME)


def test_values_with_label_ends_are_the_same_target_as_the_function(tmp_path: Path) -> None:
    values, ends = move(BARS.frame)
    forecasts = [
        judged(tmp_path / name, target=target, features="original", folds=2).forecasts
        for name, target in (
            ("function", move),
            ("values", (values.to_numpy(), ends)),
            ("frame", pl.DataFrame({"target": values, "label_end": ends})),
        )
    ]
    assert forecasts[0].equals(forecasts[1])
    assert forecasts[0].equals(forecasts[2])


def test_what_knows_the_future_is_stopped(tmp_path: Path) -> None:
    def later(frame: pl.DataFrame) -> pl.Expr:
        return pl.col("close").shift(-1)

    def behind(frame: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
        return frame["close"].pct_change().fill_null(0.0), frame["known_at"].dt.offset_by("1m")

    with pytest.raises(LeakError, match="later"):
        judged(tmp_path / "run", features=[later, "close_change_pct"])
    with pytest.raises(LeakError, match="the label"):
        judged(tmp_path / "run", target=behind)
    with pytest.raises(DataError, match="a label must end after its row is known"):
        judged(tmp_path / "run", target=(FRAME["close"], BARS.frame["known_at"]))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": np.zeros(900)}, "a target needs its label ends"),
        ({"target": pl.DataFrame({"target": np.zeros(900)})}, "a target needs its label ends"),
        ({"target": (np.zeros(3), np.zeros(3, dtype=np.int64))}, "one value and one label end per bar, got 3"),
        ({"target": (["up"] * 900, BARS.frame["known_at"])}, "target must be numbers"),
        ({"target": "ranks"}, "target should be 'rank'"),
        ({"splitter": []}, "at least one pair"),
        ({"splitter": 5}, r"an object with split\(X\), or pairs"),
        ({"splitter": [(range(10), range(5000, 6000))]}, "must name rows from 0 to"),
        ({"features": [3]}, "features must be names, Features, or functions"),
        ({"features": [lambda frame: pl.lit(1.0), jump, jump]}, "already"),
    ],
)
def test_what_cannot_be_meant_is_refused(options: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises((ConfigError, DataError), match=message):
        judged(tmp_path / "run", **options)
    assert not (tmp_path / "run").exists()
