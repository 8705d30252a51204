"""The native engine: whole populations of small networks in SIMD lanes; importing it does not import torch."""

from tailproof.engines.lanes.instruction_sets import InstructionSet, instruction_sets
from tailproof.engines.lanes.lanes_engine import LanesEngine
from tailproof.engines.lanes.native_population import Population

__all__ = ["InstructionSet", "LanesEngine", "Population", "instruction_sets"]
