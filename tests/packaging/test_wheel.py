"""A wheel does the main job in an empty environment: no compiler on the path, no torch."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.bars import ROOT

COMPILERS = ("c++", "cc", "clang", "clang++", "cmake", "g++", "gcc", "ninja")
JOB = (
    ("simulate", "--rows", "100000", "--ic", "0.03", "--out", "bars.csv"),
    ("check", "bars.csv"),
    ("train", "bars.csv", "--out", "run"),
    ("predict", "run", "bars.csv", "--out", "forecasts.parquet"),
    ("report", "run"),
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that holds a new wheel and what it depends on."""
    folder = tmp_path_factory.mktemp("wheel")
    checkout = folder / "checkout"
    ignored = shutil.ignore_patterns(".venv*", ".git", "build", "dist", "runs", "*.so", ".*_cache")
    shutil.copytree(ROOT, checkout, ignore=ignored, symlinks=True)
    subprocess.run(["make", "wheel", f"PYTHON={sys.executable}"], cwd=checkout, check=True, capture_output=True)
    (wheel,) = (checkout / "dist").glob("*.whl")
    assert "manylinux" in wheel.name or sys.platform != "linux"
    assert len(list((checkout / "dist").glob("*.tar.gz"))) == 1
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    programs = folder / "venv" / "bin"
    subprocess.run([programs / "python", "-m", "pip", "install", "--quiet", wheel], check=True, capture_output=True)
    return programs


@pytest.mark.slow
def test_an_installed_wheel_does_the_main_job(installed: Path, tmp_path: Path) -> None:
    environment = {"PATH": str(installed), "HOME": str(tmp_path), "TAILPROOF_CACHE": str(tmp_path / "cache")}
    assert not any(shutil.which(name, path=environment["PATH"]) for name in COMPILERS)
    listed = subprocess.run([installed / "python", "-m", "pip", "list"], capture_output=True, text=True, check=True)
    assert not {"torch", "plotly", "onnx"} & {line.split()[0] for line in listed.stdout.splitlines()}
    for arguments in JOB:
        done = subprocess.run(
            [installed / "tailproof", *arguments],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (arguments, done.stderr)
    assert (tmp_path / "run" / "report.html").is_file()
    assert (tmp_path / "run" / "manifest.json").is_file()
