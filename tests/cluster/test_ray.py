"""The command on a Ray cluster of two workers: the run folder of one process, byte for byte, and failures named."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
import pytest
from tests.support.bars import ROOT
from tests.support.cluster_bars import OPTIONS, write_bars
from tests.support.judged_file import MODEL, write_model
from tests.support.judged_file import OPTIONS as JUDGED
from tests.support.same_run import assert_same_run
from tests.support.waiting import wait_until

SECONDS = 550
TOKEN = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "a token of this test alone, 32 characters and more"}
SCRIPT = """
import os, sys
import ray
from tailproof.cli import main
from tailproof.engines.distributed import ray_cluster, engine_spec

def dies(*given):
    os.kill(os.getpid(), 9)

how, version = sys.stdin.read(), engine_spec.version
if how == "older":
    engine_spec.version = lambda name: "0.0.9" if name == "numpy" else version(name)
if how == "dies":
    ray_cluster._train_share = dies
if how == "no actor":
    queued = ray_cluster._queued

    def without_actor(queue):
        ray.kill(queue.actor)
        return queued(queue)

    ray_cluster._queued = without_actor
if how != "alone":
    quiet = {"logging_level": "ERROR", "log_to_driver": False}  # what Ray says of its own start is none of the command
    ray.init(address="local", num_cpus=2, include_dashboard=False, **quiet)
    ray_cluster.join = lambda address: None
main(sys.argv[1:] + ([] if how == "alone" else ["--ray", "local"]))
"""
"""What is asked for comes by the standard input, so that the command line, which a run folder holds, is the same."""


def python_with_ray() -> str:
    """The Python of an environment that holds Ray; ``make test-all`` makes one."""
    own = ROOT / ".venv-ray" / "bin" / "python"
    if own.is_file():
        return str(own)
    if importlib.util.find_spec("ray") is None:
        pytest.skip("Ray is not installed: make .venv-ray/.installed makes its environment (it takes minutes)")
    return sys.executable


def train(how: str, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return run(how, "train", *arguments, *OPTIONS, folder=folder)


def run(how: str, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    folder.mkdir(exist_ok=True)
    command = [python_with_ray(), "-c", SCRIPT, *arguments, "--out", "run"]
    return subprocess.run(command, cwd=folder, input=how, capture_output=True, text=True, timeout=SECONDS, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["lanes", "torch"])
def test_two_tasks_leave_the_folder_of_one_process(engine: str, tmp_path: Path) -> None:
    arguments = [str(write_bars(tmp_path)), "--engine", engine]
    one = train("alone", *arguments, folder=tmp_path / "one")
    assert one.returncode == 0, one.stderr
    two = train("ray", *arguments, folder=tmp_path / "two")
    assert two.returncode == 0, two.stderr
    assert two.stdout.count("Workers: 2 Ray tasks of 1 CPU share the members.") == 1
    assert_same_run(tmp_path / "two" / "run", tmp_path / "one" / "run")
    assert len((tmp_path / "two" / "trials.jsonl").read_text().splitlines()) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("older", r"the Ray task that trains members \d+ to \d+ of the population has failed: every worker must have"),
        ("dies", r"the Ray task that trains members .* is gone: The worker died unexpectedly"),
        ("no actor", "the Ray actor that passes on what the tasks report is gone: The actor "),
    ],
)
def test_what_fails_on_the_cluster_is_named_in_one_line(how: str, message: str, tmp_path: Path) -> None:
    done = train(how, str(write_bars(tmp_path)), "--engine", "lanes", folder=tmp_path)
    assert_stopped(done, message, folder=tmp_path)


def assert_stopped(done: subprocess.CompletedProcess[str], message: str, *, folder: Path) -> None:
    """The command has ended with one line, and the run is a stopped one."""
    assert done.returncode == 1, done.stderr
    (line,) = done.stderr.splitlines()
    assert re.match(f"tailproof: {message}", line), line
    assert not (folder / "run" / "manifest.json").exists()
    (trial,) = map(json.loads, (folder / "trials.jsonl").read_text().splitlines())
    assert trial["result"]["stopped"] == "WorkerError"


@pytest.fixture
def head() -> Iterator[subprocess.Popen[str]]:
    """The head of a cluster of two CPUs, alone in its process group, which asks for a token."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    python = python_with_ray()
    start = "import sys; from ray.scripts.scripts import main; sys.argv[0] = 'ray'; main()"
    options = (f"--port={port}", "--num-cpus=2", "--node-ip-address=127.0.0.1", "--include-dashboard=false", "--block")
    with tempfile.TemporaryDirectory(prefix="ray", dir="/tmp") as folder:  # paths of its sockets must be short
        process = subprocess.Popen(
            [python, "-c", start, "start", "--head", f"--temp-dir={folder}", *options],
            env=os.environ | TOKEN,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        process.port = port  # type: ignore[attr-defined]
        assert process.stdout is not None
        for line in process.stdout:
            if "Ray runtime started" in line:
                break
        yield process
        for child in children_of(process.pid):
            os.kill(child, signal.SIGKILL)
        process.kill()
        process.wait()
        process.stdout.close()


def command_on(
    head: subprocess.Popen[str], bars: Path, *, folder: Path, options: Sequence[str] = OPTIONS
) -> subprocess.Popen[str]:
    """``tailproof train --ray HOST:PORT`` on a running cluster."""
    address = f"127.0.0.1:{head.port}"  # type: ignore[attr-defined]
    train = ("-m", "tailproof", "train", str(bars), "--out", "run", "--engine", "lanes", "--ray", address, *options)
    return subprocess.Popen(
        [python_with_ray(), *train],
        cwd=folder,
        env=os.environ | TOKEN,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def children_of(ancestor: int) -> list[int]:
    """All processes that a process has begun, and those that they have."""
    listed = Path(f"/proc/{ancestor}/task/{ancestor}/children")
    children = [int(child) for child in listed.read_text().split()] if listed.exists() else []
    return [*children, *(each for child in children for each in children_of(child))]


def gcs_of(ancestor: int) -> int:
    """The process of Ray's control store among those that a process has begun."""
    return next(pid for pid in children_of(ancestor) if "gcs_server" in Path(f"/proc/{pid}/cmdline").read_text())


def finished(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    out, error = process.communicate(timeout=SECONDS)
    return subprocess.CompletedProcess(process.args, process.returncode, out, error)


@pytest.mark.slow
def test_a_running_cluster_that_asks_for_a_token_trains_by_its_address(
    head: subprocess.Popen[str], tmp_path: Path
) -> None:
    bars = write_bars(tmp_path)
    one = train("alone", str(bars), "--engine", "lanes", folder=tmp_path / "one")
    assert one.returncode == 0, one.stderr
    two = finished(command_on(head, bars, folder=tmp_path))
    assert two.returncode == 0, two.stderr
    assert two.stderr == ""
    assert two.stdout.count("Workers: 2 Ray tasks of 1 CPU share the members.") == 1
    a, b = (pl.read_parquet(folder / "run" / "predictions.parquet") for folder in (tmp_path / "one", tmp_path))
    assert a.equals(b)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["all of it", "head alone", "terminated"])
def test_a_cluster_whose_head_is_killed_and_a_command_that_is_terminated_end_in_one_line(
    how: str, head: subprocess.Popen[str], tmp_path: Path
) -> None:
    options = list(OPTIONS)
    for name, value in {"--epochs": "100000", "--patience": "0"}.items():
        options[options.index(name) + 1] = value
    process = command_on(head, write_bars(tmp_path), options=options, folder=tmp_path)
    metrics = tmp_path / "run" / "metrics.jsonl"
    wait_until(lambda: metrics.is_file() and '"epoch"' in metrics.read_text())
    if how != "terminated":
        if how == "head alone":
            os.kill(head.pid, signal.SIGSTOP)  # else it ends the others when one is gone
        os.kill(gcs_of(head.pid), signal.SIGKILL)
        assert_stopped(finished(process), "the head of the Ray cluster at .* is gone", folder=tmp_path)
    else:
        process.terminate()
        done = finished(process)
        assert (done.returncode, done.stderr) == (143, "tailproof: terminated\n")


@pytest.mark.slow
def test_two_tasks_judge_a_model_as_one_process_does(tmp_path: Path) -> None:
    bars, model = str(write_bars(tmp_path)), write_model(tmp_path)
    arguments = ["judge", bars, "--model", model, *JUDGED]
    one = run("alone", *arguments, folder=tmp_path / "one")
    assert one.returncode == 0, one.stderr
    two = run("ray", *arguments, folder=tmp_path / "two")
    assert two.returncode == 0, two.stderr
    assert two.stdout.count("Workers: 2 Ray tasks at once make the fits of a fold.") == 1
    assert_same_run(tmp_path / "two" / "run", tmp_path / "one" / "run")


@pytest.mark.slow
def test_a_fit_whose_process_dies_is_named(tmp_path: Path) -> None:
    model = write_model(tmp_path)
    (tmp_path / "mine.py").write_text(
        MODEL.replace('print("a fit begins")', "import os, sys\n        'ray' in sys.argv[0] and os._exit(1)")
    )
    done = run("ray", "judge", str(write_bars(tmp_path)), "--model", model, *JUDGED, folder=tmp_path)
    assert done.returncode == 1, done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("tailproof: ")]
    assert "the Ray task that makes fit " in line
    assert " is gone: The worker died unexpectedly" in line
