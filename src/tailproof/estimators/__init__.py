"""The engines behind scikit-learn's fit and predict."""

from tailproof.estimators.population_regressor import PopulationRegressor

__all__ = ["PopulationRegressor"]
