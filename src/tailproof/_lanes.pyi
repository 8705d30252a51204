"""The native module of the lanes engine (src/native/lanes); checks shapes and ranges, then runs without
the interpreter lock.

Every function raises ValueError where sizes do not fit, a row or column does not exist, or the instruction set cannot
run here. Arrays must be C-contiguous and of the stated type; they are read where they lie, never copied.
"""

from collections.abc import Sequence
from enum import Enum

import numpy as np

MAX_RECORD: int
"""Floats of the largest record of a row that the kernels read."""
MAX_DROPOUT_UNITS: int
"""Units under Dropout that the counter of the random numbers can tell apart."""
MAX_DROPOUT_ROWS: int
"""Rows of a batch that it can tell apart."""

class Kind(Enum):
    """Kinds of operation; ``src/native/lanes/program.hpp`` holds the list."""

    linear = ...
    norm = ...
    gate = ...
    sigmoid = ...
    fork = ...
    detour = ...
    join = ...

class Operation:
    """One step of a forward pass; see ``lanes.program.Operation`` for its fields."""

    def __init__(
        self,
        *,
        kind: Kind,
        inputs: int,
        outputs: int,
        weight: int,
        bias: int,
        rectify: bool,
        dropout: int,
        epsilon: float,
    ) -> None: ...

class Program:
    """A checked flat list of operations and its plan of memory."""

    def __init__(self, inputs: int, operations: Sequence[Operation], parameter_count: int) -> None: ...

class Data:
    """float32 features (rows, features), targets (rows, columns) and row weights (rows,).

    ``records_NR`` holds all three once more, a row in one place of memory: features, targets, weight, filled up to a
    multiple of 8 columns, at most 32; training reads them where they are given.
    """

    def __init__(
        self,
        x_NF: np.ndarray,
        y_NT: np.ndarray | None,
        weight_N: np.ndarray | None,
        records_NR: np.ndarray | None = None,
    ) -> None: ...

class Objective:
    """The loss: "huber", "mse" or "pinball"."""

    def __init__(self, loss: str, delta: float, quantiles: Sequence[float]) -> None: ...

class SpikeRule:
    """When a step is a spike; see ``engines.spike_rule.SpikeRule`` for its fields."""

    def __init__(
        self, *, limit: float, grace: float, window: float, floor: float, bound: float, deviation: float
    ) -> None: ...

class Settings:
    """What all members share: batch size, schedule, clipping and AdamW's constants."""

    def __init__(
        self,
        *,
        batch_size: int,
        warmup_steps: int,
        total_steps: int,
        cosine: bool,
        max_grad_norm: float,
        beta1: float,
        beta2: float,
        epsilon: float,
        spikes: SpikeRule,
    ) -> None: ...

class Members:
    """What differs between members; one entry per member in each list."""

    row_offset: list[int]

    def __init__(
        self,
        *,
        target: Sequence[int],
        learning_rate: Sequence[float],
        weight_decay: Sequence[float],
        dropout_rate: Sequence[float],
        dropout_key: Sequence[int],
        row_offset: Sequence[int],
    ) -> None: ...

class State:
    """float32 (members, parameters) parameters and moments, int64 (members,) applied steps and
    float32 (members, 5) trails of loss and gradient norm; changed in place."""

    def __init__(
        self,
        parameters_MP: np.ndarray,
        first_moment_MP: np.ndarray,
        second_moment_MP: np.ndarray,
        applied_M: np.ndarray,
        trail_MK: np.ndarray,
    ) -> None: ...

class Records:
    """What happened: one row per segment of a logging interval, one column per member."""

    @property
    def segment_stop(self) -> list[int]: ...
    @property
    def loss_sum_SM(self) -> np.ndarray: ...
    @property
    def norm_sum_SM(self) -> np.ndarray: ...
    @property
    def norm_max_SM(self) -> np.ndarray: ...
    @property
    def applied_SM(self) -> np.ndarray: ...
    @property
    def skipped_SM(self) -> np.ndarray: ...
    @property
    def skips(self) -> list[tuple[int, int]]: ...
    @property
    def spikes(self) -> list[tuple[int, int]]: ...

class Job:
    """What to train, checked: features, targets and members fit the network and one another."""

    def __init__(
        self, program: Program, data: Data, objective: Objective, settings: Settings, members: Members
    ) -> None: ...

class Steps:
    """Steps [first, last) of an epoch, after ``before`` steps in all earlier ones.

    ``orders`` holds one int32 order of the epoch's rows for all members, or one for each; ``rows`` is the range they
    lie in and inside which the members' row offsets wrap around.
    """

    def __init__(
        self,
        *,
        orders: Sequence[np.ndarray],
        rows: tuple[int, int],
        before: int,
        first: int,
        last: int,
        log_interval: int,
    ) -> None: ...

class Run:
    """Where a call runs."""

    def __init__(self, *, instruction_set: str, threads: int) -> None: ...

def instruction_sets() -> list[tuple[str, bool, bool]]:
    """Name, whether this machine runs it, whether products are fused with sums; the best last."""

def train(job: Job, state: State, steps: Steps, active: Sequence[int], run: Run) -> Records:
    """Train the members listed in ``active``; the others' state stays as it is."""

def gradient(
    job: Job, parameters_MP: np.ndarray, order: np.ndarray, step: int, run: Run
) -> tuple[np.ndarray, np.ndarray]:
    """Losses (1, members) and gradients (members, parameters) of the batch ``order``, dropout as in step ``step``."""

def predict(program: Program, data: Data, parameters_MP: np.ndarray, out_MNO: np.ndarray, run: Run) -> None:
    """Write the outputs of one member per row of ``parameters_MP`` for all rows, dropout off."""

def evaluate(job: Job, parameters_MP: np.ndarray, rows: tuple[int, int], run: Run) -> list[float]:
    """Each member's weighted mean loss over rows [first, last), dropout off."""

def shuffle(order_N: np.ndarray, generator: object) -> None:
    """Put ``order_N`` (int32) into the order, with the draws, of ``numpy.random.Generator.shuffle``.

    ``generator`` is the ``capsule`` of the generator's ``bit_generator``.
    """
