"""The native engine: whole populations of small networks in SIMD lanes; importing it does not import torch."""

from tailproof.engines.lanes_engine.engine import LanesEngine
from tailproof.engines.lanes_engine.instruction_sets import InstructionSet, instruction_sets
from tailproof.engines.lanes_engine.population import Population, Stretch
from tailproof.engines.lanes_engine.state import LanesState

__all__ = ["InstructionSet", "LanesEngine", "LanesState", "Population", "Stretch", "instruction_sets"]
