"""Runs the exported model as others will run it, and compares it with the run's own forecasts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from typing import cast

import numpy as np
import polars as pl
from onnx import ModelProto
from onnx.checker import check_model

from tailproof.arrays.scratch import blocks
from tailproof.core.errors import ExportError
from tailproof.core.randomness import generator
from tailproof.core.records import Bars
from tailproof.prediction.exporting.model import INPUT, OUTPUTS
from tailproof.prediction.forecast import known_values, member_outputs
from tailproof.prediction.trained import TrainedModel

MAX_DIFFERENCE = 1e-3
"""In units of the target (ranks, or standard deviations): no file is written beyond it.

Rounding alone stays far below: ``tests/parity/test_exported_graph.py`` prints the largest of 1,500 random networks.
"""
RETURN_SLACK = 1e-3
"""Share of the largest return; the error function of normal scores is single precision, and the tails are steep."""
MADE_ROWS = 4096
FAR = 20.0
"""Scales beyond the outer tenths that made rows reach: the smooth clip is flat there."""

Outputs = dict[str, np.ndarray]
Evaluate = Callable[[np.ndarray], Outputs]


@dataclass(frozen=True, kw_only=True)
class Checked:
    """How far the graph's outputs were from those of the run's own engine, at most."""

    by: str
    """The program that ran the graph."""
    rows: int
    member: float
    """Largest difference of any member's output, in units of the target."""
    prediction: float
    """Largest difference of the members' mean, likewise."""
    predicted_return: float


def evaluator(proto: ModelProto) -> tuple[str, Evaluate]:
    """The graph as a function of unscaled rows, by onnxruntime where it is installed, else by onnx's own evaluator.

    Raises:
        onnx.checker.ValidationError: the model is not valid ONNX.
    """
    check_model(proto, full_check=True)
    if find_spec("onnxruntime") is None:
        from onnx.reference import ReferenceEvaluator

        plain = ReferenceEvaluator(proto)
        name = f"onnx {version('onnx')}'s own evaluator"
        return name, lambda x_RF: _named(cast(list[np.ndarray], plain.run(list(OUTPUTS), {INPUT: x_RF})))
    import onnxruntime

    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    name = f"onnxruntime {onnxruntime.__version__}"
    return name, lambda x_RF: _named(session.run(list(OUTPUTS), {INPUT: x_RF}))


def check_on_made_rows(model: TrainedModel, by: str, evaluate: Evaluate) -> Checked:
    """The largest differences on rows spread over the tenths of the training rows and far beyond them.

    Raises:
        ExportError: a difference is too large, or a row with an unknown feature gets a number.
    """
    x_RF = made_rows(model)
    unknown_FF = np.where(np.eye(len(model.names), dtype=bool), np.float32(np.nan), x_RF[:1])
    for name, value in evaluate(unknown_FF).items():
        if not np.isnan(value).all():
            raise ExportError(
                f"{model.run}: a row with an unknown feature must be forecast as NaN, but {by} gave a number "
                f"('{name}'). The graph is not written. Try another version of it."
            )
    return compared(model, by, evaluate, [x_RF])[0]


def check_on_bars(model: TrainedModel, by: str, evaluate: Evaluate, bars: Bars) -> tuple[Checked, pl.DataFrame]:
    """The largest differences on every bar that can be forecast, and the graph's forecasts of them.

    The frame has ``known_at`` and ``prediction``.

    Raises:
        ExportError: a difference is too large.
        ConfigError, DataError: the bars cannot be forecast.
    """
    values, row_R = known_values(model, bars)
    pieces = (values.x_BF[row_R[block]] for block in blocks(len(row_R)))
    checked, prediction_R = compared(model, by, evaluate, pieces)
    return checked, bars.frame[row_R].select("known_at", pl.Series("prediction", prediction_R))


def compared(
    model: TrainedModel, by: str, evaluate: Evaluate, pieces: Iterable[np.ndarray]
) -> tuple[Checked, np.ndarray]:
    """The largest differences over pieces of rows of unscaled, known features, and the graph's ``prediction`` of them.

    Raises:
        ExportError: a difference is too large.
    """
    engine = model.engine(threads=model.threads)
    largest_3, predictions = np.zeros(3), []
    for x_RF in pieces:
        outputs, member_MR = evaluate(x_RF), member_outputs(model, x_RF, engine)
        mean_R = member_MR.mean(axis=0, dtype=np.float64)
        return_R = model.transform.inverse(mean_R)
        differences = (
            outputs["members"] - member_MR.T,
            outputs["prediction"] - mean_R,
            outputs["predicted_return"] - return_R,
        )
        largest_3 = np.maximum(largest_3, [np.abs(difference).max() for difference in differences])
        if not largest_3[0] <= MAX_DIFFERENCE:
            raise _differs(model, by, "what a member says")
        low_R, high_R = (model.transform.inverse(mean_R + side) for side in (-MAX_DIFFERENCE, MAX_DIFFERENCE))
        slack = RETURN_SLACK * np.abs(return_R).max()
        between_R = (low_R - slack <= outputs["predicted_return"]) & (outputs["predicted_return"] <= high_R + slack)
        if not between_R.all():
            raise _differs(model, by, "the predicted return")
        predictions.append(outputs["prediction"])
    prediction_R = np.concatenate(predictions)
    member, prediction, predicted_return = largest_3.tolist()
    checked = Checked(
        by=by, rows=len(prediction_R), member=member, prediction=prediction, predicted_return=predicted_return
    )
    return checked, prediction_R


def made_rows(model: TrainedModel) -> np.ndarray:
    """4,096 rows of unscaled features (float32), each feature drawn by itself: as often between any two neighbouring
    tenths of its training rows as beyond them on either side."""
    x_RF = np.empty((MADE_ROWS, len(model.names)), dtype=np.float32)
    for column, name in enumerate(model.names):
        edge_K = model.seen[name].edge_K
        reach = FAR * model.scaler.scale_F[column]
        knot_K = np.r_[edge_K[0] - reach, edge_K, edge_K[-1] + reach]
        place_R = generator(0, "rows to check an export on", name).uniform(0.0, len(knot_K) - 1.0, MADE_ROWS)
        x_RF[:, column] = np.interp(place_R, np.arange(len(knot_K)), knot_K)
    return x_RF


def _differs(model: TrainedModel, by: str, what: str) -> ExportError:
    return ExportError(
        f"{model.run}: {what} must be the same from the exported graph as from the run (to {MAX_DIFFERENCE:g} in "
        f"units of the target), but with {by} it is not. The graph is not written. Try another version of it."
    )


def _named(values: Iterable[np.ndarray]) -> Outputs:
    return dict(zip(OUTPUTS, values, strict=True))
