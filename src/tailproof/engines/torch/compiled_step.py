"""A step of a population as torch compiles it (``torch.compile``): operations between two products become one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib import import_module
from typing import ParamSpec, TypeVar

import torch

Arguments = ParamSpec("Arguments")
Measured = TypeVar("Measured")
_ONE_THREAD = threading.Lock()
"""Devices that share the members are driven by a thread each, and torch refuses to run compiled code in one thread
while it traces in another."""


def compiled_step(step: Callable[Arguments, Measured]) -> Callable[Arguments, Measured]:
    """The step, compiled at its first call: tens of seconds, or a RuntimeError where torch cannot compile.

    Shapes are fixed, as a population always takes steps of one shape. Graphs are left to ``graph_capture``, which
    captures all of a step: those that torch makes itself (``mode="reduce-overhead"``) were reported to train otherwise
    on ROCm, silently (github.com/pytorch/pytorch/issues/187715).
    """
    # Another thread may be importing this (runs.preload_modules); inside torch.compile each would wait for the other.
    import_module("torch._dynamo")
    compiled = torch.compile(step, dynamic=False)

    def take(*positional: Arguments.args, **named: Arguments.kwargs) -> Measured:
        with _ONE_THREAD:
            return compiled(*positional, **named)

    return take
