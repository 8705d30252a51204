"""Jobs, events and fits over a connection: JSON and the bytes of arrays, nothing that runs when it is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from multiprocessing.connection import Connection
from typing import Any, get_args

import numpy as np

from tailproof.core.fit import EpochRecord, Event, GuardEvent, IntervalRecord
from tailproof.engines.interface import Member, Optimisation, TrainingJob
from tailproof.models.spec import Layer, NetSpec, Residual
from tailproof.objectives.objective import Objective
from tailproof.storage.trees import array_bytes, empty_arrays, packed_tree, unpacked_tree

BYTES_AT_ONCE = 1 << 24
"""Long arrays go in pieces of 16 MB, so that no second copy of one is made."""

LAYERS = {layer.__name__: layer for layer in get_args(Layer)}
EVENTS: dict[str, type[Event]] = {event.__name__: event for event in (IntervalRecord, EpochRecord, GuardEvent)}


class Gone(Exception):  # noqa: N818
    """The other process has closed the connection, or is no more."""


def send(connection: Connection, message: Mapping[str, Any]) -> None:
    """Send dicts and lists of arrays, numbers and texts.

    Raises:
        Gone: the other process is.
    """
    text, arrays = packed_tree(message)
    with _gone():
        connection.send_bytes(text)
        for array in arrays:
            for piece in _pieces(array):
                connection.send_bytes(piece)


def receive(connection: Connection) -> dict[str, Any]:
    """Wait for what ``send`` sent; tuples have become lists.

    Raises:
        Gone: the other process is.
    """
    with _gone():
        text = connection.recv_bytes()
    arrays = empty_arrays(text)
    with _gone():
        for array in arrays:
            for piece in _pieces(array):
                connection.recv_bytes_into(piece)
    return unpacked_tree(text, arrays)


@contextmanager
def _gone() -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError) as error:
        raise Gone(str(error)) from error


def _pieces(array: np.ndarray) -> Iterator[memoryview]:
    content = array_bytes(array)
    return (content[start : start + BYTES_AT_ONCE] for start in range(0, len(content), BYTES_AT_ONCE))


def job_tree(job: TrainingJob) -> dict[str, Any]:
    """A job as a message; ``job_of`` reads it."""
    return {
        **vars(job),
        "spec": {"inputs": job.spec.inputs, "layers": [_layer_tree(layer) for layer in job.spec.layers]},
        "objective": asdict(job.objective),
        "optimisation": asdict(job.optimisation),
        "members": [asdict(member) for member in job.members],
        "train": [job.train.start, job.train.stop],
        "validation": [job.validation.start, job.validation.stop],
    }


def job_of(tree: Mapping[str, Any]) -> TrainingJob:
    """The job that ``job_tree`` was made of."""
    spec, objective = tree["spec"], tree["objective"]
    return TrainingJob(
        **{
            **tree,
            "spec": NetSpec(inputs=spec["inputs"], layers=tuple(_layer_of(layer) for layer in spec["layers"])),
            "objective": Objective(**{**objective, "quantiles": tuple(objective["quantiles"])}),
            "optimisation": Optimisation(**tree["optimisation"]),
            "members": tuple(Member(**member) for member in tree["members"]),
            "train": range(*tree["train"]),
            "validation": range(*tree["validation"]),
        }
    )


def event_tree(event: Event) -> dict[str, Any]:
    """An event as a message; ``event_of`` reads it."""
    return {"event": type(event).__name__, "values": vars(event)}


def event_of(tree: Mapping[str, Any]) -> Event:
    """The event that ``event_tree`` was made of."""
    values = tree["values"]
    return EVENTS[tree["event"]](**({**values, "rows": tuple(values["rows"])} if "rows" in values else values))


def _layer_tree(layer: Layer) -> dict[str, Any]:
    values = {"layers": [_layer_tree(inner) for inner in layer.layers]} if isinstance(layer, Residual) else vars(layer)
    return {"layer": type(layer).__name__, "values": values}


def _layer_of(tree: Mapping[str, Any]) -> Layer:
    values = tree["values"]
    made: Layer = LAYERS[tree["layer"]](
        **({"layers": tuple(_layer_of(inner) for inner in values["layers"])} if "layers" in values else values)
    )
    return made
