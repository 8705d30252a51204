"""The original project's command line, modules and artifacts, word for word."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from safetensors.numpy import load_file
from scipy.stats import rankdata

from tailproof.bars.simulate import simulate
from tailproof.storage import verify

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (
    "src/ml/train_robust.py --data DATA --output_dir OUT --epochs 3 --batch_size 16 --learning_rate 1e-4 "
    "--hidden_dims 16 8 --dropout_rate 0.1 --verbose"
)


@pytest.fixture(scope="module")
def bars(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bars") / "merged_es_vix_test.csv"
    simulate(rows=6_000, ic=0.0, seed=0).write_csv(path, datetime_format="%Y-%m-%dT%H:%M:%SZ")
    return path


@pytest.fixture(scope="module")
def finished(bars: Path) -> tuple[Path, str]:
    out = bars.parent / "TRAINING_ROBUST"
    return out, run_original(bars, out)


def run_original(data: Path, out: Path, **variables: str) -> str:
    words = [{"DATA": str(data), "OUT": str(out)}.get(word, word) for word in shlex.split(COMMAND)]
    environment = {**os.environ, "PYTHONPATH": ".", "HIP_VISIBLE_DEVICES": "0,1", **variables}
    result = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_the_five_artifacts_are_there_and_the_manifest_is_true(finished: tuple[Path, str]) -> None:
    names = set(verify(finished[0]))
    assert {
        "best_model.pth",
        "final_model.pth",
        "training_config.json",
        "feature_statistics.json",
        "training_log.txt",
    } <= names


def test_it_says_what_the_original_said_and_what_it_did_not(finished: tuple[Path, str]) -> None:
    for part in (
        "close_change_pct, vwap, price_range, price_mom_3d, price_mom_5d",
        "299 parameters",
        "Epoch    train loss  val loss   val MAE learning rate   time",
        "constant ",
        "Start ",
        "3/3 ",
        "chosen on the rows that are reported",
        "learning rate 0 → 0.0001 over 1,000 applied steps",
    ):
        assert part in finished[1]


def test_the_configuration_holds_the_settings_and_the_accelerator_variables(finished: tuple[Path, str]) -> None:
    config = json.loads((finished[0] / "training_config.json").read_text())
    assert config["settings"]["hidden-dims"] == [16, 8]
    assert config["settings"]["train-fraction"] == 0.8
    assert config["network"]["parameters"] == 299
    assert config["environment"]["variables"]["HIP_VISIBLE_DEVICES"] == "0,1"


def test_both_models_load_into_the_original_class(finished: tuple[Path, str]) -> None:
    sys.path.insert(0, str(ROOT))
    from src.ml.model_robust import RobustFinancialNet

    for name in ("best_model", "final_model"):
        state = torch.load(finished[0] / f"{name}.pth", weights_only=True)
        net = RobustFinancialNet(input_dim=5, hidden_dims=[16, 8], dropout_rate=0.1)
        net.load_state_dict(state)
        for key, value in load_file(finished[0] / f"{name}.safetensors").items():
            np.testing.assert_array_equal(state[key].numpy(), value)


def test_the_model_and_the_statistics_give_the_written_predictions(finished: tuple[Path, str], bars: Path) -> None:
    """Everything a user needs to forecast is in the folder: medians, scales, weights."""
    from tailproof.bars import load_bars
    from tailproof.features import compute, select_features

    statistics = json.loads((finished[0] / "feature_statistics.json").read_text())
    written = pl.read_parquet(finished[0] / "predictions.parquet")
    loaded = load_bars(bars)
    table = compute(loaded, select_features(loaded, statistics["names"]).features)
    wanted = pl.concat([loaded.frame.select("known_at"), table], how="horizontal").join(written, on="known_at")
    clip, features = statistics["scaling"]["clip"], statistics["scaling"]["features"]
    x_NF = np.column_stack(
        [
            clip * np.tanh((wanted[n] - features[n]["median"]) / (clip * features[n]["scale"]))
            for n in statistics["names"]
        ]
    )
    from src.ml.model_robust import RobustFinancialNet

    net = RobustFinancialNet()
    net.load_state_dict(torch.load(finished[0] / "best_model.pth", weights_only=True))
    with torch.no_grad():
        prediction_N = net.eval()(torch.from_numpy(x_NF.astype(np.float32)))[:, 0].numpy()
    np.testing.assert_allclose(prediction_N, wanted["prediction"].to_numpy(), atol=2e-5)


def test_the_same_command_again_keeps_the_earlier_run(finished: tuple[Path, str], bars: Path) -> None:
    screen = run_original(bars, finished[0])
    assert "was moved to" in screen
    runs = sorted(path.name for path in finished[0].parent.iterdir() if path.is_dir())
    assert len(runs) == 2
    for name in runs:
        verify(finished[0].parent / name)


def test_the_feature_engineer_ranks_on_training_rows_and_drops_the_last() -> None:
    pandas = pytest.importorskip("pandas")
    from src.ml.feature_engineering_robust import RobustFeatureEngineer

    close_N = 100.0 + np.random.default_rng(0).normal(size=101).cumsum()
    target_N = RobustFeatureEngineer(train_fraction=0.8).create_target_robust(pandas.DataFrame({"close": close_N}))
    return_N = close_N[1:] / close_N[:-1] - 1
    assert len(target_N) == 100
    np.testing.assert_allclose(target_N[:80], (rankdata(return_N[:80]) - 1) / 79, atol=1e-12)


def index_bars(days: int) -> Any:
    """A pandas frame as the original had it: minutes of regular sessions in a DatetimeIndex."""
    pandas = pytest.importorskip("pandas")
    minutes = [pandas.Timestamp(f"2024-01-{2 + day:02} 14:30") + pandas.Timedelta(minutes=m)
               for day in range(days) for m in range(30)]  # fmt: skip
    close_N = 100.0 + np.random.default_rng(1).normal(size=len(minutes)).cumsum() * 0.1
    columns = {"open": close_N, "high": close_N + 0.1, "low": close_N - 0.1, "close": close_N}
    columns["volume"] = np.arange(len(minutes)) % 7 + 1.0
    return pandas.DataFrame(columns, index=pandas.DatetimeIndex(minutes))


@pytest.mark.parametrize("columns", [["close"], ["open", "high", "low", "close", "volume"]])
def test_a_return_across_a_break_between_sessions_has_no_rank(columns: list[str]) -> None:
    from src.ml.feature_engineering_robust import RobustFeatureEngineer

    frame = index_bars(days=3)[columns]
    target_N = RobustFeatureEngineer().create_target_robust(frame)
    assert len(target_N) == 89
    assert np.flatnonzero(np.isnan(target_N)).tolist() == [29, 59]
    return_N = np.delete(frame["close"].pct_change().to_numpy()[1:], [29, 59])
    within_N = np.delete(target_N, [29, 59])
    np.testing.assert_allclose(within_N[:70], (rankdata(return_N[:70]) - 1) / 69, atol=1e-12)


def test_the_features_of_a_frame_with_its_times_in_the_index() -> None:
    from src.ml.feature_engineering_robust import RobustFeatureEngineer

    features = RobustFeatureEngineer().create_features(index_bars(days=2))
    assert features.columns == ["close_change_pct", "vwap", "price_range", "price_mom_3d", "price_mom_5d"]
    assert features.height == 60
    assert features["close_change_pct"][1] is not None


def test_the_original_losses_and_blocks() -> None:
    from src.ml.model_robust import HuberLoss, ResidualBlock

    prediction, target = torch.tensor([0.5, 0.9]), torch.tensor([0.45, 0.1])
    assert HuberLoss(delta=0.1)(prediction, target).item() == pytest.approx((0.5 * 0.05**2 + 0.1 * (0.8 - 0.05)) / 2)
    block = ResidualBlock(8)
    assert [type(layer).__name__ for layer in block] == [
        "LayerNorm",
        "ReLU",
        "Linear",
        "LayerNorm",
        "ReLU",
        "Dropout",
        "Linear",
    ]
    assert block(torch.zeros(2, 8)).shape == (2, 8)


def test_it_waits_for_no_import_that_it_has_no_use_for(bars: Path, tmp_path: Path) -> None:
    """Each takes longer to import than three epochs to train."""
    words = [{"DATA": str(bars), "OUT": str(tmp_path / "run")}.get(word, word) for word in shlex.split(COMMAND)]
    environment = {**os.environ, "PYTHONPATH": "."}
    result = subprocess.run(
        [sys.executable, "-X", "importtime", *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip() for line in result.stderr.splitlines()}
    assert imported & {"torch", "arch", "scipy.stats", "pandas", "lightgbm", "plotly"} == set()
