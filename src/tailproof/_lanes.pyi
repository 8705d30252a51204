"""The native module of the lanes engine (src/lanes); checks shapes and ranges, then runs without the interpreter lock.

Every function raises ValueError where sizes do not fit, a row or column does not exist, or the instruction set cannot
run here. Arrays must be C-contiguous and of the stated type; they are read where they lie, never copied.
"""

from collections.abc import Sequence

import numpy as np

OperationFields = tuple[int, int, int, int, int, bool, int, float]
"""kind, inputs, outputs, weight, bias, rectify, dropout, epsilon; see ``lanes_engine.program.Operation``."""

class Program:
    """A checked flat list of operations and its plan of memory."""

    def __init__(self, inputs: int, ops: Sequence[OperationFields], parameter_count: int) -> None: ...

class Data:
    """float32 features (rows, features), targets (rows, columns) and row weights (rows,).

    ``records_NR`` holds all three once more, a row in one place of memory: features, targets, weight, filled up to a
    multiple of 8 columns, at most 32; read where lanes have rows of their own.
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
    ) -> None: ...

class Members:
    """What differs between members; one entry a member in each list."""

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
    """float32 (members, parameters) parameters and moments, int64 (members,) applied steps; changed in place."""

    def __init__(
        self,
        parameters_MP: np.ndarray,
        first_moment_MP: np.ndarray,
        second_moment_MP: np.ndarray,
        applied_M: np.ndarray,
    ) -> None: ...

class Records:
    """What happened, one row a segment of a logging interval and one column a member."""

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

def instruction_sets() -> list[tuple[str, bool, bool]]:
    """Name, whether this machine runs it, whether products are fused with sums; the best last."""

def train(
    program: Program,
    data: Data,
    objective: Objective,
    settings: Settings,
    members: Members,
    state: State,
    *,
    active: Sequence[int],
    orders: Sequence[np.ndarray],
    rows: tuple[int, int],
    steps: tuple[int, int, int],
    log_interval: int,
    instruction_set: str,
    threads: int,
) -> Records:
    """Steps [first, last) of an epoch, given steps = (steps before the epoch, first, last), for the active members.

    ``orders`` holds one int32 order of the epoch's rows for all members, or one for each; ``rows`` is the range they
    lie in and inside which the members' row offsets wrap around.
    """

def gradient(
    program: Program,
    data: Data,
    objective: Objective,
    settings: Settings,
    members: Members,
    parameters_MP: np.ndarray,
    *,
    order: np.ndarray,
    step: int,
    instruction_set: str,
) -> tuple[np.ndarray, np.ndarray]:
    """Losses (1, members) and gradients (members, parameters) of the batch ``order``, dropout as in step ``step``."""

def predict(
    program: Program,
    data: Data,
    members: Members,
    parameters_MP: np.ndarray,
    out_MNO: np.ndarray,
    *,
    instruction_set: str,
    threads: int,
) -> None:
    """Write every member's outputs for all rows, dropout off."""

def evaluate(
    program: Program,
    data: Data,
    objective: Objective,
    members: Members,
    parameters_MP: np.ndarray,
    *,
    rows: tuple[int, int],
    instruction_set: str,
    threads: int,
) -> list[float]:
    """Each member's weighted mean loss over rows [first, last), dropout off."""
