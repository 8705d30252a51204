"""Names with line ends, tabs, escape sequences or reordering marks forge no line of the screen or of a file."""

import random
from pathlib import Path

import polars as pl
import pytest

from tailproof.bars.load import load
from tailproof.bars.read.sources import files_at
from tailproof.cli.main import main
from tailproof.core.errors import DataError, TailproofError
from tailproof.settings.read_options import ReadOptions

ESCAPES = ("\x1b[31m", "\x1b]0;t\x07", "\x9b2J")
PIECES = ("\n", "\r", "\t", *ESCAPES, "\x85", "\u2028", "\u2029", "\u202e", "\u2066", "a", "<b>")


def _names(count: int) -> list[str]:
    chance = random.Random(0)
    return [f"x{chance.choice(PIECES[:7])}FORGED{''.join(chance.choices(PIECES, k=5))}" for _ in range(count)]


def _is_tame(text: str) -> bool:
    lines = text.split("\n")
    return all(line.isprintable() and not line.startswith("FORGED") for line in lines)


@pytest.mark.parametrize("command", ["check", "train", "report", "features", "no-such-command"])
def test_no_argument_forges_a_line(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    for name in _names(40):
        arguments = [name] if command == "no-such-command" else [command, name]
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2
        out, error = capsys.readouterr()
        assert _is_tame(out + error), name


def test_a_file_whose_name_breaks_a_line_is_refused_by_every_way_to_it(tmp_path: Path) -> None:
    file = tmp_path / "ES\nFORGED.csv"
    file.touch()
    for path in (file, tmp_path, tmp_path / "*.csv"):
        with pytest.raises(DataError, match=r"ES\\nFORGED") as refused:
            files_at(path)
        assert _is_tame(str(refused.value))


def _bars(**columns: object) -> pl.DataFrame:
    times = pl.datetime_range(pl.datetime(2024, 1, 2, 15), pl.datetime(2024, 1, 2, 16), "1m", eager=True)
    price = pl.Series([100.0 + row % 3 for row in range(len(times))])
    return pl.DataFrame({"time": times, "open": price, "high": price, "low": price, "close": price, **columns})


def test_no_column_or_instrument_of_a_table_forges_a_line(tmp_path: Path) -> None:
    for number, name in enumerate(_names(4)):
        mixed = _bars(symbol=[name if row % 2 else "X" for row in range(61)])
        for what, frame in (("close", _bars().rename({"close": name})), ("symbol", mixed)):
            file = tmp_path / f"{what}{number}.parquet"
            frame.write_parquet(file)
            with pytest.raises(TailproofError) as refused:
                load(file, ReadOptions())
            assert "FORGED" in str(refused.value)
            assert not any(line.startswith("FORGED") for line in str(refused.value).splitlines()), name
