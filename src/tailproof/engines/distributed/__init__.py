"""Several processes, on one machine or many, that train the members of a population between them."""

from tailproof.engines.distributed.open import open_crew
from tailproof.engines.distributed.spread import Crew, SpreadEngine

__all__ = ["Crew", "SpreadEngine", "open_crew"]
