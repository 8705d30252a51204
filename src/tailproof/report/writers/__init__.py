"""Optional: a run's curves where people already look, in TensorBoard and MLflow."""

from tailproof.report.writers.open import writers

__all__ = ["writers"]
