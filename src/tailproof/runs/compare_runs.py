"""Several finished runs beside one another on one page, with their differences on the rows that they share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from tailproof.core.counted import counted
from tailproof.core.errors import ConfigError
from tailproof.core.estimate import ABSENT, Estimate, Paired
from tailproof.objectives import Objective, row_losses
from tailproof.report.findings import findings
from tailproof.report.run_record import RunRecord, read_run, run_names
from tailproof.statistics.paired import RowLoss, paired
from tailproof.storage import verify
from tailproof.storage.out_file import out_file
from tailproof.storage.readable import readable

UNRELATED = Paired(rows=0, rank_ic=Estimate(value=ABSENT), skill=Estimate(value=ABSENT))
"""What runs on other bars have less the first: nothing."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Finished runs beside the first of them: a notebook shows the frame, ``print`` a sentence for each run."""

    folders: tuple[Path, ...]
    frame: pl.DataFrame
    """One row per run: its verdict and figures on its own test rows, then (null for the first run) what it has less
    the first on the test rows that both forecast. Intervals are of 95 %; what is not known is null."""

    def write(self, out: Path | str, *, overwrite: bool = False) -> Path:
        """Write the page of ``tailproof report RUN OTHER ...``.

        Raises:
            ConfigError: a file is at ``out`` and ``overwrite`` is False.
        """
        return compare_runs(self.folders, out=Path(out), overwrite=overwrite)

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def __repr__(self) -> str:
        return f"Comparison(runs={self.frame['run'].to_list()})"

    def _repr_html_(self) -> str:
        return self.frame._repr_html_()

    def _lines(self) -> Iterator[str]:
        first, *others = self.frame.iter_rows(named=True)
        for row in (first, *others):
            yield f"{row['run']}: {row['sentence']}"
        for row in others:
            yield f"{row['run']} less {first['run']}: {_in_words(row)}."


def compared(folders: Sequence[Path]) -> Comparison:
    """The verdicts of finished runs, and the differences of all others from the first.

    Raises:
        ConfigError: there is nothing to compare the first with.
        RunFolderError: a folder is no finished run, or a file has changed since it ended.
    """
    _verify_several(folders)
    with readable(*folders):
        runs = [read_run(folder) for folder in folders]
        differences = [UNRELATED, *(each or UNRELATED for each in _differences(runs))]
    rows = [
        _figures(run, name) | _less_first(difference)
        for run, name, difference in zip(runs, run_names(runs), differences, strict=True)
    ]
    rows[0]["common_rows"] = None
    return Comparison(folders=tuple(folders), frame=pl.DataFrame(rows, infer_schema_length=None).fill_nan(None))


def compare_runs(runs: Sequence[Path], *, out: Path, overwrite: bool = False) -> Path:
    """Write one page that compares finished runs with the first of them.

    Raises:
        ConfigError: there is nothing to compare the first with, or a file is at ``out`` and ``overwrite`` is False.
        RunFolderError: a folder lacks a file that the page needs.
    """
    target = out_file(out, overwrite=overwrite)
    _verify_several(runs)
    with readable(*runs):
        target.write(comparison(runs))
    return out


def _verify_several(folders: Sequence[Path]) -> None:
    if len(folders) < 2:
        raise ConfigError("a comparison needs another run, got none. Give a run or its folder.")
    for folder in folders:
        verify(folder)


def comparison(folders: Sequence[Path], *, notes: Sequence[str] = ()) -> bytes:
    """The HTML page that compares finished runs with the first of them.

    Args:
        folders: of the runs.
        notes: sentences on all of them together.

    Raises:
        RunFolderError: a folder lacks a file that the page needs.
    """
    from tailproof.report.compare_page import compare_page  # jinja2, for which training should not wait

    runs = [read_run(folder) for folder in folders]
    return compare_page(runs, _differences(runs), notes=notes).encode()


def _differences(runs: Sequence[RunRecord]) -> list[Paired | None]:
    """Each run but the first less the first; None where they share no row."""
    return [paired(run.test, runs[0].test, row_loss=_row_loss(run)) for run in runs[1:]]


def _figures(run: RunRecord, name: str) -> dict[str, Any]:
    content = findings(run.verdict)
    return {
        "run": name,
        "verdict": content.word,
        "sentence": content.sentence,
        "test_rows": content.rows,
        **_bounded("rank_ic", content.rank_ic),
        "p_placebo": content.p_placebo,
        **_bounded("skill", content.skill_vs_constant),
    }


def _less_first(difference: Paired) -> dict[str, Any]:
    return {
        "common_rows": difference.rows,
        **_bounded("rank_ic_difference", difference.rank_ic),
        **_bounded("skill_difference", difference.skill),
    }


def _bounded(name: str, estimate: Estimate) -> dict[str, float]:
    return {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}


def _in_words(row: Mapping[str, Any]) -> str:
    """What a run has less the first: both figures, and on how many rows."""
    if not row["common_rows"]:
        return "they share no test row"
    rank_ic, skill = _difference(row, "rank_ic", "+.4f"), _difference(row, "skill", "+.4%")
    return f"rank IC {rank_ic}, skill {skill} on {counted(row['common_rows'], 'common test row')}"


def _difference(row: Mapping[str, Any], name: str, form: str) -> str:
    value, low, high = (row[f"{name}_difference{end}"] for end in ("", "_low", "_high"))
    if value is None:
        return "not comparable"
    return f"{value:{form}}" if low is None else f"{value:{form}} ({low:{form}} to {high:{form}})"


def _row_loss(run: RunRecord) -> RowLoss:
    return partial(row_losses, Objective(loss="huber", delta=float(run.settings["huber-delta"])))
