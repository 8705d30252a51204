"""The results of a run as Markdown to read and JSON to compare with."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.plan import Benchmark
from benchmarks.targets import Results, Row

NOT_SHOWN = """\
- A ratio between tools is of time per step of the same network on the same rows. Peers do not clip gradients, guard
  against numbers that are not finite, or record gradient norms; lanes does, inside its time.
- The quickest of seven stretches is compared, for every tool alike. Where the least time of the processor is well below
  it, others had the core, and ratios between tools that ran minutes apart say little.
- Members that share the batch order are cheaper than members with rows of their own; "own rows" shows by how much.
- scikit-learn trains a smaller job (no LayerNorm, no dropout), LightGBM another model altogether.
- The rows are simulated and lie in memory (mapped files in the file cache): no disk is timed.
- Nothing here says whether the networks forecast anything; each was only seen to come down to the constant's loss.
"""


def write(
    folder: Path, *, results: Results, rows: Sequence[Row], about: Mapping[str, Any], titles: Mapping[str, str]
) -> Path:
    """Write ``YYYY-MM-DD-<cpu>.md`` and ``.json``; the Markdown file's path is returned."""
    folder.mkdir(parents=True, exist_ok=True)
    path = free_path(folder, about["machine"]["cpu"])
    path.write_text(markdown(results=results, rows=rows, about=about, titles=titles))
    record = {**about, "targets": [vars(row) for row in rows], "results": results}
    path.with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n")
    return path


def free_path(folder: Path, cpu: str) -> Path:
    """A name that no earlier run of the day has: explanations written into its file by hand are kept."""
    slug = re.sub(r"[^a-z0-9]+", "-", cpu.lower()).strip("-")
    day = f"{date.today().isoformat()}-{slug}"
    names = (f"{day}{suffix}.md" for suffix in ("", *(f"-{number}" for number in range(2, 1000))))
    return next(path for name in names if not (path := folder / name).exists())


def titles_of(benchmarks: Iterable[Benchmark]) -> dict[str, str]:
    """Title by name."""
    return {each.name: each.title for each in benchmarks}


def markdown(*, results: Results, rows: Sequence[Row], about: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    """The whole file."""
    parts = [
        f"# Benchmarks of {about['date']}",
        _machine(about),
        "## Speed and memory to reach",
        target_table(rows),
        *_short_of(rows),
        "## The same training in other tools, one thread",
        _peers(results, titles),
        "## What the lanes engine's time depends on",
        *_curves(results, titles),
        "## Bars",
        _bars(results),
        "## Whole jobs",
        *_whole_jobs(results, titles),
        "## What these numbers do not show",
        NOT_SHOWN,
        *_failures(results),
    ]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def target_table(rows: Iterable[Row]) -> str:
    """The table of the targets."""
    return _table(
        ("what", "at least", "reached in this run", ""),
        ([row.what, row.target, row.reached, row.status] for row in rows),
    )


def _machine(about: Mapping[str, Any]) -> str:
    machine = about["machine"]
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    return "\n".join(
        [
            f"- Command: `{about['command']}`; {about['minutes']:.0f} minutes.",
            f"- Machine: {machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, {machine['system']}.",
            f"- Caches: {'; '.join(machine['caches'])}.",
            f"- Compiler {machine['compiler']}; Python {machine['python']}; {packages}; sources {machine['commit']}.",
            f"- Load of the machine before each benchmark: {about['load_least']:.1f} to {about['load_most']:.1f} "
            f"(its own work is in it). {about['note']}",
        ]
    )


def _short_of(rows: Sequence[Row]) -> list[str]:
    short = [row for row in rows if row.status == "FALLS SHORT"]
    if not short:
        return []
    lines = [f"- **{row.what}**: {row.reached}, target {row.target}.\n  In the way: " for row in short]
    return ["### What falls short, and what is in the way", "\n".join(lines)]


def _peers(results: Results, titles: Mapping[str, str]) -> str:
    timed = {name: each for name, each in results.items() if name in titles and "loss_after" in each and "us" in each}
    slowest = timed.get("torch dataloader", {}).get("us")
    lines = []
    for name, each in sorted(timed.items(), key=lambda item: item[1]["us"]):
        ratio = f"{slowest / each['us']:,.1f}" if slowest else "-"
        loss = f"{each['loss_before']:.6f} → {each['loss_after']:.6f}"
        lines.append(
            [titles[name], f"{each['us']:,.3f}", f"{each['us_median']:,.3f}", f"{each['us_cpu']:,.3f}", ratio, loss]
        )
    head = (
        "trainer",
        "µs per model-step",
        "median",
        "of the processor",
        "times faster than the DataLoader loop",
        "worst member's loss",
    )
    text = _table(head, lines)
    if "seconds_a_pass" in results.get("lightgbm", {}):
        text += f"\n\n{titles['lightgbm']}: {1e3 * results['lightgbm']['seconds_a_pass']:.1f} ms a pass."
    return text


def _curves(results: Results, titles: Mapping[str, str]) -> list[str]:
    parts = []
    for name, result in results.items():
        if "cases" not in result:
            continue
        lines = [
            [
                case,
                f"{each['us']:,.3f}",
                f"{each['us_median']:,.3f}",
                f"{each['us_cpu']:,.3f}",
                f"{each['gflops']:,.1f}",
            ]
            + ([f"{100 * each['share_of_peak']:.0f} %"] if "share_of_peak" in each else [])
            for case, each in result["cases"].items()
        ]
        head = ["", "µs per model-step", "median", "of the processor", "GFLOP/s"] + (
            ["of the peak"] if "peak_gflops" in result else []
        )
        parts += [f"### {titles[name]}", _table(head, lines)]
        if "peak_gflops" in result:
            parts.append(
                f"The peak measured on one core is {result['peak_gflops']:.1f} GFLOP/s; a model-step counts as "
                f"{result['flops_per_model_step']:,} operations (`benchmarks/flops.py`)."
            )
    return parts


def _bars(results: Results) -> str:
    lines = [
        [
            task,
            *(
                f"{each[library][figure]:.3f}"
                for figure in ("wall_median", "cpu")
                for library in ("tailproof", "pandas")
            ),
            f"{each['tailproof']['wall_median'] / each['pandas']['wall_median']:.2f}",
            each["peer"],
        ]
        for task, each in results.get("bars", {}).get("bars", {}).items()
    ]
    head = ("seconds a million rows", "tailproof", "pandas", "processor, tailproof", "processor, pandas", "ratio")
    return _table((*head, "what pandas does"), lines)


def _whole_jobs(results: Results, titles: Mapping[str, str]) -> list[str]:
    lines = []
    if (command := results.get("original command", {})).get("runs"):
        for title, seconds, peak in (
            (titles["original command"], command["wall_seconds_median"], command["peak_mib"]),
            ("the same, with what the run before it cached", *command["with_cache"].values()),
        ):
            lines.append([title, "3 epochs", f"{seconds:.1f}", f"{peak:,.0f}"])
    if (pipeline := results.get("original pipeline", {})).get("stages"):
        part = f"{pipeline['steps']:,} of {3 * pipeline['steps_of_an_epoch']:,} steps"
        lines.append([titles["original pipeline"], part, f"{pipeline['wall']:.1f}", f"{pipeline['peak_mib']:,.0f}"])
    for name in ("protocol", "refits", "refits with placebos"):
        if (job := results.get(name, {})).get("folds"):
            part = f"{job['folds']} folds of {job['networks_a_fold']} networks"
            lines.append([titles[name], part, f"{job['wall_seconds']:.1f}", f"{job['peak_mib']:,.0f}"])
    for run in results.get("ever more rows", {}).get("runs", []):
        part = f"{run['rows']:,} rows, {run['folds']} folds"
        lines.append([titles["ever more rows"], part, f"{run['wall_seconds']:.1f}", f"{run['peak_mib']:,.0f}"])
    parts = [_table(("job", "training", "wall seconds", "peak MiB"), lines)]
    if "imports" in results.get("stages", {}):
        stages, imports = results["stages"]["stages"], results["stages"]["imports"]
        spent = [[name, f"{seconds:.2f}"] for name, seconds in stages.items() if seconds >= 0.1]
        loaded = ", ".join(f"{name} {seconds:.2f}" for name, seconds in imports.items() if seconds >= 0.1)
        parts += [
            "Seconds inside what `pipeline.py` calls (profiled; a line holds the lines it calls):",
            _table(("caller: callee", "seconds"), spent),
            f"Seconds of imports by package, inside the above: {loaded}.",
        ]
    return parts


def _failures(results: Results) -> list[str]:
    failed = {name: each["failed"] for name, each in results.items() if "failed" in each}
    if not failed:
        return []
    return ["## Benchmarks that failed", "\n".join(f"- {name}: `{reason}`" for name, reason in failed.items())]


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *lines))
