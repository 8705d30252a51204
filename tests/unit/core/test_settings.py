from datetime import timedelta
from pathlib import Path

import pytest

from tailproof.core.errors import ConfigError
from tailproof.core.settings import duration, load_settings


def test_the_command_line_wins_over_the_file(tmp_path: Path) -> None:
    config = tmp_path / "run.toml"
    config.write_text('epochs = 7\nhidden-dims = [32]\ntarget = "raw"\n')
    settings = load_settings(config, {"epochs": 2})
    assert (settings.epochs, settings.hidden_dims, settings.target) == (2, (32,), "raw")


def test_all_faults_are_listed_with_a_suggestion(tmp_path: Path) -> None:
    config = tmp_path / "run.toml"
    config.write_text("epoch = 7\nlearning-rate = -1\nhidden-dims = [0]\ntimezone = 'Mars/Olympus'\n")
    with pytest.raises(ConfigError) as error:
        load_settings(config)
    message = str(error.value)
    for part in ("Did you mean 'epochs'?", "learning-rate=-1", "hidden-dims", "IANA zone", str(config)):
        assert part in message


def test_a_file_that_is_not_toml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("epochs: 3")
    with pytest.raises(ConfigError, match="not a readable TOML"):
        load_settings(tmp_path / "bad.toml")


@pytest.mark.parametrize(
    ("text", "expected"), [("90s", timedelta(seconds=90)), ("1.5h", timedelta(minutes=90)), ("4d", timedelta(days=4))]
)
def test_durations(text: str, expected: timedelta) -> None:
    assert duration(text) == expected


@pytest.mark.parametrize("text", ["", "4", "d", "-4d", "0s", "4w"])
def test_durations_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        duration(text)
