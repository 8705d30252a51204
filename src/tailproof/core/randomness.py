"""Named, independent random generators from one seed; nothing else in tailproof creates randomness."""

from __future__ import annotations

import hashlib

import numpy as np


def generator(seed: int, *name: str | int) -> np.random.Generator:
    """A NumPy generator that depends on ``seed`` and ``name`` alone, not on what was drawn before it.

    >>> a = generator(0, "initial weights", 3).random()
    >>> a == generator(0, "initial weights", 3).random() != generator(0, "initial weights", 4).random()
    True
    """
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *_words(name)])))


def counter_key(seed: int, *name: str | int) -> int:
    """A 64-bit key for counter-based generators (dropout masks, batch orders), unique to ``seed`` and ``name``."""
    first, second = np.random.SeedSequence([seed, *_words(name)]).generate_state(2, dtype=np.uint32)
    return int(first) << 32 | int(second)


def _words(name: tuple[str | int, ...]) -> list[int]:
    digest = hashlib.sha256(repr(name).encode()).digest()
    return [int.from_bytes(digest[start : start + 4], "little") for start in range(0, 16, 4)]
