"""What cannot fit is refused before it trains, with what to do."""

from __future__ import annotations

import pytest
from tests.support.engine_jobs import small_job

from tailproof.core import memory
from tailproof.core.errors import ConfigError
from tailproof.engines.lanes import LanesEngine
from tailproof.models.spec import robust_financial_net
from tailproof.runs import estimates

SPEC = robust_financial_net(inputs=5, hidden_dims=(1000, 1000), dropout_rate=0.0)


def test_networks_beyond_the_memory_are_refused_with_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    needed = estimates.training_bytes(SPEC, networks=40, average_epochs=1)
    assert needed == SPEC.parameter_count * 40 * 4 * 16
    monkeypatch.setattr(estimates, "available_memory", lambda: needed)
    estimates.refuse_no_memory(SPEC, networks=40, average_epochs=1)
    with pytest.raises(ConfigError, match=r"40 networks of 1,0.*smaller hidden_dims, or fewer members or placebos"):
        estimates.refuse_no_memory(SPEC, networks=40, average_epochs=2)
    monkeypatch.setattr(estimates, "available_memory", lambda: None)
    estimates.refuse_no_memory(SPEC, networks=10**9, average_epochs=1)


def test_a_run_of_years_is_refused_and_a_long_one_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimates, "measured_rate", lambda engine, job: 1000.0)
    engine, job = LanesEngine(threads=1), small_job()
    (line,) = estimates.time_lines(engine, job, model_steps=9_000_000)
    assert line.text == "Estimate: 9,000,000 model-steps, about 2 h at 1,000 a second."
    assert estimates.time_lines(engine, job, model_steps=4_999_999) == []
    with pytest.raises(ConfigError, match=r"about 367 days at 1,000 a second. Give fewer epochs"):
        estimates.time_lines(engine, job, model_steps=367 * 86_400 * 1000)


def test_the_least_of_machine_container_and_limit_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    gigabyte = 1 << 30
    monkeypatch.setattr(memory, "_of_machine", lambda: 4 * gigabyte)
    monkeypatch.setattr(memory, "_of_group", lambda limit, used: None)
    monkeypatch.setattr(memory, "_of_limit", lambda: None)
    assert memory.available_memory() == 4 * gigabyte
    monkeypatch.setattr(memory, "_of_group", lambda limit, used: gigabyte)
    assert memory.available_memory() == gigabyte
    monkeypatch.setattr(memory, "_of_limit", lambda: 5)
    assert memory.available_memory() == 5
