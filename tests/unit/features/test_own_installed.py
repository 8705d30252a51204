"""Features of installed packages, by entry point: a distribution of files alone, as pip would leave it."""

import sys
from pathlib import Path

import pytest
from tests.support.bars import bars_of, random_bar_frame

from tailproof import pipeline
from tailproof.cli import main
from tailproof.core.errors import ConfigError, LeakError
from tailproof.features.own import all_own_features, installed_features
from tailproof.report import SILENT, Lines
from tailproof.settings.train_settings import TrainSettings

BARS = bars_of(random_bar_frame(900, breaks=(300, 600)))
SETTINGS = TrainSettings(
    epochs=1, warmup_steps=10, members=2, engine="torch", split="holdout", placebos=0, baselines=False
)
GOOD = '''
import polars as pl
from tailproof.features import Feature

def drop(frame):
    """close / high - 1"""
    return pl.col("close") / pl.col("high") - 1

LIFT = Feature(name="lift", expression=pl.col("close") / pl.col("low") - 1, formula="", needs=(), look_back=0)
BOTH = (drop, LIFT)
'''
LEAK = "import polars as pl\ndef peek(frame):\n    return pl.col('close').shift(-1) / pl.col('close') - 1\n"


def install(
    monkeypatch: pytest.MonkeyPatch, site: Path, text: str, entry: str, *, name: str = "extra_features"
) -> None:
    """Put a distribution with one module and one entry point where Python finds installed ones."""
    info = site / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[tailproof.features]\n{entry}\n")
    (site / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(site)
    monkeypatch.delitem(sys.modules, name, raising=False)


def test_they_are_found_listed_audited_and_trained_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    install(monkeypatch, tmp_path / "site", GOOD, "all = extra_features:BOTH")
    assert list(installed_features()) == ["drop", "lift"]
    main(["features", "drop", "lift", "--formulas"])
    assert "close / high - 1" in capsys.readouterr().out
    lines: list[str] = []
    run = pipeline.train_on_bars(
        BARS, settings=SETTINGS, out=tmp_path / "run", reporter=Lines(lines.append, detailed=True)
    )
    assert any("Your own features are added: drop, lift." in line for line in lines)
    assert any("'drop' declares no look-back: measured, it needs 0 bars" in line for line in lines)
    statistics = (run.folder / "feature_statistics.json").read_text()
    assert '"drop"' in statistics
    assert '"lift"' in statistics


def test_a_leak_in_a_package_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    install(monkeypatch, tmp_path / "site", LEAK, "peek = extra_features:peek")
    with pytest.raises(LeakError, match="'peek' sees later bars"):
        pipeline.train_on_bars(BARS, settings=SETTINGS, out=tmp_path / "run", reporter=SILENT)


@pytest.mark.parametrize(
    ("text", "entry", "message"),
    [
        ("import nothing_of_the_kind\n", "x = extra_features:x", "could not be loaded: ModuleNotFoundError"),
        ("x = 1\n", "x = extra_features:x", "a feature must be a function of one argument"),
        ("def vwap(frame):\n    return None\n", "x = extra_features:vwap", "vwap is already in the catalogue"),
    ],
)
def test_a_package_that_cannot_be_used_is_named(
    text: str, entry: str, message: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    install(monkeypatch, tmp_path / "site", text, entry)
    with pytest.raises(ConfigError, match=f"entry point '{entry}' of extra_features: {message}"):
        installed_features()


def test_a_file_and_two_packages_cannot_share_a_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    install(monkeypatch, tmp_path / "one", GOOD, "drop = extra_features:drop")
    mine = tmp_path / "mine.py"
    mine.write_text(GOOD)
    with pytest.raises(ConfigError, match=r"mine\.py: drop is already an installed feature"):
        all_own_features(mine)
    install(monkeypatch, tmp_path / "two", GOOD, "drop = other_features:drop", name="other_features")
    with pytest.raises(ConfigError, match=r"of (extra|other)_features: drop is already an installed feature"):
        installed_features()
