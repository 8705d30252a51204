"""Run by hand: the share of a run's time that it spends on keeping itself for ``--resume``.

    python -m benchmarks.keeping_cost DATA --out RUN [options of tailproof train]

Runs the command in this process with a clock around every time that the run is kept: taking the state, writing, waiting
for the disk. The fingerprint of the rows, which is made once, before the first, is told by itself.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from tailproof.cli.main import main
from tailproof.runs.checkpointer import Checkpointer


def clocked(name: str, seconds: list[float]) -> None:
    """Puts a clock around a method of the checkpointer; every call adds its seconds."""
    method: Callable[..., Any] = getattr(Checkpointer, name)

    def timed(self: Checkpointer, *arguments: Any) -> Any:
        began = time.perf_counter()
        result = method(self, *arguments)
        seconds.append(time.perf_counter() - began)
        return result

    setattr(Checkpointer, name, timed)


if __name__ == "__main__":
    kept: list[float] = []
    fingerprint: list[float] = []
    clocked("_keep", kept)
    clocked("_run_fingerprint", fingerprint)
    began = time.perf_counter()
    main(["train", *sys.argv[1:]])
    whole = time.perf_counter() - began
    print(
        f"kept {len(kept)} times in {whole:.1f} s: {sum(kept):.3f} s, {sum(kept) / whole:.2%} of the run, the longest "
        f"{max(kept, default=0.0):.3f} s; {max(fingerprint, default=0.0):.3f} s of it for the fingerprint"
    )
