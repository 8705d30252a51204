"""Options at their extremes, and mutated Parquet and Arrow files: refused in words, or simply done."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.faults.promises.damaged import read_or_refused
from tests.faults.promises.ground import Ground, Promise, Trial

from tailproof.bars.load import load
from tailproof.core.errors import TailproofError
from tailproof.core.records import Bars
from tailproof.runs.estimates import time_lines
from tailproof.runs.prepared_run import prepare_run
from tailproof.runs.training_engine import training_engine
from tailproof.settings.read_options import ReadOptions
from tailproof.settings.train_settings import TrainSettings

EXTREMES = (
    *(0, 1, -1, 2**31, 2**63 - 1, 10**30, 1e308, -1e308, 1e-320, float("inf"), float("-inf"), float("nan")),
    *(
        "",
        "0",
        "-0",
        "nan",
        "1e999",
        "\x1b[31m",
        "a" * 10_000,
        "\u202e",
        "\x00",
        None,
        True,
        (),
        ("",),
        ("no such",),
        (0,),
    ),
    *((2**40, 2**40), (1,) * 10_000, {"a": 1}, [[[]]]),
)


def option_trials(ground: Ground) -> Iterator[Trial]:
    """One or two options take an extreme value; everything that comes before training is done with them."""
    bars = load(ground.bars, ReadOptions()).bars
    names = sorted(TrainSettings().options("python"))
    while True:
        chosen = ground.chance.sample(names, k=ground.chance.choice((1, 1, 2)))
        yield partial(_extreme, bars, {name: ground.chance.choice(EXTREMES) for name in chosen})


def _extreme(bars: Bars, options: dict[str, object]) -> str | None:
    what = ", ".join(f"{name}={str(value)[:40]!r}" for name, value in options.items())
    base = {"members": 2, "placebos": 1, "folds": 2, "engine": "lanes", "audit": "off", "epochs": 1}
    fields = {name.replace("-", "_"): value for name, value in options.items()}
    try:
        settings = TrainSettings(**{**base, **fields})  # type: ignore[arg-type]
        ready = prepare_run(bars, settings)
        engine = training_engine(ready.shipped.job, settings.running, stored=None, workers=None)
        steps = ready.plan.model_steps(settings.optimisation, members=settings.population.members)
        time_lines(engine.engine, ready.shipped.job, model_steps=steps)
    except TailproofError as error:
        return None if len(str(error)) < 20_000 else f"{what}: a message of {len(str(error)):,} characters"
    except Exception as error:
        return f"{what}: {type(error).__name__}: {str(error)[:200]}"
    return None


def table_trials(ground: Ground) -> Iterator[Trial]:
    """A Parquet or Arrow file of bars is mutated."""
    import polars as pl

    frame = pl.read_csv(ground.bars, try_parse_dates=True)
    whole = {}
    for suffix, write in ((".parquet", frame.write_parquet), (".arrow", frame.write_ipc)):
        path = ground.folder / f"whole{suffix}"
        write(path)
        whole[suffix] = path.read_bytes()
    while True:
        suffix = ground.chance.choice(sorted(whole))
        yield partial(_mutated_table, ground, ground.folder / f"mutated{suffix}", whole[suffix])


def _mutated_table(ground: Ground, path: Path, whole: bytes) -> str | None:
    content = bytearray(whole)
    for _ in range(ground.chance.randrange(1, 4)):
        place = ground.chance.randrange(len(content))
        match ground.chance.choice(("flip", "flip", "cut", "zero", "grow")):
            case "flip":
                content[place] ^= 1 << ground.chance.randrange(8)
            case "cut":
                del content[max(place, 1) :]
            case "zero":
                content[place : place + 16] = bytes(16)
            case _:
                content[place:place] = bytes([ground.chance.randrange(256)] * 4)
    path.write_bytes(content)
    return read_or_refused(path)


PROMISES = (
    Promise(text="options at their extremes are refused in words, or run", count=300, trials=option_trials),
    Promise(text="a mutated Parquet or Arrow file is read or refused in words", count=300, trials=table_trials),
)
