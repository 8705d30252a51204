"""Which workers is opened, and what is said where it cannot be."""

from __future__ import annotations

import socket
import sys
from types import SimpleNamespace

import pytest
from tests.support.engine_jobs import small_job

from tailproof.cli.main import main
from tailproof.core.errors import ConfigError
from tailproof.engines.distributed import open_workers
from tailproof.engines.distributed.ray_cluster import RayCluster, _check_reachable, join
from tailproof.engines.distributed.ray_head import RayHead
from tailproof.engines.interface import TrainingJob
from tailproof.engines.torch import TorchEngine


def test_alone() -> None:
    with open_workers(ray=None, threads=0) as workers:
        assert workers is None


@pytest.mark.parametrize("command", ["train", "judge"])
def test_without_ray_its_installation_is_named(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(SystemExit) as ended:
        main([command, "bars.csv", "--ray", "local"])
    assert ended.value.code == 2
    assert "pip install 'tailproof[ray]'" in capsys.readouterr().err


def test_torchrun_and_ray_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "a run")
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(ConfigError, match="Use one of them"), open_workers(ray="local", threads=0):
        pass


def test_one_process_of_torchrun_is_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "a run")
    monkeypatch.setenv("WORLD_SIZE", "1")
    with open_workers(ray=None, threads=0) as workers:
        assert workers is None


@pytest.mark.parametrize("prefix", ["", "ray://"])
def test_where_nobody_listens_is_known_at_once(prefix: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(OSError, match="refused"):
        _check_reachable(f"{prefix}127.0.0.1:{port}")


class OnDevice(TorchEngine):
    """A torch engine that states another device than it has."""

    def __init__(self, **numerics: str) -> None:
        super().__init__(device="cpu")
        self.numerics = numerics

    def numerics_fingerprint(self, job: TrainingJob) -> dict[str, str]:
        del job
        return self.numerics


def test_a_torch_task_takes_a_cpu_for_each_of_its_threads() -> None:
    cluster, job = RayCluster({"CPU": 8.0, "GPU": 2.0}, threads=0, head=RayHead(None)), small_job()
    on_cpu, on_gpu = OnDevice(device="cpu", **{"torch threads": "3"}), OnDevice(device="cuda:0")
    assert cluster.describe(on_cpu, job) == "Workers: 2 Ray tasks of 3 CPUs share the members."
    assert cluster.describe(on_gpu, job) == "Workers: 2 Ray tasks of 1 CPU and 1 GPU share the members."


class RefusedError(Exception):
    """As Ray raises where a cluster asks for a token: no RuntimeError, and a paragraph long."""


def test_a_cluster_that_refuses_is_told_from_an_address_where_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    def init(**options: object) -> None:
        raise RefusedError("Token authentication is enabled but no token was found. Ensure that\nthe token is there.")

    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(init=init))
    monkeypatch.setitem(sys.modules, "ray.exceptions", SimpleNamespace(RayError=RefusedError))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(
            ConfigError, match=r"no token was found\)\. Something listens there: .*RAY_AUTH_TOKEN"
        ) as refused:
            join(address)
    assert "\n" not in str(refused.value)
    with pytest.raises(ConfigError, match=r"refused\)\. Start one"):
        join(address)
