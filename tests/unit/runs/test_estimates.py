"""What cannot fit is refused before it trains, with what to do."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from tests.support.engine_jobs import small_job

from tailproof.core.errors import ConfigError
from tailproof.core.memory import available_memory
from tailproof.engines.interface import Engine, TrainingJob
from tailproof.engines.lanes import LanesEngine
from tailproof.models.spec import robust_financial_net
from tailproof.runs import estimates

SPEC = robust_financial_net(inputs=5, hidden_dims=(1000, 1000), dropout_rate=0.0)


def test_networks_beyond_the_memory_are_refused_with_advice() -> None:
    needed = estimates.training_bytes(SPEC, networks=40, average_epochs=1)
    assert needed == SPEC.parameter_count * 40 * 4 * 16
    estimates.refuse_no_memory(SPEC, networks=40, average_epochs=1, available=needed)
    with pytest.raises(ConfigError, match=r"40 networks of 1,0.*smaller hidden_dims, or fewer members or placebos"):
        estimates.refuse_no_memory(SPEC, networks=40, average_epochs=2, available=needed)
    estimates.refuse_no_memory(SPEC, networks=10**9, average_epochs=1, available=None)


def thousand_a_second(engine: Engine, job: TrainingJob) -> float:
    del engine, job
    return 1000.0


def test_a_run_of_years_is_refused_and_a_long_one_is_announced() -> None:
    engine, job = LanesEngine(threads=1), small_job()
    time_lines = partial(estimates.time_lines, engine, job, rate_of=thousand_a_second)
    (line,) = time_lines(model_steps=9_000_000)
    assert line.text == "Estimate: 9,000,000 model-steps, about 2 h at 1,000 a second."
    assert time_lines(model_steps=4_999_999) == []
    with pytest.raises(ConfigError, match=r"about 367 days at 1,000 a second. Give fewer epochs"):
        time_lines(model_steps=367 * 86_400 * 1000)


@pytest.mark.parametrize(
    ("group_limit", "own_limit", "expected"),
    [("max", None, 4 << 30), (str(3 << 30), None, 1 << 30), (str(3 << 30), 5, 5), (str(1 << 30), None, 0)],
)
def test_the_least_of_machine_container_and_limit_counts(
    group_limit: str, own_limit: int | None, expected: int, tmp_path: Path
) -> None:
    meminfo, limit, used = (tmp_path / name for name in ("meminfo", "memory.max", "memory.current"))
    meminfo.write_text("MemTotal:       16777216 kB\nMemAvailable:    4194304 kB\n")
    limit.write_text(f"{group_limit}\n")
    used.write_text(f"{2 << 30}\n")
    groups = ((limit, used), (tmp_path / "no file", tmp_path / "no file"))
    assert available_memory(meminfo=meminfo, groups=groups, own_limit=lambda: own_limit) == expected
