"""What every test shares: one thread for torch, a cache of its own, the real bars where they lie beside the project."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

from tests.support.bars import ROOT

SHARED_DATA = ROOT.parent / "shared" / "data"

# The tests run in two processes on two cores: a second thread inside torch only waits.
torch.set_num_threads(1)

# The speed of the machine decides nothing. `make test` tries the same examples each time, `make test-all` draws others.
settings.register_profile("random", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fixed", settings.get_profile("random"), derandomize=True)
# Hypothesis also tries constants of the project's modules, of those that are loaded: which they are depends on the
# tests that ran before in the same process. It is told that no module is the project's: examples stay the same.
setattr(providers, "is_local_module_file", lambda file: False)  # noqa: B010


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Stores of bars are made in a folder of the tests, also by commands that they start: never in the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAILPROOF_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session", autouse=True)
def usual_signals() -> Iterator[None]:
    """Signals end the tests' process as they usually do, also under nohup or in the background of a shell, which let it
    ignore some of them."""
    usual = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL, signal.SIGHUP: signal.SIG_DFL}
    ignored = [number for number in usual if signal.getsignal(number) == signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, usual[number])
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


@pytest.fixture(autouse=True)
def lanes_are_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    """``--engine auto`` measures both engines, and on a busy machine it may find either the faster."""
    monkeypatch.setattr(
        "tailproof.engines.select.measured_rate", lambda engine, job: 2.0 if engine.name == "lanes" else 1.0
    )


@pytest.fixture(scope="session")
def shared_data() -> Path:
    if not SHARED_DATA.is_dir():
        pytest.skip(f"the real bars are not there: {SHARED_DATA}")
    return SHARED_DATA
