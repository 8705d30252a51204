"""The scripts in examples/ run."""

import subprocess
import sys
from pathlib import Path

from tailproof.bars.simulate import simulate
from tailproof.cli import main

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def run(script: str, *arguments: Path) -> str:
    command = [sys.executable, str(EXAMPLES / script), *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_the_examples_run(tmp_path: Path) -> None:
    assert "RankIC(" in run("train_on_your_frame.py", tmp_path / "run")
    simulate(rows=500, ic=0.0, seed=2).write_csv(tmp_path / "new.csv", datetime_format="%Y-%m-%dT%H:%M:%SZ")
    assert "as a return" in run("predict_with_the_weights.py", tmp_path / "run", tmp_path / "new.csv")
    assert "Of 490 bars 21 are kept." in run("forecast_bar_by_bar.py", tmp_path / "run", tmp_path / "new.csv")
    main(["export", str(tmp_path / "run"), "--onnx", str(tmp_path / "run.onnx")])
    assert "as a return" in run("run_the_exported_graph.py", tmp_path / "run.onnx", tmp_path / "new.csv")


def test_ones_own_module_is_trained_and_gets_the_weights_back() -> None:
    assert "model-steps a second" in run("train_your_own_module.py")


def test_every_example_is_run_here() -> None:
    source = Path(__file__).read_text()
    assert [path.name for path in EXAMPLES.glob("*.py") if path.name not in source] == []
