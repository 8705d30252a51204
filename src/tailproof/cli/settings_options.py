"""The options of commands made from the fields of their settings, so that each is described once."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from inspect import Parameter as SignatureParameter
from keyword import iskeyword
from typing import Annotated, Any, TypeVar, get_args

from cyclopts import Group, Parameter
from pydantic.fields import FieldInfo

from tailproof.cli.help_depth import is_listed
from tailproof.settings.read_options import OF_OTHER_FILES, ReadOptions
from tailproof.settings.section import option_name, options_of
from tailproof.settings.sections import SECTIONS

Command = TypeVar("Command", bound=Callable[..., None])

GROUPS = {
    "What is learned": ("features", "task"),
    "How it is judged": ("split", "evaluation"),
    "The network": ("network",),
    "Training": ("optimisation", "population"),
    "Would it pay": ("costs",),
    "Reading the bars": ("reading", "vix", "series"),
    "Running": ("running",),
}
"""The sections of the settings under the titles that they have in the help."""
ALL = tuple(SECTIONS)
ZONES = ("timezone", "other_timezone")
"""Options that have the short name tz too."""


def takes_settings(
    *sections: str, other: str = "", defaults: Mapping[str, Any] | None = None
) -> Callable[[Command], Command]:
    """Gives a command one keyword-only option for each field of some sections in place of its ``**flags``.

    The value is None where it was not given, so that a config file can fill it. With ``other`` the command also takes
    the reading options of another file, under that prefix. ``defaults`` are those that the command itself sets in place
    of the settings' own, for its help.
    """

    def with_options(command: Command) -> Command:
        signature = inspect.signature(command, eval_str=True)
        options = _parameters(sections, defaults or {})
        own = [parameter for parameter in signature.parameters.values() if parameter.kind is not parameter.VAR_KEYWORD]
        command.__signature__ = signature.replace(parameters=[*own, *options, *_of_other_file(other)])  # type: ignore[attr-defined]
        return command

    return with_options


def chosen(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were given, without the mark of those whose name is a word of Python."""
    return {name.removesuffix("_"): value for name, value in options.items() if value is not None}


def parted(options: Mapping[str, Any], *, prefix: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The options without a prefix, and those with it, the prefix removed.

    >>> parted({"timezone": "UTC", "other_columns": ("close=px",)}, prefix="other")
    ({'timezone': 'UTC'}, {'columns': ('close=px',)})
    """
    other = {name.removeprefix(f"{prefix}_"): value for name, value in options.items() if name.startswith(f"{prefix}_")}
    return {name: value for name, value in options.items() if not name.startswith(f"{prefix}_")}, other


def _of_other_file(prefix: str) -> list[SignatureParameter]:
    group = Group("Reading the other file", sort_key=len(GROUPS))
    names = ("timezone", *OF_OTHER_FILES) if prefix else ()
    fields = {name: ReadOptions.model_fields[name] for name in names}
    return [
        _parameter(f"{prefix}_{name}", field, default=field.default, group=group, listed=True)
        for name, field in fields.items()
    ]


def _parameters(sections: Collection[str], defaults: Mapping[str, Any]) -> list[SignatureParameter]:
    return [
        _parameter(
            name,
            field,
            default=defaults.get(name, field.default),
            group=Group(title, sort_key=index),
            listed=len(sections) < len(ALL) or is_listed(name),
        )
        for index, (title, members) in enumerate(GROUPS.items())
        for section in members
        if section in sections
        for name, field in options_of(SECTIONS[section]).items()
    ]


def _parameter(name: str, field: FieldInfo, *, default: Any, group: Group, listed: bool) -> SignatureParameter:
    sequence = isinstance(default, tuple | dict)
    shown = " ".join(str(item) for item in default) if sequence else str(default)
    option = Parameter(
        name=(f"--{option_name(name)}", f"--{option_name(name)[:-8]}tz") if name in ZONES else f"--{option_name(name)}",
        help=field.description,
        group=group,
        show=listed,
        consume_multiple=sequence,
        negative=f"--no-{option_name(name)}" if default is True else (),
        show_default=False if shown in ("", "None", "False") else shown,
    )
    kind: Any = field.annotation
    if sequence:
        kind = tuple.__class_getitem__((int if name == "hidden_dims" else str, ...))
    elif timedelta in get_args(kind):
        kind = str
    annotation = Annotated[kind | None, option]
    python_name = f"{name}_" if iskeyword(name) else name
    return SignatureParameter(python_name, SignatureParameter.KEYWORD_ONLY, default=None, annotation=annotation)
