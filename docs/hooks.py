"""What mkdocs does to the pages: files of the repository outside docs/ are named, not linked to."""

from __future__ import annotations

import re
from typing import Any

OUTSIDE = re.compile(r"\]\(((?:\.\./)+(?!math/)[^)#]+)\)")


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Name what lies outside the site instead of linking to it: the site stands alone."""
    return re.sub(r"\[([^\]]+)" + OUTSIDE.pattern, r"\1", markdown)
