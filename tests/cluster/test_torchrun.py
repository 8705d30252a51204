"""The command under torchrun: the run folder of one process, byte for byte; nobody waits for a dead process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.cluster_bars import OPTIONS, write_bars
from tests.support.judged_file import MODEL, write_model
from tests.support.judged_file import OPTIONS as JUDGED
from tests.support.same_run import assert_same_run

TORCHRUN = (sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2")
SECONDS = 200
BROKEN = """
import os, signal, sys
from tailproof.cli import main
from tailproof.engines.lanes import LanesEngine
from tailproof.engines.distributed import engine_spec

how, trains = sys.argv.pop(1), LanesEngine.fit
version = engine_spec.version

def fit(self, job, **keywords):
    if how == "raises":
        raise MemoryError("no room for it")
    if how == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    return trains(self, job, **keywords)

if os.environ["RANK"] == "1":
    LanesEngine.fit = fit
    if how == "older":
        engine_spec.version = lambda name: "0.0.9" if name == "numpy" else version(name)
main(sys.argv[1:])
"""


def torchrun(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    folder.mkdir(exist_ok=True)
    return subprocess.run(
        [*TORCHRUN, *arguments], cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False
    )


@pytest.mark.parametrize("engine", ["lanes", pytest.param("torch", marks=pytest.mark.slow)])
def test_two_processes_leave_the_folder_of_one(engine: str, tmp_path: Path) -> None:
    arguments = ["-m", "tailproof", "train", str(write_bars(tmp_path)), "--out", "run", "--engine", engine, *OPTIONS]
    (tmp_path / "one").mkdir()
    subprocess.run([sys.executable, *arguments], cwd=tmp_path / "one", check=True, capture_output=True, timeout=SECONDS)
    done = torchrun(*arguments, folder=tmp_path / "two")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Workers: 2 processes of torchrun share the members.") == 1
    assert done.stdout.count("Run folder: run") == 1
    assert_same_run(tmp_path / "two" / "run", tmp_path / "one" / "run")
    assert len((tmp_path / "two" / "trials.jsonl").read_text().splitlines()) == 1
    config = json.loads((tmp_path / "two" / "run" / "training_config.json").read_text())
    assert config["engine"] == engine


@pytest.mark.slow
def test_two_processes_judge_a_model_as_one_does(tmp_path: Path) -> None:
    bars, model = str(write_bars(tmp_path)), write_model(tmp_path)
    arguments = ["-m", "tailproof", "judge", bars, "--model", model, "--out", "run", *JUDGED]
    (tmp_path / "one").mkdir()
    subprocess.run([sys.executable, *arguments], cwd=tmp_path / "one", check=True, capture_output=True, timeout=SECONDS)
    done = torchrun(*arguments, folder=tmp_path / "two")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Workers: 2 processes of torchrun share the fits of a fold.") == 1
    assert "a fit begins" not in done.stdout
    assert_same_run(tmp_path / "two" / "run", tmp_path / "one" / "run")
    assert len((tmp_path / "two" / "trials.jsonl").read_text().splitlines()) == 1
    again = torchrun(*arguments, "--resume", folder=tmp_path / "two")
    assert again.returncode == 0, again.stderr
    assert "this run is finished, so there is nothing to resume" in again.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (
            "raise ValueError('singular')",
            "rank 1, which makes fits 2 to 3 of the fold, has failed: mine.py:make: fit",
        ),
        ("os._exit(1)", "--resume goes on from the folds that were done"),
    ],
)
def test_a_process_whose_fit_fails_ends_the_judgement_and_is_named(fault: str, message: str, tmp_path: Path) -> None:
    model = write_model(tmp_path)
    faulty = f"import os\n        if os.environ['RANK'] == '1':\n            {fault}\n        "
    (tmp_path / "mine.py").write_text(MODEL.replace('print("a fit begins")\n        ', faulty))
    arguments = ["judge", str(write_bars(tmp_path)), "--model", model, "--out", "run", *JUDGED]
    done = torchrun("-m", "tailproof", *arguments, folder=tmp_path)
    assert done.returncode != 0
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("tailproof: ") and "rank 0" not in line]
    assert message in line
    assert not (tmp_path / "run" / "manifest.json").exists()
    (trial,) = map(json.loads, (tmp_path / "trials.jsonl").read_text().splitlines())
    assert trial["result"]["stopped"] == "WorkerError"


@pytest.mark.slow
def test_the_original_command_runs_once(tmp_path: Path) -> None:
    command = Path(__file__).parents[2] / "src/ml/train_robust.py"
    bars = write_bars(tmp_path)
    done = torchrun(str(command), "--data", str(bars), "--output_dir", "run", "--epochs", "1", folder=tmp_path / "two")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Run folder: run") == 1
    assert len((tmp_path / "two" / "trials.jsonl").read_text().splitlines()) == 1


@pytest.mark.parametrize(
    ("how", "message"),
    [
        pytest.param(
            "raises",
            "the process of rank 1, which trains members 5 to 9 of the population, has failed: MemoryError: ",
            marks=pytest.mark.slow,
        ),
        pytest.param("older", "numpy: ", marks=pytest.mark.slow),
        ("dies", "--resume goes on from the folds that were done"),
    ],
)
def test_a_process_that_fails_ends_the_others_and_is_named(how: str, message: str, tmp_path: Path) -> None:
    script = tmp_path / "broken.py"
    script.write_text(BROKEN)
    arguments = ["train", str(write_bars(tmp_path)), "--out", "run", "--engine", "lanes", *OPTIONS]
    done = torchrun(str(script), how, *arguments, folder=tmp_path)
    assert done.returncode != 0
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("tailproof: ") and "rank 0" not in line]
    assert message in line
    assert not (tmp_path / "run" / "manifest.json").exists()
    (trial,) = map(json.loads, (tmp_path / "trials.jsonl").read_text().splitlines())
    assert trial["result"]["stopped"] == "WorkerError"


@pytest.mark.slow
def test_what_rank_0_refuses_ends_all(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "somebody_elses.txt").write_text("precious")
    bars = str(write_bars(tmp_path))
    done = torchrun("-m", "tailproof", "train", bars, "--out", "run", *OPTIONS, folder=tmp_path)
    assert done.returncode != 0
    assert done.stderr.count("tailproof: run: the folder holds files that are not a run's") == 1, done.stderr
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["somebody_elses.txt"]


@pytest.mark.slow
def test_other_commands_are_not_for_several_processes(tmp_path: Path) -> None:
    done = torchrun("-m", "tailproof", "check", str(write_bars(tmp_path)), folder=tmp_path)
    assert done.returncode != 0
    assert done.stderr.count("tailproof: torchrun shares the work of tailproof train and tailproof judge between") == 1
