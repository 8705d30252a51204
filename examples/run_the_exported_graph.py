"""Forecast with an exported graph, by onnxruntime: what must be known to use it stands in the file itself."""

import json
import sys

import numpy as np
import onnxruntime

from tailproof import load_bars
from tailproof.features import compute, select_features

graph_file, bar_file = sys.argv[1:]
session = onnxruntime.InferenceSession(graph_file, providers=["CPUExecutionProvider"])
metadata = session.get_modelmeta().custom_metadata_map
print(metadata["verdict_sentence"])

# Any program may compute the features; this is the catalogue that the run had them from.
bars = load_bars(bar_file)
table = compute(bars, select_features(bars, json.loads(metadata["features"])).features)
x_BF = table.fill_null(np.nan).to_numpy().astype(np.float32)
prediction_B, return_B, member_BM = session.run(["prediction", "predicted_return", "members"], {"features": x_BF})
print("bars without a forecast            ", np.isnan(prediction_B).sum())
print("forecast rank of the next return   ", prediction_B[-1])
print("as a return                        ", return_B[-1])
print("lowest and highest of the members  ", member_BM[-1].min(), member_BM[-1].max())
