"""The fits of a fold, made one after the other or shared between processes: the same estimators either way."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from tailproof.core.errors import ConfigError
from tailproof.core.randomness import counter_key
from tailproof.engines.distributed import FitPool
from tailproof.engines.distributed.pickled import Pickled, UnsendableError, pickled, unpickled
from tailproof.engines.interface import Member, TrainingJob
from tailproof.referee.adapters import Estimator, ModuleEstimator
from tailproof.referee.fit_alone import fit_alone
from tailproof.referee.outside_model import OutsideModel

MAX_SEED = 2**32
"""Seeds of scikit-learn's random states are below this."""


@dataclass(frozen=True, kw_only=True)
class MemberFits:
    """The fits of a model for the members of a job, each by its number: the unit of work that processes share."""

    model: OutsideModel
    job: TrainingJob

    def fitted(self, number: int) -> Estimator | ModuleEstimator:
        """The estimator of a member, fitted on the training rows and its own target column.

        Raises:
            ConfigError: it cannot be made or fitted.
        """
        member = self.job.members[number]
        alone = replace(
            self.job,
            members=(replace(member, target=0),),
            y_NT=self.job.y_NT[:, member.target : member.target + 1],
        )
        return fit_alone(self.model, alone, seed_of(self.job, member))

    def sent(self, number: int) -> Pickled:
        """The same estimator on its way to another process.

        Raises:
            ConfigError: it cannot be made, fitted or sent.
        """
        with warnings.catch_warnings():
            # torch only reads the rows, which several processes share and none can write to
            warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
            estimator = self.fitted(number)
        return _sendable_fit(self.model, estimator)


def member_fits(model: OutsideModel, job: TrainingJob) -> MemberFits:
    """The fits of a job; rows that neither train nor choose, those of the test above all, are left out."""
    rows = max(job.train.stop, job.validation.stop)
    return MemberFits(model=model, job=replace(job, x_NF=np.asarray(job.x_NF[:rows]), y_NT=np.asarray(job.y_NT[:rows])))


def shared_fits(fits: MemberFits, pool: FitPool, *, on_fit: Callable[[], None]) -> list[Estimator | ModuleEstimator]:
    """The estimators of all members of a job, in their order, each fitted in one of the processes of a pool.

    Raises:
        ConfigError: the model cannot be fitted, or not be sent to another process.
        WorkerError: a process has failed, differs from this one, or is gone.
    """
    make = _sendable(fits.sent, fits.model.name)
    return [_own(each) for each in pool.fits(make, len(fits.job.members), on_fit=on_fit)]


def refuse_unsendable(model: OutsideModel, fitted: Estimator | ModuleEstimator) -> None:
    """Raise ConfigError where a model, or what it gives once it is fitted, cannot be sent to another process."""
    _sendable(model, model.name)
    _sendable_fit(model, fitted)


def seed_of(job: TrainingJob, member: Member) -> int:
    """The seed of a member's fit: placebos have that of the real one, so that only targets differ."""
    return counter_key(member.seed, "estimator", job.seed) % MAX_SEED


def _sendable_fit(model: OutsideModel, fitted: Estimator | ModuleEstimator) -> Pickled:
    return _sendable(fitted, f"{model.name}, once it is fitted,")


def _sendable(value: object, name: str) -> Pickled:
    try:
        return pickled(value)
    except UnsendableError as error:
        raise ConfigError(
            f"{name} cannot be sent to another process ({error}). Give it as FILE.py:NAME, which each process loads "
            "for itself, and let what it learns hold no lock, generator or open file; or let one process make all fits."
        ) from error


def _own(fitted: Pickled) -> Estimator | ModuleEstimator:
    """An estimator that this process may change, whatever memory its arrays came in."""
    buffers = tuple(buffer if buffer.flags.writeable else buffer.copy() for buffer in fitted.buffers)
    estimator: Estimator | ModuleEstimator = unpickled(replace(fitted, buffers=buffers))
    return estimator
