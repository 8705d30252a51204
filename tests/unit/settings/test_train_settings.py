import pickle
from pathlib import Path

import pytest

from tailproof.cli.settings_options import GROUPS
from tailproof.core.errors import ConfigError
from tailproof.settings.read_options import ReadOptions
from tailproof.settings.section import Effect, checked_settings, options_of
from tailproof.settings.sections import SECTION_OF, SECTIONS, options_with
from tailproof.settings.split_settings import SplitSettings
from tailproof.settings.task_settings import TaskSettings
from tailproof.settings.train_settings import TrainSettings, load_settings


def test_the_command_line_wins_over_the_file(tmp_path: Path) -> None:
    config = tmp_path / "run.toml"
    config.write_text('epochs = 7\nhidden-dims = [32]\ntarget = "raw"\n')
    settings = load_settings(config, {"epochs": 2})
    assert (settings.optimisation.epochs, settings.network.hidden_dims, settings.task.target) == (2, (32,), "raw")


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


def test_every_section_has_its_options_on_the_command_line() -> None:
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(SECTIONS)


def test_the_sections_are_those_of_the_record_in_its_order() -> None:
    assert list(SECTIONS) == list(TrainSettings.model_fields)
    for name, section in SECTIONS.items():
        assert type(getattr(TrainSettings(), name)) is section


def test_no_two_sections_have_an_option_of_the_same_name() -> None:
    assert len(SECTION_OF) == sum(len(options_of(section)) for section in SECTIONS.values())


def test_sections_and_options_may_be_mixed_and_an_option_wins() -> None:
    settings = TrainSettings(split=SplitSettings(kind="holdout", groups=4), features=("wide",), groups=3)
    assert (settings.split.kind, settings.split.groups, settings.features.names) == ("holdout", 3, ("wide",))


def test_replaced_settings_are_checked() -> None:
    settings = TrainSettings(epochs=2, split="holdout").replace(split="combinatorial", task=TaskSettings(horizon=3))
    assert (settings.split.kind, settings.optimisation.epochs, settings.task.horizon) == ("combinatorial", 2, 3)
    with pytest.raises(ConfigError, match="epochs should be greater than or equal to 1, got epochs=0"):
        settings.replace(epochs=0)


def test_options_make_the_same_settings_again() -> None:
    settings = TrainSettings(split="holdout", features=("wide",), embargo="2h", feature_file=Path("own.py"))
    assert TrainSettings(**settings.options()) == settings
    assert TrainSettings(**settings.options("json")) == settings
    assert pickle.loads(pickle.dumps(settings)) == settings


def test_what_decides_no_result_is_said_once() -> None:
    running = {"engine", "threads", "device", "precision", "log_interval", "verbose"}
    assert options_with(Effect.NOTHING) == running
    assert options_with(Effect.SCALE) == {"multiplier"}
    every = TrainSettings().options().keys()
    assert TrainSettings().deciding().keys() == every - running - {"multiplier"}
    assert TrainSettings().deciding(also=Effect.SCALE).keys() == every - running


@pytest.mark.parametrize("text", ["", "4", "d", "-4d", "4 fortnights"])
def test_a_gap_that_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="session_gap should be auto, or a duration"):
        load_settings(overrides={"session_gap": text})


@pytest.mark.parametrize("name", ["Factory", "localtime", "America", "a" * 10_000, "right/UTC"])
def test_only_a_zone_that_bars_can_be_read_in_is_taken(name: str) -> None:
    """Python finds a file of each of these, or fails to open one; polars reads no clock by them."""
    with pytest.raises(ConfigError, match="timezone should be an IANA zone"):
        checked_settings(ReadOptions, {"timezone": name})


@pytest.mark.parametrize(
    "options",
    [{"horizon": 10**30}, {"refit_every": 10**30}, {"hidden_dims": (10**30,)}, {"residual_blocks": 2**63 - 1}],
)
def test_numbers_beyond_every_machine_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=r"at most|less than or equal"):
        TrainSettings(**options)  # type: ignore[arg-type]


def test_a_message_about_many_faults_stays_short() -> None:
    with pytest.raises(ConfigError) as error:
        TrainSettings(hidden_dims=tuple(range(-500, 0)))
    assert len(str(error.value).splitlines()) == 52
    assert str(error.value).splitlines()[-1] == "  - and 451 more"


def test_a_stack_without_its_parts_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"ensemble=stack needs ridge and LightGBM, got baselines=false"):
        TrainSettings(ensemble="stack", baselines=False)
    assert TrainSettings().evaluation.ensemble == "mean"


@pytest.mark.parametrize(
    "content", [b"a = " + b"[" * 100_000, b"members = " + b"1" * 5000, b"\xff", b"# " + b"x" * (1 << 20)], ids=len
)
def test_a_file_that_no_settings_are_in_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="not a readable TOML file"):
        load_settings(path)
    with pytest.raises(ConfigError, match="more than 1,048,576 bytes"):
        load_settings(Path("/dev/zero"))


def test_a_file_that_notepad_has_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbfmembers = 2\r\nepochs = 5\r\n")
    assert load_settings(path).population.members == 2


def test_a_key_cannot_forge_a_line(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('"a\\nb" = 1\n')
    with pytest.raises(ConfigError, match=r"'a\\nb' is not a setting"):
        load_settings(path)
