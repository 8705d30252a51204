"""The torch engine; importing it imports torch."""

from tailproof.engines.torch_engine.engine import TorchEngine

__all__ = ["TorchEngine"]
