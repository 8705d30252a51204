from pathlib import Path

import pytest
from conftest import bars_of, random_bar_frame

from tailproof import pipeline
from tailproof.core.errors import ConfigError, LeakError
from tailproof.core.settings import TrainSettings
from tailproof.features import own_features, select_features
from tailproof.features.own import read_own_features

BARS = bars_of(random_bar_frame(900, breaks=(300, 600)))
GOOD = '''
import polars as pl
from math import sqrt

def jump(frame):
    """close / open - 1"""
    return pl.col("close") / pl.col("open") - 1

def _helper(frame):
    return None
'''
LEAK = "import polars as pl\ndef peek(frame):\n    return pl.col('close').shift(-1) / pl.col('close') - 1\n"
SETTINGS = TrainSettings(
    epochs=1, warmup_steps=10, members=2, engine="torch", split="holdout", placebos=0, baselines=False
)


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.py"
    path.write_text(text)
    return path


def test_a_public_function_is_a_feature(tmp_path: Path) -> None:
    found = own_features(written(tmp_path, GOOD), BARS)
    assert list(found) == ["jump"]
    assert found["jump"].formula == "close / open - 1"
    assert set(found["jump"].needs) == {"close", "open"}


def test_it_is_trained_on_beside_the_default_ones(tmp_path: Path) -> None:
    said: list[str] = []
    settings = SETTINGS.model_copy(update={"feature_file": written(tmp_path, GOOD)})
    run = pipeline.train_on_bars(BARS, settings=settings, out=tmp_path / "run", say=said.append)
    assert "jump" in (run.folder / "feature_statistics.json").read_text()
    assert any("Your own features are added: jump" in line for line in said)
    assert any("'jump' declares no look-back: measured, it needs 0 bars" in line for line in said)
    assert '"passed": true' in (run.folder / "audit.json").read_text()


def test_a_leak_is_refused_before_a_folder_exists(tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"feature_file": written(tmp_path, LEAK)})
    with pytest.raises(LeakError, match=r"'peek' sees later bars at bar [\d,]+ .* the first later bar it saw is"):
        pipeline.train_on_bars(BARS, settings=settings, out=tmp_path / "run", say=lambda line: None)
    assert not (tmp_path / "run").exists()


def test_only_those_named_are_taken(tmp_path: Path) -> None:
    own = own_features(written(tmp_path, GOOD + "\ndef other(frame):\n    return pl.col('close').diff()\n"), BARS)
    names = [feature.name for feature in select_features(BARS, ["price_range", "other"], own=own).features]
    assert names == ["price_range", "other"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\n", "defines no feature"),
        ("def broken(frame)\n    return 1\n", "could not be executed: SyntaxError"),
        ("def price_range(frame):\n    return 1\n", "already in the catalogue"),
        ("def two(frame, other):\n    return 1\n", "function of one argument"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=message):
        read_own_features(written(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "def values(frame):\n    return frame['close']\n",
            "however: it returned Series",
        ),
        ("def fails(frame):\n    return frame['nothing']\n", "feature 'fails' failed"),
    ],
)
def test_a_function_that_cannot_be_used_says_why(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=message):
        own_features(written(tmp_path, text), BARS)


def test_a_list_in_a_file_chooses(tmp_path: Path) -> None:
    path = tmp_path / "chosen.txt"
    path.write_text("# two of them\nprice_range  # the range\n\nvwap_gap\n")
    names = [feature.name for feature in select_features(BARS, [str(path)]).features]
    assert names == ["price_range", "vwap_gap"]


def test_an_empty_list_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "none.txt"
    path.write_text("# No feature stands out.\n")
    with pytest.raises(ConfigError, match="names none"):
        select_features(BARS, [str(path)])
