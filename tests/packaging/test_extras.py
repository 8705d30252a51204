"""What an installation without extras can do, and what it says of what it cannot."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from tests.support.bars import ROOT

OPTIONAL = (
    "torch",
    "plotly",
    "pandas_market_calendars",
    "onnx",
    "onnxruntime",
    "mlflow",
    "tensorboard",
    "ray",
    "sklearn",
)
WITHOUT = f"""
import sys
from importlib.machinery import PathFinder

class Without(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in {OPTIONAL} else super().find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = Without
from tailproof.cli.main import main
main(sys.argv[1:])
"""
SMALL = ("--epochs", "1", "--members", "2", "--placebos", "1", "--folds", "2")


def without_extras(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", WITHOUT, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def bars(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bars")
    assert without_extras(folder, "simulate", "--rows", "4000", "--out", "bars.csv").returncode == 0
    return folder / "bars.csv"


def test_the_main_job_needs_no_extra(bars: Path) -> None:
    for arguments in (
        ("check", "bars.csv"),
        ("train", "bars.csv", "--out", "run", *SMALL),
        ("predict", "run", "bars.csv", "--out", "forecasts.parquet"),
        ("report", "run"),
        ("select", "bars.csv", "--out", "study", "--no-population", "--audit", "off"),
        ("doctor",),
    ):
        done = without_extras(bars.parent, *arguments)
        assert done.returncode == 0, (arguments, done.stderr)
    assert "torch is not installed" in (bars.parent / "run" / "training_log.txt").read_text()
    assert (bars.parent / "run" / "best_model.pth").is_file()


@pytest.mark.parametrize(
    ("extra", "arguments"),
    [
        ("torch", ("train", "not-read-yet.csv", "--engine", "torch")),
        ("torch", ("train", "not-read-yet.csv", "--device", "cuda")),
        ("onnx", ("export", "run", "--onnx", "model.onnx")),
        ("calendars", ("check", "bars.csv", "--calendar", "CME_Equity")),
        ("tensorboard", ("train", "bars.csv", "--tensorboard", "events")),
        ("mlflow", ("train", "bars.csv", "--mlflow", "http://127.0.0.1:9")),
        ("ray", ("train", "bars.csv", "--ray", "local")),
    ],
)
def test_a_missing_extra_is_named_with_the_one_command(extra: str, arguments: tuple[str, ...], bars: Path) -> None:
    done = without_extras(bars.parent, *arguments)
    assert done.returncode == 2, done.stderr
    assert f"Install it with: pip install 'tailproof[{extra}]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_every_public_name_loads_without_extras_or_names_the_one_that_it_needs(tmp_path: Path) -> None:
    reading = """
import tailproof
for name in tailproof.__all__:
    try:
        getattr(tailproof, name)
    except tailproof.ConfigError as error:
        print(name, error)
"""
    command = [sys.executable, "-c", WITHOUT.rpartition("from tailproof")[0] + reading]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["PopulationRegressor", "RankTarget", "RobustClip"]
    assert all("pip install 'tailproof[sklearn]'" in line for line in done.stdout.splitlines())


def test_every_extra_that_is_named_exists() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    named = {
        part.partition('"')[0]
        for file in (ROOT / "src").rglob("*.py")
        for part in file.read_text().split('extra("')[1:]
    }
    assert named
    assert named <= set(extras)
