"""Minutes and megabytes from a wheel to a verdict: python -m benchmarks.install dist/tailproof-*.whl

Makes an empty virtual environment, installs the wheel into it, and runs the commands of README.md as they are printed
there. Nothing but the environment's own programs is on the path: no compiler, no other Python.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import re
import resource
import shlex
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MEGABYTE = 1e6


def _processor_seconds() -> float:
    """Those of all processes that have ended so far; other work on the machine changes them less than the clock."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@dataclass(frozen=True, kw_only=True)
class Installed:
    """An environment that holds the wheel and what it depends on."""

    programs: Path  # its bin folder
    seconds: float  # of pip, downloads included
    processor_seconds: float
    megabytes: float  # of its installed packages, without pip and setuptools
    packages: tuple[str, ...]


def shell_commands(page: str) -> list[list[str]]:
    """Words of the tailproof commands in the sh blocks of a Markdown page, in their order.

    >>> shell_commands("```sh\\\\nmake demo\\\\ntailproof check bars.csv  # all faults\\\\n```")
    [['tailproof', 'check', 'bars.csv']]
    """
    blocks = re.findall(r"```sh\n(.*?)```", page, flags=re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line, comments=True) for line in lines if line.startswith("tailproof ")]


def install(wheel: Path, environment: Path) -> Installed:
    """A new environment in that folder, with the wheel installed by its own pip."""
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    programs, (packages,) = environment / "bin", (environment / "lib").glob("*/site-packages")
    before, used, started = _bytes_of(packages), _processor_seconds(), time.perf_counter()
    subprocess.run([programs / "python", "-m", "pip", "install", "--quiet", "--no-cache-dir", wheel], check=True)
    seconds = time.perf_counter() - started
    names = {each.metadata["Name"] for each in importlib.metadata.distributions(path=[str(packages)])}
    return Installed(
        programs=programs,
        seconds=seconds,
        processor_seconds=_processor_seconds() - used,
        megabytes=(_bytes_of(packages) - before) / MEGABYTE,
        packages=tuple(sorted(names - {"pip", "setuptools"}, key=str.lower)),
    )


def run_alone(installed: Installed, words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """One tailproof command in a folder, with the environment's programs as the whole path."""
    environment = {"PATH": str(installed.programs), "HOME": str(folder), "TAILPROOF_CACHE": str(folder / "cache")}
    command = [installed.programs / words[0], *words[1:]]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def _bytes_of(folder: Path) -> int:
    return sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file())


def main() -> None:
    """Print what the wheel weighs, what installing it took, and each command with its seconds and last line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path)
    wheel = parser.parse_args().wheel.resolve()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        started = time.perf_counter()
        installed = install(wheel, folder / "venv")
        print(
            f"{wheel.name}: {wheel.stat().st_size / MEGABYTE:.1f} MB; {os.cpu_count()} cores, {sys.version.split()[0]}"
        )
        weight = f"{len(installed.packages)} packages, {installed.megabytes:.0f} MB"
        print(
            f"pip install: {installed.seconds:.0f} s ({installed.processor_seconds:.0f} s of processor time), {weight}"
        )
        print("  " + ", ".join(installed.packages))
        for words in shell_commands((ROOT / "README.md").read_text(encoding="utf-8")):
            before, used = time.perf_counter(), _processor_seconds()
            done = run_alone(installed, words, folder)
            if done.returncode != 0:
                sys.exit(f"{shlex.join(words)} failed:\n{done.stderr}")
            wall, processor = time.perf_counter() - before, _processor_seconds() - used
            print(f"{wall:6.1f} s ({processor:.1f} s of processor time)  {shlex.join(words)}", flush=True)
            print("          " + "\n          ".join(done.stdout.rstrip().splitlines()[-6:]))
        print(f"From the wheel to the last command: {(time.perf_counter() - started) / 60:.1f} min")


if __name__ == "__main__":
    main()
