"""Train neural networks on financial bars: stably, honestly and fast.

Importing this package does no work and does not import torch; each name is loaded when it is first used.

>>> import tailproof
>>> tailproof.TrainSettings(epochs=5).optimisation.epochs
5
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    __version__: str
    from tailproof.api import judge as judge
    from tailproof.api import merge as merge
    from tailproof.api import open_run as open_run
    from tailproof.api import train as train
    from tailproof.bars import load_bars as load_bars
    from tailproof.bars import merge_known as merge_known
    from tailproof.bars import read_vix as read_vix
    from tailproof.bars import sp500_days as sp500_days
    from tailproof.bars.simulate import simulate as simulate
    from tailproof.core.errors import ConfigError as ConfigError
    from tailproof.core.errors import DataError as DataError
    from tailproof.core.errors import InputError as InputError
    from tailproof.core.errors import TailproofError as TailproofError
    from tailproof.core.errors import TrainingError as TrainingError
    from tailproof.estimators import PopulationRegressor as PopulationRegressor
    from tailproof.estimators import RankTarget as RankTarget
    from tailproof.estimators import RobustClip as RobustClip
    from tailproof.pipeline import train_on_bars as train_on_bars
    from tailproof.settings.train_settings import TrainSettings as TrainSettings
    from tailproof.splits import CombinatorialPurged as CombinatorialPurged
    from tailproof.splits import WalkForward as WalkForward

_HOMES = {
    "CombinatorialPurged": "tailproof.splits",
    "ConfigError": "tailproof.core.errors",
    "DataError": "tailproof.core.errors",
    "InputError": "tailproof.core.errors",
    "PopulationRegressor": "tailproof.estimators",
    "RankTarget": "tailproof.estimators",
    "RobustClip": "tailproof.estimators",
    "TailproofError": "tailproof.core.errors",
    "TrainSettings": "tailproof.settings.train_settings",
    "TrainingError": "tailproof.core.errors",
    "WalkForward": "tailproof.splits",
    "judge": "tailproof.api",
    "load_bars": "tailproof.bars",
    "merge": "tailproof.api",
    "merge_known": "tailproof.bars",
    "open_run": "tailproof.api",
    "read_vix": "tailproof.bars",
    "simulate": "tailproof.bars.simulate",
    "sp500_days": "tailproof.bars",
    "train": "tailproof.api",
    "train_on_bars": "tailproof.pipeline",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("tailproof")
    if name not in _HOMES:
        raise AttributeError(f"module 'tailproof' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*__all__, "__version__", *(name for name in globals() if name.startswith("__"))})
