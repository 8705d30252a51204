"""Which benchmarks there are, in the order in which they run."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

SMALL_RUN = ("--members", "1", "--placebos", "0", "--folds", "2", "--epochs", "1")


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """A module that prints one line of JSON, run as a process of its own."""

    name: str
    title: str
    module: str
    arguments: tuple[str, ...] = ()
    one_core: bool = True
    quick: tuple[str, ...] | None = field(default=())
    """Arguments more in a smoke test; None leaves the benchmark out of it."""
    full: tuple[str, ...] = ()
    """Arguments more in a full run."""
    long: bool = False
    """Whether it runs only in a full run, or where it is named."""


def _timed(seconds: float) -> tuple[str, ...]:
    return ("--seconds", f"{seconds:g}")


def peers(*, quick: bool) -> tuple[Benchmark, ...]:
    """Each trains the paper's job on one core; lanes stand between them, so that a slow hour touches both."""
    for_a_while = _timed(0.5 if quick else 10)

    def peer(name: str, title: str, module: str, *more: str) -> Benchmark:
        return Benchmark(name=name, title=title, module=f"benchmarks.peers.{module}", arguments=(*for_a_while, *more))

    return (
        peer("lanes 1", "tailproof lanes, 1 member", "lanes", "--members", "1"),
        peer("torch dataloader", "PyTorch, DataLoader loop", "torch_dataloader"),
        peer("lanes 8", "tailproof lanes, 8 members", "lanes", "--members", "8"),
        peer("torch sliced", "PyTorch, sliced tensors, fused AdamW", "torch_sliced"),
        peer("torch compiled", "PyTorch, the same under torch.compile", "torch_compiled"),
        peer("torch vmap 64", "PyTorch, torch.func under vmap, 64 members", "torch_vmap"),
        peer("lanes 64", "tailproof lanes, 64 members", "lanes", "--members", "64"),
        peer("jax 1", "JAX, lax.scan", "jax_scan", "--members", "1"),
        peer("jax 8", "JAX, scan under vmap, 8 members", "jax_scan", "--members", "8"),
        peer("jax 64", "JAX, scan under vmap, 64 members", "jax_scan", "--members", "64"),
        peer("sklearn", "scikit-learn MLPRegressor (less work a step)", "sklearn_mlp"),
        peer("lightgbm", "LightGBM, one tree over all rows (another thing)", "lightgbm_passes"),
    )


def lanes(*, quick: bool) -> tuple[Benchmark, ...]:
    """What the engine's time depends on."""
    for_a_while = _timed(0.2 if quick else 3)

    def case(name: str, title: str, module: str, *, one_core: bool = True, seconds: float | None = None) -> Benchmark:
        return Benchmark(
            name=name,
            title=title,
            module=f"benchmarks.lanes.{module}",
            arguments=for_a_while if quick or seconds is None else _timed(seconds),
            one_core=one_core,
            quick=("--quick",),
            full=("--full",) if module == "challenge" else (),
        )

    return (
        case("members", "Members, one thread", "members"),
        case("rows", "Rows, 64 members", "rows"),
        case("widths", "Two equal hidden layers, 16 members", "widths"),
        case("batches", "Batch, 64 members", "batches"),
        case("own rows", "Own rows against shared rows, 64 members", "own_rows", seconds=8),
        case("threads", "Threads", "threads", one_core=False, seconds=8),
        case("fma share", "Share of the FMA peak, 64 members", "fma_share", seconds=5),
        case("challenge", "1,024 models x 3 epochs x 914,247 rows", "challenge", one_core=False, seconds=30),
        case("wide nets", "512 x 512, batch 4,096", "wide_nets", one_core=False),
        case("first use", "First use after install", "first_use"),
    )


def whole_jobs(csv: Path) -> tuple[Benchmark, ...]:
    """From a CSV file on disk."""
    file = ("--csv", str(csv))
    return (
        Benchmark(
            name="bars",
            title="Bars",
            module="benchmarks.bars_speed",
            arguments=file,
            one_core=False,
            quick=("--rounds", "1"),
        ),
        Benchmark(
            name="wide bars",
            title="Ever more columns in a file of 200 bars",
            module="benchmarks.bars_wide",
            quick=("--columns", "200", "400", "--rounds", "1"),
        ),
        Benchmark(
            name="series",
            title="Five series joined to a million bars, beside pandas' merge_asof",
            module="benchmarks.series_join",
            quick=("--rows", "20000", "--rounds", "1"),
        ),
        Benchmark(
            name="original command",
            title="The original command, tailproof",
            module="benchmarks.whole_job.original_command",
            arguments=file,
            one_core=False,
            quick=("--runs", "1"),
        ),
        Benchmark(
            name="protocol",
            title="The whole honest protocol at its defaults",
            module="benchmarks.whole_job.protocol",
            arguments=file,
            one_core=False,
        ),
        Benchmark(
            name="keeping",
            title="What keeping, guards and checks cost the whole protocol",
            module="benchmarks.keeping_cost",
            arguments=file,
            one_core=False,
            quick=("--pairs", "3", "--seconds", "0.1", *SMALL_RUN),
        ),
        Benchmark(
            name="report",
            title="The page of a run of a million rows, 98 % of them tested",
            module="benchmarks.whole_job.report",
            arguments=file,
            one_core=False,
            quick=("--runs", "2"),
        ),
        Benchmark(
            name="refits",
            title="4 members refitted in each of 809 sessions",
            module="benchmarks.whole_job.refits",
            one_core=False,
            quick=("--rows", "40000"),
        ),
        Benchmark(
            name="refits with placebos",
            title="4 members and 19 placebos of as many, refitted in each of 809 sessions",
            module="benchmarks.whole_job.refits",
            arguments=("--placebos", "19"),
            one_core=False,
            quick=("--rows", "15000"),
            long=True,
        ),
        Benchmark(
            name="ever more rows",
            title="1 and 20 million rows, one member, no placebos",
            module="benchmarks.whole_job.ever_more_rows",
            one_core=False,
            quick=("--rows", "5000", "10000"),
            long=True,
        ),
        Benchmark(
            name="original pipeline",
            title="The original pipeline, pandas + PyTorch",
            module="benchmarks.peers.original_pipeline",
            arguments=file,
            one_core=False,
            quick=("--steps", "200"),
        ),
        Benchmark(
            name="stages",
            title="Stages of the original command, profiled",
            module="benchmarks.whole_job.stages",
            arguments=file,
            one_core=False,
            quick=None,
        ),
    )


def everything(csv: Path, *, quick: bool) -> tuple[Benchmark, ...]:
    """All of them; in a smoke test only those that have one."""
    benchmarks = (*peers(quick=quick), *lanes(quick=quick), *whole_jobs(csv))
    return tuple(each for each in benchmarks if not quick or each.quick is not None)
