"""What must hold for every page of ours, asked of a real browser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.browser import Browser

FIGURES = """return Object.fromEntries([...document.querySelectorAll("svg[data-figure]")].map(svg => {
  const paper = svg.getBoundingClientRect();
  const shapes = [...svg.querySelectorAll("polyline, polygon, rect, circle")];
  const marks = shapes.map(shape => shape.getBoundingClientRect());
  const out = marks.filter(m => m.left < paper.left - 1 || m.right > paper.right + 1
    || m.top < paper.top - 1 || m.bottom > paper.bottom + 1).length;
  return [svg.dataset.figure, { marks: marks.length, out, width: paper.width }];
}));"""
WORDS = """const found = [];
for (const svg of document.querySelectorAll("svg[data-figure]")) {
  const paper = svg.getBoundingClientRect();
  const words = [...svg.querySelectorAll("text")].filter(word => getComputedStyle(word).display !== "none")
    .map(word => ({ text: word.textContent, box: word.getBoundingClientRect() }));
  for (const { text, box } of words)
    if (box.left < paper.left - 0.5 || box.right > paper.right + 0.5 || box.bottom > paper.bottom + 0.5)
      found.push(`${svg.dataset.figure}: cut: ${text}`);
  words.forEach((a, i) => words.slice(i + 1).forEach(b => {
    const across = a.box.left < b.box.right && b.box.left < a.box.right;
    if (across && a.box.top + 3 < b.box.bottom && b.box.top + 3 < a.box.bottom)
      found.push(`${svg.dataset.figure}: one on another: ${a.text}, ${b.text}`);
  }));
}
return found;"""


def asked_for(chromium: Browser, page: Path) -> set[str]:
    """Every address that a page asks for."""
    chromium.log("performance")
    chromium.open(page)
    events = [json.loads(entry["message"])["message"] for entry in chromium.log("performance")]
    addresses = {
        event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"
    }
    return {address for address in addresses if not address.startswith("data:")}


def figures_drawn(chromium: Browser) -> dict[str, dict[str, Any]]:
    """For each figure: how many marks it has, how many of them lie outside its paper, and its width."""
    return dict(chromium.run(FIGURES))


def words_cut_or_covered(chromium: Browser) -> list[str]:
    """Words of figures that reach over the paper, or that lie on other words."""
    return list(chromium.run(WORDS))
