"""Builds the native modules with the address and undefined-behaviour sanitizers and runs their tests under them.

    python tests/native/run_sanitized.py [pytest arguments]

The modules go into ``build/sanitized``; the installed ones are not touched. Any finding ends the run with an error.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "sanitized"
PACKAGE = BUILD / "package"
TESTS = [
    *(
        "tests/native",
        "tests/gradients/test_shapes.py",
        "tests/unit/engines/lanes",
        "tests/unit/engines/test_batch_order.py",
    ),
    *("tests/properties/test_csv_readers_agree.py", "tests/faults/bars"),
]
"""Those that lead the native code to its edges; what compares engines with torch only takes the same ways again."""

# An editable install puts its own finder before the path; without it the copy of the package below is found.
RUN_PYTEST = """
import sys
sys.meta_path = [finder for finder in sys.meta_path if "Redirecting" not in type(finder).__name__]
sys.path.insert(0, sys.argv.pop(1))
import tailproof._csv, tailproof._lanes
for module in tailproof._csv, tailproof._lanes:
    assert "sanitized" in module.__file__, module.__file__
import pytest
sys.exit(pytest.main(sys.argv[1:]))
"""


def build(*targets: str) -> None:
    """Build the modules, or those that are named alone."""
    source = ["-S", str(ROOT), "-B", str(BUILD), "-DTAILPROOF_SANITIZE=ON", f"-DPython_EXECUTABLE={sys.executable}"]
    modules = ["--build", str(BUILD), "--parallel", "2", *(f"--target={target}" for target in targets)]
    for arguments in (source, modules):
        subprocess.run(["cmake", *arguments], check=True, stdout=sys.stderr)


def copy_package() -> None:
    """Put a package with the sanitized modules beside them."""
    shutil.rmtree(PACKAGE, ignore_errors=True)
    shutil.copytree(ROOT / "src" / "tailproof", PACKAGE / "tailproof", ignore=shutil.ignore_patterns("*.so"))
    for module in (*BUILD.glob("_lanes*.so"), *BUILD.glob("_csv*.so")):
        shutil.copy(module, PACKAGE / "tailproof")


def runtime(name: str) -> str:
    """Where the compiler keeps a sanitizer's library: it has to be loaded before Python itself."""
    answer = subprocess.run(["c++", f"-print-file-name={name}"], check=True, capture_output=True, text=True)
    return answer.stdout.strip()


def environment() -> dict[str, str]:
    """The environment variables of a Python which can load the modules."""
    # libstdc++ has to be there when the sanitizer looks for the function that throws exceptions.
    preload = f"{runtime('libasan.so')} {runtime('libubsan.so')} {runtime('libstdc++.so.6')}"
    # Python and its libraries keep memory until the process ends.
    return os.environ | {"LD_PRELOAD": preload, "ASAN_OPTIONS": "detect_leaks=0"}


def main(arguments: list[str]) -> int:
    build()
    copy_package()
    command = [sys.executable, "-c", RUN_PYTEST, str(PACKAGE), *(arguments or TESTS), "-p", "no:cacheprovider"]
    return subprocess.run(command, cwd=ROOT, env=environment(), check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
