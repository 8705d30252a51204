"""Forecast with the files of a run folder and NumPy alone: no tailproof, no torch.

    python examples/predict_with_the_weights.py RUN FEATURES.csv

FEATURES.csv has a header with the names in feature_statistics.json and one row of unscaled values per bar; a value that
is not known yet is empty, and such a bar gets no forecast. The forecasts are those of ``tailproof predict``, but for
rounding.
"""

import json
import math
import sys
from pathlib import Path

import numpy as np

run, feature_file = Path(sys.argv[1]), Path(sys.argv[2])
network = json.loads((run / "network.json").read_text())
statistics = json.loads((run / "feature_statistics.json").read_text())


def read_safetensors(path):
    """Arrays by name: eight bytes give the length of a JSON header, and the bytes of the arrays follow it."""
    content = path.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    header.pop("__metadata__", None)
    return {
        name: np.frombuffer(content[start:], np.float32)[slice(*(at // 4 for at in entry["data_offsets"]))].reshape(
            entry["shape"]
        )
        for name, entry in header.items()
    }


def linear(name, x):
    """Products of x (members, rows, inputs) with the weights of each member, and its biases."""
    return x @ weights[f"{name}.weight"].transpose(0, 2, 1) + weights[f"{name}.bias"][:, None]


def outputs(layers, x, prefix=""):
    """What the layers give for x (members, rows, width), dropout off; parameters have a leading member axis."""
    for index, layer in enumerate(layers):
        name = f"{prefix}{index}"
        if layer["record"] == "Linear":
            x = linear(name, x)
        elif layer["record"] == "LayerNorm":
            x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + np.float32(layer["epsilon"]))
            x = x * weights[f"{name}.weight"][:, None] + weights[f"{name}.bias"][:, None]
        elif layer["record"] == "ReLU":
            x = np.maximum(x, 0)
        elif layer["record"] == "Sigmoid":
            x = 1 / (1 + np.exp(-x))
        elif layer["record"] == "Residual":
            skipped = x if layer["shortcut"] is None else linear(f"{name}.shortcut", x)
            x = skipped + outputs(layer["layers"], x, f"{name}.")
        else:
            assert layer["record"] == "Dropout", layer
    return x


def embedded(embedding, x):
    """The rows x (rows, inputs) as the layers take them: each input, or a value for each of its bins."""
    if embedding is None:
        return x
    values = []
    for column, edges in zip(x.T, embedding["edges"], strict=True):
        edges = np.float32(edges)
        share = (column[:, None] - edges[:-1]) / np.diff(edges)
        share[:, 1:] = np.maximum(share[:, 1:], 0)  # below its first bin and above its last one an input goes on
        share[:, :-1] = np.minimum(share[:, :-1], 1)
        values.append(share)
    return np.hstack(values)


def as_return(target_R):
    """The return that has a target."""
    stored = statistics["target"]
    if stored["kind"] == "raw":
        return target_R * stored["scale"]
    if stored["kind"] == "rank-gauss":
        share_R = np.array([0.5 * (1 + math.erf(score / math.sqrt(2))) for score in target_R])
        target_R = np.clip((share_R * stored["rows"] - 0.5) / (stored["rows"] - 1), 0, 1)
    return np.interp(target_R, stored["ranks"], stored["returns"])


table = np.genfromtxt(feature_file, delimiter=",", names=True, deletechars="", dtype=np.float64, ndmin=1)
scaling = [statistics["scaling"]["features"][name] for name in statistics["names"]]
x_RF = np.column_stack([table[name] for name in statistics["names"]]).astype(np.float32)
known_R = ~np.isnan(x_RF).any(axis=1)
clip = statistics["scaling"]["clip"]
median_F, scale_F = (np.array([each[name] for each in scaling]) for name in ("median", "scale"))
x_RF = (clip * np.tanh((x_RF[known_R] - median_F) / (clip * scale_F))).astype(np.float32)

weights = read_safetensors(run / network["weights"])
value_RK = embedded(network["spec"]["embedding"], x_RF)
value_MRK = np.broadcast_to(value_RK, (network["members"], *value_RK.shape))
members_MR = outputs(network["spec"]["layers"], value_MRK)[:, :, 0]
terms = network["interactions"]  # products of two inputs beside the network
squashed_RF = np.tanh(x_RF)
for first, second, weight in zip(terms["first"], terms["second"], terms["weight"], strict=True):
    members_MR = members_MR + np.float32(weight) * squashed_RF[:, first] * squashed_RF[:, second]
shrinkage = network["shrinkage"]
members_MR = np.float32(shrinkage["center"]) + np.float32(shrinkage["slope"]) * (
    members_MR - np.float32(shrinkage["center"])
)
prediction_R = members_MR.mean(axis=0, dtype=np.float64)
print("row,prediction,spread,predicted_return")
for row, *values in zip(
    np.flatnonzero(known_R),
    prediction_R,
    members_MR.std(axis=0, dtype=np.float64),
    as_return(prediction_R),
    strict=True,
):
    print(row, *(repr(float(value)) for value in values), sep=",")
