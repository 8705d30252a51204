"""A run in a real MLflow server with its default SQLite store, seen through MLflow's own client."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.bars import ROOT

from tailproof.cli import main

SECONDS_TO_START = 120
OPTIONS = ("--engine", "lanes", "--members", "2", "--placebos", "1", "--folds", "2", "--epochs", "2", "--no-baselines")


def server_command() -> str | None:
    """The mlflow command of an environment that holds the whole of it; ``make test-all`` makes one."""
    own = ROOT / ".venv-mlflow" / "bin" / "mlflow"
    return str(own) if own.is_file() else None


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    command = server_command()
    if command is None:
        pytest.skip("no MLflow server: make .venv-mlflow/.installed makes its environment (it takes a minute)")
    folder = tmp_path_factory.mktemp("server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder / "log").open("w") as log:
        command_line = [command, "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
        quiet = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
        server = subprocess.Popen(command_line, cwd=folder, stdout=log, stderr=log, env=quiet, start_new_session=True)
    try:
        wait_for(f"http://127.0.0.1:{port}/health", server, folder / "log")
        assert (folder / "mlflow.db").is_file()
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(server.pid, 15)
        server.wait(timeout=30)


def wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until:
        if server.poll() is not None:
            raise RuntimeError(f"the MLflow server ended:\n{log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"the MLflow server did not answer within {SECONDS_TO_START} s:\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="module")
def bars(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bars") / "bars.csv"
    main(["simulate", "--rows", "3000", "--out", str(path)])
    return path


def client(address: str) -> Any:
    tracking = pytest.importorskip("mlflow.tracking", reason="mlflow-skinny is not installed")
    return tracking.MlflowClient(address)


def the_run(seen: Any, name: str) -> Any:
    experiment = seen.get_experiment_by_name("tailproof")
    runs = seen.search_runs([experiment.experiment_id], filter_string=f"attributes.run_name = '{name}'")
    assert len(runs) == 1
    return runs[0]


@pytest.mark.slow
def test_a_run_is_seen_whole_through_the_client(address: str, bars: Path) -> None:
    seen, run = client(address), bars.parent / "one"
    arguments = ["train", str(bars), "--out", str(run), "--log-interval", "20", "--log-json", "--mlflow", address]
    command = [sys.executable, "-m", "tailproof.cli.main", *arguments, *OPTIONS]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert all(json.loads(line)["kind"] for line in done.stdout.splitlines())
    logged = the_run(seen, "one")
    verdict = json.loads((run / "verdict.json").read_text())
    config = json.loads((run / "training_config.json").read_text())
    assert (logged.info.status, logged.info.end_time is not None) == ("FINISHED", True)
    assert (logged.data.tags["verdict"], logged.data.tags["mlflow.note.content"]) == (
        verdict["verdict"],
        verdict["sentence"],
    )
    assert logged.data.tags["data_fingerprint"] == config["data_fingerprint"]
    assert logged.data.params["epochs"] == "2"
    assert set(config["settings"]) <= set(logged.data.params)
    assert logged.data.metrics["rank_ic"] == pytest.approx(verdict["rank_ic"]["value"])
    records = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    intervals = [record for record in records if record["kind"] == "interval" and record["fold"] == 1]
    history = sorted(seen.get_metric_history(logged.info.run_id, "fold-1/train_loss"), key=lambda metric: metric.step)
    assert [metric.step for metric in history] == [record["step"] for record in intervals]
    assert [metric.value for metric in history] == pytest.approx([sum(record["loss"]) / 2 for record in intervals])


@pytest.mark.slow
def test_a_run_that_was_refused_leaves_nothing_and_one_that_broke_is_marked(address: str, bars: Path) -> None:
    seen = client(address)
    with pytest.raises(SystemExit):
        main(["train", str(bars), "--out", str(bars.parent / "refused"), "--mlflow", address, "--features", "none"])
    options = ["--learning-rate", "1e30", "--warmup-steps", "0", "--max-grad-norm", "0"]
    with pytest.raises(SystemExit) as caught:
        main(["train", str(bars), "--out", str(bars.parent / "broken"), "--mlflow", address, *OPTIONS, *options])
    assert caught.value.code == 1
    assert the_run(seen, "broken").info.status == "FAILED"
    with pytest.raises(AssertionError):
        the_run(seen, "refused")


def test_no_server_is_said_before_anything_is_done(bars: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("mlflow.tracking", reason="mlflow-skinny is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(SystemExit) as caught:
        main(["train", str(bars), "--out", str(bars.parent / "none"), "--mlflow", f"http://127.0.0.1:{port}"])
    assert caught.value.code == 2
    assert "no server answers there" in capsys.readouterr().err
    assert not (bars.parent / "none").exists()
