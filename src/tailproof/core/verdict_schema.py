"""The JSON schema of verdict.json."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any


def verdict_schema() -> dict[str, Any]:
    """The JSON schema of verdict.json (draft 2020-12).

    >>> verdict_schema()["properties"]["verdict"]["enum"]
    ['skill', 'no evidence', 'suspicious']
    """
    text = resources.files("tailproof.core").joinpath("verdict.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
