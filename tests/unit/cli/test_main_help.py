"""What ``--help`` lists, and that it waits for nothing that only a command needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tailproof import cli
from tailproof.cli import help_depth, main
from tailproof.cli.main import COMMANDS
from tailproof.cli.overview import overview
from tailproof.settings.section import option_name
from tailproof.settings.sections import all_options

HEAVY = (
    "arch",
    "cyclopts",
    "jinja2",
    "lightgbm",
    "numpy",
    "pandas",
    "polars",
    "pyarrow",
    "pydantic",
    "rich",
    "scipy",
    "torch",
)
NO_COMMANDS = {"__init__", "help_depth", "main", "overview", "printing", "settings_options", "system_errors"}


def printed(*arguments: str) -> str:
    command = [sys.executable, "-m", "tailproof", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, env={"COLUMNS": "100"}).stdout


@pytest.mark.parametrize("code", ["import tailproof", "from tailproof.cli import main; main(['--help'])"])
def test_no_heavy_package_is_waited_for(code: str) -> None:
    """An import of tailproof takes under 0.1 s and the list of commands under 0.3 s because of what they leave out."""
    check = f"import sys\n{code}\nsys.exit(', '.join(name for name in {HEAVY} if name in sys.modules) or None)"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_importing_tailproof_imports_no_module_of_its_own() -> None:
    code = "import sys, tailproof; print([name for name in sys.modules if name.startswith('tailproof.')])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_every_command_is_listed_in_its_group_with_one_line() -> None:
    files = {file.stem for file in Path(cli.__file__).parent.glob("*.py")} - NO_COMMANDS
    listed = {name: line for commands in COMMANDS.values() for name, line in commands.items()}
    assert set(listed) == files
    shown = printed("--help")
    for title, commands in COMMANDS.items():
        assert title in shown
        for name, line in commands.items():
            assert f"{name} " in shown
            assert line in shown, "one line at a width of 100"


@pytest.mark.parametrize("width", [20, 60, 80, 200])
def test_the_list_of_commands_fits_the_terminal(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    lines = overview(COMMANDS).splitlines()
    assert max(map(len, lines)) <= max(width, 60)
    assert all(line == line.rstrip() for line in lines)


def test_train_lists_a_few_options_and_on_request_all() -> None:
    every = {f"--{option_name(option)}" for option in all_options()}
    few = {f"--{option_name(option)}" for option in help_depth.COMMON_OPTIONS}
    assert few < every

    def listed(flag: str) -> set[str]:
        words = printed("train", flag).replace("│", " ").split()
        return every & {word for word in words if word.startswith("--")}

    assert listed("--help") == few
    assert listed("--help-all") == every


def test_a_command_describes_itself_by_its_docstring() -> None:
    assert "Exit code 2 where there are errors" in " ".join(printed("check", "--help").split())
    assert "Exit code 2" not in printed("--help")


@pytest.mark.parametrize(("name", "meant"), [("--lr", "--learning-rate"), ("--output_dir=x", "--out")])
def test_the_names_of_other_tools_are_understood_but_not_taken(
    name: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["train", "bars.csv", name])
    assert stop.value.code == 2
    assert f"there is no option {name}. Did you mean {meant}?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["trian"], 'Unknown command "trian". Did you mean "train"?'),
        (["train", "bars.csv", "--epoch", "3"], "Unknown option: --epoch. Did you mean --epochs?"),
        (["train", "bars.csv", "more.csv"], "There is an argument too many: more.csv. See tailproof train --help."),
        (["train"], "tailproof: train needs DATA. See tailproof train --help."),
        (["predict", "run", "bars.csv"], "tailproof: predict needs --out. See tailproof predict --help."),
        (["train", "bars.csv", "--out"], "tailproof: --out needs a value. See tailproof train --help."),
        (
            ["bars.csv.gz", "--out", "x"],
            "A command comes first, such as: tailproof train bars.csv.gz. See tailproof --help.",
        ),
    ],
)
def test_a_slip_is_answered_in_one_line(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    shown = capsys.readouterr().err
    assert shown.startswith("tailproof: ")
    assert shown.count("\n") == 1
    assert message in shown


def test_help_shows_defaults_that_say_something_and_flows() -> None:
    shown = printed("judge", "--help")
    assert "[default: False]" not in shown
    assert "[default: wide]" in printed("select", "--help"), "its own default, not that of train"
    lines = [line.strip("│ ") for line in shown.splitlines()]
    assert "ended), prediction, and horizon unless --horizon says it." not in lines, "lines of docstrings are joined"
    assert "[with.NAME]" in shown


@pytest.mark.slow
def test_bash_completes_commands_and_options(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path), "SHELL": "/bin/bash", "PATH": os.environ["PATH"]}
    subprocess.run([sys.executable, "-m", "tailproof", "--install-completion"], env=environment, check=True)
    script = f"""source {tmp_path}/.bashrc
    completed() {{
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tailproof tailproof "${{@: -1}}"; echo "${{COMPREPLY[@]}}"
    }}
    completed tailproof tr; completed tailproof train --lea"""
    done = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.split() == ["train", "--learning-rate"]
