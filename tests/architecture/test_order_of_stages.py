"""``pipeline.train`` goes down the stages in order: none is entered again after a later one has begun.

That no stage imports a later one or the pipeline is held by the layers in ``.importlinter``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType

import pytest

from tailproof import pipeline
from tailproof.bars.simulate import simulate
from tailproof.report import SILENT
from tailproof.settings.train_settings import TrainSettings

SOURCES = Path(pipeline.__file__).parent
STAGES = {
    "bars/load.py:load": "bars",
    "core/design.py:build_design": "design",
    "walkforward/plan.py:make_plan": "plan",
    "audit/run_audit.py:audit_run": "audit",
    "walkforward/run.py:run_folds": "folds",
    "walkforward/cost_evaluation.py:evaluate_costs": "costs",
    "evaluation/full_verdict.py:judge": "verdict",
    "runs/result_files.py:write_results": "files",
    "report/run_page.py:run_page": "report",
}
"""The function that does the work of each stage, in the order of the stages."""
ENTRIES = ("train", "train_on_bars", "read_bars")


class Entered:
    """A profiler that notes which stages are entered, and by what module the pipeline is."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.into_pipeline: list[str] = []

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        name = frame.f_code.co_filename
        if event != "call" or not name.startswith(f"{SOURCES}/"):
            return
        module = Path(name).relative_to(SOURCES).as_posix()
        if stage := STAGES.get(f"{module}:{frame.f_code.co_name}"):
            self.stages.append(stage)
        caller = frame.f_back
        if module == "pipeline.py" and caller is not None and frame.f_code.co_name in ENTRIES:
            self.into_pipeline.append(caller.f_code.co_filename)


@pytest.fixture(scope="module")
def entered(tmp_path_factory: pytest.TempPathFactory) -> Entered:
    folder = tmp_path_factory.mktemp("order")
    simulate(rows=300, ic=0.0, seed=0).write_csv(folder / "bars.csv")
    settings = TrainSettings(
        epochs=1,
        members=1,
        placebos=0,
        threads=1,
        engine="lanes",
        split="holdout",
        baselines=False,
        features=("ma_5", "rocp_10"),
    )
    profiler = Entered()
    before = sys.getprofile()
    sys.setprofile(profiler)
    try:
        pipeline.train(folder / "bars.csv", settings=settings, out=folder / "run", reporter=SILENT)
    finally:
        sys.setprofile(before)
    return profiler


def test_every_stage_is_entered_once_and_in_order(entered: Entered) -> None:
    assert entered.stages == list(STAGES.values())


def test_no_stage_comes_back_to_the_pipeline(entered: Entered) -> None:
    assert entered.into_pipeline == [__file__, pipeline.__file__, pipeline.__file__]


def test_a_stage_that_is_entered_again_is_noticed() -> None:
    profiler = Entered()
    sys.setprofile(profiler)
    try:
        for module in ("audit/run_audit.py", "core/design.py"):
            source = "def audit_run(): pass\ndef build_design(): pass\naudit_run()\nbuild_design()\n"
            exec(compile(source, str(SOURCES / module), "exec"), {})
    finally:
        sys.setprofile(None)
    assert profiler.stages == ["audit", "design"]
