"""The result files of a run, beside its log, its metrics and its manifest."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np

from tailproof import report
from tailproof.arrays.ranges import as_slice
from tailproof.audit import Audit
from tailproof.bars.loaded import Loaded
from tailproof.core.fit import Fit
from tailproof.core.records import Forecast
from tailproof.core.verdict import Verdict
from tailproof.engines.interface import Engine
from tailproof.evaluation import CONSTANT, ZERO
from tailproof.models.network import NETWORK, StoredNetwork
from tailproof.runs.prepared_run import PreparedRun
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
from tailproof.walkforward import CostEvaluation, PooledForecasts, drift_of_folds, fold_shrinkage


@dataclass(frozen=True, kw_only=True)
class JudgedRun:
    """A run whose folds are trained and judged."""

    ready: PreparedRun
    pooled: PooledForecasts
    costs: CostEvaluation
    verdict: Verdict
    audit: Audit | None
    loaded: Loaded | None
    """What reading the bars from a file reported."""

    @cached_property
    def drift(self) -> tuple[Drift, ...]:
        """Drift of features and forecasts, by month."""
        return drift_of_folds(self.ready.design, self.ready.plan, self.pooled)


def write_results(folder: RunFolder, judged: JudgedRun, fit: Fit, engine: Engine) -> None:
    """All results: everything but the configuration, the log, the metrics, the report and the manifest.

    Args:
        folder: of the run.
        judged: the run.
        fit: of the members to ship.
        engine: that trained them.
    """
    shipped = judged.ready.shipped
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
    write_judgement(folder, judged)


def write_judgement(folder: RunFolder, judged: JudgedRun) -> None:
    """The forecasts and their judgement: all results but the networks."""
    ready, pooled, shipped = judged.ready, judged.pooled, judged.ready.shipped
    scaling, target = shipped.scaler.as_json(ready.design.names), shipped.transform.as_json()
    folder.write_json(
        "feature_statistics.json", feature_statistics(shipped.part.design, shipped.fold, scaling=scaling, target=target)
    )
    write_forecasts(folder, pooled.forecast, judged.verdict, judged.loaded, fold_N=pooled.fold_N)
    beside = {CONSTANT: pooled.constant_N, ZERO: pooled.zero_return_target_N, **pooled.evidence.baselines}
    folder.write_bytes("baselines.parquet", baselines_bytes(pooled.forecast.known_at_N, beside))
    folder.write_json("drift.json", {"months": [asdict(month) for month in judged.drift]})
    if judged.audit is not None:
        folder.write_json("audit.json", judged.audit.as_json())


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


def write_report(folder: RunFolder, judged: JudgedRun) -> None:
    """report_data.json, and from it and the other files report.md and report.html."""
    ready, pooled, shipped = judged.ready, judged.pooled, judged.ready.shipped
    fold, design = shipped.fold, shipped.part.design
    train, later = as_slice(fold.train), as_slice(fold.test if len(fold.test) else fold.validation)
    return_N, terms = design.return_N[train], shipped.interactions[0]
    facts = report.run_facts(
        ready.bars,
        ready.selection.notes,
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
        interactions=dict(zip(terms.pairs_of(design.names), terms.weight, strict=True)),
        # Of a window without a test, which the shipped one may be, the validation rows are what came later.
        drift=stability_indices(design.names, design.x_NF[train], design.x_NF[later])
        if later.start < later.stop
        else [],
    )
    importance = {} if pooled.importance is None else pooled.importance.as_json()
    folder.write_json("report_data.json", {**facts, "equity": judged.costs.equity(), **importance})
    for name, content in report.report_files(folder.path, name=folder.final.resolve().name).items():
        folder.write_bytes(name, content)
