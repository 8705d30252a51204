"""What the project set out to reach, and how each figure is read from the results of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Results = Mapping[str, Mapping[str, Any]]
FMA_SHARES = {"avx2": 0.60, "avx512": 0.65}
PROTOCOL = {"avx2": 118 / 1.4, "avx512": 72 / 1.4}
"""Seconds of the whole protocol: a factor of 1.4 on the best that was measured with each set before."""
ORIGINAL_COMMAND = {"avx2": 6.3 / 1.4, "avx512": 4.9 / 1.4}
"""Seconds of the original command, likewise."""
Status = Literal["reached", "FALLS SHORT", "not measured"]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table."""

    what: str
    target: str
    reached: str
    status: Status


@dataclass(frozen=True, kw_only=True)
class Target:
    """``read`` gives the figure as text and whether it is enough (None: it was not measured), or raises KeyError."""

    what: str
    at_least: str
    read: Callable[[Results], tuple[str, bool | None]]

    def row(self, results: Results) -> Row:
        """The line of this target."""
        try:
            reached, enough = self.read(results)
        except KeyError as missing:
            return Row(what=self.what, target=self.at_least, reached=f"no result: {missing}", status="not measured")
        status: Status = "not measured" if enough is None else "reached" if enough else "FALLS SHORT"
        return Row(what=self.what, target=self.at_least, reached=reached, status=status)


def table(results: Results) -> list[Row]:
    """Every target beside what this run reached."""
    return [target.row(results) for target in TARGETS]


def _faster(peer: str, lanes: str, least: float) -> Callable[[Results], tuple[str, bool | None]]:
    def read(results: Results) -> tuple[str, bool | None]:
        slow, quick = results[peer]["us"], results[lanes]["us"]
        return f"{slow / quick:,.1f} times ({slow:,.2f} µs / {quick:,.3f} µs)", slow / quick >= least

    return read


def _fma_share(results: Results) -> tuple[str, bool | None]:
    cases = results["fma share"]["cases"]
    shares = {name: cases[name]["share_of_peak"] for name in FMA_SHARES if name in cases}
    text = ", ".join(f"{name} {share:.0%}" for name, share in shares.items())
    return text or "no instruction set with FMA", all(share >= FMA_SHARES[name] for name, share in shares.items())


def _one_member(results: Results) -> tuple[str, bool | None]:
    one, many = (results[name]["us"] for name in ("lanes 1", "lanes 64"))
    return f"{one / many:.2f} times ({one:.3f} µs / {many:.3f} µs)", one / many <= 2.5


def _own_rows(results: Results) -> tuple[str, bool | None]:
    cases = results["own rows"]["cases"]
    shared, shifted, own = (cases[name]["us"] for name in ("shared rows", "own rows (shifted)", "own order"))
    worst = max(shifted, own) / shared
    return f"shifted {shifted / shared:.2f}, own order {own / shared:.2f} times as slow", worst <= 1.6


def _threads(results: Results) -> tuple[str, bool | None]:
    cases = results["threads"]["cases"]
    ratio = cases["64 members, 1 thread"]["us"] / cases["64 members, 2 threads"]["us"]
    return f"{ratio:.2f} times", ratio >= 1.8


def _challenge(results: Results) -> tuple[str, bool | None]:
    result = results["challenge"]
    seconds, steps, members = result["wall_seconds"], result["steps"], result["members"]
    if result["full"]:
        return f"{seconds:.0f} s, run in full", seconds < 200
    needed = members * result["steps_of_the_challenge"] / 200
    return (
        f"not run in full: {steps:,} of {result['steps_of_the_challenge']:,} steps of {members:,} models ran at "
        f"{members * steps / seconds:,.0f} model-steps/s; 200 s need {needed:,.0f}",
        None,
    )


def _original_command(results: Results) -> tuple[str, bool | None]:
    result = results["original command"]
    wall, peak = result["wall_seconds_median"], result["peak_mib"] / 1024
    text = f"{wall:.1f} s median ({result['wall_seconds']:.1f} s quickest of {result['runs']}), {peak:.2f} GiB"
    return text, wall < ORIGINAL_COMMAND[_instruction_set(results)] and peak < 1.5


def _protocol(results: Results) -> tuple[str, bool | None]:
    return _whole_job("protocol", seconds=PROTOCOL[_instruction_set(results)])(results)


def _instruction_set(results: Results) -> str:
    """The set that decides an aim: AVX-512 where this run has trained with it, else AVX2, which is given more time."""
    return "avx512" if "avx512" in results.get("fma share", {}).get("cases", {}) else "avx2"


def _ever_more_rows(results: Results) -> tuple[str, bool | None]:
    runs = results["ever more rows"]["runs"]
    per_million = [1e6 * run["cpu_seconds"] / run["rows"] for run in runs]
    text = ", ".join(
        f"{run['rows'] / 1e6:g} million rows {run['wall_seconds']:,.0f} s ({each:.1f} s of the processor a million, "
        f"{run['peak_mib'] / 1024:.1f} GiB)"
        for run, each in zip(runs, per_million, strict=True)
    )
    return text, per_million[-1] <= per_million[0]


def _whole_job(name: str, *, seconds: float) -> Callable[[Results], tuple[str, bool | None]]:
    def read(results: Results) -> tuple[str, bool | None]:
        result = results[name]
        wall, peak = result["wall_seconds"], result["peak_mib"] / 1024
        text = f"{wall:.0f} s and {peak:.2f} GiB, {result['folds']} folds of {result['networks_a_fold']} networks"
        return text, wall < seconds and peak < 3

    return read


def _keeping(results: Results) -> tuple[str, bool | None]:
    """Reached where the whole interval lies below: a noisy measurement proves nothing."""
    result = results["keeping"]
    shares = [result["shares"][clock]["together"] for clock in ("wall", "processor")]
    wall, processor = (f"{each['value']:.2%} ({each['low']:.2%} to {each['high']:.2%})" for each in shares)
    text = f"{wall} of {result['wall_seconds']:.0f} s; of the processor's time {processor}"
    return text, shares[0]["high"] < 0.03


def _report(results: Results) -> tuple[str, bool | None]:
    result = results["report"]
    wall, size = result["wall_seconds_median"], result["megabytes"]
    text = f"{wall:.1f} s median ({result['wall_seconds']:.1f} s quickest of {result['runs']}), {size:.2f} MB"
    return f"{text}, {result['rows']:,} rows", wall < 3 and size < 3


def _csv_to_bars(results: Results) -> tuple[str, bool | None]:
    task = results["bars"]["bars"]["CSV to validated bars"]
    ours, theirs = task["tailproof"]["wall_median"], task["pandas"]["wall_median"]
    return f"{ours:.3f} s a million rows, read_csv {theirs:.3f} s: {ours / theirs:.2f} of its time", ours < theirs


def _stored_bars(results: Results) -> tuple[str, bool | None]:
    seconds = results["bars"]["bars"]["stored bars"]["tailproof"]["wall_median"] * results["bars"]["rows"] / 1e6
    return f"{seconds:.3f} s", seconds < 0.3


def _wide_bars(results: Results) -> tuple[str, bool | None]:
    widths = results["wide bars"]["wide"]
    first, last = widths[0], widths[-1]
    text = ", ".join(f"{each['columns']:,} columns {each['cpu']:.2f} s" for each in widths)
    return text, last["cpu_per_thousand"] <= 3.0 * first["cpu_per_thousand"]


def _series_join(results: Results) -> tuple[str, bool | None]:
    result = results["series"]
    ours, theirs = (result["cpu_seconds"][name] for name in ("tailproof", "pandas"))
    return f"{ours:.3f} s, merge_asof {theirs:.3f} s: {result['ratio']:.2f} times", result["ratio"] <= 1.5


def _first_use(results: Results) -> tuple[str, bool | None]:
    result = results["first use"]
    started = [*result["processes_started"], *result["compilers_loaded"]]
    text = f"first step {1e3 * result['first_step_seconds']:.1f} ms after its import; " + (
        f"but found {', '.join(started)}" if started else "no process started, no compiler loaded"
    )
    return text, not started


def _wide_nets(results: Results) -> tuple[str, bool | None]:
    """Set out as "auto takes torch", when torch was the faster one; what it means is that ``auto`` takes the faster."""
    result = results["wide nets"]
    apart = result["gradient_difference"]
    speeds, fastest = [], True
    for members, found in result["auto"].items():
        rates = found["model_steps_a_second"]
        speeds.append(
            f"{members} member{'s' * (members != '1')}: {found['engine']} "
            f"(lanes {rates['lanes']:.0f}, torch {rates['torch']:.0f} model-steps/s)"
        )
        fastest &= rates[found["engine"]] == max(rates.values())
    right = apart < 1e-4 and result["loss_difference"] < 1e-5
    return f"{', '.join(speeds)}; gradient within {apart:.0e} of torch's", right and fastest


TARGETS = (
    Target(
        what="one member against the PyTorch DataLoader loop",
        at_least="200 times faster a step",
        read=_faster("torch dataloader", "lanes 1", 200),
    ),
    Target(
        what="64 members on one thread, per model-step, against the DataLoader loop",
        at_least="1,000 times",
        read=_faster("torch dataloader", "lanes 64", 1000),
    ),
    Target(
        what="the same against JAX scan under vmap, 64 members",
        at_least="15 times",
        read=_faster("jax 64", "lanes 64", 15),
    ),
    Target(
        what="share of the FMA peak, 64 members",
        at_least="60 % with AVX2, 65 % with AVX-512",
        read=_fma_share,
    ),
    Target(
        what="one member against 64, per model-step",
        at_least="at most 2.5 times as long",
        read=_one_member,
    ),
    Target(what="own rows against shared rows, 64 members", at_least="at most 1.6 times as slow", read=_own_rows),
    Target(what="two threads against one, 64 members", at_least="1.8 times", read=_threads),
    Target(what="1,024 models x 3 epochs x 914,247 rows, 2 threads", at_least="under 200 s", read=_challenge),
    Target(
        what="the original command, 1,142,809 rows, warm file cache",
        at_least="under 4.5 s with AVX2 (6.3 s before), 3.5 s with AVX-512 (4.9 s before), and 1.5 GiB",
        read=_original_command,
    ),
    Target(
        what="the whole protocol, 1,142,809 rows: 5 folds, 4 members, 19 placebos, baselines, bootstrap",
        at_least="under 84 s with AVX2 (118 s before), 51 s with AVX-512 (72 s before), and 3 GiB",
        read=_protocol,
    ),
    Target(
        what="4 members refitted in every session, 800 sessions",
        at_least="under 3 minutes and 3 GiB",
        read=_whole_job("refits", seconds=180),
    ),
    Target(
        what="809 refits with 19 placebos",
        at_least="under 300 s and 3 GiB",
        read=_whole_job("refits with placebos", seconds=300),
    ),
    Target(
        what="one member, no placebos: 20 million rows beside a million",
        at_least="at most the processor time a row of a million",
        read=_ever_more_rows,
    ),
    Target(
        what="keeping, guards and checks of the whole protocol, 1,142,809 rows",
        at_least="under 3 % of wall time",
        read=_keeping,
    ),
    Target(what="the page of a run of a million rows, made again", at_least="under 3 s and 3 MB", read=_report),
    Target(what="CSV to validated bars", at_least="faster than pandas.read_csv alone", read=_csv_to_bars),
    Target(what="1,142,809 stored bars", at_least="under 0.3 s", read=_stored_bars),
    Target(
        what="files of ever more columns",
        at_least="at most 3 times the processor time a column in the widest",
        read=_wide_bars,
    ),
    Target(
        what="five series joined to a million bars, beside pandas' merge_asof",
        at_least="at most 1.5 times its processor time",
        read=_series_join,
    ),
    Target(what="first use after install", at_least="no compilation at run time", read=_first_use),
    Target(what="512 x 512, batch 4,096", at_least="auto takes the faster engine, lanes is right", read=_wide_nets),
)
