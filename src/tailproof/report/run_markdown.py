"""report.md of one run, in the order of the original project's report: its true version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tailproof.report.findings import findings
from tailproof.report.numbers.history import history
from tailproof.report.page import tables
from tailproof.report.page.head import head
from tailproof.report.page.markdown import escaped, folded, markdown_section, markdown_table
from tailproof.report.page.page_section import Section, Table, figure, text
from tailproof.report.run_record import RunRecord

MEANINGS = {
    "best_model.pth": "best member after its best epoch: a state dict, loadable with weights_only=True",
    "best_model.safetensors": "the same without pickle",
    "final_model.pth": "the same member after the last epoch",
    "final_model.safetensors": "the same without pickle",
    "network.json": "layers, interactions and shrinkage: with the weights of all members what a forecast takes",
    "population_best.safetensors": "all members after their best epochs, stacked",
    "population_final.safetensors": "all members after the last epoch, stacked",
    "training_config.json": "settings, network, machine, versions, command",
    "own_features.py": "your own features, as they were",
    "feature_statistics.json": "scaling and the target's rank table, fitted on the training rows",
    "training_log.txt": "what the screen said",
    "metrics.jsonl": "losses, gradient norms and guard events, one JSON object a line",
    "predictions.parquet": "every forecast with its target and its return",
    "baselines.parquet": "what the constant and every baseline forecast for the same rows",
    "verdict.json": "the verdict and its figures",
    "audit.json": "what the causality audit looked at and found",
    "data_quality.json": "what reading the bars found and repaired",
    "drift.json": "how far features and forecasts moved, month by month",
    "set_aside.parquet": "bars that repairs took out",
    "report_data.json": "what the report needs besides",
}


def run_markdown(run: RunRecord, parts: Sequence[Section]) -> str:
    """Summary, command, architecture, data, target, performance by epoch, model, artifacts, metrics.

    Args:
        run: the run.
        parts: what ``sections`` made of it.
    """
    figures = findings(run.verdict)
    top = head(figures, run.verdict.get("costs") or {})
    by_key = {section.key: section for section in parts}
    lines = [f"# {escaped(run.name)}: {escaped(top.word)}", "", "## Summary", "", escaped(figures.sentence), ""]
    lines += [_bullet(each.name, each.value, each.beside) for each in top.key_figures]
    lines += ["", *_command(by_key.get("environment")), *_architecture(run)]
    for key, title in (("data", "Data set statistics"), ("target", "Target transformation")):
        lines += markdown_section(replace(by_key[key], title=title)) if key in by_key else []
    if run.epochs:
        lines += [
            "## Performance by epoch",
            "",
            escaped(by_key["training"].lead),
            "",
            *markdown_table(tables.epochs(run)),
        ]
        lines += ["## Model", "", *_best(run), ""]
    lines += ["## Artifacts", "", *markdown_table(_artifacts(run)), "## Metrics", ""]
    for table in by_key["evidence"].tables:
        lines += markdown_table(table)
    for key in ("money", "features"):
        lines += markdown_section(by_key[key]) if key in by_key else []
    lines += ["## Environment", ""]
    for table in by_key["environment"].tables:
        lines += markdown_table(table)
    for table in by_key["environment"].folded:
        lines += folded(table)
    return "\n".join(lines).rstrip() + "\n"


def _bullet(name: str, value: str, beside: str) -> str:
    return f"- {escaped(name)}: **{escaped(value)}**" + (f" ({escaped(beside)})" if beside else "")


def _command(environment: Section | None) -> list[str]:
    if environment is None or not environment.code:
        return []
    return markdown_section(Section(key="command", title="Command", code=environment.code))


def _architecture(run: RunRecord) -> list[str]:
    network = run.config.get("network")
    if not network:
        return []
    rows = (
        (text("layers"), text(network["layers"])),
        (text("inputs"), text(network["inputs"])),
        (text("parameters"), text(f"{network['parameters']:,}")),
        (text("engine"), text(run.config.get("engine", ""))),
    )
    table = Table(key="model", title="Model", reading="As it was built.", head=("what", "value"), rows=rows)
    interactions = run.facts.get("interactions", {})
    beside = markdown_table(tables.interactions(interactions)) if interactions else []
    return ["## Architecture", "", *markdown_table(table), *beside]


def _best(run: RunRecord) -> list[str]:
    """Which member best_model holds, and what it reached where the best epoch was chosen."""
    past, where = history(run.epochs, "validation_loss", at="epoch"), "validation"
    if not np.isfinite(past.value_KM).any():  # without validation rows the last epoch counts
        past, where = history(run.epochs[-1:], "train_loss", at="epoch"), "training"
    if not np.isfinite(past.value_KM).any():
        return ["No epoch has a finite loss."]
    epoch, member = np.unravel_index(np.nanargmin(past.value_KM), past.value_KM.shape)
    beside = any(run.settings.get(name) for name in ("interactions", "shrink"))
    return [
        f"`best_model.pth` is member {member + 1} of {past.value_KM.shape[1]} after epoch {past.at_K[epoch]:.0f}, with "
        f"the lowest {where} loss of all: {past.value_KM[epoch, member]:.6f}. The forecasts that were judged are means "
        "over all members.",
        *(["Interactions and shrinkage are no part of the weights: `network.json` holds them."] if beside else []),
    ]


def _artifacts(run: RunRecord) -> Table:
    files = sorted(file for file in run.path.iterdir() if file.name in MEANINGS)
    rows = tuple((text(file.name), figure(file.stat().st_size, ",d"), text(MEANINGS[file.name])) for file in files)
    return Table(
        key="artifacts",
        title="Files of the run folder",
        reading="Besides report.html, with every figure, and manifest.json, the sha256 of each file, written last.",
        head=("file", "bytes", "what it holds"),
        rows=rows,
    )
