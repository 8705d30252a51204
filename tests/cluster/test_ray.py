"""The command on a Ray cluster of two workers: the run folder of one process, byte for byte, and failures named."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.bars import ROOT
from tests.support.cluster_bars import OPTIONS, write_bars
from tests.support.same_run import assert_same_run

SECONDS = 300
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
if how != "alone":
    ray.init(address="local", num_cpus=2, log_to_driver=False, include_dashboard=False)
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
    folder.mkdir(exist_ok=True)
    command = [python_with_ray(), "-c", SCRIPT, "train", *arguments, "--out", "run", *OPTIONS]
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
    [("older", "has failed: all workers must have"), ("dies", "is gone: The worker died unexpectedly")],
)
def test_a_task_that_fails_is_named(how: str, message: str, tmp_path: Path) -> None:
    done = train(how, str(write_bars(tmp_path)), "--engine", "lanes", folder=tmp_path)
    assert done.returncode == 1, done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("tailproof: ")]
    assert "the Ray task that trains members " in line
    assert message in line
    assert not (tmp_path / "run" / "manifest.json").exists()
    (trial,) = map(json.loads, (tmp_path / "trials.jsonl").read_text().splitlines())
    assert trial["result"]["stopped"] == "WorkerError"
