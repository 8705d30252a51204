"""The tables of one run's report."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tailproof.arrays.times import as_datetimes
from tailproof.core.counted import counted
from tailproof.report.findings import Findings, number
from tailproof.report.numbers.history import history, member_mean
from tailproof.report.page.page_section import Cell, Table, figure, text
from tailproof.report.run_record import RecordedForecasts, RunRecord
from tailproof.report.training_lines import losses_of_epochs
from tailproof.settings.sections import default_values


def comparison(figures: Findings) -> Table:
    """The network, the constant and every baseline on the same rows."""
    rows = [
        _forecaster("network", figures.model, figures.rank_ic.value),
        _forecaster("constant", figures.constant, math.nan),
    ]
    rows += [
        (
            text(each.name, whole=True),
            figure(each.loss, ".6f"),
            figure(math.nan, ".6f"),
            figure(each.rank_ic, "+.4f"),
            figure(each.hit_rate, ".2%"),
        )
        for each in figures.baselines
    ]
    base = number(figures.model.get("hit_rate", {}).get("base_rate"))
    always = f" Always saying the more frequent direction hits {base:.2%}." if math.isfinite(base) else ""
    return Table(
        key="comparison",
        title="Beside the alternatives",
        reading="Losses to six decimals, because the signal is smaller than three; lower is better; MAE is the mean "
        f"absolute error.{always}",
        head=("forecaster", "Huber loss", "MAE", "rank IC", "hit rate"),
        rows=tuple(rows),
    )


def _forecaster(name: str, figures: dict[str, Any], rank_ic: float) -> tuple[Cell, ...]:
    return (
        text(name, whole=True),
        figure(number(figures.get("loss")), ".6f"),
        figure(number(figures.get("mae")), ".6f"),
        figure(rank_ic, "+.4f"),
        figure(number(figures.get("hit_rate", {}).get("hit_rate")), ".2%"),
    )


def split(facts: dict[str, Any]) -> Table:
    """Which rows trained, which chose, which judged."""
    rows = [
        (
            text(part["name"]),
            figure(part["rows"], ",d"),
            text(part["first"], whole=True),
            text(part["last"], whole=True),
        )
        for part in facts["parts"]
    ]
    chosen = (
        " The best epoch was chosen on the rows that are reported: read the result as an upper bound."
        if facts["judged_on_validation"]
        else ""
    )
    return Table(
        key="split",
        title="The model that is kept",
        reading=f"{_purged(facts['purged'])}{chosen}",
        head=("part", "rows", "first known at (UTC)", "last known at (UTC)"),
        rows=tuple(rows),
    )


def _purged(rows: int) -> str:
    if rows == 0:
        return "No label of one part ends inside the next."
    return f"{rows:,} row{'s lie' if rows > 1 else ' lies'} in none of these: the label would end inside the next part."


def folds(forecasts: RecordedForecasts, by_fold: list[dict[str, Any]], *, part: str) -> Table:
    """The rows that each fold was judged on, or each ``part`` of another name; no rows for a single one."""
    rank_ic = {str(each["name"]): number(each["rank_ic"]) for each in by_fold}
    rows = []
    for fold in np.unique(forecasts.fold_N):
        inside_N = forecasts.fold_N == fold
        first, last = as_datetimes(forecasts.known_at_N[inside_N][[0, -1]]).astype("datetime64[m]")
        rows.append(
            (
                figure(float(fold), ".0f"),
                figure(float(inside_N.sum()), ",.0f"),
                text(str(first).replace("T", " "), whole=True),
                text(str(last).replace("T", " "), whole=True),
                figure(rank_ic.get(str(fold), math.nan), "+.4f"),
            )
        )
    return Table(
        key="folds-table",
        title="Rows that were judged",
        reading=f"Test rows of each {part}, forecast by networks that never trained on them. Rank ICs are by "
        "ranks among all test rows, so that they, weighted by rows, average to the whole; the log ranks each "
        f"{part} alone.",
        head=(part, "test rows", "first known at (UTC)", "last known at (UTC)", "rank IC"),
        rows=tuple(rows) if len(rows) > 1 else (),
    )


def faults(quality: dict[str, Any]) -> Table:
    """The faults of the bars."""
    rows = tuple(
        (text(each["kind"]), figure(number(each.get("total")), ",.0f"), text(each["found"]), text(each["expected"]))
        for each in (*quality.get("errors", ()), *quality.get("warnings", ()))
    )
    return Table(
        key="faults",
        title="Faults of the bars",
        reading="Found while reading; none of these stopped the run.",
        head=("fault", "rows", "found", "expected"),
        rows=rows,
        wide=True,
    )


def repairs(quality: dict[str, Any]) -> Table:
    """The effects of the chosen repairs."""
    rows = tuple((text(name), figure(number(count), ",.0f")) for name, count in quality.get("repairs", {}).items())
    return Table(
        key="repairs",
        title="Repairs",
        reading=f"Of {quality.get('rows_read', 0):,} rows read, {quality.get('rows_set_aside', 0):,} were set aside "
        f"and {quality.get('rows_changed', 0):,} changed.",
        head=("repair", "rows"),
        rows=rows,
    )


def rows_in_and_out(run: RunRecord) -> Table:
    """The way from the lines of a file to the rows that train and test, each loss with its reason."""
    facts, quality = run.facts, run.quality
    counted: list[tuple[str, float]] = []
    if quality:
        counted += [("rows read", quality["rows_read"]), ("set aside while reading", -quality["rows_set_aside"])]
    counted.append(("bars", facts["bars"]["rows"]))
    counted += [(why, -count) for why, count in facts["rows"]["left_out"].items()]
    counted.append(("rows to learn from", facts["rows"]["kept"]))
    rows = tuple((text(name), Cell(text=f"{count:,.0f}".replace("-", "−"), order=count)) for name, count in counted)
    return Table(
        key="rows-in-and-out",
        title="Rows in and out",
        reading="A row needs every feature known and a label inside its unbroken stretch of bars.",
        head=("what", "count"),
        rows=rows,
    )


def target(shapes: dict[str, Any]) -> Table:
    """Range and tails of the training target before and after."""
    rows = [
        (
            text(name),
            figure(shapes[key]["lowest"], ".6f"),
            figure(shapes[key]["highest"], ".6f"),
            figure(number(shapes[key]["excess_kurtosis"]), ",.2f"),
        )
        for name, key in (("forward return", "before"), ("as learned", "after"))
    ]
    return Table(
        key="target-table",
        title="Range and tails",
        reading=f"An excess kurtosis of 0 is a normal distribution; {shapes['zero_share']:.1%} of the training returns "
        "are exactly zero.",
        head=("training target", "lowest", "highest", "excess kurtosis"),
        rows=tuple(rows),
    )


def epochs(run: RunRecord) -> Table:
    """The untrained networks, one row per epoch (the mean over the members), and the constant."""
    names = ("train_loss", "validation_loss", "validation_mae")
    train_K, validation_K, mae_K = (member_mean(history(run.epochs, name, at="epoch").value_KM) for name in names)
    rows = [_epoch_row("Start", record["train_loss"], record["learning_rate"]) for record in run.start]
    for row, epoch in enumerate(sorted({record["epoch"] for record in run.epochs})):
        at_once = [record for record in run.epochs if record["epoch"] == epoch]
        rows.append(
            (
                text(str(epoch)),
                figure(float(train_K[row]), ".6f"),
                figure(float(validation_K[row]), ".6f"),
                figure(float(mae_K[row]), ".6f"),
                figure(at_once[0]["learning_rate"], ".3g"),
                figure(sum(record["seconds"] for record in at_once), ".2f"),
            )
        )
    constant = run.facts.get("training", {})
    rows.append(
        (
            text("constant"),
            figure(number(constant.get("constant_train_loss")), ".6f"),
            figure(number(constant.get("constant_validation_loss")), ".6f"),
            *(figure(math.nan, ".6f") for _ in range(3)),
        )
    )
    members = len(run.epochs[0]["train_loss"])
    return Table(
        key="epochs",
        title="Epoch by epoch",
        reading=f"Mean over {counted(members, 'member')}; val means on validation rows, rate is the learning rate. "
        "Start is the loss of the untrained networks on training rows; the last row is the loss of the "
        f"constant, which every line above has to beat.{_drawn_later(run)}",
        head=("epoch", "train loss", "val loss", "val MAE", "rate", "s"),
        rows=tuple(rows),
    )


def interactions(weights: dict[str, Any]) -> Table:
    """The products of two inputs beside the shipped networks, the largest weight first."""
    ranked = sorted(weights.items(), key=lambda term: -abs(number(term[1])))
    return Table(
        key="interactions",
        title="Interactions",
        reading="Products of two scaled inputs, each squashed into -1 to 1 by tanh, that stand beside the networks "
        "shipped: a product of 1 adds its weight, in units of the target, to the forecast before any shrinkage.",
        head=("product", "weight"),
        rows=tuple((text(pair), figure(number(weight), "+.2g")) for pair, weight in ranked),
    )


def _drawn_later(run: RunRecord) -> str:
    """What a run's forecasts go through after the epochs, where there is any such thing."""
    to_line = run.settings.get("linear-path", False) and run.settings.get("hidden-share", 1.0) != 1.0
    sentence = losses_of_epochs(to_line=to_line, shrunk=bool(run.settings.get("shrink")))
    return f" {sentence}" if sentence else ""


def _epoch_row(name: str, loss_M: list[float | None], learning_rate: float) -> tuple[Cell, ...]:
    loss = float(np.mean([number(loss) for loss in loss_M]))
    absent = figure(math.nan, ".6f")
    return text(name), figure(loss, ".6f"), absent, absent, figure(learning_rate, ".3g"), absent


def features(run: RunRecord) -> Table:
    """Each feature: its share in the rank IC, its drift, and its scaling on the training rows."""
    lost = {each["name"]: number(each["value"]) for each in run.facts.get("importance", [])}
    moved = {each["name"]: number(each["stability_index"]) for each in run.facts.get("drift", [])}
    scaling = run.statistics["scaling"]
    rows = [
        (
            text(name),
            figure(lost.get(name, math.nan), "+.4f"),
            figure(moved.get(name, math.nan), ".3f"),
            figure(number(each["median"]), _short(each["median"])),
            figure(number(each["iqr"]), _short(each["iqr"])),
        )
        for name, each in scaling["features"].items()
    ]
    return Table(
        key="features-table",
        title="Every feature",
        reading=f"Medians and interquartile ranges are those of the training rows alone; scaled as {scaling['rule']}.",
        head=("feature", "rank IC lost", "stability index", "median", "interquartile range"),
        rows=tuple(rows),
    )


def environment(run: RunRecord) -> Table:
    """Machine, versions, variables."""
    around = run.config["environment"]
    pairs = [
        ("system", f"{around['system']}, {around['machine']}"),
        ("processor", f"{around.get('processor') or around['machine']}, {around['cpu_count']} logical cores"),
        ("Python", around["python"]),
        *around["packages"].items(),
        *(around["variables"].items() or [("ROCm and CUDA variables", "none set")]),
        ("engine", str(run.config.get("engine_choice") or run.config.get("engine", "")).removeprefix("Engine: ")),
        ("seed", run.settings.get("seed", "")),
        ("data", run.config.get("data", "")),
    ]
    if "data_fingerprint" in run.config:
        pairs.append(("data fingerprint", run.config["data_fingerprint"]))
    return Table(
        key="environment-table",
        title="Machine and versions",
        reading="The fingerprint is the SHA-256 of the rows' times and closes: equal data, equal fingerprint.",
        head=("what", "value"),
        rows=tuple((text(name), text(value)) for name, value in pairs),
    )


def settings(run: RunRecord, *, chosen: bool) -> Table:
    """The settings that are not the defaults, or where ``chosen`` is False all others."""
    defaults = default_values()
    picked = {name: value for name, value in run.settings.items() if (value != defaults.get(name)) == chosen}
    return Table(
        key="settings" if chosen else "settings-default",
        title="Settings that were chosen" if chosen else "All other settings: the defaults",
        reading="Each is an option of tailproof train and a key of its config file.",
        head=("option", "value"),
        rows=tuple((text(f"--{name}", whole=True), text(shown(value))) for name, value in picked.items()),
    )


def _short(value: Any) -> str:
    """Three digits for small numbers, whole ones for large."""
    return ",.0f" if abs(number(value)) >= 1e4 else ".3g"


def shown(value: Any) -> str:
    """A setting in a cell.

    >>> shown([16, 8]), shown(True), shown(None), shown(())
    ('16 8', 'yes', '–', '–')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "–" if value is None else _plain(value) or "–"


def _plain(value: Any) -> str:
    return " ".join(str(item) for item in value) if isinstance(value, list | tuple) else str(value)
