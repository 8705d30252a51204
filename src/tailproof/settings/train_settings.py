"""Every setting of a training run, once: the command line, config files and Python all read this record."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from tailproof.core.errors import ConfigError
from tailproof.settings.durations import parse_duration
from tailproof.settings.reading_settings import ReadingSettings, checked_duration, checked_settings, known_zone


class TrainSettings(ReadingSettings):
    """Settings of ``tailproof train``; the key in a config file and the flag are the field's name with hyphens.

    >>> TrainSettings(epochs=5).epochs, TrainSettings().hidden_dims
    (5, (16, 8))
    """

    # What is learned
    features: Annotated[tuple[str, ...], Field(min_length=1)] = Field(
        ("default",), description="Presets (original, default, wide), names of features, or NAME.txt with one a line."
    )
    feature_file: Path | None = Field(None, description="Python file with features of your own: see docs/features.md.")
    target: Literal["rank", "rank-gauss", "raw"] = Field(
        "rank",
        description="What the return becomes: its rank in [0, 1], the rank's normal score, or standard deviations.",
    )
    horizon: int = Field(1, ge=1, description="Bars from the close of a bar to the close that is forecast.")
    # How it is judged
    split: Literal["walk-forward", "holdout", "combinatorial"] = Field(
        "walk-forward",
        description="Train on the past and judge what follows, fold after fold; one split by time; or every choice of "
        "test-groups among groups, which trains on later rows too.",
    )
    folds: int = Field(5, ge=1, description="Tests of a walk-forward, one after the other in time.")
    unit: Literal["auto", "sessions", "months", "rows"] = Field(
        "auto",
        description="What a walk-forward counts in; auto = sessions, months of daily bars, rows if those are few.",
    )
    refit_every: int = Field(
        0, ge=0, description="Units that each test of a walk-forward spans, however many that makes; 0 = folds decides."
    )
    warm_start: bool = Field(
        default=False, description="Each fold of a walk-forward starts from the members of the fold before it."
    )
    warm_epochs: int = Field(1, ge=1, description="Passes over its window of a fold that starts warm.")
    window: Literal["expanding", "rolling"] = Field(
        "expanding", description="A walk-forward fold trains on all rows before it, or on as many as the first fold."
    )
    train_fraction: float = Field(
        0.0, ge=0.0, lt=1.0, description="Share that trains before the first test; 0 = 0.5 in a walk-forward, 0.7 else."
    )
    validation_fraction: float = Field(
        0.1, ge=0.0, lt=1.0, description="Share that chooses the best epoch: of each window, or of all rows (holdout)."
    )
    groups: int = Field(6, ge=2, description="Stretches of time that a combinatorial split is made of.")
    test_groups: int = Field(2, ge=1, description="How many of them each combinatorial fold tests.")
    embargo: str = Field(
        "0",
        description="Gap between training and test beyond purging: bars, or a time such as 2h or 1d; in a "
        "combinatorial split also after each test.",
    )
    placebos: int = Field(
        19, ge=0, description="Times the whole is repeated on shifted targets, as a yardstick of luck; 0 = none."
    )
    audit: Literal["stop", "warn", "off"] = Field(
        "stop",
        description="What a leak found before training does: stop the run, or let it go on to the verdict suspicious; "
        "off = not looked for, and no verdict of skill.",
    )
    baselines: bool = Field(default=True, description="Also fit ridge, LightGBM and the last return on each fold.")
    # Would it pay
    half_spread: float = Field(
        0.3, ge=0.0, description="Half the spread, paid a side: half a tick of ES at 4,000 = 0.3 bp."
    )
    fee: float = Field(0.1, ge=0.0, description="Commission a side: 2 dollars a contract of ES are 0.1 bp.")
    cost_unit: Literal["bp", "ticks"] = Field("bp", description="Unit of half-spread and fee: basis points or ticks.")
    tick: float = Field(0.25, gt=0.0, description="Price of one tick, for costs in ticks.")
    multiplier: float = Field(1.0, gt=0.0, description="Money a point of price and contract: 50 for ES.")
    band: float = Field(0.0, ge=0.0, description="Predicted returns within this of zero change no position.")
    bars_late: int = Field(0, ge=0, description="Bars after the next bar's open at which orders are filled.")
    # Merging the VIX
    vix_timezone: str | None = Field(
        None, description="IANA zone of a VIX file's times that carry no offset; by default that of the bars."
    )
    vix_lag: str = Field("auto", description="How long after its bar a VIX close is published: auto, or such as 15m.")
    vix_stale_after: str = Field("10d", description="A VIX close known longer ago than this is not carried on.")
    # The network
    hidden_dims: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)] = Field(
        (16, 8), description="Width of each hidden layer."
    )
    residual_blocks: int = Field(0, ge=0, description="Pre-activation residual blocks after each hidden layer.")
    input_norm: Literal["none", "layer"] = Field(
        "none", description="LayerNorm over the scaled inputs; it hides how large a row is, so the default has none."
    )
    dropout_rate: float = Field(0.1, ge=0.0, lt=1.0, description="Share of hidden values zeroed in training.")
    # Training
    epochs: int = Field(3, ge=1, description="Passes over the training rows.")
    batch_size: int = Field(16, ge=1, description="Rows a step.")
    order_window: int = Field(
        0,
        ge=0,
        description="Consecutive rows shuffled at a time, for data larger than memory; 0 = all, or as many as take "
        "1 GiB where all features take more than 8 GiB.",
    )
    learning_rate: float = Field(1e-3, gt=0.0, description="Target learning rate of AdamW.")
    warmup_steps: int = Field(1000, ge=0, description="Applied steps over which the learning rate rises from 0.")
    schedule: Literal["constant", "cosine"] = Field("cosine", description="Learning rate after the warm-up.")
    weight_decay: float = Field(1e-2, ge=0.0, description="Decoupled weight decay of AdamW.")
    huber_delta: float = Field(0.1, gt=0.0, description="Error beyond which the loss is linear.")
    max_grad_norm: float = Field(1.0, ge=0.0, description="Longer gradients are scaled down to this norm; 0 = never.")
    patience: int = Field(
        0, ge=0, description="Epochs without a better validation loss before stopping; 0 = never stop."
    )
    members: int = Field(
        8, ge=1, description="Networks trained side by side, each from its own seed; their mean forecasts."
    )
    seed: int = Field(0, ge=0, description="Decides every random number of the run.")
    # Running
    engine: Literal["auto", "lanes", "torch"] = Field(
        "auto", description="lanes (native, CPU), torch (any device), or whichever is faster on this job."
    )
    threads: int = Field(0, ge=0, description="Threads of the lanes engine; 0 = all there are. Changes no result.")
    device: str = Field("auto", description="Torch device: auto, cpu, cuda (also ROCm), ...")
    log_interval: int = Field(1000, ge=1, description="Steps between two lines of metrics.jsonl.")
    verbose: bool = Field(default=False, description="Also print one line every log-interval steps.")

    @field_validator("vix_timezone")
    @classmethod
    def _known_vix_zone(cls, name: str | None) -> str | None:
        return None if name is None else known_zone(name)

    @field_validator("vix_lag", "vix_stale_after")
    @classmethod
    def _readable_durations(cls, text: str, info: ValidationInfo) -> str:
        return checked_duration(text, auto=info.field_name == "vix_lag")

    @field_validator("embargo", mode="before")
    @classmethod
    def _bars_or_time(cls, given: Any) -> str:
        text = str(given).strip()
        if not text.isdigit():
            try:
                parse_duration(text)
            except ConfigError as error:
                raise ValueError(f"should be a number of bars, or {error}") from error
        return text

    @property
    def vix_spans(self) -> tuple[timedelta | None, timedelta]:
        """How long after its bar a VIX close is published (None: the rule of its kind), and how long it is carried."""
        lag = None if self.vix_lag == "auto" else parse_duration(self.vix_lag)
        return lag, parse_duration(self.vix_stale_after)

    @property
    def embargo_span(self) -> int | timedelta:
        """``embargo`` as bars or as a time.

        >>> TrainSettings(embargo="2h").embargo_span, TrainSettings(embargo=5).embargo_span
        (datetime.timedelta(seconds=7200), 5)
        """
        return int(self.embargo) if self.embargo.isdigit() else parse_duration(self.embargo)

    @property
    def first_train_fraction(self) -> float:
        """``train_fraction``, or the share that suits the split."""
        return self.train_fraction or (0.7 if self.split == "holdout" else 0.5)


def load_settings(config: Path | None = None, given: Mapping[str, Any] | None = None) -> TrainSettings:
    """Settings from a TOML file with what was given on the command line laid over it.

    Args:
        config: TOML file with the keys of the options, such as ``hidden-dims = [16, 8]``.
        given: values by field name; they win over the file.

    Raises:
        ConfigError: lists every unknown key (with a suggestion) and every value out of range.
    """
    values = _read_toml(config) if config is not None else {}
    values.update(given or {})
    return checked_settings(TrainSettings, values, source="" if config is None else f"{config}: ")


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: not a readable TOML file ({error}). Write one 'key = value' a line.") from error
    return {key.replace("-", "_"): value for key, value in content.items()}
