"""The way back from targets to returns, as nodes, in double precision."""

from __future__ import annotations

import numpy as np
from onnx import TensorProto

from tailproof.prediction.exporting.graph import Graph
from tailproof.tasks import RankGaussTransform, RankTransform, RawTransform


def add_return(graph: Graph, transform: RankTransform | RankGaussTransform | RawTransform, target: str) -> str:
    """The training return (double, one per row) of each target (double, one per row): ``transform.inverse``.

    Normal scores pass through the error function in single precision, as onnxruntime has no other on the CPU: their
    ranks are exact to about 1e-7.
    """
    match transform:
        case RawTransform(scale=scale):
            return graph.add("Mul", target, graph.constant(np.float64(scale), name="scale"))
        case RankTransform():
            return _interpolated(graph, transform, target)
        case RankGaussTransform(ranks=ranks, rows=rows):
            return _interpolated(graph, ranks, _rank_of_score(graph, target, rows=rows))


def _rank_of_score(graph: Graph, score: str, *, rows: int) -> str:
    """(n Phi(z) - 1/2) / (n - 1) = 1/2 + n / (n - 1) erf(z / sqrt(2)) / 2; the table's ends clip it."""
    scaled = graph.add("Mul", score, graph.constant(np.float64(np.sqrt(0.5)), name="root_half"))
    single = graph.add("Cast", scaled, to=TensorProto.FLOAT)
    erf = graph.add("Cast", graph.add("Erf", single), to=TensorProto.DOUBLE)
    half = graph.add("Mul", erf, graph.constant(np.float64(0.5 * rows / (rows - 1)), name="half"))
    return graph.add("Add", half, graph.constant(np.float64(0.5), name="middle"))


def _interpolated(graph: Graph, table: RankTransform, rank: str) -> str:
    """``numpy.interp`` of the table's knots: the nearest end beyond them, linear between them.

    The knot at or below each rank is found by halving: 2,001 knots take eleven comparisons a row, where comparing a row
    with each of them would take 2 GB for a million rows.
    """
    rank_K, return_K = table.rank_K, table.return_K
    lowest, highest = (graph.constant(np.float64(end), name="end") for end in (rank_K[0], rank_K[-1]))
    rank = graph.add("Clip", rank, lowest, highest)
    left = _left_knot(graph, rank_K[:-1], rank)
    knot, start, slope = (
        graph.add("Gather", graph.constant(value_K, name=name), left)
        for name, value_K in {
            "ranks": rank_K[:-1],
            "returns": return_K[:-1],
            "slopes": np.diff(return_K) / np.diff(rank_K),
        }.items()
    )
    return graph.add("Add", start, graph.add("Mul", slope, graph.add("Sub", rank, knot)))


def _left_knot(graph: Graph, knot_K: np.ndarray, value: str) -> str:
    """Place (int64) of the last knot that is not above the value; 0 where there is none."""
    steps = (len(knot_K) - 1).bit_length()
    padded_K = np.full(1 << steps, np.inf)
    padded_K[: len(knot_K)] = knot_K
    knots = graph.constant(padded_K, name="knots")
    place = graph.constant(np.int64(0), name="first")
    for step in reversed(range(steps)):
        further = graph.add("Add", place, graph.constant(np.int64(1 << step), name="step"))
        reached = graph.add("LessOrEqual", graph.add("Gather", knots, further), value)
        place = graph.add("Where", reached, further, place)
    return place
