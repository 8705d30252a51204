"""Every task by its name."""

from __future__ import annotations

from tailproof.settings.task_settings import TargetName
from tailproof.tasks.rank import RANK
from tailproof.tasks.rank_gauss import RANK_GAUSS
from tailproof.tasks.raw import RAW
from tailproof.tasks.task import Task

TASKS: dict[TargetName, Task] = {task.name: task for task in (RANK, RANK_GAUSS, RAW)}
