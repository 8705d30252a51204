"""The torch engine; importing it imports torch."""

from tailproof.engines.torch.engine import TorchEngine

__all__ = ["TorchEngine"]
