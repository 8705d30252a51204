import threading

import pytest

from tailproof.arrays.parallel import MAX_THREADS, map_in_threads, map_one_ahead, usable_cores


def test_results_come_in_the_order_of_the_items() -> None:
    assert map_in_threads(lambda number: number**2, range(100)) == [number**2 for number in range(100)]


def test_the_first_error_in_the_order_of_the_items_is_raised() -> None:
    def fail(number: int) -> int:
        raise ValueError(f"item {number}")

    with pytest.raises(ValueError, match=r"item 1$"):
        map_in_threads(fail, [1, 2])


def test_no_more_threads_than_eight() -> None:
    seen = set()

    def note(_: int) -> None:
        seen.add(threading.get_ident())

    map_in_threads(note, range(1000))
    assert 1 <= len(seen) <= min(MAX_THREADS, usable_cores())


def test_a_single_item_needs_no_thread() -> None:
    assert map_in_threads(lambda _: threading.get_ident(), [0]) == [threading.get_ident()]
    assert map_in_threads(abs, []) == []


def test_the_next_result_is_computed_while_the_last_one_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tailproof.arrays.parallel.usable_cores", lambda: 2)
    begun = [threading.Event() for _ in range(4)]
    results = map_one_ahead(lambda number: begun[number].set() or number, range(4))
    assert next(results) == 0
    assert begun[1].wait(60.0)
    assert not begun[2].is_set()
    assert list(results) == [1, 2, 3]


@pytest.mark.parametrize("cores", [1, 2])
def test_an_error_ahead_waits_for_its_turn(cores: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tailproof.arrays.parallel.usable_cores", lambda: cores)
    results = map_one_ahead(lambda number: 1 // number, [1, 0])
    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_on_one_core_nothing_is_computed_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tailproof.arrays.parallel.usable_cores", lambda: 1)
    seen: list[int] = []
    next(map_one_ahead(seen.append, range(3)))
    assert seen == [0]
