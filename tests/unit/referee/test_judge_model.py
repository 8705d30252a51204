"""A model from outside goes the whole way that a network goes, and nothing that it does is taken for granted."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import polars as pl
import pytest
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from tests.support.bars import bars_of, random_bar_frame

from tailproof.cli import main
from tailproof.core.errors import ConfigError, RunFolderError
from tailproof.pipeline import Run
from tailproof.prediction.trained import read_trained
from tailproof.referee.judge_model import judge_model
from tailproof.referee.outside_model import load_model, outside_model
from tailproof.report import SILENT
from tailproof.runs.pace import Pace
from tailproof.settings.train_settings import TrainSettings
from tailproof.storage import verify

BARS = bars_of(random_bar_frame(900, breaks=tuple(range(60, 900, 60))))
SETTINGS = TrainSettings(folds=2, placebos=2, baselines=False, features=("original",), unit="sessions")


def judged(out: Path, model: Any, **changes: Any) -> Run:
    return judge_model(BARS, outside_model(model), settings=SETTINGS.replace(**changes), out=out, reporter=SILENT)


class Watched:
    """Notes what it is given; forecasts the mean of its targets."""

    seen: ClassVar[list[tuple[np.ndarray, np.ndarray]]] = []

    def fit(self, x_NF: np.ndarray, y_N: np.ndarray) -> None:
        Watched.seen.append((x_NF, y_N))
        self.mean = float(y_N.mean())

    def predict(self, x_NF: np.ndarray) -> np.ndarray:
        return np.full(len(x_NF), self.mean)


def test_a_run_of_an_outside_model_is_a_run(tmp_path: Path) -> None:
    run = judged(tmp_path / "run", make_pipeline(StandardScaler(), Ridge()))
    verify(run.folder)
    record = json.loads((run.folder / "verdict.json").read_text())
    config = json.loads((run.folder / "training_config.json").read_text())
    assert (config["engine"], config["model"]) == ("estimator", "Pipeline")
    assert "network" not in config
    assert len(record["rank_ic"]["placebos"]) == 2
    assert (run.folder / "report.html").stat().st_size > 10_000
    assert not list(run.folder.glob("*.safetensors"))
    assert run.scores["fold"].to_list() == [1, 2]
    assert (run.scores["validation_loss"] > 0.0).all()
    assert len(pl.read_parquet(run.folder / "predictions.parquet")) > 300
    with pytest.raises(RunFolderError, match="holds the verdict on Pipeline and no model"):
        read_trained(run.folder)
    (trial,) = map(json.loads, (tmp_path / "trials.jsonl").read_text().splitlines())
    assert trial["config"]["model"] == "Pipeline"


class Interrupted(Ridge):
    """A ridge whose fit is interrupted once, when the countdown is over."""

    fits_left: ClassVar[int | None] = None

    def fit(self, x_NF: np.ndarray, y_N: np.ndarray) -> Ridge:
        if Interrupted.fits_left == 0:
            Interrupted.fits_left = None
            raise KeyboardInterrupt
        if Interrupted.fits_left is not None:
            Interrupted.fits_left -= 1
        return super().fit(x_NF, y_N)


def test_an_interrupted_judgement_resumes_after_the_last_fold_to_the_same_figures(tmp_path: Path) -> None:
    """The rehearsal and the three fits of fold 1 are done; the second fit of fold 2 is interrupted."""
    model = outside_model(Interrupted())
    lines: list[str] = []

    class Lines:
        def emit(self, event: object) -> None:
            lines.append(str(getattr(event, "text", "")))

    common: dict[str, Any] = {
        "settings": SETTINGS,
        "reporter": Lines(),
        "pace": Pace(seconds_between=0.0, max_share=1e9),
    }
    Interrupted.fits_left = 1 + 3 + 1
    with pytest.raises(KeyboardInterrupt):
        judge_model(BARS, model, out=tmp_path / "stopped", **common)
    assert lines[-1].startswith("Stopped. All but the last ")
    assert lines[-1].endswith(f'start the same run with out="{tmp_path / "stopped"}" and resume=True.')
    resumed = judge_model(BARS, model, out=tmp_path / "stopped", resume=True, **common)
    assert any(line.endswith("1 fold done. What came after is done again.") for line in lines)
    whole = judge_model(BARS, model, out=tmp_path / "whole", **common)
    assert resumed.verdict.sentence == whole.verdict.sentence
    for name in ("predictions.parquet", "baselines.parquet", "verdict.json"):
        assert (tmp_path / "stopped" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_it_is_fitted_anew_for_every_fold_and_placebo_on_the_training_rows(tmp_path: Path) -> None:
    Watched.seen = []
    judged(tmp_path / "run", Watched)
    assert len(Watched.seen) == 1 + 2 * (1 + 2) + 1 + 1, "before all, for folds and placebos, to ship, and after all"
    np.testing.assert_array_equal(Watched.seen[0][1], Watched.seen[-1][1])
    for first in (1, 4):
        x, y = Watched.seen[first]
        for placebo in (1, 2):
            other_x, other_y = Watched.seen[first + placebo]
            np.testing.assert_array_equal(x, other_x)
            assert not np.array_equal(y, other_y)
    assert all(x_NF.base is None for x_NF, _ in Watched.seen), "no way from the training rows to those after them"


def test_the_same_seed_gives_the_same_forecasts_and_another_does_not(tmp_path: Path) -> None:
    forest = RandomForestRegressor(n_estimators=3, max_depth=3)
    before = np.random.get_state()[1].copy()
    first, again, other = (
        pl.read_parquet(judged(tmp_path / name, forest, seed=seed).folder / "predictions.parquet")["prediction"]
        for name, seed in (("a", 0), ("b", 0), ("c", 1))
    )
    assert first.equals(again)
    assert not first.equals(other)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


ONE_RIDGE = Ridge()


class AlwaysHalf(Watched):
    def predict(self, x_NF: np.ndarray) -> np.ndarray:
        return np.full(len(x_NF), 0.5)


def test_its_validation_loss_is_that_of_its_forecasts(tmp_path: Path) -> None:
    scores = judged(tmp_path / "run", AlwaysHalf, unit="rows").scores
    assert (scores["validation_skill"] < 0.05).all(), "the constant, with the least loss in training, is near one half"
    assert (scores["validation_skill"] > -0.05).all()
    assert scores["validation_loss"].to_list() == pytest.approx([0.02] * 2, rel=0.3)


class Shapeless(Watched):
    def predict(self, x_NF: np.ndarray) -> np.ndarray:
        return np.zeros(3)


class Endless(Watched):
    def predict(self, x_NF: np.ndarray) -> np.ndarray:
        return np.full(len(x_NF), np.nan)


class Broken(Watched):
    def fit(self, x_NF: np.ndarray, y_N: np.ndarray) -> None:
        raise RuntimeError("singular")


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (Shapeless, r"Shapeless must predict one number per row, got shape \(3,\)"),
        (Endless, "Endless must predict finite numbers, got nan"),
        (Broken, r"Broken: fit fails \(RuntimeError: singular\)"),
        (dict, r"dict must make objects with fit\(X, y\) and predict\(X\), or torch modules, got dict"),
        (lambda: ONE_RIDGE, "must make a new object each time that it is called, got the same Ridge twice"),
        (3, "model must be an estimator with fit"),
    ],
)
def test_a_model_that_cannot_be_judged_is_refused_and_leaves_nothing(model: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=message):
        judged(tmp_path / "run", model)
    assert not (tmp_path / "run").exists()


def test_what_only_a_network_has_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="ensemble=stack weighs the network of train"):
        judged(tmp_path / "run", Watched, ensemble="stack", baselines=True)
    with pytest.raises(ConfigError, match="warm_start continues from a network's weights"):
        judged(tmp_path / "run", Watched, warm_start=True)


def test_models_are_loaded_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "my.py"
    file.write_text("from sklearn.linear_model import Ridge\n\ndef make():\n    return Ridge(alpha=2.0)\n")
    model = load_model(f"{file}:make")
    assert model.name == "my.py:make"
    assert model.fresh(seed=1).alpha == 2.0  # type: ignore[attr-defined]
    for where, message in (
        (f"{file}:other", "must define other"),
        (f"{file}", "model must be FILE.py:NAME"),
        (f"{tmp_path / 'absent.py'}:make", "there is no such file"),
    ):
        with pytest.raises(ConfigError, match=message):
            load_model(where)
    file.write_text("1 / 0\n")
    with pytest.raises(ConfigError, match=r"cannot be run \(ZeroDivisionError"):
        load_model(f"{file}:make")


def test_a_model_may_import_what_lies_beside_its_file(tmp_path: Path) -> None:
    (tmp_path / "only_beside_the_model.py").write_text("LEVEL = 2.0\n")
    file = tmp_path / "my.py"
    file.write_text(
        "from sklearn.linear_model import Ridge\n\ndef make():\n"
        "    from only_beside_the_model import LEVEL\n    return Ridge(alpha=LEVEL)\n"
    )
    before = list(sys.path)
    try:
        assert load_model(f"{file}:make").fresh(seed=1).alpha == 2.0
        assert sys.path == [*before, str(tmp_path)]
    finally:
        sys.path[:] = before


def test_the_command_judges_and_says_the_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    random_bar_frame(600, breaks=tuple(range(60, 600, 60))).write_csv(tmp_path / "bars.csv")
    (tmp_path / "my.py").write_text("from sklearn.linear_model import Ridge\n\ndef make():\n    return Ridge()\n")
    options = ["--placebos", "1", "--folds", "2", "--no-baselines", "--features", "original", "--seed", "3", "--quiet"]
    model, out = f"{tmp_path / 'my.py'}:make", tmp_path / "run"
    command = ["judge", str(tmp_path / "bars.csv"), "--model", model, "--out", str(out), *options]
    main(command)
    assert capsys.readouterr().out.startswith("No evidence of skill")
    config = json.loads((tmp_path / "run" / "training_config.json").read_text())
    assert (config["model"], config["settings"]["seed"]) == ("my.py:make", 3)
    main([*command, "--resume"])
    assert "this run is finished, so there is nothing to resume. No evidence of skill" in capsys.readouterr().out
