"""Your own frame, your own feature and your own model under the verdict, as in a notebook."""

import sys
from pathlib import Path

from sklearn.ensemble import HistGradientBoostingRegressor

import tailproof

project = Path(sys.argv[1] if len(sys.argv) > 1 else "runs/judged")
project.mkdir(parents=True, exist_ok=True)
frame = tailproof.simulate(rows=30_000, ic=0.06, seed=1)
feature = project / "mine.py"
feature.write_text("import polars as pl\n\n\ndef jump(frame):\n    return pl.col('close') / pl.col('open') - 1\n")

model = HistGradientBoostingRegressor(max_iter=20, max_depth=3)
run = tailproof.judge(frame, model=model, feature_file=feature, folds=3, placebos=4, out=project / "boosting")
print(run.verdict.verdict, run.forecasts.head(3))
run.plot.deciles().write_html(project / "deciles.html")

again = tailproof.open_run(project / "boosting")
print(again.verdict.rank_ic.value, again.report())
