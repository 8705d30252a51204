"""Several processes, on one machine or many, that train the members of a population between them."""

from tailproof.workers.open import open_crew
from tailproof.workers.spread import Crew, SpreadEngine

__all__ = ["Crew", "SpreadEngine", "open_crew"]
