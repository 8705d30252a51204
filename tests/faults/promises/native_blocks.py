"""The native reader of CSV under the address and undefined-behaviour sanitizers, on blocks that are mutated."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from functools import partial

from tests.faults.promises.ground import Ground, Promise, Trial
from tests.native import mutated_blocks, run_sanitized


def block_trials(ground: Ground) -> Iterator[Trial]:
    """A block is read in a process with the sanitized module; a finding of the sanitizers ends it."""
    run_sanitized.build("_csv")
    (module,) = run_sanitized.BUILD.glob("_csv*.so")
    while True:
        arguments = [mutated_blocks.__file__, str(module), str(ground.chance.randrange(2**32))]
        log = ground.folder / "sanitizers.log"
        with (
            log.open("w") as errors,
            subprocess.Popen(
                [sys.executable, *arguments],
                env=run_sanitized.environment(),
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            ) as reader,
        ):
            assert reader.stdout is not None
            try:
                for line in reader.stdout:
                    yield partial(lambda fault: fault or None, line.strip())
                reader.wait()  # what the sanitizers found is still being written
            finally:
                reader.kill()
        yield partial(str, f"exit code {reader.returncode}: {log.read_text()[:2_000]}")


PROMISES = (
    Promise(
        text="a mutated block of CSV lines under the sanitizers: no finding, and each number is the one Python reads",
        count=100_000,
        trials=block_trials,
    ),
)
