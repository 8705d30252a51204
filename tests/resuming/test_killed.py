"""A process that is killed in the middle of its training, without a chance to say goodbye."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.bars import random_bar_frame
from tests.support.same_run import assert_same_run

KILLED_AT = "30"
"""The checkpoint that the run is killed while writing; the whole run writes several times as many."""
OFTEN = """
import os, signal, sys
from pathlib import Path
from tailproof import pipeline
from tailproof.runs.pace import Pace
from tailproof.settings.train_settings import TrainSettings

def kill_in_the_middle_of_writing(event, arguments):
    if event == "os.rename" and os.fspath(arguments[1]).endswith(f"run-{os.environ['KILLED_AT']}.kept"):
        os.kill(os.getpid(), signal.SIGKILL)

if "KILLED_AT" in os.environ:
    sys.addaudithook(kill_in_the_middle_of_writing)
os.fsync = lambda handle: None  # who kills a process does not take the disk's cache away
pipeline.train(
    Path(sys.argv[1]),
    settings=TrainSettings(
        members=2, epochs=2, folds=2, placebos=2, engine="lanes", log_interval=5, baselines=False
    ),
    out=Path("run"),
    resume="--resume" in sys.argv,
    # At every chance; and on a busy machine a long silence would leave lines in one log that are not in the other. One
    # step per call: where calls are cut decides the last bits of logged means.
    pace=Pace(seconds_between=0.0, max_share=1e9, seconds_of_silence=1e9, seconds_per_call=1e-9),
)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no SIGKILL")
def test_a_killed_run_goes_on_to_the_same_end(tmp_path: Path) -> None:
    bars = tmp_path / "bars.csv"
    random_bar_frame(480, breaks=tuple(range(60, 480, 60))).drop("vix_close").write_csv(bars)
    command = [sys.executable, "-c", OFTEN, str(bars)]
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
    subprocess.run(command, cwd=tmp_path / "whole", check=True, capture_output=True)
    killed = tmp_path / "killed" / "run"
    ended = subprocess.run(
        command, cwd=killed.parent, check=False, capture_output=True, env={**os.environ, "KILLED_AT": KILLED_AT}
    )
    assert ended.returncode == -signal.SIGKILL
    assert not (killed / "manifest.json").exists()

    done = subprocess.run([*command, "--resume"], cwd=killed.parent, check=True, capture_output=True, text=True)
    assert "Resumed from what was kept at " in done.stdout
    assert_same_run(killed, tmp_path / "whole" / "run")
