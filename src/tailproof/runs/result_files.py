"""The result files of a run, beside its log, its metrics and its manifest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np

from tailproof import report
from tailproof.arrays.ranges import as_slice
from tailproof.audit import Audit
from tailproof.bars.loaded import Loaded
from tailproof.core.fit import Fit
from tailproof.core.records import Bars, Design, Forecast
from tailproof.core.verdict import Verdict
from tailproof.engines.interface import Engine
from tailproof.evaluation import CONSTANT, ZERO
from tailproof.models.network import NETWORK, StoredNetwork
from tailproof.statistics.drift import Drift, stability_indices
from tailproof.statistics.shape import shape
from tailproof.storage import RunFolder
from tailproof.storage.files import (
    baselines_bytes,
    feature_statistics,
    member_files,
    parquet_bytes,
    population_bytes,
    predictions_bytes,
)
from tailproof.walkforward import CostEvaluation, FoldTraining, PooledForecasts, fold_shrinkage


def write_results(
    folder: RunFolder,
    design: Design,
    shipped: FoldTraining,
    fit: Fit,
    engine: Engine,
    judged: PooledForecasts,
    verdict: Verdict,
    audit: Audit | None,
    loaded: Loaded | None,
    drift: Sequence[Drift],
) -> None:
    """All results: everything but the configuration, the log, the metrics, the report and the manifest."""
    for name, parameters in (("best_model", fit.best_parameters), ("final_model", fit.final_parameters)):
        for suffix, content in member_files(parameters, member=fit.best_member).items():
            folder.write_bytes(name + suffix, content)
    shrinkage, _ = fold_shrinkage(engine, shipped, shipped.layout.only(role="real"), fit.best_parameters)
    network = StoredNetwork(
        spec=shipped.job.spec,
        members=len(fit.best_epoch_M),
        engine=engine.name,
        device=engine.device_kind,
        precision=engine.precision,
        interactions=shipped.interactions[0],
        shrinkage=shrinkage,
    )
    folder.write_bytes(NETWORK, network.to_json().encode())
    folder.write_bytes("population_best.safetensors", population_bytes(fit.best_parameters))
    folder.write_bytes("population_final.safetensors", population_bytes(fit.final_parameters))
    write_judgement(folder, design, shipped, judged, verdict, audit, loaded, drift)


def write_judgement(
    folder: RunFolder,
    design: Design,
    shipped: FoldTraining,
    judged: PooledForecasts,
    verdict: Verdict,
    audit: Audit | None,
    loaded: Loaded | None,
    drift: Sequence[Drift],
) -> None:
    """The forecasts and their judgement: all results but the networks."""
    scaling, target = shipped.scaler.as_json(design.names), shipped.transform.as_json()
    folder.write_json(
        "feature_statistics.json", feature_statistics(shipped.part.design, shipped.fold, scaling=scaling, target=target)
    )
    write_forecasts(folder, judged.forecast, verdict, loaded, fold_N=judged.fold_N)
    beside = {CONSTANT: judged.constant_N, ZERO: judged.zero_return_target_N, **judged.evidence.baselines}
    folder.write_bytes("baselines.parquet", baselines_bytes(judged.forecast.known_at_N, beside))
    folder.write_json("drift.json", {"months": [asdict(month) for month in drift]})
    if audit is not None:
        folder.write_json("audit.json", audit.as_json())


def write_forecasts(
    folder: RunFolder, forecast: Forecast, verdict: Verdict, loaded: Loaded | None, *, fold_N: np.ndarray
) -> None:
    """The judged forecasts, the verdict on them, and what reading the bars reported."""
    folder.write_bytes("predictions.parquet", predictions_bytes(forecast, fold_N=fold_N))
    folder.write_json("verdict.json", verdict.as_json())
    if loaded is not None:
        folder.write_bytes("data_quality.json", loaded.report.to_json().encode())
        if loaded.set_aside.height:
            folder.write_bytes("set_aside.parquet", parquet_bytes(loaded.set_aside))


def write_report(
    folder: RunFolder,
    bars: Bars,
    notes: tuple[str, ...],
    shipped: FoldTraining,
    judged: PooledForecasts,
    costs: CostEvaluation,
) -> None:
    """report_data.json, and from it and the other files report.md and report.html."""
    fold, design = shipped.fold, shipped.part.design
    train, later = as_slice(fold.train), as_slice(fold.test if len(fold.test) else fold.validation)
    return_N = design.return_N[train]
    facts = report.run_facts(
        bars,
        notes,
        design,
        fold,
        constant=shipped.constant,
        constant_train_loss=shipped.constant_loss(fold.train),
        constant_validation_loss=shipped.constant_loss(fold.validation) if len(fold.validation) else None,
        target={
            "before": shape(return_N),
            "after": shape(shipped.target_N[train]),
            "zero_share": float((return_N == 0.0).mean()),
        },
        # Of a window without a test, which the shipped one may be, the validation rows are what came later.
        drift=stability_indices(design.names, design.x_NF[train], design.x_NF[later])
        if later.start < later.stop
        else [],
    )
    importance = {} if judged.importance is None else judged.importance.as_json()
    folder.write_json("report_data.json", {**facts, "equity": costs.equity(), **importance})
    for name, content in report.report_files(folder.path, name=folder.final.resolve().name).items():
        folder.write_bytes(name, content)
