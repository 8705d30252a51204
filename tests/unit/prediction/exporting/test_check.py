"""A graph that does not forecast as its run does is noticed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.support.exported_models import random_model

from tailproof.core.errors import ExportError
from tailproof.models.spec import robust_financial_net
from tailproof.prediction import TrainedModel
from tailproof.prediction.exporting.check import Outputs, check_on_made_rows, evaluator, made_rows
from tailproof.prediction.exporting.model import onnx_model
from tailproof.tasks import RankTransform

SPEC = robust_financial_net(inputs=3, hidden_dims=(8, 4), dropout_rate=0.1)
MODEL = random_model(SPEC)


def check_against(other: TrainedModel) -> None:
    """Check MODEL's graph as if it had been made of ``other``."""
    by, evaluate = evaluator(onnx_model(other))
    check_on_made_rows(MODEL, by, evaluate)


def test_its_own_graph_is_accepted() -> None:
    by, evaluate = evaluator(onnx_model(MODEL))
    checked = check_on_made_rows(MODEL, by, evaluate)
    assert checked.rows == 4096
    assert 0.0 < checked.member < 1e-5
    assert 0.0 < checked.prediction <= checked.member


def test_other_weights_are_noticed() -> None:
    moved = {**MODEL.parameters, "0.weight": MODEL.parameters["0.weight"] * np.float32(1.1)}
    with pytest.raises(ExportError, match=r"runs/random: what a member says must be the same .* with onnxruntime"):
        check_against(replace(MODEL, parameters=moved))


def test_another_scale_is_noticed() -> None:
    scaler = replace(MODEL.scaler, scale_F=MODEL.scaler.scale_F * [1.0, 1.1, 1.0])
    with pytest.raises(ExportError, match="what a member says"):
        check_against(replace(MODEL, scaler=scaler))


def test_another_rank_table_is_noticed() -> None:
    ranks = MODEL.transform
    assert isinstance(ranks, RankTransform)
    with pytest.raises(ExportError, match="the predicted return"):
        check_against(replace(MODEL, transform=replace(ranks, return_K=ranks.return_K * 1.1)))


def test_a_number_for_an_unknown_feature_is_noticed() -> None:
    by, evaluate = evaluator(onnx_model(MODEL))

    def careless(x_RF: np.ndarray) -> Outputs:
        return evaluate(np.nan_to_num(x_RF))

    with pytest.raises(ExportError, match="a row with an unknown feature must be forecast as NaN"):
        check_on_made_rows(MODEL, by, careless)


def test_made_rows_reach_every_tenth_and_where_the_clip_is_flat() -> None:
    x_RF = made_rows(MODEL)
    assert np.isfinite(x_RF).all()
    scaled_RF = MODEL.scaler.transform(x_RF)
    assert (scaled_RF.min(axis=0) < -4.9).all()
    assert (scaled_RF.max(axis=0) > 4.9).all()
    for column, name in enumerate(MODEL.names):
        edge_K = MODEL.seen[name].edge_K
        share_B = np.bincount(np.searchsorted(edge_K, x_RF[:, column]), minlength=len(edge_K) + 1) / len(x_RF)
        assert share_B.min() > 0.05
