"""Forecast with nothing but a run folder's files, NumPy and torch: what the folder holds is all there is to know."""

import json
import sys
from pathlib import Path

import numpy as np
import torch

from tailproof import load_bars
from tailproof.features import compute, select_features
from tailproof.models.spec import robust_financial_net
from tailproof.models.torch_modules import build_module

run, bar_file = Path(sys.argv[1]), Path(sys.argv[2])
statistics = json.loads((run / "feature_statistics.json").read_text())
settings = json.loads((run / "training_config.json").read_text())["settings"]

bars = load_bars(bar_file)
table = compute(bars, select_features(bars, statistics["names"]).features).drop_nulls()
clip, scaling = statistics["scaling"]["clip"], statistics["scaling"]["features"]
columns = [
    clip * np.tanh((table[name] - scaling[name]["median"]) / (clip * scaling[name]["scale"])) for name in table.columns
]
spec = robust_financial_net(
    inputs=len(columns),
    hidden_dims=tuple(settings["hidden-dims"]),
    dropout_rate=settings["dropout-rate"],
    input_norm=settings["input-norm"],
    residual_blocks=settings["residual-blocks"],
)
net = build_module(spec)
net.load_state_dict(torch.load(run / "best_model.pth", weights_only=True))
with torch.no_grad():
    rank_N = net.eval()(torch.from_numpy(np.column_stack(columns).astype(np.float32)))[:, 0].numpy()
target = statistics["target"]
print("forecast rank of the next return   ", rank_N[-1])
print("as a return                        ", np.interp(rank_N[-1], target["ranks"], target["returns"]))
