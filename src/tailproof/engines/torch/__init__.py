"""The torch engine; importing it imports torch."""

from tailproof.engines.torch.torch_engine import TorchEngine

__all__ = ["TorchEngine"]
