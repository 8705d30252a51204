"""One run as the ledger of trials knows it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tailproof.storage.data_blocks import DataBlocks
from tailproof.storage.data_sample import DataSample

OUTCOME_DECIMALS = 6
"""Digits of the largest result, and of the others as shares of it, by which two trials are compared."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One run."""

    config: Mapping[str, Any]
    """Everything that decides the result; two runs with equal config on equal data are one trial."""
    data: str
    """Fingerprint of the bars, from ``fingerprint``."""
    result: Mapping[str, Any]
    """Verdict, rank IC and other figures worth keeping."""
    sample: DataSample | None = None
    """Sample of the bars, which identifies them after bars were added or dropped; None in lines of earlier versions."""
    blocks: DataBlocks | None = None
    """Fingerprints that lines of earlier versions have in place of the sample."""
    period_sharpe: float | None = None
    """Sharpe ratio of the net results per period, not annualised; None without a backtest."""
    periods: tuple[str, ...] = ()
    """ISO dates of the periods (sessions, days), which may repeat; a time follows in lines of earlier versions."""
    net: tuple[float, ...] = ()
    """Net result of each period, in points of price per contract; in lines of earlier versions in money."""
    time: str = ""
    """When the run ended, ISO, UTC; set by ``append``."""
    run: str = ""
    """Name of the run's folder inside the project folder, which may be gone; empty in lines of earlier versions."""

    @property
    def key(self) -> str:
        """Equal for runs of the same config on the same data."""
        return hashlib.sha256(json.dumps([self.data, self.config], sort_keys=True).encode()).hexdigest()

    @property
    def by_date(self) -> dict[str, float]:
        """Net result of each date in points, in the order of time."""
        points = self.config.get("multiplier", 1.0)  # earlier versions kept it in the config, and net in money
        results: dict[str, float] = {}
        for period, net in zip(self.periods, self.net, strict=True):
            date = period[: len("2024-01-02")]
            results[date] = results.get(date, 0.0) + net / points
        return results

    @property
    def outcome(self) -> str:
        """Equal for trials with the same results on the same dates; the ``key`` where there are no results."""
        results = self.by_date
        if not results:
            return self.key
        net_S = np.array(list(results.values()))
        largest = float(np.abs(net_S).max()) or 1.0
        share_S = np.round(net_S / largest, OUTCOME_DECIMALS) + 0.0
        same = [list(results), share_S.tolist(), f"{largest:.{OUTCOME_DECIMALS}g}"]
        return hashlib.sha256(json.dumps(same).encode()).hexdigest()
