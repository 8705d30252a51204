import pytest
from tests.support.engine_jobs import small_job

from tailproof.core.errors import ConfigError
from tailproof.engines.distributed.device_pool import DevicePool
from tailproof.runs.training_engine import training_engine
from tailproof.settings.running_settings import RunningSettings


def test_one_device_given_by_name_to_several_processes_is_refused() -> None:
    running = RunningSettings(engine="torch", device="cuda:1")
    with pytest.raises(ConfigError, match=r"got cuda:1: each process takes its own\. Give device=\"cuda\"\."):
        training_engine(small_job(), running, stored=None, workers=DevicePool([]))
