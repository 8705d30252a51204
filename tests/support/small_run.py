"""Small finished runs for the tests of the report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.bars import bars_of, random_bar_frame

from tailproof import pipeline
from tailproof.report import SILENT
from tailproof.settings.train_settings import TrainSettings
from tailproof.storage.manifest import MANIFEST, manifest_record

HOSTILE = "<img src=x onerror=alert(1)>"


def small_run(folder: Path, *, seed: int = 0, epochs: int = 3, members: int = 3, **more: Any) -> Path:
    """A run of a second on 2,600 random minutes in 26 sessions."""
    settings = TrainSettings(
        epochs=epochs,
        members=members,
        seed=seed,
        warmup_steps=20,
        log_interval=20,
        folds=2,
        placebos=2,
        engine="lanes",
        **more,
    )
    bars = bars_of(random_bar_frame(2600, breaks=tuple(range(100, 2600, 100))))
    pipeline.train_on_bars(bars, settings=settings, out=folder, reporter=SILENT)
    return folder


def list_anew(run: Path) -> None:
    """Make the manifest true again of a run whose files a test has changed."""
    (run / MANIFEST).write_text(json.dumps(manifest_record(run)))
