"""Placebos: the same training and testing on targets that the features can have known nothing about.

The targets are shifted against the features by whole sessions, in a circle, training and test rows alike. What is left
of any pattern is what the procedure finds in noise of this very kind: same tails, same volatility through the day, same
ties, same number of rows, same seeds. A placebo is judged on its own shifted returns. Judging it on the true ones was
tried: it spreads the placebos' ICs to about 0.02 either way whenever any feature carries signal, because a network that
fits noise in a feature's direction then reaps that feature's true signal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from tailproof.core.errors import ConfigError
from tailproof.core.surface import setting


def placebo_shifts(session_N: np.ndarray, *, count: int, rng: np.random.Generator) -> np.ndarray:
    """``count`` different random numbers of sessions to shift by, each at least 1 and less than all (int64).

    Raises:
        ConfigError: there are too few sessions for that many different shifts.
    """
    sessions = int(np.count_nonzero(np.diff(session_N))) + 1
    if count > sessions - 1:
        raise ConfigError(
            f"each placebo needs its own shift by whole sessions, got placebos={count} and {sessions} sessions. "
            f"Give at most {setting('placebos', sessions - 1)}, or end sessions sooner with {setting('session_gap')}."
        )
    return np.asarray(rng.choice(sessions - 1, size=count, replace=False) + 1)


def shifted_rows(session_N: np.ndarray, shifts: Iterable[int]) -> Iterator[np.ndarray]:
    """For each shift by whole sessions, the row whose target each row takes (int64).

    Rows keep their place in the session, so that the time of day stays aligned. Sessions differ in length, so the
    circle is drawn for each place separately: the sessions that are long enough to have a place o, in the order of
    time, form its circle, and each takes the target of the one ``shift`` further on (1 + (shift - 1) mod (n_o - 1) in a
    circle of n_o, so that none takes its own). Every target is used exactly once, so that the distribution of targets
    is the true one, and rows of a session keep their neighbours wherever lengths agree. Only places that a single
    session has (the end of the longest) are no circle: they take the targets of that session's earlier places, modulo
    the second longest length, from the session that those places take theirs from.

    Notes:
        Purging stays valid: training and test rows move by the same distance in each circle. Where circles differ (the
        ends of long sessions), labels of a few training and test rows of different sessions can come to overlap when
        the horizon exceeds one bar; as no feature of either row knew anything of these labels, nothing can be learned
        from it that is not noise in the placebo.

    >>> next(shifted_rows(np.array([0, 0, 1, 1, 1, 2, 2]), [1])).tolist()
    [2, 3, 5, 6, 5, 0, 1]
    """
    starts = np.flatnonzero(np.r_[True, np.diff(session_N) != 0])
    length_S = np.diff(np.r_[starts, len(session_N)])
    assert len(starts) > 1, "a shift needs two sessions"
    place_N = np.arange(len(session_N)) - np.repeat(starts, length_S)
    order_N = np.argsort(place_N, kind="stable")
    size_O = np.bincount(place_N)
    first_N, size_N = (np.repeat(each_O, size_O) for each_O in (np.cumsum(size_O) - size_O, size_O))
    position_N = np.arange(len(session_N)) - first_N
    alone_N = np.flatnonzero(size_O[place_N] == 1)
    stand_in_N = alone_N - place_N[alone_N] + place_N[alone_N] % int(np.count_nonzero(size_O > 1))
    for shift in shifts:
        step_N = np.repeat(1 + (shift - 1) % np.maximum(size_O - 1, 1), size_O)
        source_N = np.empty(len(session_N), dtype=np.int64)
        source_N[order_N] = order_N[first_N + (position_N + step_N) % size_N]
        source_N[alone_N] = source_N[stand_in_N]
        yield source_N


def placebo_p_value(value: float, placebos: Sequence[float]) -> float:
    """(1 + placebos at least as good) / (placebos + 1): exact under the null, never zero (Phipson and Smyth 2010).

    A forecast that never varies has no rank IC (NaN); it knows nothing and counts as 0.

    >>> placebo_p_value(0.02, [0.01] * 19), placebo_p_value(0.02, [0.03] + [0.01] * 18)
    (0.05, 0.1)
    """
    judged_P = np.nan_to_num(np.asarray(placebos, dtype=np.float64))
    at_least = int(np.count_nonzero(judged_P >= np.nan_to_num(value)))
    return (1 + at_least) / (len(judged_P) + 1)
