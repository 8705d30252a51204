"""The table of docs/vendors.md, made of the vendors that the tests read: ``python -m tests.dialects.page``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.dialects.vendors import VENDORS, Vendor

PAGE = Path(__file__).parents[2] / "docs" / "vendors.md"
HEAD = """# Files of vendors, and the command that reads them

Made by `python -m tests.dialects.page` from `tests/dialects`, where each file is written from bars whose values are
known and read back to the last digit. Times without a zone need `--tz`, as no file says it; everything else that the
command does not say is found from the file, and told in the report. `check`, `train`, `predict`, `merge` and `resample`
read alike.

| vendor | what the file looks like | command |
|---|---|---|
"""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(f"| {vendor.name} | {_cell(vendor.shape)} | `{command(vendor)}` |\n" for vendor in VENDORS)


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
    PAGE.write_text(page(), encoding="utf-8")
