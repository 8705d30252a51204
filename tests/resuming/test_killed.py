"""A process that is killed in the middle of its training, without a chance to say goodbye."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.support.bars import random_bar_frame
from tests.support.same_run import assert_same_run

OFTEN = """
import sys
from tailproof.runs import checkpointer as run_resuming
from tailproof.cli.main import main
from tailproof.engines.lanes import engine
from tailproof.report import progress
progress.SECONDS_OF_SILENCE = 1e9  # on a busy machine there would be lines in one log that are not in the other
engine.SECONDS_A_CALL = 1e-9  # a step a call: where calls are cut decides the last bits of logged means
run_resuming.SECONDS_BETWEEN, run_resuming.LARGEST_SHARE = 0.2, 1.0
main(sys.argv[1:])
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no SIGKILL")
def test_a_killed_run_goes_on_to_the_same_end(tmp_path: Path) -> None:
    bars = tmp_path / "bars.csv"
    random_bar_frame(6000, breaks=tuple(range(300, 6000, 300))).drop("vix_close").write_csv(bars)
    options = [
        *("--members", "8", "--epochs", "12", "--folds", "3", "--placebos", "9", "--engine", "lanes"),
        *("--log-interval", "100", "--hidden-dims", "32", "16", "--no-baselines"),
    ]

    command = [sys.executable, "-c", OFTEN, "train", str(bars), "--out", "run", *options]
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
    subprocess.run(command, cwd=tmp_path / "whole", check=True, capture_output=True)
    killed = tmp_path / "killed" / "run"
    process = subprocess.Popen(command, cwd=killed.parent, stdout=subprocess.DEVNULL)
    until = time.monotonic() + 120
    while not (killed / "unfinished" / "run-4.kept").exists():
        assert process.poll() is None, "the run is long enough to be kept four times"
        assert time.monotonic() < until
        time.sleep(0.01)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert not (killed / "manifest.json").exists()

    done = subprocess.run([*command, "--resume"], cwd=killed.parent, check=True, capture_output=True, text=True)
    assert "Resumed from what was kept at " in done.stdout
    assert_same_run(killed, tmp_path / "whole" / "run")
