"""Writes docs/api.md from the docstrings of tailproof's public names: python docs/api_page.py"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tailproof

PAGE = Path(__file__).with_name("api.md")
HEAD = """# Python reference

What `import tailproof` offers. A name is loaded when it is first used; nothing here imports torch by itself.

This page is written by `python docs/api_page.py` from the docstrings.
"""
MAX_LINE, MAX_DEFAULT = 100, 30
SECTIONS = {"Args": "Arguments", "Attributes": "Attributes", "Raises": "Raises", "Returns": "Returns"}
EXAMPLE = re.compile(r"^(?:>>> .*\n?(?:(?!>>>|\n).+\n?)*\n?)+", flags=re.MULTILINE)
ITEM = re.compile(r"^(\*{0,2}\w+): ", flags=re.MULTILINE)


def api_page() -> str:
    """The page: one section for each public name, in alphabetical order."""
    return "\n".join([HEAD, *(_entry(name, getattr(tailproof, name)) for name in tailproof.__all__)])


def _entry(name: str, thing: Any) -> str:
    parts = [f"## {name}\n", f"```python\n{_signature(name, thing)}\n```\n", _prose(thing)]
    if inspect.isclass(thing):
        parts += [f"### {name}.{method}\n\n{_prose(value)}" for method, value in _own_members(thing)]
    return "\n".join(parts)


def _own_members(thing: type) -> Iterator[tuple[str, Any]]:
    """Documented public methods and properties that the class itself defines, in their order."""
    for name, value in vars(thing).items():
        value = value.__func__ if isinstance(value, classmethod | staticmethod) else value
        documented = inspect.isfunction(value) or isinstance(value, property)
        if documented and not name.startswith("_") and inspect.getdoc(value):
            yield name, value


def _signature(name: str, thing: Any) -> str:
    if inspect.isclass(thing) and issubclass(thing, BaseException):
        return f"class {name}({', '.join(base.__name__ for base in thing.__bases__)})"
    signature = inspect.signature(thing)
    shown, star = [], False
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not star:
            shown, star = [*shown, "*"], True
        shown.append(_parameter(parameter))
    returned = (
        ""
        if signature.return_annotation in (signature.empty, "None", None)
        else (f" -> {_plain(signature.return_annotation)}")
    )
    keyword = "class " if inspect.isclass(thing) else ""
    line = f"{keyword}{name}({', '.join(shown)}){returned}"
    if len(line) <= MAX_LINE:
        return line
    return f"{keyword}{name}(\n" + "".join(f"    {each},\n" for each in shown) + f"){returned}"


def _parameter(parameter: inspect.Parameter) -> str:
    stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
    shown = f"{stars}{parameter.name}: {_plain(parameter.annotation)}"
    if parameter.default is parameter.empty:
        return shown
    value = repr(parameter.default)
    return f"{shown} = {value if len(value) <= MAX_DEFAULT and '<' not in value else '...'}"


def _plain(annotation: Any) -> str:
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation).rpartition(".")[2]


def _prose(thing: Any) -> str:
    """The docstring in Markdown: its sections as headings with lists, its examples as code."""
    text = inspect.getdoc(thing) or ""
    text = re.sub(r"``([^`]+)``", r"`\1`", text)
    text = EXAMPLE.sub(lambda found: f"```pycon\n{found[0].rstrip()}\n```\n\n", text)
    for title, shown in SECTIONS.items():
        body = rf"^{title}:\n((?:    .*\n?|\n(?=    ))+)"
        text = re.sub(body, lambda found, shown=shown: _section(shown, found[1]), text, flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"


def _section(title: str, body: str) -> str:
    lines = ITEM.sub(lambda found: f"- `{found[1]}`: ", textwrap.dedent(body))
    return f"**{title}**\n\n{lines.rstrip()}\n\n"


if __name__ == "__main__":
    PAGE.write_text(api_page(), encoding="utf-8")
