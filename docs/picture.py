"""Writes docs/report.png, the top of a run's report in Chromium: python docs/picture.py runs/first"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PICTURE = Path(__file__).with_name("report.png")
WIDTH, HEIGHT = 1200, 1000


def picture(run: Path) -> None:
    """Photograph the page of a finished run; chromium must be on the path."""
    subprocess.run(
        [
            "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            f"--window-size={WIDTH},{HEIGHT}", f"--screenshot={PICTURE}", (run / "report.html").resolve().as_uri(),
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip


if __name__ == "__main__":
    picture(Path(sys.argv[1]))
