"""The ``tailproof`` command: its list of subcommands, and how errors end it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tailproof import __version__
from tailproof.cli import help_depth
from tailproof.cli.overview import overview
from tailproof.cli.printing import replace_unprintable, show
from tailproof.cli.system_errors import SYSTEM_FAULT, system_message
from tailproof.core.errors import ConfigError, InputError, TailproofError, Terminated
from tailproof.core.lost_output import discard_output
from tailproof.core.other_names import OTHER_NAMES
from tailproof.core.printable import breaks_lines, printable
from tailproof.core.surface import speaking_of_options
from tailproof.runs.interrupts import termination_raised

if TYPE_CHECKING:
    from cyclopts import App
    from cyclopts.exceptions import CycloptsError

COMMANDS = {
    "Train and judge": {
        "demo": "Two runs on bars that are already here: real days, and minutes with a planted signal.",
        "train": "Train a network on bars and say whether it learned anything.",
        "judge": "Judge a model of your own as tailproof's networks are judged.",
        "select": "Choose the few features that matter, on training rows alone.",
    },
    "Use a run": {
        "predict": "Forecast new bars with a finished run.",
        "export": "Write a run's model as one ONNX graph.",
        "report": "Make a run's report again, or compare several runs on one page.",
        "runs": "List the runs of a folder with their verdicts.",
        "watch": "Show the log of a run as it grows.",
    },
    "Bars and features": {
        "check": "Report every fault of bar files at once.",
        "merge": "Join another series, each value from when it was known.",
        "resample": "Write bars of a longer time frame.",
        "simulate": "Write minute bars with a planted signal.",
        "features": "List the features with their formulas.",
    },
    "This machine": {
        "doctor": "Say which engine, instruction set and device would train here.",
    },
}
"""The commands with the line that stands for each in ``tailproof --help``, by the title they stand under.

``tailproof NAME`` imports ``tailproof.cli.NAME`` alone, so that a list of commands does not wait for what they need.
"""

HELP_ALL = "--help-all"
"""Lists every option of a command, where --help lists those that most people use."""
TORCHRUN = "TORCHELASTIC_RUN_ID"
"""Set by torchrun and by no other program; without it, the module that tells its processes apart is not imported."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line.

    Exit codes: 2 for what the user can correct, 1 for training that its guards stopped, 3 for a fault of the machine
    such as a full disk, 130 and 143 for an interrupt and a termination.
    """
    with speaking_of_options(), exit_codes(), termination_raised():
        _main(list(sys.argv[1:] if arguments is None else arguments))


def _main(arguments: list[str]) -> None:
    replace_unprintable()
    if TORCHRUN in os.environ and _was_worker(arguments):
        return
    if HELP_ALL in arguments:
        help_depth.every_option = True
        arguments = [argument for argument in arguments if argument != HELP_ALL] + ["--help"]
    _refuse_broken_lines(arguments)
    _refuse_other_spellings(arguments)
    if not arguments or arguments[0] in ("--help", "-h", "help"):
        show(overview(COMMANDS))
    elif arguments == ["--version"]:
        show(__version__)
    else:
        _run(arguments)
    _flush()


@contextmanager
def exit_codes() -> Iterator[None]:
    """End the process with the code of an error, see ``main``, and its message on standard error."""
    try:
        yield
    except TailproofError as error:
        show(f"tailproof: {error}", error=True)
        sys.exit(2 if isinstance(error, InputError) else 1)
    except BrokenPipeError:  # the reader (such as head) has closed the pipe
        discard_output()
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
    """Flush the output; if the reader has gone, or a program of the user has closed it, the work is still done."""
    if sys.stdout.closed:
        return
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        discard_output()


def _run(arguments: Sequence[str]) -> None:
    from cyclopts.exceptions import CycloptsError

    try:
        command_line()(arguments, exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        command = f" {arguments[0]}" if any(arguments[0] in commands for commands in COMMANDS.values()) else ""
        raise ConfigError(f"{_fault(error, arguments[0])} See tailproof{command} --help.") from error


def _fault(error: CycloptsError, command: str) -> str:
    """What is wrong with the arguments, in one sentence."""
    from cyclopts.exceptions import MissingArgumentError, UnknownCommandError, UnusedCliTokensError

    from tailproof.bars.read.file_kinds import kind_of

    if isinstance(error, UnusedCliTokensError) and error.unused_tokens:
        return f"There is an argument too many: {' '.join(error.unused_tokens)}."
    if isinstance(error, MissingArgumentError) and error.argument is not None:
        return f"{error.keyword} needs a value." if error.keyword else f"{command} needs {error.argument.name}."
    if isinstance(error, UnknownCommandError) and kind_of(Path(command)) is not None:
        return f"A command comes first, such as: tailproof train {command}."
    return str(error).rstrip()


def command_line() -> App:
    """The program, none of whose commands is imported yet; each is described by its docstring."""
    from importlib.metadata import version

    from cyclopts import App, Group, Parameter

    app = App(
        name="tailproof",
        version=lambda: version("tailproof"),
        help_format="markdown",  # which joins the lines of a paragraph
        suppress_keyboard_interrupt=False,  # it would end without a message
        default_parameter=Parameter(show_default=_shown_default),
        group_parameters=Group("Options", sort_key=-1),
    )
    for order, (title, commands) in enumerate(COMMANDS.items()):
        group = Group(title, sort_key=order)
        for place, name in enumerate(commands):
            app.command(f"tailproof.cli.{name}:{name}", name=name, group=group, sort_key=place)
    app.register_install_completion_command(help="Teach your shell to complete tailproof's commands and options.")
    return app


def _shown_default(value: object) -> str | None:
    """The default that an option's help shows; a flag that is off and an option that may be left out show none."""
    if value is None or value is False or value == ():
        return None
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _refuse_broken_lines(arguments: Sequence[str]) -> None:
    """A pattern of the shell hands over whatever a folder holds; such a name could forge a line of the log."""
    for argument in filter(breaks_lines, arguments):
        raise ConfigError(
            "arguments must be text without line ends and control characters, got "
            f"{printable(argument, allowed='')}. Rename the file, or leave the character out."
        )


def _refuse_other_spellings(arguments: Sequence[str]) -> None:
    for argument in arguments:
        name = argument.partition("=")[0].replace("_", "-")
        ours = OTHER_NAMES.get(name[2:].replace("-", "_")) if name.startswith("--") else None
        if ours is not None:
            raise ConfigError(f"there is no option {argument}. Did you mean --{ours.replace('_', '-')}?")


def _was_worker(arguments: list[str]) -> bool:
    """Under torchrun: whether this process is one that trains for rank 0, and by now has done so.

    Only rank 0 reads the command line and speaks.

    Raises:
        ConfigError: the command is none that several processes can share.
    """
    from tailproof.engines.distributed.torchrun_rank import rank, started_by_torchrun

    if not started_by_torchrun():
        return False
    shared = arguments[:1] in (["train"], ["judge"])
    if rank() == 0:
        if not shared:
            raise ConfigError(
                "torchrun shares the work of tailproof train and tailproof judge between processes, but the command "
                f"is: {' '.join(arguments[:1]) or 'none'}. Run it without torchrun."
            )
        return False
    if shared and not {"--help", "-h", HELP_ALL} & set(arguments):
        from tailproof.engines.distributed.torchrun import serve

        serve()
    return True


if __name__ == "__main__":
    main()
