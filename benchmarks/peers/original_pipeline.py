"""The original pipeline as a straightforward pandas + PyTorch script: CSV → five features → rank target → one epoch.

Give ``--steps N`` to stop after N steps of the epoch; the result says how many were taken. Epochs 2 and 3 of the
original would repeat the first one's cost and are not run.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from scipy.stats import rankdata
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

FEATURES = ["close_change_pct", "vwap", "price_range", "price_mom_3d", "price_mom_5d"]
LEARNING_RATE, WARMUP_STEPS, BATCH, DELTA = 1e-4, 1000, 16, 0.1


def prepare(bars: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Scaled float32 features and rank targets of the rows that have both."""
    bars["close_change_pct"] = bars["close"].pct_change()
    typical = (bars["high"] + bars["low"] + bars["close"]) / 3
    bars["vwap"] = (typical * bars["volume"]).rolling(20).sum() / bars["volume"].rolling(20).sum()
    bars["price_range"] = (bars["high"] - bars["low"]) / bars["close"]
    bars["price_mom_3d"] = bars["close"].pct_change(3)
    bars["price_mom_5d"] = bars["close"].pct_change(5)
    bars["raw_return"] = bars["close"].pct_change().shift(-1)
    bars = bars.replace([np.inf, -np.inf], np.nan).dropna()
    features = bars[FEATURES]
    spread = (features.quantile(0.75) - features.quantile(0.25)).replace(0.0, 1.0)
    scaled = ((features - features.median()) / spread).clip(-5, 5)
    target = (rankdata(bars["raw_return"]) - 1) / (len(bars) - 1)
    return scaled.to_numpy(np.float32, copy=True), target.astype(np.float32)


def network() -> nn.Sequential:
    """The 299-parameter network."""
    return nn.Sequential(
        *(nn.LayerNorm(5), nn.Linear(5, 16), nn.LayerNorm(16), nn.ReLU(), nn.Dropout(0.1)),
        *(nn.Linear(16, 8), nn.LayerNorm(8), nn.ReLU(), nn.Dropout(0.1), nn.Linear(8, 1), nn.Sigmoid()),
    )


def train_epoch(model: nn.Module, loader: DataLoader, *, most_steps: int) -> int:
    """One epoch, or as many steps of it as are asked for; steps taken."""
    criterion = nn.HuberLoss(delta=DELTA)
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE)
    model.train()
    losses = []
    for step, (features, target) in enumerate(loader, start=1):
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * min(1.0, step / WARMUP_STEPS)
        optimizer.zero_grad()
        loss = criterion(model(features).squeeze(-1), target)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if step == most_steps:
            break
    print(f"mean training loss {np.mean(losses):.6f}")
    return len(losses)


def main() -> None:
    """Run it and print seconds of each stage."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--csv", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=0, help="0: the whole epoch")
    options = parser.parse_args()
    clock = [time.perf_counter()]
    bars = pd.read_csv(options.csv, parse_dates=["time"])
    clock.append(time.perf_counter())
    x_NF, y_N = prepare(bars)
    split = int(0.8 * len(x_NF))
    clock.append(time.perf_counter())
    dataset = TensorDataset(torch.from_numpy(x_NF[:split]), torch.from_numpy(y_N[:split]))
    loader = DataLoader(dataset, batch_size=BATCH, shuffle=True)
    # More threads make steps this small slower, on a machine that is busy otherwise forty times as slow.
    torch.set_num_threads(1)
    model = network()
    steps = train_epoch(model, loader, most_steps=options.steps)
    clock.append(time.perf_counter())
    with torch.no_grad():
        forecast = model.eval()(torch.from_numpy(x_NF[split:])).squeeze(-1)
    loss = float(nn.HuberLoss(delta=DELTA)(forecast, torch.from_numpy(y_N[split:])))
    with tempfile.TemporaryDirectory() as folder:
        torch.save(model.state_dict(), Path(folder) / "best_model.pth")
    clock.append(time.perf_counter())
    stages = dict(zip(("read", "features", "training", "judging"), np.diff(clock).tolist(), strict=True))
    print(json.dumps({"steps": steps, "steps_of_an_epoch": len(loader), "stages": stages, "validation_loss": loss}))


if __name__ == "__main__":
    main()
