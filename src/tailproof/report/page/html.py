"""Sections → one self-contained HTML file; all text is escaped by the template engine."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tailproof.report.drawing.svg import draw, legend
from tailproof.report.page.page_section import Section


def render(template: str, **values: Any) -> str:
    """A page from a template of this package and its values."""
    page = _environment().get_template(template)
    return page.render(version=version("tailproof"), style=_raw("style.css"), script=_raw("page.js"), **values)


def drawn(section: Section) -> dict[str, Any]:
    """A section with its charts drawn, as the templates want it."""
    charts = [{"chart": chart, "svg": Markup(draw(chart)), "legend": legend(chart)} for chart in section.charts]
    return {"section": section, "charts": charts}


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("tailproof.report.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _raw(name: str) -> Markup:
    """Our own style and script: the only text of the page besides the drawings that is not escaped."""
    loader = _environment().loader
    assert loader is not None
    return Markup(loader.get_source(_environment(), name)[0])
