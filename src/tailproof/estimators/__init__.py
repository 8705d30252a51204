"""The engines, the target and the scaling behind scikit-learn's interfaces."""

from tailproof.core.extras import extra

with extra("sklearn", needed_by="PopulationRegressor, RankTarget and RobustClip"):
    from tailproof.estimators.population_regressor import PopulationRegressor
    from tailproof.estimators.transformers import RankTarget, RobustClip

__all__ = ["PopulationRegressor", "RankTarget", "RobustClip"]
