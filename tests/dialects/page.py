"""The table of docs/vendors.md, made of the vendors that the tests read: ``python -m tests.dialects.page``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.dialects.all_vendors import VENDORS
from tests.dialects.vendors import Vendor

PAGE = Path(__file__).parents[2] / "docs" / "vendors.md"
TABLE = "<!-- table: made by python -m tests.dialects.page -->\n\n"
"""Stands in the page above the table; what is above it is written by hand."""


def table() -> str:
    """The table of the vendors, in Markdown."""
    head = "| vendor | what the file looks like | command |\n|---|---|---|\n"
    return head + "".join(f"| {vendor.name} | {_cell(vendor.shape)} | `{command(vendor)}` |\n" for vendor in VENDORS)


def command(vendor: Vendor) -> str:
    """The command that reads a vendor's file."""
    return " ".join(["tailproof check", vendor.file, *(_option(*pair) for pair in vendor.options.items())])


def _option(name: str, value: Any) -> str:
    flag = "--tz" if name == "timezone" else f"--{name.replace('_', '-')}"
    if isinstance(value, dict):
        return f"{flag} {','.join(f'{meaning}={column}' for meaning, column in value.items())}"
    if isinstance(value, tuple):
        return f"{flag} {','.join(value)}"
    return f"{flag} {value:g}" if isinstance(value, float) else f"{flag} {value}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    prose, _, _ = PAGE.read_text(encoding="utf-8").partition(TABLE)
    PAGE.write_text(prose + TABLE + table(), encoding="utf-8")
