"""The honest protocol: every fold trained with its placebos, every test row forecast by a fold that never saw it."""

from tailproof.walkforward.fold_result import FoldDone, FoldResult
from tailproof.walkforward.part import Part, part_of
from tailproof.walkforward.paying import Paid, trial_of, would_it_pay
from tailproof.walkforward.plan import Plan, make_plan
from tailproof.walkforward.run import Judged, run_folds
from tailproof.walkforward.training import FoldTraining, fit_statistics, fold_training, real_members

__all__ = [
    "FoldDone",
    "FoldResult",
    "FoldTraining",
    "Judged",
    "Paid",
    "Part",
    "Plan",
    "fit_statistics",
    "fold_training",
    "make_plan",
    "part_of",
    "real_members",
    "run_folds",
    "trial_of",
    "would_it_pay",
]
