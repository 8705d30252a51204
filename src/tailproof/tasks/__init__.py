"""Stage 3, bars → targets: the value to forecast, when it is known, and the target that the network learns."""

from tailproof.tasks.forward_return import forward_return
from tailproof.tasks.own_label import label_of_function, label_of_values, label_span
from tailproof.tasks.rank import RankTransform
from tailproof.tasks.rank_gauss import RankGaussTransform
from tailproof.tasks.raw import RawTransform
from tailproof.tasks.registry import TASKS
from tailproof.tasks.task import Label, Task
from tailproof.tasks.transform import TargetTransform

__all__ = [
    "TASKS",
    "Label",
    "RankGaussTransform",
    "RankTransform",
    "RawTransform",
    "TargetTransform",
    "Task",
    "forward_return",
    "label_of_function",
    "label_of_values",
    "label_span",
]
