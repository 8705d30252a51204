import subprocess
import sys

import pytest

from tailproof.cli import main


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
