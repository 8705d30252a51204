"""Colours that must be told apart, as people see them who lack one kind of cone."""

import itertools
import math
import re
from pathlib import Path

import numpy as np
import pytest

from tailproof.report import page
from tailproof.report.drawing.plotly_figure import COLOURS

STYLE = (Path(page.__file__).parent / "templates" / "style.css").read_text()
ROLES = ("result", "other", "third", "fourth", "fifth", "beside")
MIN_DISTANCE = 15.0
"""In CIELAB, where 2.3 is a difference just seen."""
MIN_CONTRAST = 3.0
"""WCAG 2.1, 1.4.11: of graphics against what is beside them."""
# Machado, Oliveira and Fernandes 2009, severity 1.0; they act on linear light.
VISION = {
    "normal": [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(colour: str) -> np.ndarray:
    value_3 = np.array([int(colour[place : place + 2], 16) / 255.0 for place in (1, 3, 5)])
    return np.where(value_3 <= 0.04045, value_3 / 12.92, ((value_3 + 0.055) / 1.055) ** 2.4)


def lab(light_3: np.ndarray) -> tuple[float, float, float]:
    x, y, z = np.cbrt(TO_XYZ @ np.clip(light_3, 0.0, 1.0) / np.array([0.9505, 1.0, 1.089]))
    return 116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)


def contrast(first: str, second: str) -> float:
    low, high = sorted(float(TO_XYZ[1] @ linear(colour)) for colour in (first, second))
    return (high + 0.05) / (low + 0.05)


def palettes() -> dict[str, dict[str, str]]:
    roots = re.findall(r":root \{(.*?)\}", STYLE, flags=re.DOTALL)
    colours = [dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})\b", each)) for each in roots]
    light, dark, printed = colours[0], colours[1], {**colours[0], **colours[2], "raised": "#ffffff"}
    return {"light": light, "dark": dark, "print": printed, "notebook": {**COLOURS, "raised": "#ffffff"}}


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("where", ["light", "dark", "print", "notebook"])
def test_every_two_colours_stay_apart(where: str, vision: str) -> None:
    palette = palettes()[where]
    seen = {role: lab(np.array(VISION[vision]) @ linear(palette[role])) for role in ROLES}
    distance = {pair: math.dist(seen[pair[0]], seen[pair[1]]) for pair in itertools.combinations(ROLES, 2)}
    assert min(distance.values()) > MIN_DISTANCE, min(distance, key=distance.__getitem__)


@pytest.mark.parametrize("where", ["light", "dark", "print", "notebook"])
def test_every_colour_stands_out_from_the_paper(where: str) -> None:
    palette = palettes()[where]
    assert min(contrast(palette[role], palette["raised"]) for role in ROLES) > MIN_CONTRAST
