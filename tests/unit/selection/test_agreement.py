"""How far folds agree on the order of features, by hand."""

import numpy as np
import pytest

from tailproof.selection.agreement import concordance, mean_places


def test_places_and_concordance() -> None:
    merit_KF = np.array([[3.0, 2.0, 1.0], [3.0, 1.0, 2.0]])
    mean_F, std_F = mean_places(merit_KF)
    assert mean_F.tolist() == [1.0, 2.5, 2.5]
    assert std_F.tolist() == [0.0, 0.5, 0.5]
    # Rank sums 6, 3, 3: S = 4 + 1 + 1, W = 12 * 6 / (4 * 24).
    assert concordance(merit_KF) == pytest.approx(0.75)
