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
from pathlib import Path
from tailproof import pipeline
from tailproof.engines.lanes import engine
from tailproof.runs.pace import Pace
from tailproof.settings.train_settings import TrainSettings
engine.SECONDS_A_CALL = 1e-9  # a step a call: where calls are cut decides the last bits of logged means
pipeline.train(
    Path(sys.argv[1]),
    settings=TrainSettings(
        members=8, epochs=12, folds=3, placebos=9, engine="lanes", log_interval=100, hidden_dims=(32, 16),
        baselines=False,
    ),
    out=Path("run"),
    resume="--resume" in sys.argv,
    # On a busy machine a long silence would leave lines in one log that are not in the other.
    pace=Pace(seconds_between=0.2, max_share=1.0, seconds_of_silence=1e9),
)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no SIGKILL")
def test_a_killed_run_goes_on_to_the_same_end(tmp_path: Path) -> None:
    bars = tmp_path / "bars.csv"
    random_bar_frame(6000, breaks=tuple(range(300, 6000, 300))).drop("vix_close").write_csv(bars)
    command = [sys.executable, "-c", OFTEN, str(bars)]
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
