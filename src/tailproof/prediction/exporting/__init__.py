"""A finished run's model for programs without Python: one ONNX graph, from feature values to forecasts."""

from tailproof.prediction.exporting.export import Exported, export_onnx

__all__ = ["Exported", "export_onnx"]
