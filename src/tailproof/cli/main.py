"""The ``tailproof`` command: its list of subcommands, and how errors end it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.metadata import version

from cyclopts import App
from cyclopts.exceptions import CycloptsError

from tailproof.cli.check import check
from tailproof.cli.demo import demo
from tailproof.cli.doctor import doctor
from tailproof.cli.export import export
from tailproof.cli.features import features
from tailproof.cli.judge import judge
from tailproof.cli.merge import merge
from tailproof.cli.predict import predict
from tailproof.cli.printing import leave_closed_pipe, replace_unprintable, show
from tailproof.cli.report import report
from tailproof.cli.resample import resample
from tailproof.cli.runs import runs
from tailproof.cli.select import select
from tailproof.cli.simulate import simulate
from tailproof.cli.system_errors import SYSTEM_FAULT, system_message
from tailproof.cli.train import train
from tailproof.cli.watch import watch
from tailproof.core.errors import ConfigError, InputError, TailproofError, Terminated
from tailproof.engines.distributed.torchrun_rank import rank, started_by_torchrun

app = App(
    name="tailproof",
    help="Train neural networks on financial bars: stably, honestly and fast.",
    version=lambda: version("tailproof"),
    help_format="rich",
    suppress_keyboard_interrupt=False,  # it would end without a word
)
for command in (
    demo, train, judge, predict, export, report, runs, watch, check, merge, resample, simulate, doctor, features,
    select,
):  # fmt: skip
    app.command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line.

    Exit codes: 2 for what the user can correct, 1 for training that its guards stopped, 3 for a fault of the machine
    such as a full disk, 130 and 143 for an interrupt and a termination.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    replace_unprintable()
    try:
        if started_by_torchrun() and _was_worker(given):
            return
        app(given, exit_on_error=False, result_action="return_value")
        _flush()
    except CycloptsError:
        sys.exit(2)
    except TailproofError as error:
        show(f"tailproof: {error}", error=True)
        sys.exit(2 if isinstance(error, InputError) else 1)
    except BrokenPipeError:  # the reader, such as head, has seen enough
        leave_closed_pipe()
        sys.exit(1)
    except KeyboardInterrupt as error:
        terminated = isinstance(error, Terminated)
        show(f"tailproof: {'terminated' if terminated else 'interrupted'}", error=True)
        sys.exit(143 if terminated else 130)
    except Exception as error:
        message = system_message(error)
        if message is None:
            raise
        show(f"tailproof: {message}", error=True)
        sys.exit(SYSTEM_FAULT)


def _flush() -> None:
    """Write out what is left; where the reader has gone, the command has still done its work."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        leave_closed_pipe()


def _was_worker(arguments: list[str]) -> bool:
    """Under torchrun: whether this process is one that trains for rank 0, and by now has done so.

    Only rank 0 reads the command line and speaks.

    Raises:
        ConfigError: the command is none that several processes can share.
    """
    if rank() == 0:
        if arguments[:1] != ["train"]:
            raise ConfigError(
                f"torchrun shares the members of tailproof train between processes, but the command is: "
                f"{' '.join(arguments[:1]) or 'none'}. Run it without torchrun."
            )
        return False
    if arguments[:1] == ["train"] and not {"--help", "-h"} & set(arguments):
        from tailproof.engines.distributed.torchrun import serve

        serve()
    return True


if __name__ == "__main__":
    main()
