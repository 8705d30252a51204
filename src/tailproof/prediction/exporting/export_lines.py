"""The lines that the export command prints."""

from __future__ import annotations

from pathlib import Path

from tailproof.prediction.exporting.check import Checked
from tailproof.prediction.exporting.export import Exported
from tailproof.prediction.exporting.model import INPUT, IR_VERSION, OPSET


def export_lines(exported: Exported, out: Path) -> list[str]:
    """Lines for the screen: the graph's input and outputs, how it was checked, and the run's verdict."""
    model = exported.model
    members = len(next(iter(model.parameters.values())))
    lines = [
        f"Input '{INPUT}', float32 (rows, {len(model.names)}), NaN where not known: {', '.join(model.names)}",
        f"Outputs 'prediction', 'spread', 'predicted_return', double (rows,); 'members', float32 (rows, {members})",
        _differences(exported.checked, "made rows"),
    ]
    if exported.checked_on_bars is not None:
        lines += [_differences(exported.checked_on_bars, "bars"), _own_rows(exported)]
    return [
        *lines,
        f"The run's verdict: {model.sentence}",
        f"ONNX graph: {out} ({len(exported.content) / 1000:,.0f} kB, opset {OPSET}, IR {IR_VERSION})",
    ]


def _differences(checked: Checked, rows: str) -> str:
    return (
        f"Run by {checked.by} on {checked.rows:,} {rows}; largest difference from the run's own engine: prediction "
        f"{checked.prediction:.1e}, a member {checked.member:.1e}, return {checked.predicted_return:.1e}"
    )


def _own_rows(exported: Exported) -> str:
    if exported.own_rows is not None:
        rows, difference = exported.own_rows
        return f"On {rows:,} test rows of the run: largest difference from predictions.parquet {difference:.1e}"
    split = exported.model.split.kind
    if split == "holdout":
        return "None of these bars is a test row of the run: predictions.parquet was not compared."
    return (
        f"predictions.parquet was not compared: in a {split} split other models than the one "
        "shipped made those forecasts."
    )
