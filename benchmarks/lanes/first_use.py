"""First use after install: a fresh process trains eight networks; nothing may be compiled and no process started."""

from __future__ import annotations

import sys
import time

STARTED = time.perf_counter()
COMPILERS = ("numba", "llvmlite", "jax", "torch", "triton", "cffi.recompiler")
STARTING = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "os.fork")


def main() -> None:
    """Watch the interpreter's own audit events while the engine is imported and takes its first step."""
    started_processes: list[str] = []
    sys.addaudithook(lambda event, _: started_processes.append(event) if event in STARTING else None)
    from tailproof.engines.lanes import Population

    imported = time.perf_counter() - STARTED
    from benchmarks.lanes.options import print_json
    from benchmarks.paper_job import simulated_rows, training_job

    job = training_job(8, data=simulated_rows(10_000))
    begun = time.perf_counter()
    Population(job).train_steps(1)
    first_step = time.perf_counter() - begun
    print_json(
        {
            "import_seconds": imported,
            "first_step_seconds": first_step,
            "processes_started": started_processes,
            "compilers_loaded": [name for name in COMPILERS if name in sys.modules],
        }
    )


if __name__ == "__main__":
    main()
