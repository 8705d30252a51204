"""A report of as many test rows as the original data set has rows: how large the page is."""

from pathlib import Path

import numpy as np
import polars as pl
from tests.support.small_run import small_run

from tailproof.report import report_files

ROWS = 1_142_809
SESSION = 1_380
MEGABYTES = 3.0


def long_run(folder: Path) -> Path:
    """A finished run whose forecasts were replaced by those of ROWS rows."""
    run = small_run(folder / "run")
    random = np.random.default_rng(0)
    forecast_N = random.normal(0.5, 0.02, ROWS)
    row_N = np.arange(ROWS)
    session_N = row_N // SESSION
    known_at_N = session_N * 86_400_000_000_000 + row_N % SESSION * 60_000_000_000
    frame = pl.DataFrame(
        {
            "known_at": known_at_N.astype("datetime64[ns]"),
            "session": session_N.astype(np.int32),
            "part": ["test"] * ROWS,
            "fold": 1 + row_N * 5 // ROWS,
            "prediction": forecast_N,
            "target": random.random(ROWS),
            "forward_return": 3e-4 * random.standard_t(3, ROWS) + 1e-4 * (forecast_N - 0.5),
        }
    )
    frame.with_columns(pl.col("known_at").dt.replace_time_zone("UTC")).write_parquet(run / "predictions.parquet")
    return run


def test_the_page_of_a_million_rows_takes_under_three_megabytes(tmp_path: Path) -> None:
    """How many seconds it takes is measured by ``make bench``: they depend on what else the machine does."""
    page = report_files(long_run(tmp_path))["report.html"]
    assert len(page) < MEGABYTES * 1e6
