"""The graph as a whole: rows that are not known, any number of rows, and what the file says about itself."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.metadata import version

import numpy as np
import onnx
import pytest
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun
from tests.support.exported_models import random_model, run_graph

from tailproof.models.spec import robust_financial_net
from tailproof.prediction.exporting.check import made_rows
from tailproof.prediction.exporting.model import metadata, onnx_model

SPEC = robust_financial_net(inputs=3, hidden_dims=(8, 4), dropout_rate=0.1, residual_blocks=1, input_norm="layer")
MODELS = {target: random_model(SPEC, target=target) for target in ("rank", "rank-gauss", "raw")}


@pytest.mark.parametrize("target", MODELS)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("column", range(3))
def test_a_row_with_an_unknown_feature_is_forecast_as_nan_and_no_other_row_changes(
    target: str, value: float, column: int
) -> None:
    x_RF = made_rows(MODELS[target])[:5]
    before = run_graph(MODELS[target], x_RF)
    x_RF[2, column] = value
    after = run_graph(MODELS[target], x_RF)
    others = [0, 1, 3, 4]
    for name in ("prediction", "spread", "predicted_return", "members"):
        assert np.isnan(after[name][2]).all()
        assert np.isfinite(before[name]).all()
        assert after[name][others].tolist() == before[name][others].tolist()


@pytest.mark.parametrize("rows", [0, 1, 2, 1000])
def test_the_number_of_rows_is_free_and_each_stands_alone(rows: int) -> None:
    x_RF = made_rows(MODELS["rank"])[:1000]
    outputs, whole = run_graph(MODELS["rank"], x_RF[:rows]), run_graph(MODELS["rank"], x_RF)
    assert {name: value.shape for name, value in outputs.items()} == {
        "prediction": (rows,), "spread": (rows,), "predicted_return": (rows,), "members": (rows, 3),
    }  # fmt: skip
    np.testing.assert_allclose(outputs["prediction"], whole["prediction"][:rows], atol=1e-6)


def test_types_are_those_of_predict() -> None:
    outputs = run_graph(MODELS["rank"], made_rows(MODELS["rank"])[:4])
    assert {name: value.dtype.name for name, value in outputs.items()} == {
        "prediction": "float64", "spread": "float64", "predicted_return": "float64", "members": "float32",
    }  # fmt: skip


@pytest.mark.parametrize("target", MODELS)
def test_another_program_gives_the_same(target: str) -> None:
    x_RF = made_rows(MODELS[target])[:300]
    outputs = run_graph(MODELS[target], x_RF)
    plain = ReferenceEvaluator(onnx_model(MODELS[target])).run(list(outputs), {"features": x_RF})
    for (name, value), other in zip(outputs.items(), plain, strict=True):
        np.testing.assert_allclose(other, value, rtol=0, atol=1e-4 * np.abs(value).max(), err_msg=name)


def test_a_population_is_as_many_nodes_as_one_network() -> None:
    assert len({len(onnx_model(random_model(SPEC, members=members)).graph.node) for members in (1, 8)}) == 1


def test_no_dimension_but_the_rows_is_free() -> None:
    graph = onnx_model(MODELS["rank"]).graph
    shapes = [
        [part.dim_param or part.dim_value for part in value.type.tensor_type.shape.dim]
        for value in (*graph.input, *graph.output)
    ]
    assert shapes == [["rows", 3], ["rows"], ["rows"], ["rows"], ["rows", 3]]


def test_the_file_says_what_its_user_must_know() -> None:
    spec = robust_financial_net(inputs=2, hidden_dims=(4,), dropout_rate=0.0)
    model = replace(random_model(spec), names=("rsi_14_x30", "mine"))
    proto = onnx_model(model)
    stored = {entry.key: entry.value for entry in proto.metadata_props}
    assert stored == metadata(model)
    assert json.loads(stored["features"]) == ["rsi_14_x30", "mine"]
    formulas = json.loads(stored["feature_formulas"])
    assert "30" in formulas["rsi_14_x30"]
    assert "user's own" in formulas["mine"]
    assert (stored["run"], stored["data_fingerprint"], stored["verdict"]) == ("random", "00", "no evidence")
    assert stored["verdict_sentence"] == "No evidence of skill."
    assert stored["tailproof_version"] == proto.producer_version == version("tailproof")
    assert stored["bar_rules"].startswith("Bars of 60 s.")
    assert json.loads(stored["reading"])["session-gap"] == "auto"
    assert "No evidence of skill." in proto.doc_string
    onnx.checker.check_model(proto, full_check=True)
    assert (proto.ir_version, proto.opset_import[0].version) == (8, 17)


class Clip(OpRun):
    """As hardware does it that takes the number where it compares a number with NaN."""

    op_domain = ""

    def _run(self, value: np.ndarray, lowest: np.ndarray, highest: np.ndarray) -> tuple[np.ndarray]:
        return (np.fmax(np.fmin(value, highest), lowest),)


@pytest.mark.parametrize("target", ["rank", "rank-gauss"])
def test_an_unknown_row_is_nan_also_where_clipping_forgets_it(target: str) -> None:
    x_RF = made_rows(MODELS[target])[:2]
    x_RF[1, 0] = np.nan
    plain = ReferenceEvaluator(onnx_model(MODELS[target]), new_ops=[Clip])
    assert np.isnan(plain.run(["predicted_return"], {"features": x_RF})[0]).tolist() == [False, True]
