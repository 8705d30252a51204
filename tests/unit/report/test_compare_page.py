import json
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from tests.support.small_run import small_run

from tailproof.cli import main
from tailproof.objectives import Objective, row_losses
from tailproof.report.compare_page import claims, paired_table, settings_table, verdict_table
from tailproof.report.run_record import RecordedForecasts, RunRecord, read_run, run_names
from tailproof.statistics.paired import common_rows, paired

LOSS = partial(row_losses, Objective(loss="huber", delta=0.1))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[RunRecord]:
    folder = tmp_path_factory.mktemp("runs")
    return [read_run(small_run(folder / f"seed{seed}", seed=seed, epochs=seed + 1)) for seed in (0, 1)]


def shifted(forecasts: RecordedForecasts, by: int) -> RecordedForecasts:
    cut = slice(by, None)
    return RecordedForecasts(**{name: getattr(forecasts, name)[cut] for name in RecordedForecasts.__dataclass_fields__})


def test_settings_that_differ_are_told_and_others_not(runs: list[RunRecord]) -> None:
    cells = {row[0].text: [cell.text for cell in row[1:]] for row in settings_table(runs, run_names(runs)).rows}
    assert cells == {"epochs": ["1", "2"], "seed": ["0", "1"]}


def test_a_run_less_itself_is_nothing(runs: list[RunRecord]) -> None:
    same = paired(runs[0].test, runs[0].test, row_loss=LOSS)
    assert same is not None
    assert (same.rows, same.rank_ic.value, same.skill.value) == (len(runs[0].test), 0.0, 0.0)


def test_paired_skill_is_one_less_the_ratio_of_losses(runs: list[RunRecord]) -> None:
    first, second = (run.test for run in runs)
    both = paired(first, second, row_loss=LOSS)
    losses = [LOSS(each.prediction_N, each.target_N).mean() for each in (first, second)]
    assert both is not None
    assert both.skill.value == pytest.approx(1.0 - losses[0] / losses[1], abs=1e-12)
    assert both.skill.low < both.skill.value < both.skill.high


def test_common_rows_are_those_with_equal_times_and_returns(runs: list[RunRecord]) -> None:
    whole, later = runs[0].test, shifted(runs[0].test, 50)
    own_N, other_N = common_rows(whole, later)
    np.testing.assert_array_equal(own_N, np.arange(50, len(whole)))
    np.testing.assert_array_equal(other_N, np.arange(len(later)))
    assert len(common_rows(whole, shifted(whole, len(whole) - 1))[0]) == 1


def test_returns_that_are_equal_by_chance_are_no_common_rows(runs: list[RunRecord]) -> None:
    first = runs[0].test
    other_N = np.where(np.arange(len(first)) % 3 == 0, first.return_N, first.return_N + 1.0)
    other = RecordedForecasts(**{**vars_of(first), "return_N": other_N})
    assert len(common_rows(first, other)[0]) == 0


def test_other_data_has_no_paired_difference(runs: list[RunRecord]) -> None:
    first = runs[0].test
    other = RecordedForecasts(**{**vars_of(first), "return_N": first.return_N + 1.0})
    assert paired(first, other, row_loss=LOSS) is None


def vars_of(forecasts: RecordedForecasts) -> dict[str, np.ndarray]:
    return {name: getattr(forecasts, name) for name in RecordedForecasts.__dataclass_fields__}


def test_equal_folder_names_are_told_apart(runs: list[RunRecord], tmp_path: Path) -> None:
    copy = read_run(Path(shutil.copytree(runs[0].path, tmp_path / "seed0")))
    assert run_names([runs[0], copy]) == [str(runs[0].path), str(copy.path)]


def test_the_command_writes_one_page(runs: list[RunRecord], tmp_path: Path) -> None:
    main(["report", *(str(run.path) for run in runs), "--out", str(tmp_path / "both.html")])
    page = (tmp_path / "both.html").read_text()
    assert page.count("<svg") == page.count("<figure") == 5
    assert [row[1].text for row in verdict_table(runs, run_names(runs)).rows] == [
        json.loads((run.path / "verdict.json").read_text())["verdict"] for run in runs
    ]
    assert len(paired_table([paired(runs[1].test, runs[0].test, row_loss=LOSS)], run_names(runs)).rows) == 1


def test_the_top_says_what_runs_claim_the_boldest_first(runs: list[RunRecord]) -> None:
    verdicts = [
        replace(runs[0], verdict={"verdict": word, "sentence": f"{claim}: for a reason."})
        for word, claim in (
            ("no evidence", "No evidence of skill"),
            ("skill", "Skill"),
            ("no evidence", "No evidence of skill"),
        )
    ]
    assert claims(verdicts, ["a", "b", "c"]) == [("for", "Skill", "b"), ("nothing", "No evidence of skill", "a, c")]


def test_runs_on_other_bars_are_said_to_share_no_row() -> None:
    table = paired_table([None], ["first", "other"])
    assert table.reading.endswith("Runs on other bars share no row.")
    assert [cell.text for cell in table.rows[0]] == ["other", "0", "–", "–", "–", "–"]
