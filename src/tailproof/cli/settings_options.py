"""The options of commands made from the fields of their settings, so that each is described once."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from inspect import Parameter as SignatureParameter
from typing import Annotated, Any, TypeVar

from cyclopts import Group, Parameter

from tailproof.settings.reading_settings import ReadingSettings, option_name
from tailproof.settings.train_settings import TrainSettings

Command = TypeVar("Command", bound=Callable[..., None])

GROUPS = {
    "What is learned": ("features", "feature_file", "target", "horizon"),
    "How it is judged": (
        "split", "folds", "unit", "refit_every", "warm_start", "warm_epochs", "window", "train_fraction",
        "validation_fraction", "groups", "test_groups", "embargo", "audit", "placebos", "baselines",
    ),
    "The network": ("hidden_dims", "residual_blocks", "input_norm", "dropout_rate"),
    "Training": (
        "epochs", "batch_size", "order_window", "learning_rate", "warmup_steps", "schedule", "weight_decay",
        "huber_delta", "max_grad_norm", "patience", "members", "seed",
    ),
    "Would it pay": ("half_spread", "fee", "cost_unit", "tick", "multiplier", "band", "bars_late"),
    "Reading the bars": (
        "columns", "header", "timezone", "delimiter", "decimal_comma", "day_first", "bar_label", "price_scale",
        "ambiguous", "calendar", "session_gap", "repair", "adjustment", "vix_timezone", "vix_lag", "vix_stale_after",
    ),
    "Running": ("engine", "threads", "device", "log_interval", "verbose"),
}  # fmt: skip


def takes_settings(model: type[ReadingSettings]) -> Callable[[Command], Command]:
    """Gives a command one keyword-only option for each field of ``model`` in place of its ``**given``.

    The value is None where it was not given, so that a config file can fill it.
    """

    def with_options(command: Command) -> Command:
        signature = inspect.signature(command, eval_str=True)
        own = [parameter for parameter in signature.parameters.values() if parameter.kind is not parameter.VAR_KEYWORD]
        command.__signature__ = signature.replace(parameters=[*own, *_parameters(model)])  # type: ignore[attr-defined]
        return command

    return with_options


def chosen(given: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were given."""
    return {name: value for name, value in given.items() if value is not None}


def _parameters(model: type[ReadingSettings]) -> list[SignatureParameter]:
    order = {title: Group(title, sort_key=index) for index, title in enumerate(GROUPS)}
    fields = model.model_fields
    return [_parameter(name, group=order[title]) for title, names in GROUPS.items() for name in names if name in fields]


def _parameter(name: str, *, group: Group) -> SignatureParameter:
    field = TrainSettings.model_fields[name]
    sequence = isinstance(field.default, tuple)
    default = " ".join(str(item) for item in field.default) if sequence else str(field.default)
    shown = f" [dim]default: {default}[/dim]" if default not in ("", "None", "False") else ""
    option = Parameter(
        name=("--timezone", "--tz") if name == "timezone" else f"--{option_name(name)}",
        help=f"{field.description}{shown}",
        group=group,
        consume_multiple=sequence,
        negative=f"--no-{option_name(name)}" if field.default is True else (),
        show_default=False,
    )
    kind: Any = field.annotation
    if sequence:
        kind = tuple.__class_getitem__((int if name == "hidden_dims" else str, ...))
    annotation = Annotated[kind | None, option]
    return SignatureParameter(name, SignatureParameter.KEYWORD_ONLY, default=None, annotation=annotation)
