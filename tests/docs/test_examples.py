"""The scripts in examples/ run."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.support.bars import bars_of, random_bar_frame

from tailproof.bars.simulate import simulate
from tailproof.cli import main
from tailproof.features import compute, select_features
from tailproof.pipeline import train_on_bars
from tailproof.prediction import forecast_bars, read_trained
from tailproof.report import SILENT
from tailproof.settings.train_settings import TrainSettings

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def run(script: str, *arguments: Path) -> str:
    command = [sys.executable, str(EXAMPLES / script), *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_the_examples_run(tmp_path: Path) -> None:
    assert "RankIC(" in run("train_on_your_frame.py", tmp_path / "run")
    simulate(rows=500, ic=0.0, seed=2).write_csv(tmp_path / "new.csv", datetime_format="%Y-%m-%dT%H:%M:%SZ")
    assert "Of 490 bars 21 are kept." in run("forecast_bar_by_bar.py", tmp_path / "run", tmp_path / "new.csv")
    main(["export", str(tmp_path / "run"), "--onnx", str(tmp_path / "run.onnx")])
    assert "as a return" in run("run_the_exported_graph.py", tmp_path / "run.onnx", tmp_path / "new.csv")


def test_a_session_with_a_model_of_ones_own_runs(tmp_path: Path) -> None:
    screen = run("judge_your_model.py", tmp_path)
    assert "Model: HistGradientBoostingRegressor, fitted 16 times" in screen
    assert (tmp_path / "deciles.html").stat().st_size > 10_000
    assert screen.rstrip().endswith("report.html")


@pytest.mark.parametrize(
    ("target", "embedding"), [("rank", "piecewise-linear"), ("rank-gauss", "none"), ("raw", "none")]
)
def test_numpy_alone_forecasts_as_predict_does(tmp_path: Path, target: str, embedding: str) -> None:
    bars = bars_of(random_bar_frame(900, breaks=(300, 600), interaction=1.6))
    settings = TrainSettings(target=target, epochs=1, members=3, placebos=0, baselines=False, split="holdout")
    settings = settings.replace(
        residual_blocks=1, input_norm="layer", linear_path=True, shrink=True, embedding=embedding
    )
    folder = train_on_bars(bars, settings=settings, out=tmp_path / "run", reporter=SILENT).folder
    model = read_trained(folder)
    assert len(model.network.interactions)
    compute(bars, select_features(bars, model.names).features).write_csv(tmp_path / "features.csv")
    script = EXAMPLES / "predict_with_the_weights.py"
    lonely = (
        "import runpy, sys; sys.modules.update(dict.fromkeys(['tailproof', 'torch', 'safetensors', 'polars'])); "
        f"sys.argv = [{str(script)!r}, {str(folder)!r}, {str(tmp_path / 'features.csv')!r}]; "
        "runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    result = subprocess.run([sys.executable, "-c", lonely], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    forecasts, expected = pl.read_csv(io.StringIO(result.stdout)), forecast_bars(model, bars).frame
    assert bars.frame["time"][forecasts["row"].to_list()].to_list() == expected["time"].to_list()
    np.testing.assert_allclose(forecasts["prediction"], expected["prediction"], atol=2e-6)
    np.testing.assert_allclose(forecasts["spread"], expected["spread"], atol=2e-6)
    spread = expected["predicted_return"].std()
    np.testing.assert_allclose(forecasts["predicted_return"], expected["predicted_return"], atol=1e-4 * spread)
    assert expected["prediction"].std() > 1e-3


def test_ones_own_module_is_trained_and_gets_the_weights_back() -> None:
    assert "model-steps a second" in run("train_your_own_module.py")


def test_the_engine_by_itself_forecasts_quantiles() -> None:
    lines = run("forecast_quantiles.py").splitlines()
    below = [float(line.split(": ")[1].split()[0]) for line in lines]
    np.testing.assert_allclose(below, [0.1, 0.5, 0.9], atol=0.03)


def test_every_example_is_run_here() -> None:
    source = Path(__file__).read_text()
    assert [path.name for path in EXAMPLES.glob("*.py") if path.name not in source] == []
