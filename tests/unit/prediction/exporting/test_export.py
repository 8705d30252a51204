"""A finished run becomes one file, and the file forecasts what the run forecasts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import polars as pl
import pytest
from tests.support.bars import bars_of, random_bar_frame

from tailproof import pipeline
from tailproof.cli import main
from tailproof.core.errors import ConfigError, DataError, RunFolderError
from tailproof.features import compute, own_features, select_features
from tailproof.prediction import forecast_bars, read_trained
from tailproof.prediction.exporting import export_onnx
from tailproof.report import SILENT
from tailproof.settings.train_settings import TrainSettings
from tailproof.storage.manifest import CONFIG, LOG

FRAME = random_bar_frame(900, breaks=(300, 600), interaction=1.6)
BARS = bars_of(FRAME)
SETTINGS = TrainSettings(
    epochs=2,
    warmup_steps=10,
    members=3,
    split="holdout",
    placebos=0,
    baselines=False,
    linear_path=True,
    shrink=True,
)


def trained(out: Path, **changes: object) -> Path:
    settings = SETTINGS.replace(**changes)
    return pipeline.train_on_bars(BARS, settings=settings, out=out, reporter=SILENT).folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("run") / "run")


@pytest.fixture(scope="module")
def bar_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("bars") / "bars.csv"
    FRAME.write_csv(file, datetime_format="%Y-%m-%dT%H:%M:%SZ")
    return file


@pytest.mark.parametrize(
    ("target", "embedding"), [("rank", "none"), ("rank-gauss", "piecewise-linear"), ("raw", "none")]
)
def test_the_file_forecasts_every_bar_as_predict_does(
    tmp_path: Path, bar_file: Path, target: str, embedding: str
) -> None:
    shape = {"residual_blocks": 1, "input_norm": "layer", "hidden_dims": (7,), "embedding": embedding}
    folder = trained(tmp_path / "run", target=target, **shape)
    exported = export_onnx(folder, tmp_path / "new" / "model.onnx", bars=bar_file)
    session = onnxruntime.InferenceSession(tmp_path / "new" / "model.onnx", providers=["CPUExecutionProvider"])
    # The names in the file are all that its user has.
    stored = session.get_modelmeta().custom_metadata_map
    table = compute(BARS, select_features(BARS, json.loads(stored["features"])).features)
    x_BF = table.fill_null(np.nan).to_numpy().astype(np.float32)
    names = ["prediction", "spread", "predicted_return"]
    forecasts = pl.DataFrame(dict(zip(names, session.run(names, {"features": x_BF}), strict=True)))
    model = read_trained(folder)
    assert len(model.network.interactions)
    expected = forecast_bars(model, BARS).frame
    known_B = ~np.isnan(x_BF).any(axis=1)
    assert 0 < expected.height == known_B.sum() < len(BARS)
    assert (
        forecasts.filter(~pl.Series(known_B)).fill_nan(None).null_count().row(0) == (len(BARS) - expected.height,) * 3
    )
    for name in names:
        np.testing.assert_allclose(forecasts.filter(known_B)[name], expected[name], rtol=1e-4, atol=2e-6, err_msg=name)
    assert exported.checked_on_bars is not None
    assert exported.checked_on_bars.rows == expected.height
    assert exported.checked_on_bars.prediction < 1e-5
    assert exported.own_rows is not None
    assert exported.own_rows[0] == pl.read_parquet(folder / "predictions.parquet").height
    assert exported.own_rows[1] < 1e-5


def test_own_features_come_with_the_run(tmp_path: Path, bar_file: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(
        "import polars as pl\n\ndef body(frame):\n    'Close less open.'\n    return pl.col('close') - pl.col('open')\n"
    )
    folder = trained(tmp_path / "run", feature_file=file, features=("body", "close_change_pct"))
    file.unlink()
    with pytest.raises(ConfigError, match="trust_code=True"):
        export_onnx(folder, tmp_path / "model.onnx", bars=bar_file)
    exported = export_onnx(folder, tmp_path / "model.onnx", bars=bar_file, trust_code=True)
    assert exported.own_rows is not None
    assert exported.own_rows[1] < 1e-5
    assert "body" in own_features(folder / "own_features.py", BARS)


def test_the_folds_of_a_walk_forward_are_other_models(
    tmp_path: Path, bar_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = trained(tmp_path / "run", split="walk-forward", folds=2)
    main(["export", str(folder), "--onnx", str(tmp_path / "model.onnx"), "--check-on", str(bar_file)])
    assert "predictions.parquet was not compared: in a walk-forward split other models" in capsys.readouterr().out


def test_the_command_says_what_goes_in_what_comes_out_and_how_far_it_is_off(
    run: Path, tmp_path: Path, bar_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "model.onnx"
    main(["export", str(run), "--onnx", str(out), "--check-on", str(bar_file)])
    screen = capsys.readouterr().out
    assert "'features', float32 (rows, 11)" in screen
    assert f"onnxruntime {onnxruntime.__version__} on 4,096 made rows; largest difference" in screen
    assert "test rows of the run: largest difference from predictions.parquet" in screen
    assert json.loads((run / "verdict.json").read_text())["sentence"] in screen
    assert f"ONNX graph: {out} (" in screen


def test_without_onnxruntime_the_evaluator_of_onnx_checks(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    exported = export_onnx(run, tmp_path / "model.onnx")
    assert exported.checked.by.endswith("own evaluator")
    assert exported.checked.member < 1e-5


def test_without_onnx_the_command_says_how_to_get_it(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(SystemExit, match="2"):
        main(["export", str(run), "--onnx", str(tmp_path / "model.onnx")])
    assert "pip install 'tailproof[onnx]'" in capsys.readouterr().err


def test_torch_is_not_imported(run: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from tailproof.cli import main; "
        f"main(['export', {str(run)!r}, '--onnx', {str(tmp_path / 'model.onnx')!r}]); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=False).returncode == 0
    assert (tmp_path / "model.onnx").is_file()


def test_a_file_that_is_there_is_replaced_only_when_asked(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "model.onnx"
    out.write_text("mine")
    with pytest.raises(ConfigError, match=r"a file is here\. Give onnx another name, or overwrite=True"):
        export_onnx(run, out)
    assert out.read_text() == "mine"
    exported = export_onnx(run, out, overwrite=True)
    assert out.read_bytes() == exported.content
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]


def test_the_same_run_gives_the_same_bytes(run: Path, tmp_path: Path) -> None:
    assert len({export_onnx(run, tmp_path / f"{time}.onnx").content for time in range(2)}) == 1


def test_paths_that_cannot_be_written_to_are_refused_before_the_run_is_read(tmp_path: Path) -> None:
    run = tmp_path / "unreadable run"
    run.mkdir()
    for own in (CONFIG, LOG):
        (run / own).write_text("of the run")
    (tmp_path / "folder.onnx").mkdir()
    for out, message in {
        tmp_path / "model.pt": r"ends in \.onnx, got model\.pt",
        tmp_path / "folder.onnx": "this is a folder",
        run / "model.onnx": "would lie in the run folder",
    }.items():
        with pytest.raises(ConfigError, match=message):
            export_onnx(run, out)


def test_a_folder_that_cannot_be_made_is_refused(run: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="the folder for onnx cannot be made"):
        export_onnx(run, tmp_path / "file" / "model.onnx")


def test_vix_alone_is_refused(run: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Give check_on too"):
        export_onnx(run, tmp_path / "model.onnx", vix=tmp_path / "vix.csv")


def test_an_unfinished_or_altered_run_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    folder, out = trained(tmp_path / "run"), tmp_path / "model.onnx"
    (folder / "feature_statistics.json").write_text("{}")
    with pytest.raises(RunFolderError, match=r"feature_statistics\.json has changed"):
        export_onnx(folder, out)
    (folder / "manifest.json").unlink()
    with pytest.raises(RunFolderError, match="not a finished run"):
        export_onnx(folder, out)
    assert not out.exists()


def test_bars_that_cannot_be_forecast_leave_no_file(run: Path, tmp_path: Path) -> None:
    FRAME.head(3).write_csv(tmp_path / "few.csv", datetime_format="%Y-%m-%dT%H:%M:%SZ")
    with pytest.raises(DataError, match="at least one bar must have every feature"):
        export_onnx(run, tmp_path / "model.onnx", bars=tmp_path / "few.csv")
    assert not (tmp_path / "model.onnx").exists()
