"""The options of ``tailproof train`` made from the fields of TrainSettings, so that each is described once."""

from __future__ import annotations

from inspect import Parameter as SignatureParameter
from typing import Annotated, Any

from cyclopts import Group, Parameter

from tailproof.core.settings import TrainSettings, option_name

GROUPS = {
    "What is learned": ("features", "feature_file", "target", "horizon"),
    "How it is judged": (
        "split", "folds", "unit", "refit_every", "warm_start", "warm_epochs", "window", "train_fraction",
        "validation_fraction", "groups", "test_groups", "embargo", "audit", "placebos", "baselines",
    ),
    "The network": ("hidden_dims", "residual_blocks", "input_norm", "dropout_rate"),
    "Training": (
        "epochs", "batch_size", "learning_rate", "warmup_steps", "schedule", "weight_decay", "huber_delta",
        "max_grad_norm", "patience", "members", "seed",
    ),
    "Would it pay": ("half_spread", "fee", "cost_unit", "tick", "multiplier", "band", "bars_late"),
    "Reading the bars": (
        "columns", "timezone", "delimiter", "decimal_comma", "bar_label", "price_scale", "ambiguous", "calendar",
        "session_gap", "repair", "adjustment", "vix_lag",
    ),
    "Running": ("engine", "threads", "device", "log_interval", "verbose"),
}  # fmt: skip


def setting_parameters() -> list[SignatureParameter]:
    """One keyword-only parameter a field, None where it was not given, so that a config file can fill it."""
    order = {title: Group(title, sort_key=index) for index, title in enumerate(GROUPS)}
    return [_parameter(name, group=order[title]) for title, names in GROUPS.items() for name in names]


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
