"""The share of the core's measured FMA peak that training reaches, for every instruction set this machine runs."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from benchmarks import fma_peak
from benchmarks.flops import step_flops
from benchmarks.lanes.options import options, print_json, time_populations
from benchmarks.paper_job import BATCH, net_spec, simulated_rows, training_job
from tailproof.engines.lanes import Population, instruction_sets

MEMBERS = 64


def main() -> None:
    """The peak is measured several times before and after, and the highest is taken."""
    chosen = options()
    job = training_job(MEMBERS, data=simulated_rows())
    populations = {}
    for each in instruction_sets():
        if each.supported:
            os.environ["TAILPROOF_ISA"] = each.name
            populations[each.name] = Population(job, threads=1)
    os.environ.pop("TAILPROOF_ISA", None)
    with tempfile.TemporaryDirectory() as folder:
        program = fma_peak.build(Path(folder))
        found_peaks = [fma_peak.measure(program) for _ in range(4)]
        cases = time_populations(populations, seconds=chosen.seconds)
        found_peaks += [fma_peak.measure(program) for _ in range(4)]
    peaks = {lanes: max(each[lanes] for each in found_peaks) for lanes in found_peaks[0]}
    peak = max(peaks.values())
    for case in cases.values():
        case["share_of_peak"] = case["gflops"] / peak
    flops = step_flops(net_spec(), batch=BATCH)
    print_json({"cases": cases, "peak_gflops": peak, "peak_by_lanes": peaks, "flops_per_model_step": flops})


if __name__ == "__main__":
    main()
