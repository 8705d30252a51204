"""A wheel does the main job in an empty environment: no compiler on the path, no torch."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from benchmarks.install import Installed, install, run_alone, shell_commands
from tests.support.bars import ROOT

COMPILERS = ("c++", "cc", "clang", "clang++", "cmake", "g++", "gcc", "ninja")
MAX_MEGABYTES = 1_000
AARCH64 = (183).to_bytes(2, "little")
"""The machine in the head of an ELF file."""


def copied(folder: Path) -> Path:
    """A checkout with nothing built in it."""
    checkout = folder / "checkout"
    anywhere = shutil.ignore_patterns(".venv*", ".git", "*.so", ".*_cache")

    def left_out(place: str, names: list[str]) -> set[str]:
        """Also what commands leave at the top: the package has a folder ``runs`` of its own."""
        return anywhere(place, names) | ({"build", "dist", "runs", "site"} if Path(place) == ROOT else set())

    shutil.copytree(ROOT, checkout, ignore=left_out, symlinks=True)
    return checkout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """An environment that holds a new wheel and what it depends on."""
    folder = tmp_path_factory.mktemp("wheel")
    checkout = copied(folder)
    subprocess.run(["make", "wheel", f"PYTHON={sys.executable}"], cwd=checkout, check=True, capture_output=True)
    (wheel,) = (checkout / "dist").glob("*.whl")
    assert "manylinux" in wheel.name or sys.platform != "linux"
    assert len(list((checkout / "dist").glob("*.tar.gz"))) == 1
    return install(wheel, folder / "venv")


@pytest.mark.slow
def test_an_installed_wheel_does_what_the_readme_prints(installed: Installed, tmp_path: Path) -> None:
    assert not any(shutil.which(name, path=str(installed.programs)) for name in COMPILERS)
    assert not {"torch", "plotly", "onnx"} & set(installed.packages)
    assert installed.megabytes < MAX_MEGABYTES
    commands = [*shell_commands((ROOT / "README.md").read_text()), ["tailproof", "report", "runs/first"]]
    assert commands[1][:3] == ["tailproof", "train", "bars.csv"]
    for words in commands:
        done = run_alone(installed, words, tmp_path)
        assert done.returncode == 0, (words, done.stderr)
    run = tmp_path / "runs" / "first"
    assert json.loads((run / "verdict.json").read_text())["verdict"] == "skill", "as the README prints it"
    assert (tmp_path / "forecasts.parquet").is_file()
    assert (run / "report.html").is_file()
    assert (run / "manifest.json").is_file()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("aarch64-linux-gnu-g++") is None, reason="aarch64-linux-gnu-g++ is not installed")
def test_a_wheel_for_arm_is_built_on_this_machine(tmp_path: Path) -> None:
    checkout = copied(tmp_path)
    subprocess.run(["make", "wheel-aarch64", f"PYTHON={sys.executable}"], cwd=checkout, check=True, capture_output=True)
    (wheel,) = (checkout / "dist").glob("*.whl")
    assert re.search(r"manylinux_\d+_\d+_aarch64\.whl$", wheel.name)
    with zipfile.ZipFile(wheel) as content:
        modules = [name for name in content.namelist() if name.endswith(".so")]
        assert sorted(Path(name).name for name in modules) == [
            f"{name}.{sys.implementation.cache_tag}-aarch64-linux-gnu.so" for name in ("_csv", "_lanes")
        ]
        machines = {content.read(name)[18:20] for name in modules}
    assert machines == {AARCH64}
