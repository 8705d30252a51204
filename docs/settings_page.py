"""Writes docs/settings.md from the settings: python docs/settings_page.py"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from tailproof.settings.section import option_name, options_of
from tailproof.settings.sections import SECTIONS

PAGE = Path(__file__).with_name("settings.md")
HEAD = """# Every setting

Each is an option of `tailproof train` (`--learning-rate 0.001`) and a key of the same name in the file of `--config`,
without a section:

```toml
epochs = 5
hidden-dims = [32, 16]
```

This page is written by `python docs/settings_page.py` from the records in `src/tailproof/settings/`.
"""


def settings_page() -> str:
    """The page: one table for each section, in the order in which the options are listed."""
    parts = [HEAD]
    for name, section in SECTIONS.items():
        first = (section.__doc__ or "").strip().splitlines()[0]
        parts.append(f"## {name.capitalize()}\n\n{first}\n\n| key | default | what it is |\n|---|---|---|")
        rows = [_row(option, field) for option, field in options_of(section).items()]
        parts[-1] += "\n" + "\n".join(rows) + "\n"
    return "\n".join(parts)


def _row(option: str, field: FieldInfo) -> str:
    description = (field.description or "").replace("|", "\\|")
    choices = _choices(field.annotation)
    shown = f"{description} One of {', '.join(f'`{each}`' for each in choices)}." if choices else description
    return f"| `{option_name(option)}` | {_default(field.default)} | {shown} |"


def _choices(annotation: Any) -> tuple[str, ...]:
    return get_args(annotation) if get_origin(annotation) is Literal else ()


def _default(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    if isinstance(value, tuple):
        return f"`{list(value)}`".replace("'", '"')
    return f"`{value}`"


if __name__ == "__main__":
    PAGE.write_text(settings_page())
