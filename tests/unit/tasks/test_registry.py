from typing import get_args

from tailproof.settings.task_settings import TargetName
from tailproof.tasks import TASKS


def test_every_target_that_can_be_asked_for_is_a_task() -> None:
    assert set(TASKS) == set(get_args(TargetName))
    assert all(task.name == name for name, task in TASKS.items())
