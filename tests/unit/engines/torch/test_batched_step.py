"""Within a logging interval the host gives a device nothing and asks it for nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from tests.support.lanes_jobs import make_job, make_members

from tailproof.engines.interface import TrainingJob
from tailproof.engines.torch.batched import BatchedPopulation
from tailproof.models.spec import robust_financial_net
from tailproof.objectives.objective import Objective

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
