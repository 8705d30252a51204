from pathlib import Path

import pytest

from tailproof.cli.settings_options import GROUPS
from tailproof.core.errors import ConfigError
from tailproof.settings.train_settings import TrainSettings, load_settings


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


def test_every_setting_is_an_option_of_the_command_line() -> None:
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(TrainSettings.model_fields)


@pytest.mark.parametrize("text", ["", "4", "d", "-4d", "4 fortnights"])
def test_a_gap_that_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="session-gap should be auto, or a duration"):
        load_settings(given={"session_gap": text})
