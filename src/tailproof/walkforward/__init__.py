"""The honest protocol: every fold trained with its placebos, every test row forecast by a fold that never saw it."""

from tailproof.walkforward.bars_to_design import bars_to_design
from tailproof.walkforward.cost_evaluation import CostEvaluation, evaluate_costs, trial_of
from tailproof.walkforward.fold_baselines import FoldBaselines
from tailproof.walkforward.fold_result import FoldCheckpoint, FoldResult
from tailproof.walkforward.fold_shrinkage import fold_shrinkage
from tailproof.walkforward.judgement import drift_of_folds, judge_folds
from tailproof.walkforward.part import Part, part_of
from tailproof.walkforward.plan import Plan, make_plan, placebo_rows, resampled_groups
from tailproof.walkforward.pooled import PooledForecasts
from tailproof.walkforward.run import SetUpFold, forecast_test, run_folds
from tailproof.walkforward.training import FoldTraining, fit_statistics, fold_training, real_events
from tailproof.walkforward.warm_up import warm_up_notes
from tailproof.walkforward.without_features import design_without, judge_without

__all__ = [
    "CostEvaluation",
    "FoldBaselines",
    "FoldCheckpoint",
    "FoldResult",
    "FoldTraining",
    "Part",
    "Plan",
    "PooledForecasts",
    "SetUpFold",
    "bars_to_design",
    "design_without",
    "drift_of_folds",
    "evaluate_costs",
    "fit_statistics",
    "fold_shrinkage",
    "fold_training",
    "forecast_test",
    "judge_folds",
    "judge_without",
    "make_plan",
    "part_of",
    "placebo_rows",
    "real_events",
    "resampled_groups",
    "run_folds",
    "trial_of",
    "warm_up_notes",
]
