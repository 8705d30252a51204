"""Train on a frame that is already in memory: here simulated bars with a planted rank IC of 0.03."""

import sys
from pathlib import Path

from tailproof import TrainSettings, simulate, train_on_bars
from tailproof.bars.clean.table import read_frame
from tailproof.bars.load import bars_from_frame

out = Path(sys.argv[1] if len(sys.argv) > 1 else "runs/from-a-frame")
frame = simulate(rows=30_000, ic=0.03, seed=1)
bars = bars_from_frame(read_frame(frame, source="simulated"), source="simulated")
run = train_on_bars(bars, settings=TrainSettings(epochs=2, members=4), out=out)
print(run.verdict.verdict, run.verdict.model.rank_ic)
