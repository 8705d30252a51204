"""Train on a frame that is already in memory: here simulated bars with a planted rank IC of 0.03."""

import sys

import tailproof

out = sys.argv[1] if len(sys.argv) > 1 else "runs/from-a-frame"
frame = tailproof.simulate(rows=30_000, ic=0.03, seed=1)
run = tailproof.train(frame, epochs=2, members=4, out=out)
print(run.verdict.verdict, run.verdict.model.rank_ic)
