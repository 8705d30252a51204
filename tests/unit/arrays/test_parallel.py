import threading

import pytest

from tailproof.arrays.parallel import MAX_THREADS, map_in_threads, usable_cores


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
