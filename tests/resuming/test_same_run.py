"""Two logs of one run are the same however slow a machine was, and differ in whatever else they say."""

from __future__ import annotations

from pathlib import Path

from tests.support.same_run import timeless_content

QUICK = """2026-11-29 03:00:00 One fit on 96 rows took 0.2 s: 7 fits of up to 108 rows take about 2 s.
1/1        0.021490  0.027341  0.319285      0.080000   0.1 s
Fold 1/2  108 rows  loss 0.019845 (constant 0.020529)  rank IC +0.1506  0.5 s
"""
SLOW = """2026-11-29 04:00:00 One fit on 96 rows took 11.2 s: 7 fits of up to 108 rows take about 1 min 20 s.
  2 of 7 fits done, about 1 min 3 s left
1/1        0.021490  0.027341  0.319285      0.080000  12.1 s
  epoch 1/3  step  12/36  loss 0.0196
Fold 1/2  108 rows  loss 0.019845 (constant 0.020529)  rank IC +0.1506  41.5 s
"""


def content(folder: Path, log: str) -> bytes:
    file = folder / "training_log.txt"
    file.write_text(log)
    return timeless_content(file)


def test_a_log_of_a_slow_machine_is_that_of_a_quick_one(tmp_path: Path) -> None:
    assert content(tmp_path, QUICK) == content(tmp_path, SLOW)


def test_a_log_that_says_something_else_is_another(tmp_path: Path) -> None:
    assert content(tmp_path, QUICK) != content(tmp_path, QUICK.replace("+0.1506", "+0.1507"))
