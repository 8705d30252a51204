"""Stage 3, Bars → targets: forward returns with the time each label ends, and their transforms."""

from tailproof.tasks.forward_return import forward_return
from tailproof.tasks.transform import RankGaussTransform, RankTransform, RawTransform, fit_transform

__all__ = ["RankGaussTransform", "RankTransform", "RawTransform", "fit_transform", "forward_return"]
