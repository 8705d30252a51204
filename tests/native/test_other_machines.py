"""The engine built by another compiler and for another processor: where multiply and add are fused, every bit agrees.

Needs Clang, or a cross compiler for ARM and an emulator (Debian: ``clang``, ``g++-aarch64-linux-gnu``, ``qemu-user``).
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "src" / "native" / "lanes"
FLAGS = ["-std=c++17", "-O2", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", f"-I{SOURCES}", "-pthread"]
X86 = {
    "baseline": [],
    "avx2": ["-mavx2", "-mfma"],
    "avx512": ["-mavx2", "-mfma", "-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl"],
}

pytestmark = pytest.mark.slow


def built(compiler: str, folder: Path, targets: dict[str, list[str]], *flags: str) -> Path:
    """The program, its kernel compiled once for each target."""
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed")
    folder.mkdir()
    kernels = []
    for target, own in targets.items():
        kernels.append(str(folder / f"{target}.o"))
        source = [str(SOURCES / "kernel.cpp"), "-o", kernels[-1], f"-DLANES_TARGET={target}"]
        subprocess.run([compiler, *FLAGS, *flags, *own, "-c", *source], check=True)
    common = [str(SOURCES / f"{name}.cpp") for name in ("instruction_sets", "pack_memory", "plan", "population")]
    program = folder / "small_population"
    main = str(Path(__file__).with_name("small_population.cpp"))
    subprocess.run([compiler, *FLAGS, *flags, main, *common, *kernels, "-o", str(program)], check=True)
    return program


def weights(*command: str) -> list[str]:
    """Bits of all weights; together or alone, members become the same."""
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    together, alone = lines[: len(lines) // 2], lines[len(lines) // 2 :]
    assert together == alone
    assert len(set(together)) > 300
    return together


@pytest.fixture(scope="module")
def gcc(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(built("g++", tmp_path_factory.mktemp("built") / "gcc", X86, "-Wno-psabi"))


@pytest.fixture(scope="module")
def clang(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(built("clang++", tmp_path_factory.mktemp("built") / "clang", X86))


@pytest.mark.parametrize("instruction_set", ["baseline", "avx2"])
def test_clang_agrees(gcc: str, clang: str, instruction_set: str) -> None:
    assert weights(clang, instruction_set) == weights(gcc, instruction_set)


def test_arm_agrees(gcc: str, tmp_path: Path) -> None:
    if shutil.which("qemu-aarch64") is None:
        pytest.skip("qemu-aarch64 is not installed")
    arm = built("aarch64-linux-gnu-g++", tmp_path / "arm", {"native": []}, "-static", "-Wno-psabi")
    assert weights("qemu-aarch64", str(arm), "neon") == weights(gcc, "avx2")
