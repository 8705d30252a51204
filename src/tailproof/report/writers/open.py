"""The writers that a run was asked for, opened before it and closed after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tailproof.core.errors import ConfigError
from tailproof.core.events import Reporter
from tailproof.core.surface import setting
from tailproof.report.reporters import Several
from tailproof.report.writers.curves import Outcome, Writer
from tailproof.report.writers.feed import Feed
from tailproof.storage.manifest import enclosing_run


@contextmanager
def writers(
    run: Path, *, tensorboard: Path | None = None, mlflow: str | None = None, overwrite: bool = False
) -> Iterator[Reporter]:
    """The reporter that takes the curves of a run to TensorBoard and MLflow, where these were asked for.

    Args:
        run: folder of the run; its name is what the run is called.
        tensorboard: folder of event files; the run's go into a folder of its name inside.
        mlflow: address of a tracking server, such as ``http://127.0.0.1:5000``.
        overwrite: replace the event files of an earlier run of the same name.

    Raises:
        ConfigError: a package is not installed, the folder is taken or lies inside the run's, or no server answers.

    >>> from tailproof.core.events import RunResumed
    >>> with writers(Path("runs/es")) as reporter:
    ...     reporter.emit(RunResumed())
    """
    opened: list[Writer] = []
    if tensorboard is not None:
        from tailproof.report.writers.tensorboard import TensorBoardWriter

        events = tensorboard / run.name
        own = run if events.resolve().is_relative_to(run.resolve()) else enclosing_run(events / "events")
        if own is not None:
            raise ConfigError(
                f"{setting('tensorboard', str(tensorboard))}: event files would lie in the run folder {own}, "
                "which holds only a run's own files. Give another folder."
            )
        opened.append(TensorBoardWriter(events, overwrite=overwrite))
    if mlflow is not None:
        from tailproof.report.writers.mlflow import MlflowWriter

        opened.append(MlflowWriter(mlflow))
    feeds = [Feed(writer) for writer in opened]

    outcome: Outcome = "failed"
    try:
        yield Several(*feeds)
        outcome = "finished"
    except KeyboardInterrupt:
        outcome = "interrupted"
        raise
    finally:
        for feed in feeds:
            feed.close(outcome)
