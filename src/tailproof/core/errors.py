"""Every exception tailproof raises on purpose.

    TailproofError
    ├── InputError            the user can correct it: the command line ends with exit code 2
    │   ├── ConfigError       an option, a config key or a combination of them
    │   ├── DataError         a bar file: names file, rows, what was found, what was expected
    │   ├── LeakError         a feature, label, merge or statistic that knows what could not be known
    │   ├── RunFolderError    a run folder that is missing, unfinished, damaged or in the way
    │   └── UnsupportedNetError   a layer that the chosen engine cannot run
    ├── TrainingError         training stopped by its guards: the command line ends with exit code 1
    ├── ExportError           an exported model does not give the run's forecasts: exit code 1
    └── WorkerError           a process that shared the training has failed or is gone: exit code 1

A message says what must hold, what was found, where, and what to do. Faults of the machine (a full disk, a missing
permission) stay OSErrors; the command line puts them into one sentence and ends with exit code 3.
"""

from tailproof.core.surface import worded


class TailproofError(Exception):
    """Base of all errors raised on purpose; anything else is a defect of tailproof.

    Settings in its text are marked by ``surface.setting``, and written as its reader gives them when it is shown.
    """

    def __str__(self) -> str:
        """The message."""
        return worded(super().__str__())

    def __repr__(self) -> str:
        """The class and the message."""
        return f"{type(self).__name__}({str(self)!r})"


class InputError(TailproofError):
    """Something the user gave cannot be used; the message says how to correct it."""


class ConfigError(InputError):
    """An option or config key is unknown, out of range or contradicts another."""


class DataError(InputError):
    """A bar file cannot be used; every fault found is listed."""


class LeakError(InputError):
    """Something knows the future: the causality audit names it with the first row, the values and the bar it saw."""


class RunFolderError(InputError):
    """A run folder is missing, unfinished, damaged, locked or would be overwritten."""


class UnsupportedNetError(InputError):
    """A network holds a layer that the chosen engine cannot run."""


class TrainingError(TailproofError):
    """Training was stopped because continuing would have produced nothing of worth."""


class ExportError(TailproofError):
    """A model exported for other programs gives other results there than the run; no file is left behind."""


class WorkerError(TailproofError):
    """A process that shared the training or the fits has failed, differs from the others, or is gone."""


class Terminated(KeyboardInterrupt):
    """The process was asked to end (SIGTERM, SIGHUP); treated as an interrupt by the user."""
