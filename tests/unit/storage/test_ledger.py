import hashlib
import json
import os
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tailproof.core.errors import RunFolderError
from tailproof.storage import ledger
from tailproof.storage.data_sample import DataSample
from tailproof.storage.ledger import Ledger, Trial, fingerprint, shared_results
from tailproof.storage.trial_record import recorded_trial, trial_record

TIME_N = np.arange(400, dtype=np.int64) * 60_000_000_000
CLOSE_N = 100.0 + np.random.default_rng(0).normal(size=400).cumsum()


def trial(number: int = 0, **changes) -> Trial:
    return Trial(**{"config": {"seed": number}, "data": "bars", "result": {"verdict": "no evidence"}, **changes})


def on_bars(time_N: np.ndarray, close_N: np.ndarray, *, seed: int) -> Trial:
    return trial(seed, data=fingerprint(time_N, close_N), sample=DataSample.of(time_N, close_N))


def seeds(trials: tuple[Trial, ...]) -> list[int]:
    return [trial.config["seed"] for trial in trials]


def test_what_is_appended_is_read_back_with_its_time(tmp_path: Path) -> None:
    assert ledger.read(tmp_path).trials == ()
    ledger.append(tmp_path, trial(period_sharpe=0.1, periods=("2024-01-02",), net=(5.0,)))
    (read,) = ledger.read(tmp_path).trials
    assert (read.config, read.period_sharpe, read.periods, read.net) == ({"seed": 0}, 0.1, ("2024-01-02",), (5.0,))
    assert read.time.endswith("+00:00")
    assert read.sample is None
    assert read.blocks is None


def test_the_sample_is_read_back(tmp_path: Path) -> None:
    ledger.append(tmp_path, on_bars(TIME_N, CLOSE_N, seed=1))
    (read,) = ledger.read(tmp_path).trials
    assert read.sample == DataSample.of(TIME_N, CLOSE_N)


def test_equal_configs_on_equal_data_are_one_trial(tmp_path: Path) -> None:
    for number in (1, 2, 2):
        ledger.append(tmp_path, trial(number))
    ledger.append(tmp_path, trial(3, data="other bars"))
    listed = ledger.read(tmp_path)
    assert len(listed.trials) == 4
    assert seeds(listed.beside(trial(2), TIME_N, CLOSE_N)) == [1]
    assert seeds(listed.beside(trial(9), TIME_N, CLOSE_N)) == [1, 2]


def test_a_line_cut_off_is_counted_kept_and_does_no_harm_to_the_next(tmp_path: Path) -> None:
    ledger.append(tmp_path, trial(1))
    path = tmp_path / ledger.LEDGER
    with path.open("ab") as file:
        file.write(b'{"config": {"se')
    ledger.append(tmp_path, trial(2))
    listed = ledger.read(tmp_path)
    assert [read.config for read in listed.trials] == [{"seed": 1}, {"seed": 2}]
    assert listed.unreadable == (2,)
    assert seeds(listed.beside(trial(1), TIME_N, CLOSE_N)) == [2]
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


def test_bars_added_or_dropped_at_an_end_are_the_same_data() -> None:
    for part in (slice(0, None), slice(0, -1), slice(3, None), slice(40, 300), slice(200, 400)):
        known = Ledger(trials=(on_bars(TIME_N, CLOSE_N, seed=1),), unreadable=())
        time_N, close_N = TIME_N[part], CLOSE_N[part]
        assert seeds(known.beside(on_bars(time_N, close_N, seed=2), time_N, close_N)) == [1], part
        shorter = Ledger(trials=(on_bars(time_N, close_N, seed=1),), unreadable=())
        assert seeds(shorter.beside(on_bars(TIME_N, CLOSE_N, seed=2), TIME_N, CLOSE_N)) == [1], part


def test_a_small_piece_missing_from_the_middle_is_the_same_data_and_other_prices_around_it_are_not() -> None:
    time_N = np.arange(50_000, dtype=np.int64) * 60_000_000_000
    close_N = 100.0 + np.random.default_rng(1).normal(size=50_000).cumsum()
    for first, rows in ((25_000, 1), (24_997, 240), (195, 3), (31_000, 900)):
        kept_N = np.r_[:first, first + rows : 50_000]
        for old_N, new_N in ((slice(None), kept_N), (kept_N, slice(None))):
            known = Ledger(trials=(on_bars(time_N[old_N], close_N[old_N], seed=1),), unreadable=())
            new = on_bars(time_N[new_N], close_N[new_N], seed=2)
            assert seeds(known.beside(new, time_N[new_N], close_N[new_N])) == [1], (first, rows)
            assert not known.beside(new, time_N[new_N], close_N[new_N][::-1]), (first, rows)


def test_a_small_extract_of_large_data_is_the_same_data() -> None:
    time_N = np.arange(1_000_000, dtype=np.int64) * 60_000_000_000
    close_N = 100.0 + np.random.default_rng(2).normal(size=1_000_000).cumsum()
    whole = on_bars(time_N, close_N, seed=1)
    for first, rows in ((500_123, 600), (311_111, 2_000), (999_000, 1_000), (0, 700)):
        part_time_N, part_close_N = time_N[first : first + rows], close_N[first : first + rows]
        part = on_bars(part_time_N, part_close_N, seed=2)
        assert seeds(Ledger(trials=(whole,), unreadable=()).beside(part, part_time_N, part_close_N)) == [1], first
        assert seeds(Ledger(trials=(part,), unreadable=()).beside(whole, time_N, close_N)) == [2], first
        assert not Ledger(trials=(whole,), unreadable=()).beside(part, part_time_N, part_close_N[::-1]), first


def test_lines_of_earlier_versions_know_their_data_again() -> None:
    start_B = np.arange(0, 401, 8)
    digests = [
        hashlib.sha256(TIME_N[start : start + 8].tobytes() + CLOSE_N[start : start + 8].tobytes()).hexdigest()[:16]
        for start in start_B[:-1]
    ]
    blocks = {"edges": [*TIME_N[start_B[:-1]].tolist(), int(TIME_N[-1])], "digests": digests}
    line = {"config": {"seed": 1}, "data": "older", "result": {}, "blocks": blocks, "periods": [], "net": []}
    known = Ledger(trials=(recorded_trial(line),), unreadable=())
    for part in (slice(0, -1), slice(40, 300)):
        assert seeds(known.beside(on_bars(TIME_N[part], CLOSE_N[part], seed=2), TIME_N[part], CLOSE_N[part])) == [1]
    assert not known.beside(on_bars(TIME_N, CLOSE_N + 0.25, seed=2), TIME_N, CLOSE_N + 0.25)


def test_nights_of_retraining_with_one_config_count_one_by_one() -> None:
    nights = [on_bars(TIME_N[night : 390 + night], CLOSE_N[night : 390 + night], seed=1) for night in range(3)]
    counts = [
        1
        + len(
            Ledger(trials=tuple(nights[:night]), unreadable=()).beside(
                nights[night], TIME_N[night : 390 + night], CLOSE_N[night : 390 + night]
            )
        )
        for night in range(3)
    ]
    assert counts == [1, 2, 3]


def test_a_corrected_print_is_the_same_data_and_other_prices_or_times_are_not() -> None:
    known = Ledger(trials=(on_bars(TIME_N, CLOSE_N, seed=1),), unreadable=())
    corrected_N = CLOSE_N.copy()
    corrected_N[57] += 0.25
    assert known.beside(on_bars(TIME_N, corrected_N, seed=2), TIME_N, corrected_N)
    for time_N, close_N in ((TIME_N, CLOSE_N[::-1]), (TIME_N + 1, CLOSE_N), (TIME_N + 10**15, CLOSE_N)):
        assert not known.beside(on_bars(time_N, close_N, seed=2), time_N, close_N)


def test_prices_adjusted_anew_or_rounded_are_the_same_data() -> None:
    """Back-adjusted contracts shift at every roll, adjusted stocks at every dividend; a file may hold float32."""
    close_N = np.round(CLOSE_N, 2)
    close_N[50:70] = close_N[50]
    last_roll_N = close_N + np.where(np.arange(400) < 390, 7.5, 0.0)
    single_N = (close_N / 90.0).round(5).astype(np.float32).astype(np.float64)
    known = Ledger(trials=(on_bars(TIME_N, close_N, seed=1),), unreadable=())
    for other_N in (close_N + 12.25, close_N * 0.9967, last_roll_N, single_N):
        assert known.beside(on_bars(TIME_N, other_N, seed=2), TIME_N, other_N)


def test_an_instrument_that_moves_along_is_other_data() -> None:
    rng = np.random.default_rng(3)
    along_N = 50.0 + np.cumsum(np.diff(CLOSE_N, prepend=100.0) * np.where(rng.random(400) < 0.9, 1.0, -1.0))
    known = Ledger(trials=(on_bars(TIME_N, CLOSE_N, seed=1),), unreadable=())
    assert not known.beside(on_bars(TIME_N, along_N, seed=2), TIME_N, along_N)


def test_bars_that_hardly_move_are_known_by_their_fingerprint_alone() -> None:
    still_N = np.where(np.arange(400) < 200, 1.0, 2.0)
    known = Ledger(trials=(on_bars(TIME_N, still_N, seed=1),), unreadable=())
    assert known.beside(on_bars(TIME_N, still_N, seed=2), TIME_N, still_N)
    assert not known.beside(on_bars(TIME_N[:-1], still_N[:-1], seed=2), TIME_N[:-1], still_N[:-1])


def test_samples_of_closes_in_lines_of_earlier_versions_know_their_data_again() -> None:
    window = 1 << 37
    row_K = np.flatnonzero(np.diff(TIME_N // window)) + 1
    pairs_K = np.column_stack([TIME_N[row_K], CLOSE_N[row_K].view(np.int64)])
    digests = b"".join(hashlib.blake2b(pair, digest_size=4).digest() for pair in pairs_K)
    sample = {"window": window, "first": 0, "last": int(TIME_N[-1]), "digests": b64encode(digests).decode()}
    line = {"config": {"seed": 1}, "data": "older", "result": {}, "sample": sample, "periods": [], "net": []}
    known = Ledger(trials=(recorded_trial(line),), unreadable=())
    part = slice(40, 300)
    assert seeds(known.beside(on_bars(TIME_N[part], CLOSE_N[part], seed=2), TIME_N[part], CLOSE_N[part])) == [1]
    assert not known.beside(on_bars(TIME_N, CLOSE_N + 0.25, seed=2), TIME_N, CLOSE_N + 0.25)


def test_trials_with_the_same_results_on_the_same_days_are_one() -> None:
    days = ("2024-01-02", "2024-01-03")
    first = trial(1, periods=days, net=(1.0, -2.0))
    fifty_a_point = trial(2, config={"seed": 2, "multiplier": 50.0}, periods=days, net=(50.0, -100.0))
    larger = trial(6, periods=days, net=(2.0, -4.0))
    otherwise = trial(3, periods=days, net=(1.0, -1.0))
    never_traded = (trial(4, periods=days, net=(0.0, 0.0)), trial(5, periods=days, net=(0.0, 0.0)))
    known = Ledger(trials=(first, fifty_a_point, otherwise, larger, *never_traded), unreadable=())
    assert seeds(known.beside(trial(9), TIME_N, CLOSE_N)) == [2, 3, 6, 5]
    assert seeds(known.beside(fifty_a_point, TIME_N, CLOSE_N)) == [3, 6, 5], "it is the first one itself"


def test_lines_of_earlier_versions_name_the_minute_and_two_sessions_of_a_day_are_one_date() -> None:
    old = trial(1, periods=("2024-01-02T15:00", "2024-01-02T21:00", "2024-01-03T21:00"), net=(1.0, 2.0, 5.0))
    assert old.by_date == {"2024-01-02": 3.0, "2024-01-03": 5.0}


def dated(number: int, days: range) -> Trial:
    periods = tuple(str(np.datetime64("2024-01-01") + day) for day in days)
    return trial(number, periods=periods, net=tuple(float(number + day) for day in days))


def test_a_trial_that_shares_too_few_days_is_left_out_and_the_others_stay() -> None:
    own, shorter, later, stranger = (
        dated(0, range(100)),
        dated(1, range(60)),
        dated(2, range(3, 120)),
        dated(3, range(40)),
    )
    table_ST, left_out = shared_results(own, (shorter, stranger, later, trial(9)))
    assert (table_ST.shape, left_out) == ((57, 3), 1)
    assert table_ST[0].tolist() == [2.0 + 3, 1.0 + 3, 3.0], "in the order of shared days, the trial itself last"
    assert shared_results(trial(), (own,))[0].size == 0


def test_a_fingerprint_sees_every_value() -> None:
    values_N = np.arange(100.0)
    changed_N = values_N.copy()
    changed_N[57] += 1e-12
    assert fingerprint(values_N) != fingerprint(changed_N)
    assert fingerprint(values_N) != fingerprint(values_N.reshape(10, 10))


@pytest.mark.parametrize("place", range(0, 300, 7))
def test_a_damaged_line_counts_as_a_trial_and_is_never_another_one(tmp_path: Path, place: int) -> None:
    ledger.append(tmp_path, trial(1))
    path = tmp_path / ledger.LEDGER
    content = bytearray(path.read_bytes())
    content[place % (len(content) - 1)] ^= 1
    path.write_bytes(content)
    listed = ledger.read(tmp_path)
    assert listed.trials == ()
    assert len(listed.unreadable) >= 1


def finished_run(project: Path, name: str, *, seed: int) -> Trial:
    """A run that was killed after its manifest and before its line."""
    ended = ledger.stamped(trial(seed, run=name))
    (project / name).mkdir(parents=True)
    (project / name / "trial.json").write_text(json.dumps(trial_record(ended)))
    (project / name / "manifest.json").write_text("{}")
    return ended


def test_a_finished_run_without_its_line_is_a_trial_and_gets_the_line_once(tmp_path: Path) -> None:
    ended = finished_run(tmp_path, "run", seed=1)
    assert ledger.read(tmp_path).trials == (ended,)
    for _ in range(2):
        ledger.settle(tmp_path)
        assert ledger.read(tmp_path).trials == (ended,)
    other = finished_run(tmp_path, "other", seed=2)
    ledger.append(tmp_path, trial(3))
    assert seeds(ledger.read(tmp_path).trials) == [1, 2, 3]
    ledger.append(tmp_path, other)
    assert len((tmp_path / ledger.LEDGER).read_text().splitlines()) == 3


def test_a_copy_under_another_name_is_no_trial_of_its_own(tmp_path: Path) -> None:
    finished_run(tmp_path, "run", seed=1)
    (tmp_path / "run").rename(tmp_path / "copy")
    assert ledger.read(tmp_path).trials == ()


NO_LEDGERS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a folder": (Path.mkdir, "must be a file, but this is a folder"),
    "a device": (lambda path: path.symlink_to("/dev/zero"), "must be a file"),
    "a pipe": (os.mkfifo, "must be a file"),
    "a link to nothing": (lambda path: path.symlink_to("not mounted"), "a symbolic link that leads nowhere"),
    "a link in a circle": (lambda path: path.symlink_to(path.name), "a symbolic link that leads nowhere, or in a cir"),
    "a file of a terabyte": (
        lambda path: (path.touch(), os.truncate(path, 1 << 40)),
        "must have at most 2,147,483,648",
    ),
}


@pytest.mark.parametrize("thing", NO_LEDGERS)
def test_what_is_no_file_is_no_ledger(thing: str, tmp_path: Path) -> None:
    make, message = NO_LEDGERS[thing]
    make(tmp_path / ledger.LEDGER)
    for use in (ledger.refuse_unusable, ledger.read, ledger.settle, lambda folder: ledger.append(folder, trial())):
        with pytest.raises(RunFolderError, match=rf"trials\.jsonl: the list of trials .*{message}"):
            use(tmp_path)
    assert not (tmp_path / "not mounted").exists()


@pytest.mark.parametrize("thing", ["a folder", "a link", "a link to nothing"])
def test_a_lock_of_the_ledger_that_cannot_be_taken_is_named_before_training(thing: str, tmp_path: Path) -> None:
    lock, other = tmp_path / "trials.lock", tmp_path / "other"
    other.write_text("mine")
    {
        "a folder": lock.mkdir,
        "a link": lambda: lock.symlink_to(other),
        "a link to nothing": lambda: lock.symlink_to("nothing"),
    }[thing]()
    with pytest.raises(RunFolderError, match=r"trials\.lock: the lock of the list of trials must be a file of its own"):
        ledger.refuse_unusable(tmp_path)
    assert other.read_text() == "mine"


@pytest.mark.parametrize(
    "changes",
    [
        {"run": "/etc"},
        {"run": "a/../.."},
        {"run": ".."},
        {"run": 5},
        {"time": "yesterday"},
        {"time": "0001-01-01T00:00:00+14:00"},
        {"result": []},
        {"config": "x"},
        {"config": {"multiplier": 0}},
        {"config": {"multiplier": "ten"}},
        {"period_sharpe": "much"},
        {"periods": ["2024-01-02"], "net": []},
        {"periods": ["2024-01-02"], "net": [float("nan")]},
        {"periods": ["2024-01-02"], "net": [10**400]},
        {"periods": [20240102], "net": [1.0]},
        {"sample": 5},
        {"sample": {"window": 0, "first": 0, "last": 0, "digests": ""}},
        {"sample": {"window": 2**70, "first": 0, "last": 0, "digests": ""}},
        {"sample": {"window": 8, "first": 0, "last": 0, "digests": "", "moves": 5}},
        {"blocks": {"edges": [0], "digests": ["a"]}},
        {"blocks": {"edges": [0, "b"], "digests": ["a"]}},
        {"more": 1},
    ],
    ids=str,
)
def test_a_line_that_no_run_has_written_counts_as_a_trial_and_breaks_nothing(
    changes: dict[str, object], tmp_path: Path
) -> None:
    ledger.append(tmp_path, trial(1))
    path = tmp_path / ledger.LEDGER
    record = json.loads(path.read_text())
    del record["sha256"]  # as in a line of an earlier version
    path.write_text(f"{json.dumps(record)}\n{json.dumps(record | changes)}\n[]\n5\n")
    listed = ledger.read(tmp_path)
    assert (len(listed.trials), listed.unreadable) == (1, (2, 3, 4))


def test_a_ledger_that_may_not_be_written_to_is_named_before_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.refuse_unusable(tmp_path)
    ledger.append(tmp_path, trial())
    ledger.refuse_unusable(tmp_path)
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # the superuser may write to any file
    with pytest.raises(PermissionError) as refused:
        ledger.refuse_unusable(tmp_path)
    assert refused.value.filename == str(tmp_path / ledger.LEDGER)
