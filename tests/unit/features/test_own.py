from pathlib import Path

import polars as pl
import pytest
from tests.support.bars import bars_of, random_bar_frame

from tailproof import pipeline
from tailproof.core.errors import ConfigError, LeakError
from tailproof.features import compute, own_features, select_features
from tailproof.features.feature import Feature
from tailproof.features.own import read_own_features
from tailproof.report import SILENT, Lines
from tailproof.settings.train_settings import TrainSettings
from tailproof.storage import verify

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
    features = own_features(written(tmp_path, GOOD), BARS)
    assert list(features) == ["jump"]
    assert features["jump"].formula == "close / open - 1"
    assert set(features["jump"].needs) == {"close", "open"}


def test_it_is_trained_on_beside_the_default_ones(tmp_path: Path) -> None:
    lines: list[str] = []
    settings = SETTINGS.replace(feature_file=written(tmp_path, GOOD))
    run = pipeline.train_on_bars(
        BARS, settings=settings, out=tmp_path / "run", reporter=Lines(lines.append, detailed=True)
    )
    assert "jump" in (run.folder / "feature_statistics.json").read_text()
    assert any("Your own features are added: jump" in line for line in lines)
    assert any("'jump' declares no look-back: measured, it needs 0 bars" in line for line in lines)
    assert '"passed": true' in (run.folder / "audit.json").read_text()


def test_a_leak_is_refused_before_a_folder_exists(tmp_path: Path) -> None:
    settings = SETTINGS.replace(feature_file=written(tmp_path, LEAK))
    with pytest.raises(LeakError, match=r"'peek' sees later bars at bar [\d,]+ .* the first later bar it saw is"):
        pipeline.train_on_bars(BARS, settings=settings, out=tmp_path / "run", reporter=SILENT)
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
        ("def wide(frame):\n    return 1\n", "already a preset"),
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
            "but it returned Series",
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


def test_a_name_in_a_list_that_there_is_not_is_shown_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "typo.txt"
    path.write_text("price_range\n\nvwap_gab  # a slip\n")
    with pytest.raises(ConfigError, match=r"features=vwap_gab \(.*typo\.txt, line 3\)\. Did you mean 'vwap_gap'"):
        select_features(BARS, [str(path)])


def test_an_empty_list_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "none.txt"
    path.write_text("# No feature stands out.\n")
    with pytest.raises(ConfigError, match="holds no name"):
        select_features(BARS, [str(path)])


def test_the_file_is_kept_with_the_run_and_trains_it_again(tmp_path: Path) -> None:
    original = written(tmp_path, GOOD)
    settings = SETTINGS.replace(feature_file=original)
    first = pipeline.train_on_bars(BARS, settings=settings, out=tmp_path / "first", reporter=SILENT)
    copy = first.folder / "own_features.py"
    assert copy.read_text() == GOOD
    assert "own_features.py" in verify(first.folder)
    original.unlink()
    settings = SETTINGS.replace(feature_file=copy)
    again = pipeline.train_on_bars(BARS, settings=settings, out=first.folder, overwrite=True, reporter=SILENT)
    assert copy.read_text() == GOOD
    assert again.verdict.brief() == first.verdict.brief()


def test_a_run_without_own_features_keeps_no_file(tmp_path: Path) -> None:
    run = pipeline.train_on_bars(BARS, settings=SETTINGS, out=tmp_path / "run", reporter=SILENT)
    assert not (run.folder / "own_features.py").exists()


def test_the_clock_and_features_of_the_catalogue_can_be_built_upon(tmp_path: Path) -> None:
    text = (
        "import polars as pl\nfrom tailproof.features.vwap import VWAP\n"
        "def gap(frame):\n    return pl.col('close') / VWAP.expression - 1\n"
        "def noon(frame):\n    return (pl.col('new_york_minute') >= 720) * pl.col('one_bar_return')\n"
    )
    own = own_features(written(tmp_path, text), BARS)
    assert {name: set(feature.needs) for name, feature in own.items()} == {
        "gap": {"high", "low", "close", "volume"},
        "noon": {"close"},
    }
    table = compute(BARS, select_features(BARS, ["vwap_gap", "gap", "noon"], own=own).features)
    assert table["gap"].equals(table["vwap_gap"].alias("gap"), null_equal=True)
    assert table["noon"].null_count() == 3


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("pl.col('close').head(5)", "'odd' failed on test bars: ShapeError: .* one number for each bar of a segment"),
        ("pl.col('close').cast(pl.String) + 'a'", "'odd' failed on test bars: InvalidOperationError"),
        ("pl.col('ask') - pl.col('bid')", "feature 'odd' needs the column ask, bid, which test bars lacks"),
    ],
)
def test_an_expression_that_cannot_be_computed_says_why(body: str, message: str, tmp_path: Path) -> None:
    settings = SETTINGS.replace(
        feature_file=written(tmp_path, f"import polars as pl\ndef odd(frame):\n    return {body}\n")
    )
    with pytest.raises(ConfigError, match=message):
        pipeline.train_on_bars(BARS, settings=settings, out=tmp_path / "run", reporter=SILENT)
    assert not (tmp_path / "run").exists()


def test_a_function_that_fails_on_few_bars_says_so(tmp_path: Path) -> None:
    text = "import polars as pl\ndef few(frame):\n    frame['close'][500]\n    return pl.col('close').diff()\n"
    settings = SETTINGS.replace(feature_file=written(tmp_path, text))
    with pytest.raises(ConfigError, match="feature 'few' failed on test bars: IndexError"):
        pipeline.train_on_bars(BARS, settings=settings, out=tmp_path / "run", reporter=SILENT)


@pytest.mark.parametrize(
    "text",
    ["import sys\nsys.exit(0)\n", "import sys\nimport polars as pl\ndef stop(frame):\n    sys.exit(0)\n"],
    ids=["when read", "when asked"],
)
def test_a_file_that_ends_the_program_is_refused(text: str, tmp_path: Path) -> None:
    settings = SETTINGS.replace(feature_file=written(tmp_path, text))
    with pytest.raises(ConfigError, match="SystemExit"):
        pipeline.train_on_bars(BARS, settings=settings, out=tmp_path / "run", reporter=SILENT)


@pytest.mark.parametrize("name", ["", " ", "a\nb", "a\x1b[31m", "a\u202eb", "\u200b"])
def test_a_name_that_cannot_be_seen_for_what_it_is_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="must hold characters that can be seen"):
        Feature(name=name, expression=pl.col("close"), formula="", needs=("close",), look_back=1)


@pytest.mark.parametrize(
    "code",
    ["raise BaseException('mine')\n", "def stop(frame):\n    raise GeneratorExit('mine')\n"],
)
def test_a_feature_file_that_raises_what_is_no_exception_is_named(code: str, tmp_path: Path) -> None:
    """As polars does where it panics."""
    (tmp_path / "own.py").write_text(code)
    with pytest.raises(ConfigError, match=r"(BaseException|GeneratorExit): mine"):
        own_features(tmp_path / "own.py", BARS)


def test_a_feature_file_that_changes_the_folder_moves_nothing(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("import os\nos.chdir('/')\ndef stay(frame):\n    return frame\n")
    before = Path.cwd()
    read_own_features(tmp_path / "own.py")
    assert Path.cwd() == before
