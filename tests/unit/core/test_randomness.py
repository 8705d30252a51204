import numpy as np

from tailproof.core.randomness import counter_key, generator


def test_generators_depend_on_seed_and_name_alone() -> None:
    first = generator(1, "a", 2)
    first.random(1000)
    np.testing.assert_array_equal(generator(1, "a", 2).random(5), generator(1, "a", 2).random(5))
    draws = {generator(seed, name).integers(1 << 62) for seed in (0, 1) for name in ("a", "b", "ab")}
    assert len(draws) == 6


def test_keys_are_64_bits_and_differ() -> None:
    keys = {counter_key(seed, "dropout", member) for seed in range(20) for member in range(20)}
    assert len(keys) == 400
    assert max(keys).bit_length() > 60


def test_generators_of_different_names_are_uncorrelated() -> None:
    draws = np.stack([generator(0, "member", m).normal(size=10_000) for m in range(5)])
    assert np.abs(np.corrcoef(draws) - np.eye(5)).max() < 0.05
