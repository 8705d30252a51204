"""The worked example of docs/series.md runs."""

import re
from pathlib import Path

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "series.md").read_text()


def test_the_worked_example_runs() -> None:
    example = re.search(r"## A worked example\n\n```python\n(.*?)```", PAGE, flags=re.DOTALL)
    assert example is not None
    names: dict[str, object] = {}
    exec(example[1], names)
    assert "bars" in names
