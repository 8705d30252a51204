import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tailproof.storage import ledger
from tailproof.storage.ledger import Trial, fingerprint, shared_results


def trial(number: int = 0, **changes) -> Trial:
    return Trial(**{"config": {"seed": number}, "data": "bars", "result": {"verdict": "no evidence"}, **changes})


def test_what_is_appended_is_read_back_with_its_time(tmp_path: Path) -> None:
    assert ledger.read(tmp_path).trials == ()
    ledger.append(tmp_path, trial(period_sharpe=0.1, periods=("2024-01-02",), net=(5.0,)))
    (read,) = ledger.read(tmp_path).trials
    assert (read.config, read.period_sharpe, read.periods, read.net) == ({"seed": 0}, 0.1, ("2024-01-02",), (5.0,))
    assert read.time.endswith("+00:00")


def test_equal_configs_on_equal_data_are_one_trial(tmp_path: Path) -> None:
    for number in (1, 2, 2):
        ledger.append(tmp_path, trial(number))
    ledger.append(tmp_path, trial(3, data="other bars"))
    found = ledger.read(tmp_path)
    assert len(found.trials) == 4
    assert found.count(trial(2)) == 2
    assert found.count(trial(9)) == 3


def test_a_line_cut_off_is_counted_kept_and_does_no_harm_to_the_next(tmp_path: Path) -> None:
    ledger.append(tmp_path, trial(1))
    path = tmp_path / ledger.LEDGER
    with path.open("ab") as file:
        file.write(b'{"config": {"se')
    ledger.append(tmp_path, trial(2))
    found = ledger.read(tmp_path)
    assert [read.config for read in found.trials] == [{"seed": 1}, {"seed": 2}]
    assert found.unreadable == (2,)
    assert found.count(trial(1)) == 3
    assert b'{"config": {"se' in path.read_bytes()


def test_runs_that_end_together_all_get_their_line(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: ledger.append(tmp_path, trial(number)), range(40)))
    lines = (tmp_path / ledger.LEDGER).read_text().splitlines()
    assert sorted(json.loads(line)["config"]["seed"] for line in lines) == list(range(40))


def test_figures_that_are_not_numbers_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        ledger.append(tmp_path, trial(result={"rank_ic": float("nan")}))
    assert ledger.read(tmp_path).trials == ()


def test_trials_without_results_are_left_out_of_the_table() -> None:
    assert shared_results((trial(),)).size == 0
    apart = (trial(1, periods=("a",), net=(1.0,)), trial(2, periods=("b",), net=(1.0,)))
    assert shared_results(apart).shape == (0, 2)


def test_a_fingerprint_sees_every_value() -> None:
    values_N = np.arange(100.0)
    changed_N = values_N.copy()
    changed_N[57] += 1e-12
    assert fingerprint(values_N) != fingerprint(changed_N)
    assert fingerprint(values_N) != fingerprint(values_N.reshape(10, 10))
