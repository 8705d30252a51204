"""The benchmarks run, and what they compute besides seconds is right; no peer is needed."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from benchmarks import flops, fma_peak, paper_job, plan, results_file, targets
from benchmarks.child import run
from benchmarks.stopwatch import time_cases

ROOT = Path(__file__).parents[2]
TIMED = {"us": 2.0, "us_median": 2.5, "us_cpu": 1.9, "gflops": 1.0}


def test_every_planned_benchmark_is_there_and_parses():
    for benchmark in plan.everything(Path("bars.csv"), quick=False):
        path = ROOT / (benchmark.module.replace(".", "/") + ".py")
        assert ast.get_docstring(ast.parse(path.read_text()))


def test_a_small_benchmark_runs_as_a_process_and_prints_its_result():
    command = [sys.executable, "-m", "benchmarks.lanes.members", "--quick", "--seconds", "0.05"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    cases = json.loads(done.stdout.splitlines()[-1])["cases"]
    assert set(cases) == {"1", "8"}
    assert all(case["us"] > 0.0 for case in cases.values())


def test_first_use_compiles_nothing():
    command = [sys.executable, "-m", "benchmarks.lanes.first_use"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["processes_started"] == result["compilers_loaded"] == []


def test_the_job_is_the_papers():
    x_NF, y_N = paper_job.simulated_rows(10_000)
    assert np.isfinite(x_NF).all()
    assert sorted(y_N) == pytest.approx(np.linspace(0.0, 1.0, 10_000))
    assert paper_job.net_spec().parameter_count == 299
    assert pytest.approx(0.0203333, abs=1e-7) == paper_job.FLOOR
    constant = np.abs(y_N - 0.5)
    huber = np.where(constant <= 0.1, 0.5 * constant**2, 0.1 * (constant - 0.05))
    assert huber.mean() == pytest.approx(paper_job.FLOOR, rel=1e-3)


def test_first_weights_start_well_above_the_floor():
    from benchmarks.peers.peer import NEAR_THE_FLOOR, member_losses

    losses = member_losses(paper_job.first_weights(3), *paper_job.simulated_rows(2000))
    assert min(losses) > 1.03 * NEAR_THE_FLOOR * paper_job.FLOOR


def test_operations_of_the_papers_net_counted_by_hand():
    row = 6 * (80 + 128 + 8) + 2 * (16 + 8 + 1) + 16 * (5 + 16 + 8) + 2 * 2 * (16 + 8) + 8 + 6
    assert flops.step_flops(paper_job.net_spec(), batch=16) == 16 * row + 14 * 299


def test_the_fma_peak_is_measured(tmp_path):
    peak = fma_peak.measure(fma_peak.build(tmp_path))
    assert min(peak.values()) > 0.0


def test_a_process_is_measured():
    finished = run([sys.executable, "-c", "held = bytearray(300 << 20); print(len(held))"], one_core=True)
    assert finished.code == 0
    assert finished.output == f"{300 << 20}\n"
    assert finished.peak_mib > 300


def test_cases_are_timed_in_turn():
    taken = {"a": 0, "b": 0}

    def take(name):
        def steps(count):
            taken[name] += count
            time.sleep(1e-5 * count)

        return steps

    timings = time_cases({name: take(name) for name in taken}, seconds=0.001, stretches=3)
    assert all(len(timing.seconds_a_step) == 3 and timing.steps <= taken[name] for name, timing in timings.items())


def test_targets_are_reached_missed_or_not_measured():
    results = {
        "torch dataloader": {"us": 1000.0},
        "lanes 1": {"us": 4.0},
        "lanes 64": {"us": 2.0},
        "challenge": {
            "full": False,
            "wall_seconds": 1.0,
            "steps": 10,
            "members": 1024,
            "steps_of_the_challenge": 171_423,
        },
    }
    status = {row.what: row.status for row in targets.table(results)}
    assert list(status.values())[:2] == ["reached", "FALLS SHORT"]
    assert status["one member against 64, per model-step"] == "reached"
    assert list(status.values()).count("not measured") == len(status) - 3


def status_of(what: str, **results: object) -> str:
    return next(row for row in targets.table(results) if what in row.what).status


@pytest.mark.parametrize(("isa", "seconds"), [("avx2", (84, 4.4)), ("avx512", (51, 3.4))])
def test_aims_are_those_of_the_instruction_set(isa, seconds):
    share = {"fma share": {"cases": {isa: {"share_of_peak": {"avx2": 0.60, "avx512": 0.65}[isa]}}}}
    job = {"peak_mib": 500.0, "folds": 5, "networks_a_fold": 80}
    for more, expected in ((0.0, "reached"), (1.0, "FALLS SHORT")):
        protocol = {"protocol": {**job, "wall_seconds": seconds[0] + more}}
        original = {"original command": {"wall_seconds_median": seconds[1] + more, "wall_seconds": 1.0, "runs": 5}}
        original["original command"]["peak_mib"] = 500.0
        assert status_of("the whole protocol", **share, **protocol) == expected
        assert status_of("the original command", **share, **original) == expected
    assert status_of("share of the FMA peak", **share) == "reached"
    share["fma share"]["cases"][isa]["share_of_peak"] -= 0.01
    assert status_of("share of the FMA peak", **share) == "FALLS SHORT"


def test_rows_are_linear_where_a_row_takes_no_longer():
    def status(cpu_seconds):
        runs = [
            {"rows": rows, "cpu_seconds": cpu, "wall_seconds": 1.0, "peak_mib": 1.0}
            for rows, cpu in ((1_000_000, 40.0), (20_000_000, cpu_seconds))
        ]
        return status_of("20 million rows", **{"ever more rows": {"runs": runs}})

    assert [status(800.0), status(801.0)] == ["reached", "FALLS SHORT"]


def test_long_benchmarks_run_where_they_are_named_and_in_a_full_run():
    from argparse import Namespace

    from benchmarks.run import chosen_from

    def names(*only, full=False, quick=False):
        options = Namespace(only=list(only), full=full, quick=quick)
        return {each.name for each in chosen_from(plan.everything(Path("bars.csv"), quick=quick), options)}

    long = {"refits with placebos", "ever more rows"}
    assert names() & long == set()
    assert names(full=True) >= long
    assert names(quick=True) >= long
    assert names("ever more rows") == {"ever more rows"}
    with pytest.raises(SystemExit, match="'ever more bars'"):
        names("ever more bars")


def test_a_join_is_judged_by_its_share_of_merge_asof():
    def status(ratio):
        results = {"series": {"cpu_seconds": {"tailproof": ratio, "pandas": 1.0}, "ratio": ratio}}
        return next(row.status for row in targets.table(results) if "merge_asof" in row.what)

    assert [status(1.5), status(1.51)] == ["reached", "FALLS SHORT"]


def test_wide_files_are_judged_by_the_time_of_a_column():
    def status(last):
        wide = [
            {"columns": 1000, "cpu": 0.5, "cpu_per_thousand": 0.5},
            {"columns": 10_000, "cpu": 10 * last, "cpu_per_thousand": last},
        ]
        results = {"wide bars": {"wide": wide}}
        return next(row.status for row in targets.table(results) if "ever more columns" in row.what)

    assert [status(1.5), status(1.51)] == ["reached", "FALLS SHORT"]


def test_the_cost_of_keeping_is_judged_by_the_end_of_its_interval():
    def status(high):
        together = {"together": {"value": 0.01, "low": 0.0, "high": high}}
        results = {"keeping": {"wall_seconds": 100.0, "shares": {"wall": together, "processor": together}}}
        return next(row.status for row in targets.table(results) if "guards" in row.what)

    assert [status(0.029), status(0.031)] == ["reached", "FALLS SHORT"]


@pytest.mark.parametrize("count", [6, 9, 31])
def test_the_interval_of_a_median_holds_it_as_often_as_it_says(count):
    from benchmarks.keeping_cost import share_of

    draws = 1.0 + np.random.default_rng(count).standard_cauchy((4000, count))  # as noisy as it gets; median 1
    shares = [share_of(each) for each in draws]
    held = np.mean([share.low <= 0.0 <= share.high for share in shares])
    assert 0.945 <= held < 1.0
    assert np.mean([share.value > 0.0 for share in shares]) == pytest.approx(0.5, abs=0.03)


def test_what_one_clocked_function_calls_of_another_is_counted_once():
    from types import SimpleNamespace

    from benchmarks.keeping_cost import FITS, Clocks

    job = SimpleNamespace(write=lambda: time.sleep(0.01))
    job.finish = lambda: job.write()
    job.fit = lambda: job.write()
    clocks = Clocks({"files": [(job, "write")], "manifest": [(job, "finish")], FITS: [(job, "fit")]})
    job.finish()
    job.fit()
    assert dict(clocks.times) == {"manifest": 1, "files": 1, FITS: 1}
    assert clocks.counted.wall == pytest.approx(clocks.spent["files"].wall + clocks.spent["manifest"].wall)


def test_whole_jobs_are_judged_by_minutes_and_memory():
    def status(**changes):
        refits = {"wall_seconds": 120.0, "peak_mib": 1500.0, "folds": 809, "networks_a_fold": 8, **changes}
        return next(row for row in targets.table({"refits": refits}) if "refitted" in row.what).status

    assert status() == "reached"
    assert status(wall_seconds=181.0) == status(peak_mib=3073.0) == "FALLS SHORT"


def printed(module: str, *options: str) -> dict:
    command = [sys.executable, "-m", f"benchmarks.whole_job.{module}", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.parametrize(("placebos", "networks"), [("0", 4), ("19", 60)])
def test_refits_run_as_a_process_and_are_counted(placebos, networks):
    result = printed("refits", "--rows", "20000", "--placebos", placebos)
    assert (result["folds"], result["networks_a_fold"]) == (13, networks)
    assert result["peak_mib"] > 100


@pytest.mark.slow
def test_ever_more_rows_run_as_processes():
    runs = printed("ever_more_rows", "--rows", "5000", "10000")["runs"]
    assert [run["rows"] for run in runs] == [5000, 10_000]
    assert all(run["networks_a_fold"] == 1 and run["cpu_seconds"] > 0.0 for run in runs)


def test_a_partly_run_challenge_is_never_given_as_seconds():
    part = {"full": False, "wall_seconds": 1.0, "steps": 10, "members": 1024, "steps_of_the_challenge": 171_423}
    row = next(row for row in targets.table({"challenge": part}) if "1,024 models" in row.what)
    assert row.reached.startswith("not run in full: 10 of 171,423 steps")


def test_the_results_file_names_what_falls_short_and_what_failed(tmp_path):
    results = {
        "torch dataloader": {"us": 10.0, "us_median": 11.0, "us_cpu": 9.0, "loss_before": 0.03, "loss_after": 0.0203},
        "lanes 1": {**TIMED, "loss_before": 0.03, "loss_after": 0.0203},
        "members": {"cases": {"1": TIMED}},
        "jax 64": {"failed": "no jax"},
        "protocol": {"wall_seconds": 73.0, "peak_mib": 1526.0, "folds": 5, "networks_a_fold": 160},
    }
    about = {
        "date": "2026-01-01",
        "command": "make bench",
        "minutes": 1.0,
        "machine": dict.fromkeys(("cpu", "cores", "memory_gib", "system", "compiler", "python", "commit"), "x")
        | {"caches": [], "packages": {}},
        "load_least": 0.0,
        "load_most": 1.0,
        "note": "",
    }
    titles = results_file.titles_of(plan.everything(Path("bars.csv"), quick=False))
    rows = targets.table(results)
    first = results_file.write(tmp_path, results=results, rows=rows, about=about, titles=titles)
    second = results_file.write(tmp_path, results=results, rows=rows, about=about, titles=titles)
    assert first != second
    text = first.read_text()
    assert "| PyTorch, DataLoader loop | 10.000 | 11.000 | 9.000 | 1.0 |" in text
    assert "**one member against the PyTorch DataLoader loop**: 5.0 times" in text
    assert "| The whole honest protocol at its defaults | 5 folds of 160 networks | 73.0 | 1,526 |" in text
    assert "jax 64: `no jax`" in text


def test_the_quality_bench_prints_every_contestant_and_says_what_it_left_out(tmp_path, capsys):
    from benchmarks.quality import compare

    assert compare.main(["--quick", "--without", "scikit-learn MLP", "--out", str(tmp_path / "table.txt")]) == 0
    text = (tmp_path / "table.txt").read_text()
    assert text == capsys.readouterr().out
    assert "left out: scikit-learn MLP, as asked" in text
    figures = {line[2:22].strip(): line[22:].split() for line in text.splitlines() if line.startswith("  ")}
    assert {"network", "ridge"} <= set(figures)
    assert all(np.isfinite([float(each) for each in line[:4]]).all() for line in figures.values())


def test_the_quality_bench_skips_real_files_with_a_reason(tmp_path, capsys):
    from benchmarks.quality import compare

    assert compare.main(["--data", str(tmp_path / "absent"), "--only", "nothing"]) == 0
    assert "real files skipped" in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["linear", "mixed", "xor", "abs", "turning"])
def test_a_world_holds_the_ic_that_was_planted(kind):
    from benchmarks.quality.worlds import make_world

    world = make_world(kind, rows=200_000, ic=0.05, seed=1)
    scores = np.arcsinh(world.design.return_N / 1e-3)
    assert np.corrcoef(world.driver_N, scores)[0, 1] == pytest.approx(0.05, abs=4 / np.sqrt(200_000))
    line = np.linalg.lstsq(np.c_[np.ones(200_000), world.design.x_NF], world.driver_N, rcond=None)[0]
    share = np.corrcoef(np.c_[np.ones(200_000), world.design.x_NF] @ line, world.driver_N)[0, 1]
    assert (share > 0.5) == (kind in ("linear", "mixed", "turning"))
