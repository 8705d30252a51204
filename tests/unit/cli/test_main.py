import io
import os
import signal
import subprocess
import sys

import pytest

from tailproof.cli import main
from tailproof.cli.main import _flush, exit_codes
from tailproof.runs.interrupts import termination_raised


def test_a_reader_that_leaves_early_gets_no_traceback() -> None:
    """As in ``tailproof features | head -1``."""
    command = [sys.executable, "-c", "from tailproof.cli import main; main(['features'])"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait() == 1


@pytest.mark.parametrize(
    "arguments",
    [["tr\u202eain"], ["train", "bars.csv", "--ep\u202eochs", "3"], ["train", "bars.csv", "--epochs", "\u202e3"]],
)
def test_what_was_typed_cannot_turn_the_message_around(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    shown = capsys.readouterr().err
    assert "\\u202e" in shown
    assert "\u202e" not in shown


def test_a_screen_that_the_shell_has_closed_stops_nothing() -> None:
    """As in ``tailproof --version >&-``, where Python has no standard output at all."""
    code = "import sys; sys.stdout = None; from tailproof.cli import main; main(['--version'])"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_screen_that_a_program_of_the_user_has_closed_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A feature file may close it: the run is done all the same."""
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr("sys.stdout", closed)
    _flush()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_is_terminated_says_so(number: signal.Signals, capsys: pytest.CaptureFixture[str]) -> None:
    """Also outside a run, where a system or a terminal that ends would otherwise leave half-written files."""
    before = signal.getsignal(number)
    with pytest.raises(SystemExit) as ended, exit_codes(), termination_raised():
        os.kill(os.getpid(), number)
    assert ended.value.code == 143
    assert capsys.readouterr().err == "tailproof: terminated\n"
    assert signal.getsignal(number) == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_the_handler_of_another_program_is_left_alone(number: signal.Signals) -> None:
    """As of ``nohup``, which lets a command go on when its terminal is closed."""
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with termination_raised():
            assert signal.getsignal(number) == signal.SIG_IGN
    finally:
        signal.signal(number, before)
