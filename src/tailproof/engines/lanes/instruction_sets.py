"""Which instruction sets the native module holds, which this machine runs, and which one is chosen."""

from __future__ import annotations

import os
from dataclasses import dataclass

from tailproof import _lanes
from tailproof.core.errors import ConfigError

VARIABLE = "TAILPROOF_ISA"
"""Environment variable that forces an instruction set, for tests and for comparing speeds."""


@dataclass(frozen=True, kw_only=True)
class InstructionSet:
    """One set of kernels compiled into the native module."""

    name: str
    supported: bool
    """Whether this machine can run it."""
    fused: bool
    """Whether a product is fused with a sum: all fused sets give the same bits, the others differ in the last ones."""
    chosen: bool


def instruction_sets() -> tuple[InstructionSet, ...]:
    """Every compiled instruction set, the best last; exactly one is chosen.

    >>> [found.name for found in instruction_sets() if found.chosen] == [chosen_instruction_set()]
    True

    Raises:
        ConfigError: ``TAILPROOF_ISA`` names a set that is unknown or that this machine cannot run.
    """
    chosen = chosen_instruction_set()
    return tuple(
        InstructionSet(name=name, supported=supported, fused=fused, chosen=name == chosen)
        for name, supported, fused in _lanes.instruction_sets()
    )


def chosen_instruction_set() -> str:
    """The best supported set, or the one that ``TAILPROOF_ISA`` names.

    Raises:
        ConfigError: ``TAILPROOF_ISA`` names a set that is unknown or that this machine cannot run.
    """
    supported = [name for name, runs_here, _ in _lanes.instruction_sets() if runs_here]
    forced = os.environ.get(VARIABLE, "")
    if forced and forced not in supported:
        raise ConfigError(f"{VARIABLE} must be one of {', '.join(supported)} on this machine, got {forced}.")
    return forced or supported[-1]
