"""One line of a CSV file as its cells."""

from __future__ import annotations

import csv


def cells_of_line(line: str, delimiter: str) -> tuple[str, ...]:
    r"""The cells of a line, without quotes around them.

    A line that no CSV file can hold, such as one with a carriage return between two cells or a cell of more than
    128 kB, is parted at its delimiters: its cells are then refused where they are read.

    >>> cells_of_line('a, "b,c"', ","), cells_of_line("a\rb,c", ","), cells_of_line("a  b", " ")
    (('a', 'b,c'), ('a\rb', 'c'), ('a', 'b'))
    """
    if delimiter == " " and '"' not in line:
        return tuple(line.split())  # columns that blanks align
    try:
        return tuple(next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), []))
    except csv.Error:
        return tuple(line.split(delimiter))
