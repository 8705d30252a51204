"""Each job in one call from Python, with whatever a caller has at hand."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sklearn.linear_model import Ridge
from tests.support.bars import bars_of, random_bar_frame

import tailproof
from tailproof import ConfigError, DataError, TrainSettings
from tailproof.core.errors import RunFolderError
from tailproof.report import SILENT

FRAME = random_bar_frame(600, breaks=tuple(range(60, 600, 60)))
SMALL: dict[str, Any] = {
    "epochs": 1,
    "members": 2,
    "placebos": 0,
    "baselines": False,
    "folds": 2,
    "features": ("original",),
    "engine": "lanes",
    "reporter": SILENT,
}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    FRAME.write_csv(folder / "bars.csv")
    tailproof.train(str(folder / "bars.csv"), out=str(folder / "first"), **SMALL)
    return folder / "first"


@pytest.mark.parametrize("kind", ["path", "pandas", "polars", "bars"])
def test_bars_of_every_kind_train_the_same(kind: str, first: Path, tmp_path: Path) -> None:
    data = {"path": first.parent / "bars.csv", "pandas": FRAME.to_pandas(), "polars": FRAME, "bars": bars_of(FRAME)}[
        kind
    ]
    run = tailproof.train(data, out=tmp_path / "run", **SMALL)
    assert run.forecasts.equals(tailproof.open_run(first).forecasts)
    assert len(repr(run)) < 200, "not every weight"
    assert run.verdict.sentence in str(run)


def test_options_win_over_settings_and_the_folder_has_a_default_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = TrainSettings(**{name: value for name, value in SMALL.items() if name != "reporter"})
    run = tailproof.train(FRAME, settings=settings, members=1, reporter=SILENT)
    assert run.folder.parent == Path("runs")
    assert run.folder.name.startswith("bars-")
    assert len(run.fit.best_epoch_M) == 1


def test_a_stored_run_offers_what_its_folder_holds(first: Path, tmp_path: Path) -> None:
    run = tailproof.open_run(str(first))
    assert run.verdict.sentence.startswith("No evidence")
    assert isinstance(run.verdict.rank_ic.value, float)
    assert {"known_at", "prediction"} <= set(run.forecasts.columns)
    forecasts = run.predict(FRAME.tail(300))
    assert isinstance(forecasts, pl.DataFrame)
    assert forecasts["prediction"].drop_nulls().len() > 200
    assert run.live(FRAME).history.frame.height > 0
    assert run.report() == first / "report.html"
    assert run.compare(first, out=tmp_path / "both.html").stat().st_size > 1_000


def test_runs_are_compared_without_a_file(first: Path, tmp_path: Path) -> None:
    other = tailproof.train(FRAME, out=tmp_path / "other", **{**SMALL, "epochs": 2})
    alien = tailproof.train(random_bar_frame(600, seed=9), out=tmp_path / "alien", **SMALL)
    comparison = tailproof.open_run(first).compare(other, str(alien.folder))
    assert comparison.frame["run"].to_list() == ["first", "other", "alien"]
    assert comparison.frame["common_rows"].to_list() == [None, len(other.forecasts), 0]
    gain = other.verdict.rank_ic.value - tailproof.open_run(first).verdict.rank_ic.value
    assert comparison.frame["rank_ic_difference"].to_list() == [None, pytest.approx(gain), None]
    assert len(repr(comparison)) < 100
    *sentences, less, unrelated = str(comparison).splitlines()
    assert sentences[1] == f"other: {other.verdict.sentence}"
    assert less.startswith(f"other less first: rank IC {gain:+.4f}, skill "), "ten sessions make no interval"
    assert unrelated == "alien less first: they share no test row."
    assert "rank_ic_difference" in comparison._repr_html_()
    assert comparison.write(tmp_path / "page.html").stat().st_size > 1_000
    with pytest.raises(ConfigError, match="a comparison needs another run, got none"):
        other.compare()


def test_validation_scores_stand_beside_those_of_the_test(first: Path) -> None:
    scores = tailproof.open_run(first).scores
    assert scores["fold"].to_list() == [1, 2]
    assert scores["validation_loss"].null_count() == 0
    epochs = [json.loads(line) for line in (first / "metrics.jsonl").read_text().splitlines()]
    only = next(each["validation_loss"] for each in epochs if each["kind"] == "epoch" and each["fold"] == 2)
    assert scores["validation_loss"][1] == pytest.approx(sum(only) / len(only))
    assert (scores["validation_skill"] < 1.0).all()
    tested = [fold.rank_ic for fold in tailproof.open_run(first).verdict.statistics.by_fold]
    assert scores["test_rank_ic"].to_list() == tested


RETURNS = FRAME["close"].pct_change().fill_null(0.0).to_numpy()
MAKERS: dict[str, Any] = {
    "CombinatorialPurged": tailproof.CombinatorialPurged,
    "PopulationRegressor": tailproof.PopulationRegressor,
    "RankTarget": lambda: tailproof.RankTarget().fit(RETURNS[:, None]),
    "RobustClip": tailproof.RobustClip,
    "TrainSettings": lambda: TrainSettings(epochs=5),
    "WalkForward": tailproof.WalkForward,
    "load_bars": lambda: tailproof.load_bars(FRAME),
    "merge": lambda: tailproof.merge(FRAME, with_={"nq": FRAME}),
    "read_vix": lambda: tailproof.read_vix(FRAME.select("time", "close")),
}
"""Every public name that makes a record, runs and verdicts beside them."""
NO_RECORDS = {"judge", "merge_known", "open_run", "simulate", "sp500_days", "train", "train_on_bars"}
"""What these give is among the others, a frame, or a run."""


def test_no_public_record_prints_its_arrays(first: Path, tmp_path: Path) -> None:
    errors = {name for name in tailproof.__all__ if name.endswith("Error")}
    assert set(MAKERS) | NO_RECORDS | errors == set(tailproof.__all__)
    run = tailproof.train(FRAME, out=tmp_path / "run", **SMALL)
    stored = tailproof.open_run(first)
    records = [make() for make in MAKERS.values()]
    joined = MAKERS["merge"]().series["nq"]
    for record in [*records, joined, run, run.verdict, run.fit, stored, stored.verdict]:
        assert len(repr(record)) < 500, type(record)
        assert len(str(record)) < 500, type(record)
    assert repr(TrainSettings(epochs=5)) == "TrainSettings(epochs=5)"


def test_the_vix_comes_from_a_file_or_a_frame(first: Path, tmp_path: Path) -> None:
    closes = FRAME.select("time", "close")
    closes.write_csv(tmp_path / "vix.csv")
    options = {**SMALL, "features": ("original", "vix_close_change_pct")}
    from_file = tailproof.train(FRAME, vix=str(tmp_path / "vix.csv"), out=tmp_path / "file", **options)
    from_frame = tailproof.train(FRAME, vix=closes.to_pandas(), out=tmp_path / "frame", **options)
    assert from_frame.forecasts.equals(from_file.forecasts)
    forecasts = from_file.predict(FRAME, vix=str(tmp_path / "vix.csv"))
    assert from_frame.predict(FRAME, vix=closes).equals(forecasts)
    assert from_frame.predict(FRAME, with_={"vix": closes}).equals(forecasts)
    assert repr(from_frame.live(FRAME, vix=closes)).startswith("LiveForecaster(")


def test_errors_name_the_argument_with_a_suggestion(first: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"'models' is not an argument of judge\. Did you mean 'model'"):
        tailproof.judge("bars.csv", models=[])
    with pytest.raises(ConfigError, match=r"'member' is not a setting\. Did you mean 'members'"):
        tailproof.train(FRAME, out=tmp_path / "run", member=2)
    with pytest.raises(ConfigError, match=r"'lr' is not a setting\. Did you mean 'learning_rate'"):
        TrainSettings(lr=0.1)
    with pytest.raises(ConfigError, match=r"'output_dir' is not an argument of train\. Did you mean 'out'"):
        tailproof.train(FRAME, output_dir="runs/first")
    with pytest.raises(ConfigError, match=r"'cv' is not an argument of train\. Did you mean 'splitter'"):
        tailproof.train(FRAME, cv=5)
    with pytest.raises(ConfigError, match=r"target should be .*, got target=rnk\. Did you mean 'rank'"):
        tailproof.train(FRAME, target="rnk")
    with pytest.raises(ConfigError, match=r"settings must be TrainSettings, got dict\. Give TrainSettings"):
        tailproof.train(FRAME, settings={"epochs": 5})  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=r"with_ must name each series: a mapping .* got list"):
        tailproof.merge(FRAME, with_=[FRAME])  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=r"a run is given by its folder .* got list"):
        tailproof.open_run(first).compare([first])  # type: ignore[call-overload]
    assert tailproof.open_run(tailproof.open_run(first)).folder == first
    with pytest.raises(ConfigError, match="Name it with out"):
        tailproof.train(FRAME, resume=True)
    with pytest.raises(DataError, match=r"vix\.csv: no such file"):
        tailproof.train(bars_of(FRAME), vix="vix.csv", out=tmp_path / "run")
    with pytest.raises(RunFolderError):
        tailproof.open_run(tmp_path)
    with pytest.raises(RunFolderError):
        tailproof.train(FRAME, out=first)


def test_a_model_is_judged_from_a_frame(tmp_path: Path) -> None:
    options = {name: value for name, value in SMALL.items() if name not in ("epochs", "members", "engine")}
    run = tailproof.judge(FRAME, model=Ridge(), out=tmp_path / "ridge", **options)
    assert run.verdict.verdict == "no evidence"
    assert {name for name in dir(tailproof) if not name.startswith("_")} == set(tailproof.__all__)
