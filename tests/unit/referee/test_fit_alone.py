"""Models as people write them: each is judged, or refused in a sentence that says what to change."""

from __future__ import annotations

import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression, Ridge, SGDRegressor
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from tests.support.bars import bars_of, random_bar_frame
from torch import nn

from tailproof.core.errors import ConfigError, LeakError
from tailproof.core.events import LogLine, RunEvent
from tailproof.referee.adapters import imported
from tailproof.referee.judge_model import judge_model
from tailproof.referee.outside_model import load_model, outside_model
from tailproof.report import SILENT
from tailproof.runs.finished_run import Run
from tailproof.settings.train_settings import TrainSettings

BARS = bars_of(random_bar_frame(400, breaks=tuple(range(40, 400, 40))))
SETTINGS = TrainSettings(folds=1, placebos=1, baselines=False, features=("original",), audit="off", epochs=1)


class Lines:
    """Keeps what a run says."""

    def __init__(self) -> None:
        self.text = ""

    def emit(self, event: RunEvent) -> None:
        if isinstance(event, LogLine):
            self.text += event.text + "\n"


def judged(out: Path, model: Any, reporter: Any = SILENT, **changes: Any) -> Run:
    settings = SETTINGS.replace(**changes)
    return judge_model(BARS, outside_model(model), settings=settings, out=out, reporter=reporter)


class Mean:
    """Forecasts the mean of its targets, with a grain of the first feature."""

    def fit(self, x_NF: np.ndarray, y_N: np.ndarray) -> None:
        self.mean = float(y_N.mean())

    def predict(self, x_NF: np.ndarray) -> Any:
        return self.mean + 1e-3 * x_NF[:, 0]


class AList(Mean):
    def predict(self, x_NF: np.ndarray) -> Any:
        return list(super().predict(x_NF))


class AColumn(Mean):
    def predict(self, x_NF: np.ndarray) -> Any:
        return super().predict(x_NF)[:, None].astype(np.float32)


class Talkative(Mean):
    def fit(self, x_NF: np.ndarray, y_N: np.ndarray) -> None:
        print("epoch 1 of 1,000,000")
        super().fit(x_NF, y_N)


class Vandal(Mean):
    def fit(self, x_NF: np.ndarray, y_N: np.ndarray) -> None:
        super().fit(x_NF, y_N)
        x_NF *= 0.0
        y_N[:] = np.nan

    def predict(self, x_NF: np.ndarray) -> Any:
        forecast_N = super().predict(x_NF)
        x_NF[:] = np.nan
        return forecast_N


class Locked(Mean):
    def __init__(self) -> None:
        self.lock = threading.Lock()


class Continued(Mean):
    """Goes on from what it has learned: each fit must start from nothing."""

    def __init__(self) -> None:
        self.fits = 0

    def fit(self, x_NF: np.ndarray, y_N: np.ndarray) -> None:
        self.fits += 1
        assert self.fits == 1
        super().fit(x_NF, y_N)


class Duck:
    """scikit-learn's conventions without its classes."""

    _estimator_type = "classifier"

    def fit(self, x_NF: np.ndarray, y_N: np.ndarray) -> None:
        assert set(np.unique(y_N)) == {0, 1}

    def predict(self, x_NF: np.ndarray) -> Any:
        return x_NF[:, 0] > 0.0


def mlp() -> nn.Module:
    return nn.Sequential(nn.Linear(5, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Dropout(0.1), nn.Linear(4, 1))


WORKING = {
    "a list": AList,
    "a column of float32": AColumn,
    "prints": Talkative,
    "mutates": Vandal,
    "a lock, made by a function": lambda: Locked(),
    "a class": Mean,
    "an object": Mean(),
    "goes on": Continued(),
    "pipeline": make_pipeline(StandardScaler(), Ridge()),
    "grid search": GridSearchCV(Ridge(), {"alpha": [1.0, 10.0]}, cv=2),
    "classifier": RandomForestClassifier(n_estimators=2, max_depth=2),
    "pipeline of a classifier": make_pipeline(StandardScaler(), LogisticRegression()),
    "another's classifier": Duck,
    "warm start": RandomForestRegressor(n_estimators=2, max_depth=2, warm_start=True),
    "SGD": SGDRegressor(),
    "torch module": mlp(),
    "function of a torch module": mlp,
    "lazy torch module": nn.Sequential(nn.LazyLinear(4), nn.ReLU(), nn.Linear(4, 1)),
    "flat torch module": lambda: nn.Sequential(nn.Linear(5, 1), nn.Flatten(0)),
}


@pytest.mark.parametrize("kind", WORKING)
def test_a_model_of_this_kind_is_judged(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = judged(tmp_path / "run", WORKING[kind])
    assert run.verdict.verdict != "skill"
    assert run.forecasts["prediction"].is_finite().all()
    assert capsys.readouterr().out == "", "what a model prints is no output of the command"


class Ending(Mean):
    def fit(self, x_NF: np.ndarray, y_N: np.ndarray) -> None:
        sys.exit(3)


class Failing(Mean):
    def predict(self, x_NF: np.ndarray) -> Any:
        raise RuntimeError("out of luck")


class Short(Mean):
    def predict(self, x_NF: np.ndarray) -> Any:
        return np.zeros(3)


class Gaps(Mean):
    def predict(self, x_NF: np.ndarray) -> Any:
        return np.where(np.arange(len(x_NF)) == 2, np.nan, 0.5)


class Words(Mean):
    def predict(self, x_NF: np.ndarray) -> Any:
        return ["up"] * len(x_NF)


class Nothing(Mean):
    def predict(self, x_NF: np.ndarray) -> Any:
        return None


class Endless:
    def __init__(self) -> None:
        raise ValueError("no licence")


REFUSED = {
    "sys.exit": (Ending, r"Ending: fit ends the program \(sys.exit\(3\)\)"),
    "raises": (Failing, r"Failing: predict fails \(RuntimeError: out of luck\)\. It was given X of shape \("),
    "wrong length": (Short, r"Short must predict one number per row, got shape \(3,\) for"),
    "NaN": (Gaps, r"Gaps must predict finite numbers, got nan in row 2 of [\d,]+ \(1 such rows\)"),
    "words": (Words, r"Words: predict fails \(ValueError: could not convert string"),
    "None": (Nothing, r"Nothing must predict one number per row, got shape \(\)|must predict finite"),
    "cannot be made": (Endless, r"Endless: make fails \(ValueError: no licence\)"),
    "needs names": (
        make_pipeline(ColumnTransformer([("a", "passthrough", ["log_return"])]), Ridge()),
        "Where it needs a DataFrame, make one of the array",
    ),
    "cannot be copied": (Locked(), r"Locked cannot be copied for each fit \(TypeError.*\)\. Give a function"),
    "no model": (lambda: 3, r"must make objects with fit\(X, y\) and predict\(X\), or torch modules, got int"),
    "a class of classes": (lambda: Ridge, "or torch modules, got Ridge"),
    "module of two outputs": (lambda: nn.Linear(5, 2), r"one number per row, got \(64, 2\) for 64 rows"),
    "module of other inputs": (lambda: nn.Linear(3, 1), "fit fails .*shapes cannot be multiplied"),
    "module without weights": (lambda: nn.Flatten(0), "Flatten has no parameter to train"),
    "a number": (7, "model must be an estimator with fit"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_model_of_this_kind_is_refused_before_it_costs_anything(kind: str, tmp_path: Path) -> None:
    model, message = REFUSED[kind]
    with pytest.raises(ConfigError, match=message):
        judged(tmp_path / "run", model)
    assert not (tmp_path / "run").exists()


class Unseeded(Mean):
    def predict(self, x_NF: np.ndarray) -> Any:
        return np.random.default_rng(self.seed).random(len(x_NF))

    def fit(self, x_NF: np.ndarray, y_N: np.ndarray) -> None:
        self.seed = np.random.SeedSequence().entropy


class Dropping(Mean):
    def predict(self, x_NF: np.ndarray) -> Any:
        return super().predict(x_NF) * np.random.random(len(x_NF))


class Remembering(Mean):
    """Keeps the first target of every row it saw, and looks it up when it forecasts.

    It knows a row again by the signs of the last changes of its features, whatever scale a fold gives them.
    """

    seen: ClassVar[dict[bytes, float]] = {}

    def fit(self, x_NF: np.ndarray, y_N: np.ndarray) -> None:
        super().fit(x_NF, y_N)
        for key, target in zip(self.keys(x_NF), y_N, strict=True):
            Remembering.seen.setdefault(key, target)

    def predict(self, x_NF: np.ndarray) -> Any:
        grain_N = 1e-3 * x_NF[:, 0]
        return grain_N + [Remembering.seen.get(key, self.mean) for key in self.keys(x_NF)]

    def keys(self, x_NF: np.ndarray) -> list[bytes]:
        sign_NF = np.sign(np.diff(x_NF, axis=0, prepend=x_NF[:1])).astype(np.int8)
        signs = np.concatenate([np.roll(sign_NF, lag, axis=0) for lag in range(8)], axis=1)
        return [row.tobytes() for row in signs]


class Smooth(Mean):
    """A centred mean: half of it is in the future."""

    def predict(self, x_NF: np.ndarray) -> Any:
        return np.convolve(x_NF[:, 0], np.ones(3) / 3.0, mode="same")


class Running(Mean):
    """A mean of the rows so far: nothing is wrong with that."""

    def predict(self, x_NF: np.ndarray) -> Any:
        return np.cumsum(x_NF[:, 0]) / np.arange(1, len(x_NF) + 1)


def test_what_a_model_does_behind_its_forecasts_is_said(tmp_path: Path) -> None:
    lines = Lines()
    judged(tmp_path / "unseeded", Unseeded, lines)
    assert "Unseeded does not give the same forecasts when it is fitted again" in lines.text
    judged(tmp_path / "dropping", Dropping, lines)
    assert "Dropping draws random numbers when it predicts" in lines.text
    quiet = Lines()
    judged(tmp_path / "mean", Mean, quiet)
    assert "Warning: Mean" not in quiet.text
    assert "before all others and after them: same forecasts" in quiet.text
    assert "3 fits of up to" in quiet.text


def test_a_model_that_remembers_rows_is_suspicious(tmp_path: Path) -> None:
    Remembering.seen.clear()
    run = judged(tmp_path / "run", Remembering, audit="warn", folds=3)
    assert run.verdict.verdict == "suspicious"
    assert "Remembering remembers rows between its fits" in run.verdict.sentence


def test_a_model_that_looks_ahead_stops_the_run_or_is_suspicious(tmp_path: Path) -> None:
    with pytest.raises(LeakError, match="Smooth looks ahead: its forecast of test row"):
        judged(tmp_path / "stopped", Smooth, audit="stop")
    assert not (tmp_path / "stopped").exists()
    run = judged(tmp_path / "warned", Smooth, audit="warn")
    assert run.verdict.verdict == "suspicious"
    assert judged(tmp_path / "running", Running, audit="stop").verdict.verdict == "no evidence"


def test_a_torch_module_learns_and_begins_anew_each_time(tmp_path: Path) -> None:
    trained = nn.Sequential(nn.Linear(5, 1))
    with torch.no_grad():
        trained[0].weight.fill_(100.0)
    run = judged(tmp_path / "run", trained)
    assert float(run.forecasts["prediction"].abs().max() or 0.0) < 50.0, "what it had learned before is gone"
    assert float(trained[0].weight.detach().max()) == 100.0


def test_classes_of_a_file_are_found_by_their_name(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(
        "from __future__ import annotations\nfrom dataclasses import dataclass\n\n\n@dataclass\nclass Mine:\n"
        "    level: float = 0.5\n\n    def fit(self, x, y):\n        pass\n\n    def predict(self, x):\n"
        "        return x[:, 0] * self.level\n"
    )
    model = load_model(f"{file}:Mine")
    assert model.fresh(seed=0).level == 0.5
    file.write_text("import sys\nsys.exit(1)\n")
    with pytest.raises(ConfigError, match=r"cannot be run \(SystemExit: 1\)"):
        load_model(f"{file}:Mine")


def test_a_module_that_another_thread_imports_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = tmp_path / "begun"
    (tmp_path / "slow_to_import.py").write_text(
        f"import pathlib, time\npathlib.Path({str(begun)!r}).touch()\ntime.sleep(0.2)\nwhole = True\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    thread = threading.Thread(target=import_module, args=("slow_to_import",))
    thread.start()
    while not begun.exists():
        thread.join(0.01)
    module = imported("slow_to_import")
    assert module is not None
    assert module.whole
    thread.join()
    assert imported("imported_by_nobody") is None
