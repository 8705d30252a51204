"""A run that was stopped, wherever, and goes on, leaves the folder of one that was never stopped."""

from __future__ import annotations

import json
import os
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.support.bars import bars_of, random_bar_frame
from tests.support.same_run import assert_same_run

from tailproof import pipeline
from tailproof.core.events import LogLine, RunEvent, StepsDone
from tailproof.engines import select
from tailproof.models.network import NETWORK, StoredNetwork
from tailproof.report.reporting import list_runs
from tailproof.runs import prepared_run
from tailproof.runs.pace import Pace
from tailproof.settings.train_settings import TrainSettings
from tailproof.storage import verify
from tailproof.walkforward import make_plan

BARS = bars_of(random_bar_frame(900, breaks=tuple(range(60, 900, 60)), interaction=1.6))
EVERY_CHANCE = Pace(seconds_between=0.0, max_share=1e9, seconds_of_silence=1e9, seconds_per_call=1e-9)
"""The run is kept at every chance, one step a call; no line depends on how long nothing was logged."""
SETTINGS = TrainSettings(
    epochs=3,
    batch_size=16,
    warmup_steps=10,
    members=2,
    placebos=2,
    folds=3,
    log_interval=5,
    engine="lanes",
    features=("original",),
)
RUNS = {
    "walk-forward": {},
    "walk-forward, patience": {"patience": 1, "learning_rate": 0.3},
    "warm refits": {"refit_every": 1, "warm_start": True, "epochs": 2, "ensemble": "stack"},
    "holdout": {"split": "holdout"},
    "holdout, one member, no placebo": {"split": "holdout", "members": 1, "placebos": 0, "baselines": False},
    "combinatorial": {"split": "combinatorial", "groups": 4, "test_groups": 2},
    "torch": {"engine": "torch", "folds": 2, "placebos": 1, "patience": 1, "learning_rate": 0.1},
    "torch, holdout": {"engine": "torch", "split": "holdout", "placebos": 0, "baselines": False},
}


class Recorder:
    """Keeps the lines of a run, counts its other events, and stops it at one of them."""

    def __init__(self, stop: int | None = None) -> None:
        self.records = 0
        self.lines: list[str] = []
        self._stop = stop

    def emit(self, event: RunEvent) -> None:
        if isinstance(event, LogLine):
            self.lines.append(event.text)
            return
        self.records += not isinstance(event, StepsDone)  # which is of the moment alone: it is not told again
        if self.records == self._stop:
            raise KeyboardInterrupt


@pytest.fixture(autouse=True)
def disk_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda handle: None)


def train(out: Path, settings: TrainSettings, reporter: Recorder, **how: Any) -> None:
    pipeline.train_on_bars(BARS, settings=settings, out=out, reporter=reporter, pace=EVERY_CHANCE, **how)


@pytest.mark.parametrize("name", RUNS)
def test_one_stop(name: str, tmp_path: Path) -> None:
    settings = SETTINGS.replace(**RUNS[name])
    whole = Recorder()
    train(tmp_path / "whole" / "run", settings, whole)
    interactions = StoredNetwork.read(tmp_path / "whole" / "run" / NETWORK).interactions
    assert len(interactions) or settings.split.kind == "holdout"  # which trains on too few rows to find any
    if name == "walk-forward":
        assert any(line.startswith("  Interactions of squashed inputs, in fold 3/3: ") for line in whole.lines)
    for number, share in enumerate((0.2, 0.6, 0.995)):  # a fifth: past the first interval, after which torch keeps
        out = tmp_path / str(number) / "run"
        with pytest.raises(KeyboardInterrupt):
            train(out, settings, Recorder(stop=int(share * whole.records)))
        assert (out / "unfinished").is_dir()
        resumed = Recorder()
        train(out, settings, resumed, resume=True)
        assert any(line.startswith("Resumed from ") for line in resumed.lines)
        assert_same_run(out, tmp_path / "whole" / "run")
        verify(out)


def test_many_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trees are fitted on one fold in three: a run that goes on between two fits has to have the same ones."""
    monkeypatch.setattr(prepared_run, "make_plan", partial(make_plan, max_tree_fits=3))
    settings = SETTINGS.replace(refit_every=1, warm_start=True, epochs=2)
    whole = Recorder()
    train(tmp_path / "whole" / "run", settings, whole)
    out = tmp_path / "stopped" / "run"
    stops = 0
    for stop in range(whole.records // 7, whole.records, whole.records // 7):  # what is told again counts too
        with pytest.raises(KeyboardInterrupt):
            train(out, settings, Recorder(stop=stop), resume=True)
        stops += 1
    assert stops >= 6
    train(out, settings, Recorder(), resume=True)
    assert_same_run(out, tmp_path / "whole" / "run")


def test_a_run_that_was_resumed_is_one_trial(tmp_path: Path) -> None:
    out = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        train(out, SETTINGS, Recorder(stop=60))
    assert [(line.name, line.state) for line in list_runs(tmp_path)] == [("run", "stopped")]
    with pytest.raises(KeyboardInterrupt):
        train(out, SETTINGS, Recorder(stop=90), resume=True)
    assert [(line.name, line.state) for line in list_runs(tmp_path)] == [("run", "stopped")]
    train(out, SETTINGS, Recorder(), resume=True)
    results = [json.loads(line)["result"] for line in (tmp_path / "trials.jsonl").read_text().splitlines()]
    assert [(result.get("stopped"), result.get("resumed")) for result in results] == [
        ("KeyboardInterrupt", None),
        ("KeyboardInterrupt", 1),
        (None, 2),
    ]
    assert json.loads((out / "verdict.json").read_text())["trials"]["count"] == 1
    assert [(line.name, line.state) for line in list_runs(tmp_path)] == [("run", "finished")]
    train(tmp_path / "other", SETTINGS.replace(seed=1), Recorder())
    assert json.loads((tmp_path / "other" / "verdict.json").read_text())["trials"]["count"] == 2


def test_what_may_differ_and_what_is_logged(tmp_path: Path) -> None:
    """Threads and what is shown may differ; the stop is logged, and the log has the whole run in one piece."""
    stopped = Recorder(stop=90)
    out = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        train(out, SETTINGS, stopped)
    last = stopped.lines[-1]
    assert last.startswith("Stopped. All but the last 0 s is kept. To continue, start the same run with out=")
    assert last.endswith(" and resume=True.")
    train(out, SETTINGS.replace(threads=1, verbose=True, engine="auto"), Recorder(), resume=True)
    log = (out / "training_log.txt").read_text()
    assert log.count("Judged by walk-forward") == 1
    assert log.count("Resumed from what was kept at ") == 1
    assert log.count("Fold 1/3") == 1
    train(tmp_path / "whole", SETTINGS, Recorder())
    assert (out / "predictions.parquet").read_bytes() == (tmp_path / "whole" / "predictions.parquet").read_bytes()


def test_steps_that_were_compiled_stay_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether that is faster is measured once: the other steps would round otherwise, and the run be refused."""
    compiled_rate = [2.0, 0.5]
    monkeypatch.setattr(torch, "compile", lambda step, *, dynamic: step)
    monkeypatch.setattr(select, "MIN_SECONDS_TO_COMPILE", 0.0)
    monkeypatch.setattr(
        select, "measured_rate", lambda engine, _: compiled_rate[0] if engine.steps_are_compiled else 1.0
    )
    settings = SETTINGS.replace(**RUNS["torch, holdout"], precision="bf16", epochs=1, interactions=False)
    out = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        train(out, settings, Recorder(stop=12))
    compiled_rate.pop(0)
    resumed = Recorder()
    train(out, settings, resumed, resume=True)
    assert any("(bf16, compiled), as asked, as before the run was stopped." in line for line in resumed.lines)
    assert json.loads((out / "training_config.json").read_text())["engine_used"]["compiled"] is True
    verify(out)
