"""Event files for TensorBoard, by its own writer: one folder per window, so that folds overlay each other."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tailproof.core.errors import ConfigError
from tailproof.core.events import RunStarted
from tailproof.core.extras import extra
from tailproof.core.surface import setting, switch
from tailproof.report.writers.curves import Outcome, Point

EVENTS = "events.out.tfevents.*"


class TensorBoardWriter:
    """Writes into ``folder``; files are made when the run begins.

    Args:
        folder: of this run; ``tensorboard --logdir`` is given its parent.
        overwrite: take away the event files of an earlier run there.

    Raises:
        ConfigError: the package is not installed, or an earlier run's events are there.
    """

    name = "TensorBoard"

    def __init__(self, folder: Path, *, overwrite: bool) -> None:
        with extra("tensorboard", needed_by=setting("tensorboard")):
            from tensorboard.plugins.text.metadata import create_summary_metadata
            from tensorboard.summary.writer.event_file_writer import EventFileWriter
        self._text_metadata = create_summary_metadata
        self._file_writer = EventFileWriter
        self._folder = folder
        self._files: dict[str, Any] = {}
        self._earlier = sorted(folder.rglob(EVENTS)) if folder.is_dir() else []
        if self._earlier and not overwrite:
            raise ConfigError(
                f"{folder}: an earlier run's events are here, and curves of two runs would mix. "
                f"Give another {setting('tensorboard')} folder or another {setting('out')}, or "
                f"{switch('overwrite')} to replace "
                "them."
            )

    def start(self, run: RunStarted) -> None:
        """Write the settings as a text; what an earlier run left is taken away now, since this one begins."""
        for file in self._earlier:
            file.unlink(missing_ok=True)
        rows = [f"| --{name} | {value} |" for name, value in run.config["settings"].items()]
        self._write_text("settings", "\n".join(["| option | value |", "|---|---|", *rows]))
        self._write_text("data", f"{run.config['data']}\n\nfingerprint {run.config['data_fingerprint']}")
        self._file("").flush()

    def write(self, points: Sequence[Point]) -> None:
        """Write points as scalars."""
        from tensorboard.compat.proto.summary_pb2 import Summary

        for point in points:
            value = Summary.Value(tag=point.curve, simple_value=point.value)
            self._add(point.part, Summary(value=[value]), step=point.step, moment=point.time)
        for part in {point.part for point in points}:
            self._file(part).flush()

    def finish(self, outcome: Outcome, verdict: Mapping[str, Any] | None) -> None:
        """Write the verdict, and close every file."""
        from tensorboard.compat.proto.summary_pb2 import Summary

        self._write_text("verdict", verdict["sentence"] if verdict else f"The run {outcome}.")
        for name in ("rank_ic", "skill_vs_constant"):
            if verdict and verdict[name] is not None:
                value = Summary.Value(tag=name, simple_value=verdict[name])
                self._add("", Summary(value=[value]), step=0, moment=time.time())
        for file in self._files.values():
            file.close()

    def _file(self, part: str) -> Any:
        if part not in self._files:
            self._files[part] = self._file_writer(str(self._folder / part if part else self._folder))
        return self._files[part]

    def _add(self, part: str, summary: Any, *, step: int, moment: float) -> None:
        from tensorboard.compat.proto.event_pb2 import Event

        self._file(part).add_event(Event(wall_time=moment, step=step, summary=summary))

    def _write_text(self, tag: str, text: str) -> None:
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.compat.proto.tensor_pb2 import TensorProto
        from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
        from tensorboard.compat.proto.types_pb2 import DT_STRING

        one = TensorShapeProto(dim=[TensorShapeProto.Dim(size=1)])
        tensor = TensorProto(dtype=DT_STRING, tensor_shape=one, string_val=[text.encode()])
        value = Summary.Value(tag=tag, metadata=self._text_metadata(tag, ""), tensor=tensor)
        self._add("", Summary(value=[value]), step=0, moment=time.time())
