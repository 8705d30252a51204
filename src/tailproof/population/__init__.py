"""Which networks a fold trains: real members, their placebos, and (for tuning) trials."""

from tailproof.population.layout import PopulationForecasts, PopulationLayout, Role, Slot

__all__ = ["PopulationForecasts", "PopulationLayout", "Role", "Slot"]
