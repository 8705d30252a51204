"""Within a logging interval the host gives a device nothing and asks it for nothing; a compiled step is the same."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.support.lanes_jobs import make_job, make_members

from tailproof.engines.interface import TrainingJob
from tailproof.engines.torch import TorchEngine
from tailproof.engines.torch.batched import BatchedPopulation
from tailproof.models.spec import robust_financial_net
from tailproof.objectives.objective import Objective

ROUNDING = {"fp32": 2e-5, "bf16": 2e-2}
READS = ("item", "cpu", "numpy", "tolist", "__bool__", "__int__", "__float__", "__index__", "__array__", "nonzero")
UPLOADS = ("tensor", "as_tensor", "from_numpy")
HUBER = make_job(members=make_members(3, dropout_rate=0.3), weighted=True)
QUANTILES = replace(
    HUBER,
    spec=robust_financial_net(inputs=5, hidden_dims=(6,), dropout_rate=0.1, outputs=2, sigmoid=False),
    objective=Objective(loss="pinball", quantiles=(0.2, 0.7)),
)


@pytest.mark.parametrize("job", [HUBER, QUANTILES], ids=["huber", "quantiles"])
@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16"])
def test_a_step_reads_and_uploads_nothing(job: TrainingJob, precision: str, monkeypatch: pytest.MonkeyPatch) -> None:
    population = BatchedPopulation(job, torch.device("cpu"), precision=precision)
    total = population._members.flat_MP.sum()
    with monkeypatch.context() as patch:
        for holder, names in ((torch.Tensor, READS), (torch, UPLOADS)):
            for name in names:
                patch.setattr(holder, name, lambda *_, name=name, **__: pytest.fail(f"{name} waits for the device"))
        population._take_full_step()
        population._step(3, population._take_members_step)  # a shorter last batch
        with pytest.raises(pytest.fail.Exception, match="waits for the device"):
            float(total)
    assert population.applied_M.tolist() == [2, 2, 2]


def test_full_steps_are_compiled_and_a_shorter_last_one_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[int] = []

    def compile_it(step: Callable[..., object], *, dynamic: bool) -> Callable[..., object]:
        assert not dynamic
        return lambda x_NF, *others, **named: (rows.append(len(x_NF)), step(x_NF, *others, **named))[1]

    monkeypatch.setattr(torch, "compile", compile_it)
    job = replace(HUBER, train=range(40), optimisation=replace(HUBER.optimisation, batch_size=16, epochs=2))
    eager = TorchEngine(device="cpu", together=True)
    compiled = eager.compiled()
    assert compiled.numerics_fingerprint(job) == eager.numerics_fingerprint(job) | {"steps": "compiled"}
    fits = [engine.fit(job, on_event=lambda event: None) for engine in (compiled, eager)]
    assert rows == [16] * 4
    for name, value in fits[1].final_parameters.items():
        np.testing.assert_array_equal(fits[0].final_parameters[name], value)


def test_members_that_train_in_turn_have_no_step_to_compile() -> None:
    assert not TorchEngine(device="cpu").compiled().steps_are_compiled


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning:torch")
@pytest.mark.skipif(shutil.which("g++") is None, reason="torch compiles with g++, which is not installed")
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_compiled_steps_are_those_of_eager_torch(precision: str) -> None:
    """But for rounding; and what was compiled for one fold serves another, of other rows, steps and seeds."""
    from torch._dynamo.utils import counters

    torch._dynamo.reset()
    counters.clear()
    eager = TorchEngine(device="cpu", precision=precision, together=True)
    compiled = eager.compiled()
    for rows, seed in ((160, 0), (96, 7)):
        members = tuple(replace(member, seed=member.seed + seed) for member in HUBER.members)
        job = replace(HUBER, members=members, train=range(rows))
        mine, theirs = (engine.fit(job, on_event=lambda event: None) for engine in (compiled, eager))
        for name, value in theirs.final_parameters.items():
            np.testing.assert_allclose(mine.final_parameters[name], value, atol=ROUNDING[precision], err_msg=name)
    assert counters["stats"]["unique_graphs"] == 2, dict(counters["graph_break"])
